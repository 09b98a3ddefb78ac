// A disk that is slow, full, or fails under us, as a client sees it (properties.md §4, faults 3, 4 and 5).
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createFaults, type Faults } from '../../src/journal/faults.ts';
import { type Client, createClient, named, numbersOf, upTo } from '../support/client.ts';
import { within } from '../support/raw.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PAGE_BYTES = 4096;
let weir: TestServer | undefined;
afterEach(async () => {
  await weir?.close();
  weir = undefined;
});

async function start(): Promise<{ client: Client; faults: Faults }> {
  const faults = createFaults();
  const journal = { faults, reserve_bytes: 1024 * 1024, probe_ms: 20 };
  weir = await startTestServer({ heartbeat_ms: 50 }, { journal });
  return { client: createClient(weir.url), faults };
}
const streamOf = (client: Client, stream_id: string) =>
  client.read(`/api/chat/stream?stream_id=${stream_id}`);
const read = async (client: Client, session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session;
const at = (times: number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.POSITIVE_INFINITY;

test('fault 5 a disk that takes 2 s a commit: health and heartbeats stay prompt, and nothing is shown before it is durable', async () => {
  const { client, faults } = await start();
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=400 rate=200');
  const reader = await streamOf(client, stream_id);
  await reader.until(named('token'));
  faults.commit_ms = 2_000;
  const answers: number[] = [];
  const begun = performance.now();
  while (performance.now() - begun < 2_500) {
    const asked = performance.now();
    expect((await client.get('/health')).status).toBe(200);
    answers.push(performance.now() - asked);
    // Reads are not behind the writer either.
    expect((await client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).status).toBe(200);
  }
  faults.commit_ms = 0;
  const beats = reader.events.filter(named('heartbeat')).map(({ data }) => JSON.parse(data).at);
  const gaps = beats.slice(1).map((beat, index) => beat - beats[index]!);
  expect(answers.length).toBeGreaterThan(20);
  expect(at(answers, 0.9)).toBeLessThan(100);
  expect(at(gaps, 0.9)).toBeLessThan(150);
  // 200 frames a second are said meanwhile; what is shown of them is in the log already.
  const shown = numbersOf(reader.events).at(-1)!;
  const { journal } = (await client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body;
  expect(shown).toBeLessThanOrEqual(journal.last_seq);
  await within(15_000, 'the end', reader.ended);
  expect(numbersOf(reader.events)).toEqual(upTo(numbersOf(reader.events).length));
  expect(reader.events.filter(named('token'))).toHaveLength(400);
});

test('fault 3 a full disk: 507 and nothing written, the run ends in words, reads and cancel go on, and so does all when there is room', async () => {
  const { client, faults } = await start();
  const [writing, waiting, idle] = [await client.session(), await client.session(), await client.session()];
  const quiet_id = await client.start(waiting, 'stall=60@0');
  const quiet = await streamOf(client, quiet_id);
  await quiet.until(named('stream_started'));
  quiet.close();
  faults.page_limit = Math.ceil(statSync(join(weir!.folder, 'log.db')).size / PAGE_BYTES) + 300;
  // The limit is taken over with a new handle; an I/O error makes the writer open one.
  faults.fail_before_commit = 1;
  expect((await client.request('PATCH', `/api/sessions/${idle}`, { pinned: true })).status).toBe(200);
  const stream_id = await client.start(writing, 'tokens=1000000 rate=0');
  const reader = await streamOf(client, stream_id);
  await within(20_000, 'the end of the run', reader.ended);
  const frames = reader.events.filter(({ id }) => id);
  expect(numbersOf(frames)).toEqual(upTo(frames.length));
  const end = frames.find(named('apperror'));
  expect(JSON.parse(end!.data)).toMatchObject({ type: 'storage_full' });
  expect(frames.at(-1)!.event).toBe('stream_end');

  expect((await client.get('/health')).body).toMatchObject({ ok: true, storage: 'full' });
  const { head } = await read(client, idle);
  for (const [path, body] of [
    ['/api/chat/start', { session_id: idle, message: 'tokens=1' }],
    ['/api/chat/start', { session_id: waiting, message: 'tokens=1', on_busy: 'queue' }],
    ['/api/sessions', {}],
  ] as const) {
    const answer = await client.post(path, body);
    expect([answer.status, answer.body.code], path).toEqual([507, 'storage_full']);
  }
  expect(await read(client, idle)).toMatchObject({ head, state: 'idle', messages: [] });
  const replay = await streamOf(client, stream_id);
  await replay.ended;
  expect(replay.events.filter(({ id }) => id)).toEqual(frames);
  expect((await client.get(`/api/sessions/${writing}/export?format=jsonl`)).status).toBe(200);
  expect((await client.post('/api/chat/cancel', { stream_id: quiet_id })).status).toBe(200);

  faults.page_limit = 0;
  await expect
    .poll(async () => (await client.get('/health')).body.storage, { interval: 20, timeout: 10_000 })
    .toBe('ok');
  const again = await client.start(idle, 'tokens=3');
  const after = await streamOf(client, again);
  await within(5_000, 'a run after that', after.ended);
  expect(after.events.some(named('done'))).toBe(true);
});

test('fault 4 I/O errors before and after a commit: what was shown is there once, a run goes on or ends in words, the next one runs', async () => {
  const { client, faults } = await start();
  const session_id = await client.session();
  for (const fault of ['fail_after_commit', 'fail_before_commit'] as const) {
    const stream_id = await client.start(session_id, 'tokens=300 rate=600');
    const reader = await streamOf(client, stream_id);
    await reader.until(({ id }) => id === `${stream_id}:20`);
    faults[fault] = 1;
    await within(10_000, 'the end', reader.ended);
    const frames = reader.events.filter(({ id }) => id);
    expect(numbersOf(frames)).toEqual(upTo(frames.length));
    expect(frames.at(-1)!.event).toBe('stream_end');
    const [end, ...more] = frames.filter(named('done', 'apperror', 'cancel'));
    expect(more).toEqual([]);
    const said = frames.filter(named('token')).map(({ data }) => JSON.parse(data).text);
    expect(said).toEqual(upTo(said.length).map((n) => `${n} `));
    if (end!.event === 'done') expect(said).toHaveLength(300);
    else expect(JSON.parse(end!.data)).toMatchObject({ type: 'storage_full' });
    const replay = await streamOf(client, stream_id);
    await replay.ended;
    expect(replay.events.filter(({ id }) => id)).toEqual(frames);
  }
  await expect.poll(async () => (await client.get('/health')).body.storage, { interval: 20 }).toBe('ok');
  const last = await streamOf(client, await client.start(session_id, 'tokens=3'));
  await last.ended;
  expect(last.events.some(named('done'))).toBe(true);
});

test('SE5 a start whose commit is unknown for a moment is one message', async () => {
  const { client, faults } = await start();
  const session_id = await client.session();
  faults.fail_after_commit = 1;
  const body = { session_id, message: 'tokens=2', client_message_id: 'c-1' };
  const first = await client.post('/api/chat/start', body);
  expect(first.status).toBe(200);
  const again = await client.post('/api/chat/start', body);
  expect(again.body.stream_id).toBe(first.body.stream_id);
  await (await streamOf(client, first.body.stream_id)).ended;
  expect((await read(client, session_id)).message_count).toBe(2);
});
