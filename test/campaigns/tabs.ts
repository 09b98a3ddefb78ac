// The tabs campaign: twenty tabs of one browser on ten runs at 50 tokens a second, in real Chromium over HTTP/1.1. How many
// connections the server counts; how long a token takes from its publication to the paint in tabs that are seen; how long
// every tab stands still when its leader closes, and when the next one is frozen; and whether each tab has every letter. A
// figure beyond its bound is a failure, so it wants a machine that does nothing else. Nobody sees a token before it is durable:
// what a disk takes for that is in the figures where the log is on one; in memory, they are the server's and the page's.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { BrowserContext, Page } from 'playwright-core';
import { freeze } from '../browser/freeze.ts';
import { counted, said, saidAtLeast } from '../browser/names.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Client, createClient } from '../support/client.ts';
import { readCall, refuse } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';

/** A folder in memory, as Linux has it. */
const MEMORY = '/dev/shm';
const RATE = 50;
const WARM_TOKENS = 100;
/** A minute: of a few hundred values the 99th in a hundred would be one stall. */
const CALM_TOKENS = 3_000;
const ROUGH_TOKENS = 900;
/** The first tab and the second are seen, as in two windows; the others are not. */
const SEEN = 2;
const UNSEEN = { width: 320, height: 240 };
/** What issue and rules promise: publish to paint in a tab that is seen, and the pauses of LN2. */
const BOUNDS = { p99_ms: 150, closed_ms: 1_000, frozen_ms: 5_000 };

declare global {
  interface Window {
    /** when each number was painted first, ms since 1970 */
    painted: number[];
    pause: number;
  }
}

/** Before the page's own scripts: who is not seen says so, and what is painted is written down. */
function observe(isSeen: boolean): void {
  if (!isSeen) {
    Object.defineProperty(document, 'hidden', { get: () => true });
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    window.requestAnimationFrame = () => 0;
  }
  const afterPaint = window.requestAnimationFrame.bind(window);
  let letters = 0;
  let grewAt = 0;
  window.painted = [];
  window.pause = 0;
  new MutationObserver(() => {
    const text = [...document.querySelectorAll('article[data-stream-id] p')].at(-1)?.textContent ?? '';
    if (text.length === letters) return;
    const at = performance.now();
    if (letters > 0 && text.length > letters) window.pause = Math.max(window.pause, at - grewAt);
    letters = text.length;
    grewAt = at;
    const last = Number(/(\d+)\s*$/.exec(text)?.[1] ?? 0);
    afterPaint(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        while (window.painted.length < last) window.painted.push(Date.now());
      };
      port2.postMessage(null);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

interface Tab {
  page: Page;
  session_id: string;
  stream_id: string;
  lines(): number;
}

/** This Chromium hides no page, minimised or behind another: it would lay out and paint what no other browser does. */
async function unpaint(page: Page): Promise<void> {
  await page.setViewportSize(UNSEEN);
  await page.evaluate(() => {
    document.documentElement.hidden = true;
  });
}

async function openTab(
  person: BrowserContext,
  url: string,
  session_id: string,
  isSeen: boolean,
): Promise<Tab> {
  const page = await person.newPage();
  let lines = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/live?')) lines += 1;
  });
  await page.addInitScript(observe, isSeen);
  await page.goto(`${url}/s/${session_id}`);
  await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  if (!isSeen) await unpaint(page);
  return { page, session_id, stream_id: '', lines: () => lines };
}

/** When each of these numbers was painted, as soon as all of them are. */
const paintedIn = (page: Page, count: number): Promise<number[]> =>
  eventually(
    () => page.evaluate(() => window.painted),
    ({ length }) => length === count,
  );

async function connectionsOf(client: Client): Promise<number> {
  const { body } = await client.get('/metrics');
  return Number(/sse_connections (\d+)/.exec(body)?.[1]);
}

const measureAnew = (tabs: Tab[]): Promise<unknown> =>
  Promise.all(
    tabs.map(({ page }) =>
      page.evaluate(() => {
        window.painted = [];
        window.pause = 0;
      }),
    ),
  );

/** Starts a run in every session; each tab is told the one that it shows. */
async function startAll(client: Client, tabs: Tab[], tokens: number): Promise<void> {
  await measureAnew(tabs);
  const sessions = [...new Set(tabs.map(({ session_id }) => session_id))];
  await Promise.all(
    sessions.map(async (session_id) => {
      const stream_id = await client.start(session_id, `tokens=${tokens} rate=${RATE}`);
      for (const tab of tabs) if (tab.session_id === session_id) tab.stream_id = stream_id;
    }),
  );
}

/**
 * ms from the publication of each token to its paint, in each of these tabs, from the moment in which all runs begin to that in
 * which all end, lowest first. Until then only logs are read: who asks a page how far it is makes it slower.
 */
async function delaysOf(client: Client, tabs: Tab[]): Promise<number[][]> {
  const logs = await Promise.all(
    tabs.map(({ stream_id }) => client.read(`/api/chat/stream?stream_id=${stream_id}`)),
  );
  await Promise.all(logs.map(({ ended }) => ended));
  return Promise.all(
    tabs.map(async ({ page }, at) => {
      const painted = await paintedIn(page, CALM_TOKENS);
      const tokens = logs[at]!.events.filter(({ event }) => event === 'token');
      const delays = tokens.map(({ data }, n) => painted[n]! - JSON.parse(data).at);
      if (delays.length !== CALM_TOKENS) throw new Error(`only ${delays.length} tokens were read`);
      if (delays.some((ms) => ms < 0)) throw new Error('a token was painted before it was said');
      return delays.sort((a, b) => a - b);
    }),
  );
}

/** `delays`: lowest first. */
const figuresOf = (delays: number[]): TabsFigures['delays'][number] => {
  const at = (part: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))]!;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
};

