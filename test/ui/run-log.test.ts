// The drawer's log of a run: read a page after the other, and again when the page has heard of more.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  LOG_AGAIN_MS,
  LOG_REST_MS,
  type RunLog,
  type RunLogReader,
  readRunLog,
} from '../../src/ui/drawer/run-log.ts';

const PAGE = 3;
/** what the server has of the run, and whether it answers */
let server: { head: number; settled: boolean; status: number };
let asked: string[] = [];
let told: RunLog[] = [];
let log: RunLogReader;

const frame = (seq: number) => ({ seq, at: seq, event: 'token', data: { seq, text: `${seq}` } });
beforeEach(() => {
  vi.useFakeTimers();
  [asked, told, server] = [[], [], { head: 0, settled: false, status: 200 }];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const { head, settled, status } = server;
    if (status === 0) throw new TypeError('gone');
    if (status !== 200) return Response.json({ error: 'Not now.', code: 'shutting_down' }, { status });
    const after = Number(new URL(path, 'http://x').searchParams.get('after_seq'));
    const count = Math.max(0, Math.min(PAGE, head - after));
    return Response.json({
      frames: Array.from({ length: count }, (_, at) => frame(after + 1 + at)),
      head,
      settled,
    });
  });
});
afterEach(() => {
  log.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const open = () => {
  log = readRunLog('r_1', (now) => told.push(now));
};
const seqs = () => told.at(-1)!.rows.map(({ seq }) => seq);
const upTo = (head: number) => Array.from({ length: head }, (_, at) => at + 1);

test('ui the log of a run is read to its head, and on when there is more; over, it is asked for no more', async () => {
  server.head = 7;
  open();
  await pass();
  expect(asked.map((path) => path.split('after_seq=')[1])).toEqual(['0', '3', '6']);
  // What there is, is shown while it is read.
  expect(told.map(({ rows, status }) => [rows.length, status])).toEqual([
    [3, 'reading'],
    [6, 'reading'],
    [7, 'reading'],
  ]);
  expect(seqs()).toEqual(upTo(7));
  // LN4: while the line tells what there is, nothing is polled.
  await pass(10 * LOG_REST_MS);
  expect(asked).toHaveLength(3);
  server.head = 8;
  log.more();
  await pass();
  expect(seqs()).toEqual(upTo(8));
  // However much comes, once a moment.
  for (let more = 0; more < 50; more += 1) log.more();
  Object.assign(server, { head: 10, settled: true });
  await pass(LOG_REST_MS);
  expect(asked).toHaveLength(5);
  expect(told.at(-1)).toMatchObject({ status: 'read' });
  expect(seqs()).toEqual(upTo(10));
  log.more();
  await pass(10 * LOG_REST_MS);
  expect(asked).toHaveLength(5);
  expect(vi.getTimerCount()).toBe(0);
});

test('ui what a log is told of while it is read is read after that', async () => {
  server.head = 2;
  open();
  log.more();
  server.head = 4;
  await pass(LOG_REST_MS);
  expect(asked).toHaveLength(2);
  expect(seqs()).toEqual(upTo(4));
});

test.each([0, 401, 429, 500, 503])(
  'ui a log that can’t be read on (%i) says so, and is read on from where it was when it can',
  async (status) => {
    server.head = 2;
    open();
    await pass();
    server.status = status;
    log.more();
    await pass(LOG_REST_MS);
    expect(told.at(-1)).toMatchObject({ status: 'interrupted' });
    expect(seqs()).toEqual(upTo(2));
    await pass(10 * LOG_AGAIN_MS);
    expect(asked).toHaveLength(12);
    expect(told).toHaveLength(2);
    Object.assign(server, { status: 200, head: 4 });
    await pass(LOG_AGAIN_MS);
    expect(told.at(-1)).toMatchObject({ status: 'reading' });
    expect(seqs()).toEqual(upTo(4));
  },
);

test.each(['session_damaged', 'not_found'])(
  'ui a log that can never be read on (%s) says so, and is not asked for again',
  async (code) => {
    server.head = 2;
    open();
    await pass();
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path);
      return Response.json({ error: 'No.', code }, { status: 409 });
    });
    log.more();
    await pass(LOG_REST_MS);
    expect(told.at(-1)).toMatchObject({ status: 'lost' });
    expect(seqs()).toEqual(upTo(2));
    log.more();
    await pass(10 * LOG_AGAIN_MS);
    expect(asked).toHaveLength(2);
  },
);

test('ui of a run whose log retention cut there is nothing, and it is asked for once', async () => {
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return Response.json({ frames: [], head: 9, settled: true });
  });
  open();
  await pass(10 * LOG_REST_MS);
  expect(asked).toHaveLength(1);
  expect(told).toEqual([{ rows: [], status: 'read' }]);
});

test('ui a log that is closed asks and tells no more', async () => {
  server.head = 2;
  open();
  log.close();
  log.more();
  await pass(10 * LOG_REST_MS);
  expect(asked).toHaveLength(1);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
