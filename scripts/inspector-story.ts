// Pictures of the inspector while the demo agent asks a question, is stopped, and a tab loses its connection and comes back.
//   node scripts/inspector-story.ts              docs/inspector.png
//   node scripts/inspector-story.ts --out DIR    that, and every moment, on a laptop and on a phone, into DIR
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { openGate } from '../test/browser/gate.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { createClient } from '../test/support/client.ts';
import { spawnServer } from '../test/support/server.ts';

const PICTURE = 'docs/inspector.png';
const LOOKS = [
  { name: '1440-light', viewport: { width: 1440, height: 900 }, colorScheme: 'light' as const },
  { name: '390-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const },
];

const lit = (page: Page, machine: string, state: string): Promise<void> =>
  page.getByRole('img', { name: new RegExp(`^Statechart of ${machine}\\. Lit: ${state}\\.`) }).waitFor();
const row = (page: Page, name: RegExp) => page.getByRole('option', { name }).last();

interface Inspectors {
  pages: Page[];
  /** Brings each to the moment, and takes its picture. */
  take(moment: string, bring: (page: Page) => Promise<void>): Promise<void>;
}

async function openInspectors(
  browser: Browser,
  url: string,
  folder: string | undefined,
): Promise<Inspectors> {
  const pages = await Promise.all(
    LOOKS.map(async ({ viewport, colorScheme }) => {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(`${url}/inspect`);
      return page;
    }),
  );
  const take = async (moment: string, bring: (page: Page) => Promise<void>): Promise<void> => {
    for (const [index, page] of pages.entries()) {
      await bring(page);
      if (folder === undefined) continue;
      await page.screenshot({ path: join(folder, `inspector-${moment}-${LOOKS[index]?.name}.png`) });
    }
  };
  return { pages, take };
}

/** Chooses an actor and, of what goes between actors, some events. */
async function choose(page: Page, name: RegExp, events: string): Promise<void> {
  const opener = page.getByRole('button', { name: 'Actors', exact: true });
  const isOver = await opener.isVisible();
  if (isOver) await opener.click();
  await page.getByRole('treeitem', { name }).last().click();
  await page.getByRole('searchbox').fill(events);
  if (isOver) await page.getByRole('button', { name: 'Close the actors' }).click();
}

async function play(browser: Browser, url: string, folder: string | undefined): Promise<void> {
  const client = createClient(url);
  const session_id = await client.session({ title: 'How a run looks' });
  const { pages, take } = await openInspectors(browser, url, folder);
  const gate = await openGate(url);
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(`${gate.url}/s/${session_id}`);
  await tab.getByRole('textbox', { name: 'Message' }).waitFor();
  const asked = await client.start(session_id, 'tokens=60 rate=30 ask="Which database?|Postgres|SQLite"');
  await take('1-question', (page) => lit(page, 'stream', 'active, waiting'));
  await pages[0]?.screenshot({ path: PICTURE });
  await tab.getByRole('group', { name: 'Question' }).getByRole('button', { name: 'Postgres' }).click();
  await take('2-answered', (page) => lit(page, 'stream', 'settled'));
  await (await client.read(`/api/chat/stream?stream_id=${asked}`)).ended;
  const long = await client.start(session_id, 'tokens=100000 rate=30');
  await take('3-running', (page) => lit(page, 'stream', 'active, running'));
  await client.post('/api/chat/cancel', { stream_id: long });
  await take('4-stopped', (page) => lit(page, 'stream', 'settled'));
  await client.start(session_id, 'tokens=100000 rate=10');
  await tab.locator('main header [data-run-state="running"]').waitFor();
  gate.shut();
  await tab.locator('main [data-line-state]').waitFor();
  gate.open();
  await tab.locator('[data-line-state="open"]').first().waitFor({ state: 'attached' });
  await take('5-reconnected', async (page) => {
    await choose(page, /^line/, 'source.opened');
    await row(page, /source\.opened/).click();
    const search = page.getByRole('searchbox');
    if (await search.isVisible()) await search.fill('');
  });
  await gate.close();
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (values.out !== undefined) await mkdir(values.out, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'weir-pictures-'));
const server = await spawnServer(folder, ['--inspect']);
const browser = await launchBrowser();
try {
  await play(browser, server.url, values.out);
} finally {
  await browser.close();
  server.child.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true, force: true });
}