async function checkExact(tabs: Tab[], tokens: number): Promise<void> {
  for (const { page, stream_id } of tabs) {
    const text = await eventually(
      () => said(page, stream_id),
      (now) => now.endsWith(` ${tokens}`),
    );
    if (text !== counted(tokens)) throw new Error(`${stream_id}: a tab shows another text than was said`);
  }
}

const longestPause = async (tabs: Tab[]): Promise<number> => {
  const pauses = await Promise.all(tabs.map(({ page }) => page.evaluate(() => window.pause)));
  return Math.round(Math.max(...pauses));
};

const nextLeader = async (tabs: Tab[]): Promise<Tab> => {
  const before = new Map(tabs.map((tab) => [tab, tab.lines()]));
  const led = () => tabs.find((tab) => tab.lines() > before.get(tab)!);
  return (await eventually<Tab | undefined>(led, (tab) => tab !== undefined))!;
};

const goOn = async (tabs: Tab[], by: number): Promise<void> => {
  await Promise.all(
    tabs.map(async ({ page, stream_id }) => {
      const reached = Number((await said(page, stream_id)).split(' ').at(-1));
      await saidAtLeast(page, stream_id, reached + by);
    }),
  );
};

export interface TabsFigures {
  connections: number;
  /** of the two tabs that are seen: the leader, and one that follows */
  delays: { p50: number; p99: number; most: number }[];
  pause_closed_ms: number;
  pause_frozen_ms: number;
  connections_after: number;
}

