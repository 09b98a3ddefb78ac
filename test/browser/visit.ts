// A browser that visits a server: both real, one of each a test file, a context for each person. Whatever a test is about,
// no page of it may throw, open a dialog, run against the content policy, or ask another origin for anything.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { TestSettings } from '../../src/server.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Client, createClient } from '../support/client.ts';
import { FACT_MS } from '../support/eventually.ts';
import { startTestServer } from '../support/server.ts';
import { type Gate, openGate } from './gate.ts';
import { message } from './names.ts';

export interface Visit {
  readonly url: string;
  readonly client: Client;
  readonly browser: Browser;
  /** SSE connections that are open, as the server counts them. */
  readonly connections: number;
  /** Somebody with a browser of their own: storage, cache and connections apart. */
  person(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Somebody whose network can break. */
  traveller(options?: BrowserContextOptions): Promise<{ person: BrowserContext; gate: Gate }>;
  /** A tab on a session's page, ready to be written in, its session loaded and its line open; `pushes: false` where none can open. Without a context: of a person of its own. */
  tab(session_id: string | null, person?: BrowserContext, pushes?: boolean): Promise<Page>;
  /** What went wrong in pages so far; emptied. Checked to be nothing after each test. */
  complaints(): string[];
}

export const WIDE: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };

/** What every page of a context must never do. */
async function watchOver(context: BrowserContext, url: string, complaints: string[]): Promise<void> {
  const note = (what: string) => complaints.push(what);
  context.on('weberror', (error) => note(`threw: ${error.error().stack}`));
  context.on('dialog', (dialog) => {
    note(`opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('console', (message) => {
    const text = message.text();
    const isHarm = /content security policy|refused to|violates|uncaught/i.test(text);
    if (isHarm || text.startsWith('React') || text.startsWith('Warning:')) note(`said: ${text}`);
  });
  context.on('request', (request) => {
    const target = request.url();
    if (!target.startsWith(url) && !/^(data|blob|about):/.test(target)) note(`asked for ${target}`);
  });
}

export interface VisitSettings {
  config?: Partial<Config>;
  test?: TestSettings;
  /** Tests of this file run at the same time: contexts close after the last of them. */
  concurrent?: boolean;
  /** People who want motion. Without, a page draws nothing while nothing happens on it, which is what two cores have room for. */
  motion?: boolean;
}

/** Starts server and browser before the tests of a file, and closes them and every context after. */
export function visits({ config, test, concurrent = false, motion = false }: VisitSettings = {}): Visit {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let browser: Browser;
  let client: Client;
  const open: BrowserContext[] = [];
  const gates: Gate[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(config, test), launchBrowser()]);
    client = createClient(server.url);
  });
  afterEach(async () => {
    if (!concurrent) await Promise.all(open.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    expect(complaints.splice(0)).toEqual([]);
    await browser?.close();
    await Promise.all(gates.map((gate) => gate.close()));
    await server?.close();
  });

  async function person(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const url = options.baseURL ?? server.url;
    const reducedMotion = motion ? 'no-preference' : 'reduce';
    const context = await browser.newContext({ ...WIDE, reducedMotion, baseURL: url, ...options });
    context.setDefaultTimeout(FACT_MS);
    open.push(context);
    await watchOver(context, url, complaints);
    return context;
  }

  return {
    get url() {
      return server.url;
    },
    get client() {
      return client;
    },
    get browser() {
      return browser;
    },
    get connections() {
      return server.server.parts.hub.size;
    },
    person,
    async traveller(options = {}) {
      const gate = await openGate(server.url);
      gates.push(gate);
      return { gate, person: await person({ ...options, baseURL: gate.url }) };
    },
    async tab(session_id, given, pushes = true) {
      const context = given ?? (await person());
      const page = await context.newPage();
      await page.goto(session_id === null ? '/' : `/s/${session_id}`);
      await message(page).waitFor();
      // The page can be written in before its session is there: what a test does next is meant for the session.
      if (session_id !== null && pushes)
        await page.locator('[data-line-state="open"]').first().waitFor({ state: 'attached' });
      return page;
    },
    complaints: () => complaints.splice(0),
  };
}
