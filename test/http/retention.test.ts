// What readers are told of runs that retention has cut, and the routes of storage.
import { beforeAll, expect, test, vi } from 'vitest';
import { followSession, holdSession } from '../../src/http/session-feed.ts';
import { MESSAGE_BYTES_MAX, SSE_UNSENT_BYTES_MAX } from '../../src/protocol/index.ts';
import { named, numbersOf, type SseEvent, upTo } from '../support/client.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served({ retention: { runs: 1, days: 0, bytes: 0 } });
const { client } = weir;
let session_id: string;
/** Three runs; the first two are cut. */
let streams: string[];
let kept_from: number;
let head: number;

const FAR_MS = 10 * 86_400_000;
const isCut = ({ event, id }: SseEvent) => event === 'snapshot' && id !== undefined;
const frames = (stream_id: string, query = '') =>
  client.read(`/api/chat/stream?stream_id=${stream_id}${query}`);
const read = async () => (await client.get(`/api/session?session_id=${session_id}`)).body.session;

beforeAll(async () => {
  session_id = await client.session();
  streams = [];
  for (const message of ['tokens=3', 'tokens=4', 'tokens=5']) {
    streams.push(await client.start(session_id, message));
    await (await frames(streams.at(-1)!)).ended;
  }
  const before = await client.read(`/api/sessions/${session_id}/events`);
  head = (await read()).head;
  await before.until(({ id }) => id === `${session_id}:${head}`);
  before.close();
  await client.request('POST', '/api/storage/compact');
  const row = await weir.server.parts.journal.getSession('owner', session_id);
  kept_from = row!.kept_from;
});

test('lesson 41 wire §4 storage says what is kept and what was cut', async () => {
  const { status, body } = await client.get('/api/storage');
  expect(status).toBe(200);
  expect(body).toMatchObject({ runs: 1, runs_cut: 2, retention: { runs: 1, days: 0, bytes: 0 } });
  expect(body.total_bytes).toBeGreaterThanOrEqual(body.log_bytes);
});

test('wire §3 a cursor into what was cut: a reset that says expired, the transcript of what is missing, then what is kept', async () => {
  expect(kept_from).toBeGreaterThan(1);
  const reader = await client.read(`/api/sessions/${session_id}/events?after=2`);
  await within(
    HANDLER_MS,
    'the head',
    reader.until(({ id }) => id === `${session_id}:${head}`),
  );
  expect(JSON.parse(reader.events.find(named('reset'))!.data)).toEqual({ reason: 'expired', head });
  const [first, second] = reader.events.filter(named('snapshot'));
  expect(JSON.parse(first!.data).session.session_id).toBe(session_id);
  expect(second!.id).toBe(`${session_id}:${kept_from - 1}`);
  const { messages } = JSON.parse(second!.data);
  expect(messages.map((each: { stream_id: string }) => each.stream_id)).toEqual(
    streams.slice(0, 2).flatMap((id) => [id, id]),
  );
  expect(messages).toEqual((await read()).messages.slice(0, 4));
  expect(numbersOf(reader.events)).toEqual([kept_from - 1, ...upTo(head).slice(kept_from - 1)]);
  reader.close();
  // Who comes back with the id of that snapshot is not cut off again.
  const again = await client.read(`/api/sessions/${session_id}/events?after=${kept_from - 1}`);
  await again.until(({ id }) => id === `${session_id}:${head}`);
  expect(again.events.filter(named('reset'))).toEqual([]);
  again.close();
});

test('wire §3 likewise over a shared connection, with whose it is', async () => {
  const reader = await client.read(`/api/live?session=${session_id}:1`);
  await reader.until(({ id }) => id === `${session_id}:${head}`);
  expect(JSON.parse(reader.events.find(named('reset'))!.data)).toEqual({
    reason: 'expired',
    head,
    session_id,
  });
  reader.close();
});

test('wire §3 the stream of a run that was cut: its settled answer, and then its end; who has that gets 204', async () => {
  const [cut] = streams as [string];
  for (const query of ['', '&after_seq=2']) {
    const reader = await frames(cut, query);
    await within(HANDLER_MS, 'the end', reader.ended);
    const snapshot = reader.events.find(named('snapshot'))!;
    expect(JSON.parse(snapshot.data).messages).toEqual([(await read()).messages[1]]);
    expect(reader.events.filter(named('reset')).length).toBe(query === '' ? 0 : 1);
    const back = await client.read(`/api/chat/stream?stream_id=${cut}`, { 'last-event-id': snapshot.id! });
    expect(back.status).toBe(204);
  }
  expect((await frames(cut, '&replay=0')).status).toBe(204);
  const { body } = await client.get(`/api/chat/stream/status?stream_id=${cut}`);
  expect(body).toMatchObject({ state: 'settled', replay_available: false });
  const kept = await frames(streams[2]!);
  await kept.ended;
  expect(numbersOf(kept.events)).toEqual(upTo(kept.events.length));
});

