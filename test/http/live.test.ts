// One connection for a whole page: sessions and board together, each by its own cursor.
import { expect, test } from 'vitest';
import { LIVE_SESSIONS_MAX, SSE_BEHIND_BYTES, SSE_UNSENT_BYTES_MAX } from '../../src/protocol/index.ts';
import { named, type Reader, type SseEvent, upTo } from '../support/client.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const live = (query: string, headers = {}): Promise<Reader> => client.read(`/api/live?${query}`, headers);
const of = (session_id: string) => (event: SseEvent) => Boolean(event.id?.startsWith(`${session_id}:`));
const numbers = (reader: Reader, session_id: string) =>
  reader.events.filter(of(session_id)).map(({ id }) => Number(id!.split(':')[1]));
const at = (session_id: string, pos: number) => (event: SseEvent) => event.id === `${session_id}:${pos}`;
/** A session with a settled run of `tokens` tokens. */
async function session(message = 'tokens=3'): Promise<string> {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, message);
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  return session_id;
}
const headFor = async (session_id: string): Promise<number> =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session.head;

test('wire §4 several sessions and the board come over one connection, each session from its own cursor', async () => {
  const before = weir.server.parts.hub.size;
  const [one, two, three] = await Promise.all([session(), session(), session()]);
  const reader = await live(`session=${one}&session=${two}:2&session=${three}:1&board=1`);
  for (const each of [one, two, three])
    await within(HANDLER_MS, each, reader.until(at(each, await headFor(each))));
  expect(weir.server.parts.hub.size - before).toBe(1);
  expect(numbers(reader, one)).toEqual(upTo(await headFor(one)));
  expect(numbers(reader, two)).toEqual(upTo(await headFor(two)).slice(2));
  expect(numbers(reader, three)).toEqual(upTo(await headFor(three)).slice(1));
  const snapshots = reader.events.filter(named('snapshot')).map(({ data }) => JSON.parse(data));
  expect(
    snapshots
      .filter((each) => 'session' in each)
      .map((each) => each.session.session_id)
      .sort(),
  ).toEqual([one, two, three].sort());
  await reader.until(named('ready'));
  await reader.until((event) => event.event === 'snapshot' && 'boot' in JSON.parse(event.data));
  // What is no record has no id: a cursor of the header is a session's.
  for (const event of reader.events)
    expect(event.id === undefined, event.event).toBe(
      !/"(seq|pos)":/.test(event.data.slice(0, 60)) || named('snapshot')(event),
    );
  reader.close();
});

test('LN3 P3 who reopens with fresh cursors while runs go on misses nothing and gets nothing twice', async () => {
  const sessions = await Promise.all([client.session(), client.session()]);
  const streams = await Promise.all(
    sessions.map((session_id) => client.start(session_id, 'tokens=300 rate=600')),
  );
  const seen = new Map<string, number[]>(sessions.map((session_id) => [session_id, []]));
  // What is told of a session after its run ended stands last.
  const isLast = ({ event, data }: SseEvent) =>
    event === 'session_updated' && data.includes('"last_outcome":"completed"');
  const isDone = () => [...seen.keys()].every((id) => over.has(id));
  const over = new Set<string>();
  let opened = 0;
  while (!isDone()) {
    const query = sessions.map((id) => `session=${id}:${seen.get(id)!.at(-1) ?? 0}`).join('&');
    const reader = await live(query);
    opened += 1;
    // After a few more events the line is cut and opened anew.
    let more = 0;
    await reader
      .until((event) => {
        if (event.id === undefined) return false;
        const [id, pos] = event.id.split(':') as [string, string];
        seen.get(id)!.push(Number(pos));
        if (isLast(event)) over.add(id);
        more += 1;
        return more >= 40 || isDone();
      })
      .catch(() => {});
    reader.close();
    await reader.ended;
  }
  expect(opened).toBeGreaterThan(3);
  for (const session_id of sessions) expect(seen.get(session_id)).toEqual(upTo(await headFor(session_id)));
  expect(streams.length).toBe(2);
});

