// Thousands of sessions in the list beside many runs: how soon it is there, and what that costs the tokens.
// Run: node bench/list-page.ts
import { rm } from 'node:fs/promises';
import pino from 'pino';
import { openJournal } from '../src/journal/open.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { type Client, createClient } from '../test/support/client.ts';
import { spawnServer, temporaryFolder } from '../test/support/server.ts';

const SESSIONS = 5_000;
const RUNS = 50;
const RATE = 50;
const PHASE_MS = 8_000;
const OPENINGS = 15;

const print = (line: string) => process.stdout.write(`${line}\n`);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const quantile = (all: number[], q: number): number =>
  [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * q))] ?? Number.NaN;
const figures = (all: number[]): string =>
  `p50 ${quantile(all, 0.5).toFixed(1)} ms, p99 ${quantile(all, 0.99).toFixed(1)} ms, most ${Math.max(...all).toFixed(1)} ms, of ${all.length}`;

/** As if it had been used for months: every tenth session goes on from the one before. */
async function seed(folder: string): Promise<void> {
  const journal = await openJournal({ folder, log: pino({ level: 'silent' }) });
  const at = Date.now() - SESSIONS * 60_000;
  const create = (n: number) => {
    const goesOn = n % 10 === 9;
    const session = {
      session_id: `s_${n}`,
      title: `Session ${n} of the ${['heron', 'otter', 'kingfisher'][n % 3]}`,
      agent: 'demo',
      model: null,
      cwd: null,
      parent_session_id: goesOn ? `s_${n - 1}` : null,
      relation: goesOn ? ('continuation' as const) : null,
      is_cli_session: n % 7 === 0,
      source_tag: null,
      session_source: null,
      source_label: null,
    };
    return journal.createSession('owner', session, at + n * 60_000);
  };
  for (let from = 0; from < SESSIONS; from += 100)
    await Promise.all(Array.from({ length: 100 }, (_, more) => create(from + more)));
  await journal.close();
}

/** From being said to being read, of every token of five runs, while `act` goes on. */
async function delays(client: Client, streams: string[], act: () => Promise<unknown>): Promise<number[]> {
  const seen: number[] = [];
  const readers = await Promise.all(
    streams.slice(0, 5).map((id) => client.read(`/api/chat/stream?stream_id=${id}&replay=0`)),
  );
  for (const reader of readers)
    reader
      .until(({ event, data }) => {
        if (event === 'token') seen.push(Date.now() - JSON.parse(data).at);
        return false;
      })
      .catch(() => {});
  await act();
  for (const reader of readers) reader.close();
  return seen;
}

/** From the navigation to the first frame that shows a row. */
async function pageOpenings(url: string): Promise<number[]> {
  const browser = await launchBrowser();
  const taken: number[] = [];
  try {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
    // The first opening fills the browser's cache, as yesterday's would have.
    for (let n = 0; n <= OPENINGS; n += 1) {
      const page = await context.newPage();
      await page.goto('/', { waitUntil: 'commit' });
      const listed = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const look = () => {
              if (document.querySelector('[data-session-id]')) resolve(performance.now());
              else requestAnimationFrame(look);
            };
            look();
          }),
      );
      if (n > 0) taken.push(listed);
      await page.close();
    }
  } finally {
    await browser.close();
  }
  return taken;
}

const folder = await temporaryFolder();
await seed(folder);
const server = await spawnServer(folder);
try {
  const client = createClient(server.url);
  const streams = await Promise.all(
    Array.from({ length: RUNS }, async () =>
      client.start(await client.session(), `tokens=100000 rate=${RATE}`),
    ),
  );
  await wait(2_000);
  print(`${SESSIONS} sessions, ${RUNS} runs at ${RATE} tokens/s, one server`);
  print(`tokens alone            ${figures(await delays(client, streams, () => wait(PHASE_MS)))}`);
  const asked: number[] = [];
  const ask = async (query: string, into: number[]) => {
    const since = performance.now();
    await client.get(`/api/sessions?limit=50&collapse=lineage${query}`);
    into.push(performance.now() - since);
    await wait(20);
  };
  const under = await delays(client, streams, async () => {
    const end = Date.now() + PHASE_MS;
    while (Date.now() < end) await ask('', asked);
  });
  print(`tokens while it is read ${figures(under)}`);
  print(`a page of the list      ${figures(asked)}`);
  const searched: number[] = [];
  for (let n = 0; n < 50; n += 1) await ask('&q=otter', searched);
  print(`a page of a search      ${figures(searched)}`);
  let opened: number[] = [];
  const beside = await delays(client, streams, async () => {
    opened = await pageOpenings(server.url);
  });
  print(`opened in a browser     ${figures(opened)}`);
  print(`tokens meanwhile        ${figures(beside)}`);
} finally {
  server.child.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true, force: true });
}