test('lesson 41 wire §4 a jsonl export of a session that was cut loses no message', async () => {
  const { body } = await client.get(`/api/sessions/${session_id}/export?format=jsonl`);
  const [, first, second] = (body as string).split('\n').map((line) => line && JSON.parse(line));
  expect([first, second]).toMatchObject([
    { pos: kept_from - 1, event: 'snapshot', data: { messages: (await read()).messages.slice(0, 4) } },
    { pos: kept_from },
  ]);
  const type = { 'content-type': 'application/x-ndjson' };
  const copy = await client.request('POST', '/api/sessions/import', body, type);
  expect(copy.status).toBe(201);
  const copied = await client.get(`/api/session?session_id=${copy.body.session.session_id}`);
  const said = (messages: { role: string; parts: unknown }[]) =>
    messages.map(({ role, parts }) => ({ role, parts }));
  expect(said(copied.body.session.messages)).toEqual(said((await read()).messages));
});

test('P3 an export whose log is cut while it is read breaks off, and is no file with a hole', async () => {
  const { journal } = weir.server.parts;
  const { readSession } = journal;
  // As if more was cut after its first look.
  const cut = vi
    .spyOn(journal, 'readSession')
    .mockImplementation((id, after, limit) => readSession(id, after + (limit > 64 ? 1 : 0), limit));
  const broken = await client.get(`/api/sessions/${session_id}/export?format=jsonl`).catch((error) => error);
  cut.mockRestore();
  expect(broken).toBeInstanceOf(Error);
});

test('lesson 41 wire §3 an answer that a retry replaced is told with what was cut, however much bookkeeping lies between', async () => {
  const { journal, sessions } = weir.server.parts;
  const retried = await client.session();
  await (await frames(await client.start(retried, 'tokens=2'))).ended;
  // More of it than one look at the log holds.
  await Promise.all(upTo(70).map((n) => sessions.patch('owner', retried, { pinned: n % 2 === 0 })));
  const { body } = await client.post('/api/chat/retry', { session_id: retried });
  await (await frames(body.stream_id)).ended;
  await client.request('POST', '/api/storage/compact');
  const { kept_from } = (await journal.getSession('owner', retried))!;
  expect(kept_from).toBeGreaterThan(1);
  const { messages } = (await client.get(`/api/session?session_id=${retried}`)).body.session;
  expect(messages.length).toBe(3);
  const reader = await client.read(`/api/sessions/${retried}/events`);
  const { data } = await within(HANDLER_MS, 'what was cut', reader.until(isCut));
  expect(JSON.parse(data).messages).toEqual(messages.slice(0, 2));
  reader.close();
});

test('P10 wire §2 of a long transcript that was cut a reader is told the newest, and that there is more', async () => {
  const long = await client.session();
  for (const letter of 'abcd') {
    const text = `tokens=1 ${letter.repeat(MESSAGE_BYTES_MAX - 16)}`;
    await (await frames(await client.start(long, text))).ended;
  }
  await weir.server.parts.journal.retain({ runs: 0, days: 1, bytes: 0 }, Date.now() + FAR_MS);
  const reader = await client.read(`/api/sessions/${long}/events`);
  const { data } = await within(HANDLER_MS, 'what was cut', reader.until(isCut));
  reader.close();
  expect(Buffer.byteLength(data)).toBeLessThan(SSE_UNSENT_BYTES_MAX);
  const told = JSON.parse(data);
  const { messages } = (await client.get(`/api/session?session_id=${long}`)).body.session;
  expect(told).toEqual({ messages: messages.slice(-told.messages.length), has_more: true });
  expect(told.messages.length).toBeGreaterThan(2);
});

test('P3 who is cut off in the moment of coming is let go, and is told all when it comes back', async () => {
  const { parts } = weir.server;
  const late = await client.session();
  await (await frames(await client.start(late, 'tokens=2'))).ended;
  const cursor = { ids: [], numbers: ['1'] };
  const held = await holdSession(parts, { owner: 'owner', session_id: late, cursor, live: false });
  await parts.journal.retain({ runs: 0, days: 1, bytes: 0 }, Date.now() + FAR_MS);
  const said: string[] = [];
  const connection = { write: (text: string) => said.push(text), isClosed: false, unsent: 0 };
  let lost: unknown = 'not';
  const letGo = followSession(held, {
    connection: connection as never,
    bytes: parts.bytes,
    isNamed: false,
    onDeleted: () => {},
    onLost: (bug) => {
      lost = bug;
    },
  });
  letGo();
  expect([lost, said]).toEqual([null, []]);
});