test('wire §3 Last-Event-ID counts for its own session only; a bad cursor resets its own session only, and says whose', async () => {
  const [one, two] = await Promise.all([session(), session()]);
  const head = await headFor(one);
  const reader = await live(`session=${one}:1&session=${two}:999`, { 'last-event-id': `${one}:${head - 1}` });
  await reader.until(at(one, head));
  await reader.until(at(two, await headFor(two)));
  expect(numbers(reader, one)).toEqual([head]);
  expect(numbers(reader, two)).toEqual(upTo(await headFor(two)));
  const resets = reader.events.filter(named('reset')).map(({ data }) => JSON.parse(data));
  expect(resets).toEqual([{ reason: 'ahead', head: await headFor(two), session_id: two }]);
  reader.close();
});

test('wire §4 a session that is not there, and one that goes, are told; the others go on', async () => {
  const [stays, goes] = await Promise.all([session(), session()]);
  const reader = await live(`session=${goes}&session=s_none&session=${stays}:0`);
  const gone = (id: string) => (event: SseEvent) => event.event === 'gone' && event.data.includes(id);
  expect(JSON.parse((await reader.until(gone('s_none'))).data)).toEqual({
    session_id: 's_none',
    reason: 'not_found',
  });
  await client.request('DELETE', `/api/sessions/${goes}`);
  expect(JSON.parse((await within(HANDLER_MS, 'gone', reader.until(gone(goes)))).data).reason).toBe(
    'deleted',
  );
  await client.start(stays, 'tokens=1 title="after"');
  await within(
    HANDLER_MS,
    'the next run',
    reader.until((event) => of(stays)(event) && event.event === 'title' && event.data.includes('after')),
  );
  reader.close();
});

test('wire §4 what it is asked for is checked: none, too many, twice, no id', async () => {
  const many = Array.from({ length: LIVE_SESSIONS_MAX + 1 }, (_, at) => `session=s_${at}`).join('&');
  for (const [query, field] of [
    ['', 'session'],
    ['board=0', 'session'],
    [many, 'session'],
    ['session=s_1&session=s_1:4', 'session'],
    ['session=%2e%2e', 'session'],
    ['session=', 'session'],
    ['board=1&surprise=1', 'surprise'],
    [`board=${'1'.repeat(2000)}`, 'cursor'],
  ] as const) {
    const { status, body } = await client.get(`/api/live?${query}`);
    expect([status, body.field], query.slice(0, 40)).toEqual([400, field]);
  }
  expect((await client.get(`/api/live?session=s_1:${'1'.repeat(2000)}`)).status).toBe(400);
});

test('P10 a reader that takes nothing of many long sessions is held to one bound, and each has its turn when it reads', async () => {
  const long = 'x'.repeat(240_000);
  const sessions = await Promise.all(Array.from({ length: 12 }, () => client.session()));
  // Follow-ups that wait are records without a run each.
  for (const session_id of sessions) await client.start(session_id, 'tokens=1 hang@1');
  const queue = { message: long, on_busy: 'queue' };
  for (let n = 0; n < 3; n += 1)
    await Promise.all(sessions.map((session_id) => client.post('/api/chat/start', { session_id, ...queue })));
  const query = sessions.map((id) => `session=${id}:0`).join('&');
  const raw = openRaw(weir.url, headOf(weir.url, 'GET', `/api/live?${query}`));
  await raw.until((text) => text.includes('event: snapshot'));
  raw.socket.pause();
  const { hub } = weir.server.parts;
  let most = 0;
  // More than the system's own buffers hold comes, while nothing is read.
  while (most <= SSE_BEHIND_BYTES) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, hub.unsent);
  }
  expect(most).toBeLessThanOrEqual(SSE_UNSENT_BYTES_MAX);
  const order: string[] = [];
  raw.socket.on('data', (part) => {
    most = Math.max(most, hub.unsent);
    for (const [, id] of part.toString().matchAll(/id: (s_[^:]+):/g))
      if (order.at(-1) !== id) order.push(id!);
  });
  raw.socket.resume();
  for (const session_id of sessions) {
    const head = await headFor(session_id);
    await within(
      3 * HANDLER_MS,
      session_id,
      raw.until((text) => text.includes(`id: ${session_id}:${head}\n`)),
    );
  }
  expect(most).toBeLessThanOrEqual(SSE_UNSENT_BYTES_MAX);
  // Nobody was served to the end before the others began.
  expect(order.length).toBeGreaterThan(sessions.length);
  raw.socket.destroy();
});