/** `data`: the folder that gets the log. */
export async function runTabsCampaign(
  tabs_count: number,
  sessions_count: number,
  data: string,
): Promise<TabsFigures> {
  const folder = await temporaryFolder(data);
  const [server, browser] = await Promise.all([spawnServer(folder), launchBrowser()]);
  try {
    const client = createClient(server.url);
    const sessions = await Promise.all(Array.from({ length: sessions_count }, () => client.session()));
    const person = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    let tabs: Tab[] = [];
    for (let at = 0; at < tabs_count; at += 1)
      tabs.push(await openTab(person, server.url, sessions[at % sessions_count]!, at < SEEN));

    await startAll(client, tabs, WARM_TOKENS);
    await checkExact(tabs, WARM_TOKENS);
    const seen = tabs.slice(0, SEEN);
    await Promise.all(seen.map(({ page }) => paintedIn(page, WARM_TOKENS)));
    await startAll(client, tabs, CALM_TOKENS);
    const connections = await connectionsOf(client);
    const delays = (await delaysOf(client, seen)).map(figuresOf);
    await checkExact(tabs, CALM_TOKENS);

    await startAll(client, tabs, ROUGH_TOKENS);
    await goOn(tabs, RATE);
    const [first, ...rest] = tabs as [Tab, ...Tab[]];
    tabs = rest;
    const [second] = await Promise.all([nextLeader(tabs), first.page.close()]);
    await goOn(tabs, RATE);
    const pause_closed_ms = await longestPause(tabs);
    const others = tabs.filter((tab) => tab !== second);
    await measureAnew(others);
    const thaw = await freeze(second.page);
    await nextLeader(others);
    await goOn(others, RATE);
    const pause_frozen_ms = await longestPause(others);
    await thaw();
    await checkExact(tabs, ROUGH_TOKENS);
    const connections_after = await eventually(
      () => connectionsOf(client),
      (count) => count === 1,
    );
    return { connections, delays, pause_closed_ms, pause_frozen_ms, connections_after };
  } finally {
    await browser.close();
    server.child.kill('SIGKILL');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** The figures that are beyond their bounds, in words. */
function missed({ connections, connections_after, delays, ...pauses }: TabsFigures): string[] {
  return [
    connections === 1 && connections_after === 1 ? '' : 'more than one connection',
    delays.every(({ p99 }) => p99 < BOUNDS.p99_ms) ? '' : `p99 is not under ${BOUNDS.p99_ms} ms`,
    pauses.pause_closed_ms < BOUNDS.closed_ms ? '' : `closed: not within ${BOUNDS.closed_ms} ms`,
    pauses.pause_frozen_ms < BOUNDS.frozen_ms ? '' : `frozen: not within ${BOUNDS.frozen_ms} ms`,
  ].filter((word) => word !== '');
}

if (import.meta.main) {
  const call = 'npm run campaign:tabs';
  const { tabs, sessions, data } = readCall({
    call,
    does: 'Tabs of one browser look on at several runs over one connection; the tab that holds it closes, the next one freezes. Figures beyond their bounds are failures, so let nothing else run.',
    options: {
      tabs: { kind: 'whole', value: 'N', fallback: 20, help: 'tabs' },
      sessions: { kind: 'whole', value: 'N', fallback: 10, help: 'runs that they look at' },
      data: { kind: 'text', value: 'FOLDER', help: `where the log is (default ${MEMORY}, if it is there)` },
    },
    takes: 'about 100 s on two quiet cores',
    exits: '0 every figure is within its bound; 1 one is not, and is told',
  }).options;
  const folder = data ?? (existsSync(MEMORY) ? MEMORY : tmpdir());
  if (!existsSync(folder)) refuse(call, `There is no folder ${folder}.`);
  const figures = await runTabsCampaign(tabs, sessions, folder);
  const [leader, follower] = figures.delays.map(({ p50, p99, most }) => `${p50}, ${p99} and ${most} ms`);
  process.stdout.write(
    `${tabs} tabs on ${sessions} runs at ${RATE} tokens/s, the log in ${folder}: ${figures.connections} connection
publish to paint, p50, p99 and most: ${leader} where the line is held, ${follower} in another window
longest pause of any tab: ${figures.pause_closed_ms} ms when the leader closed, ${figures.pause_frozen_ms} ms when the next was frozen
after it thawed: ${figures.connections_after} connection; every tab has every letter\n`,
  );
  const failures = missed(figures);
  for (const failure of failures) process.stderr.write(`FAILED: ${failure}\n`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
