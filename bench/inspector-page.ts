// How much of each frame the inspector's page takes while 200 actors hear 5,000 events a second: in real Chromium, over a
// feed of the real format.
//   node bench/inspector-page.ts        prints figures, and exits 1 above the budget

import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { extname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { CONTENT_SECURITY_POLICY } from '../src/http/page.ts';
import type { Entry } from '../src/protocol/inspection.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { crowd, headOf } from '../test/ui/inspector-made-up.ts';

const SESSIONS = 50;
const ACTORS_EACH = 4;
const EVENTS_PER_SECOND = 5_000;
const SECONDS = 6;
const WARM_MS = 1_000;
const BATCH_EVERY_MS = 20;
const FRAME_MS = 1_000 / 60;
const BUDGET_MS = 16;
const JUMPS = 60;
/** Slow enough that each jump is drawn by itself. */
const JUMP_EVERY_MS = 40;
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

const eventOf = (name: string, data: string[], id: number): string =>
  `event: ${name}\nid: b_test:${id}\n${data.map((line) => `data: ${line}\n`).join('')}\n`;

/** Sends what there is at its pace, whatever the reader does. */
function play(response: ServerResponse, born: Entry[], lines: string[], perBatch: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(eventOf('head', [JSON.stringify(headOf())], 0));
  response.write(
    eventOf(
      'entries',
      born.map((entry) => JSON.stringify(entry)),
      born.length,
    ),
  );
  let at = 0;
  const timer = setInterval(() => {
    if (at >= lines.length) return clearInterval(timer);
    const batch = lines.slice(at, at + perBatch);
    at += batch.length;
    response.write(eventOf('entries', batch, born.length + at));
  }, BATCH_EVERY_MS);
  response.on('close', () => clearInterval(timer));
}

async function startFeed(): Promise<{ url: string; last: number; close(): void }> {
  const { born, lively } = crowd(SESSIONS, EVENTS_PER_SECOND * SECONDS, EVENTS_PER_SECOND);
  const lines = lively.map((entry) => JSON.stringify(entry));
  const perBatch = Math.ceil(lines.length / ((SECONDS * 1_000) / BATCH_EVERY_MS));
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    if (path === '/inspect/events') return play(response, born, lines, perBatch);
    const file = path === '/inspect' ? '/inspector.html' : path;
    const bytes = await readFile(new URL(`../dist/ui${file}`, import.meta.url)).catch(() => null);
    response.writeHead(bytes ? 200 : 404, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    });
    response.end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/inspect`,
    last: lively.findLast(({ kind }) => kind === 'event')?.n ?? 0,
    close: () => server.closeAllConnections(),
  };
}

interface Traced {
  name: string;
  ph: string;
  ts: number;
  dur?: number;
  tdur?: number;
  pid: number;
  tid: number;
  args: { name?: string };
}

/** CPU time of the page's main thread, ms, in each 60th of a second from the first trace to the last. */
function framesOf(trace: Traced[]): number[] {
  const main = trace.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = trace.filter(
    ({ name, ph, pid, tid }) =>
      ph === 'X' &&
      name === 'ThreadControllerImpl::RunTask' &&
      main.some((one) => one.pid === pid && one.tid === tid),
  );
  const first = Math.min(...tasks.map(({ ts }) => ts));
  const frames: number[] = [];
  for (const { ts, dur = 0, tdur } of tasks) {
    const frame = Math.floor((ts - first) / 1_000 / FRAME_MS);
    frames[frame] = (frames[frame] ?? 0) + (tdur ?? dur) / 1_000;
  }
  return Array.from(frames, (ms) => ms ?? 0);
}

/** What `act` costs the page's main thread, ms per frame, lowest first. */
async function costOf(browser: Browser, page: Page, act: () => Promise<void>): Promise<number[]> {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Traced[] };
  return framesOf(traceEvents).sort((a, b) => a - b);
}

/** One line of figures. */
function tell(what: string, frames: number[]): boolean {
  const at = (share: number): number =>
    frames[Math.min(frames.length - 1, Math.floor(frames.length * share))] ?? 0;
  const mean = frames.reduce((sum, ms) => sum + ms, 0) / frames.length;
  const figures = [0.5, 0.95, 0.99, 1].map((share) => `p${share * 100} ${at(share).toFixed(1)}`).join(', ');
  process.stdout.write(
    `${what}, ${frames.length} frames: main thread per frame, ms: mean ${mean.toFixed(1)}, ${figures}\n`,
  );
  return at(0.99) <= BUDGET_MS;
}

const feed = await startFeed();
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(feed.url);
await page.locator('[data-n]').first().waitFor();
await page.waitForTimeout(WARM_MS);
const live = await costOf(browser, page, () => page.waitForTimeout((SECONDS - 2) * 1_000));
await page.getByRole('combobox', { name: 'Shown' }).selectOption('Everything');
await page.locator(`[data-n="${feed.last}"]`).waitFor({ timeout: 10_000 });
const slider = page.getByRole('slider', { name: 'Moment' });
const { x = 0, y = 0, width = 0, height = 0 } = (await slider.boundingBox()) ?? {};
await page.mouse.move(x + width - 8, y + height / 2);
await page.mouse.down();
const jumps = await costOf(browser, page, async () => {
  for (let jump = 0; jump < JUMPS; jump += 1) {
    const share = (jump * 0.618) % 1;
    await page.mouse.move(x + 8 + share * (width - 16), y + height / 2);
    await page.waitForTimeout(JUMP_EVERY_MS);
  }
});
await page.mouse.up();
await browser.close();
feed.close();

const isLiveFast = tell(`${SESSIONS * ACTORS_EACH} actors, ${EVENTS_PER_SECOND} events/s`, live);
const areJumpsFast = tell(`${JUMPS} jumps of the slider over what is kept`, jumps);
process.exit(isLiveFast && areJumpsFast ? 0 : 1);
