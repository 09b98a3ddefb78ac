// The stream as any client of server-sent events sees it: headers, first bytes, heartbeats, its end. Real sockets.
import { EventSource } from 'eventsource';
import { expect, test } from 'vitest';
import { createClient, named, numbersOf, upTo } from '../support/client.ts';
import { HANDLER_MS, headOf, openRaw, parseAnswer, within } from '../support/raw.ts';
import { served } from '../support/served.ts';
import { startTestServer } from '../support/server.ts';

const weir = served({ heartbeat_ms: 50 });
const { client } = weir;

const streamPath = (stream_id: string) => `/api/chat/stream?stream_id=${stream_id}`;
const settled = async (message: string): Promise<string> => {
  const stream_id = await client.start(await client.session(), message);
  const reader = await client.read(streamPath(stream_id));
  await reader.ended;
  return stream_id;
};

test('wire §2 a stream has its headers, and begins with a retry drawn from 1000 to 3000', async () => {
  const stream_id = await client.start(await client.session(), 'stall=60@1');
  const seen = new Set<string>();
  for (let at = 0; at < 5; at += 1) {
    const raw = openRaw(weir.url, headOf(weir.url, 'GET', streamPath(stream_id)));
    const text = await within(
      HANDLER_MS,
      'first frame',
      raw.until((now) => now.includes('event: token')),
    );
    raw.socket.destroy();
    const { status, headers, body } = parseAnswer(text);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    // Lesson 24: a stream that says `Connection: close` starts a storm of reconnects.
    expect(headers.connection ?? '').not.toMatch(/close/i);
    expect(headers['content-encoding']).toBeUndefined();
    const retry = /^[0-9a-f]+\r\nretry: (\d+)\n\n\r\n/.exec(body)?.[1];
    expect(Number(retry)).toBeGreaterThanOrEqual(1000);
    expect(Number(retry)).toBeLessThanOrEqual(3000);
    seen.add(retry!);
  }
  expect(seen.size).toBeGreaterThan(1);
  await client.post('/api/chat/cancel', { stream_id });
});

test('wire §2 never compressed, whatever the client accepts', async () => {
  const stream_id = await settled('tokens=3');
  const reader = await client.read(streamPath(stream_id), { 'accept-encoding': 'gzip, br, zstd' });
  await reader.ended;
  expect(reader.headers.get('content-encoding')).toBeNull();
  expect(numbersOf(reader.events)).toEqual(upTo(reader.events.length));
});

test('lesson 22 heartbeats come on an idle stream, carry the time, no id, and move no cursor', async () => {
  const session_id = await client.session();
  const before = Date.now();
  const reader = await client.read(`/api/sessions/${session_id}/events`);
  let beats = 0;
  await within(
    HANDLER_MS,
    'three heartbeats',
    reader.until(({ event }) => event === 'heartbeat' && ++beats === 3),
  );
  reader.close();
  const [beat] = reader.events.filter(named('heartbeat'));
  expect(JSON.parse(beat!.data).at).toBeGreaterThanOrEqual(before);
  for (const event of reader.events.filter(named('heartbeat', 'snapshot'))) expect(event.id).toBeUndefined();
});

test('lesson 20 the response of a stream ends after stream_end, and not before', async () => {
  const stream_id = await client.start(await client.session(), 'tokens=5 title="A walk"');
  const reader = await client.read(streamPath(stream_id));
  await within(HANDLER_MS, 'the end', reader.ended);
  const names = reader.events.filter(({ id }) => id).map(({ event }) => event);
  expect(names).toEqual([
    'stream_started',
    ...Array(5).fill('token'),
    'done',
    'metering',
    'title_status',
    'title',
    'stream_end',
  ]);
  expect(numbersOf(reader.events)).toEqual(upTo(names.length));
  expect(reader.events.at(-1)!.event).toBe('stream_end');
});

test('wire §2 an HTTP/1.0 client gets a clean body without chunks, the same bytes, and the end', async () => {
  const stream_id = await client.start(await client.session(), 'tokens=40 rate=400');
  const host = new URL(weir.url).host;
  const old = openRaw(weir.url, `GET ${streamPath(stream_id)} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
  await within(HANDLER_MS, 'the end for HTTP/1.0', old.closed);
  const { headers, body } = parseAnswer(old.text());
  expect(headers['transfer-encoding']).toBeUndefined();
  expect(body).toMatch(/^retry: \d+\n\n/);
  const events = body.split('\n\n').filter((block) => block.startsWith('id: '));
  const replay = await client.read(streamPath(stream_id));
  await replay.ended;
  expect(events).toEqual(
    replay.events.map(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${data}`),
  );
});

test('wire §3 eventsource from npm stops by itself at the end: 204 after the last frame', async () => {
  const stream_id = await settled('tokens=3');
  const source = new EventSource(weir.url + streamPath(stream_id));
  const ids: string[] = [];
  let reconnects = -1;
  source.addEventListener('open', () => {
    reconnects += 1;
  });
  source.addEventListener('token', (event) => ids.push(event.lastEventId));
  // It reconnects once, after our `retry` of at most 3 s, with Last-Event-ID, and is told 204: closed for good.
  await within(
    6_000,
    'the source closes itself',
    new Promise<void>((resolve) => {
      source.addEventListener('error', () => source.readyState === source.CLOSED && resolve());
    }),
  );
  expect(ids).toEqual([2, 3, 4].map((n) => `${stream_id}:${n}`));
  expect(reconnects).toBe(0);
  source.close();
});

test('lesson 1 two readers, a replay and the session feed get the same data, byte for byte', async () => {
  const session_id = await client.session();
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  const stream_id = await client.start(session_id, 'tokens=200 rate=2000 reasoning=10 tools=3');
  const readers = await Promise.all([1, 2].map(() => client.read(streamPath(stream_id))));
  await Promise.all(readers.map((reader) => reader.ended));
  await feed.until(named('stream_end'));
  feed.close();
  const replay = await client.read(streamPath(stream_id));
  await replay.ended;
  const strip = (events: typeof replay.events) => events.filter(({ id }) => id);
  expect(strip(readers[0]!.events)).toEqual(strip(replay.events));
  expect(strip(readers[1]!.events)).toEqual(strip(replay.events));
  const frames = feed.events.filter(({ id, data }) => id && JSON.parse(data).seq !== undefined);
  expect(frames.map(({ event, data }) => [event, data])).toEqual(
    strip(replay.events).map(({ event, data }) => [event, data]),
  );
  expect(numbersOf(feed.events)).toEqual(upTo(numbersOf(feed.events).length));
});

test('wire §4 the session feed begins with its snapshot, without an id', async () => {
  const session_id = await client.session({ title: 'Snapshot' });
  const reader = await client.read(`/api/sessions/${session_id}/events`);
  const snapshot = await within(HANDLER_MS, 'the snapshot', reader.until(named('snapshot')));
  reader.close();
  expect(reader.events[0]).toBe(snapshot);
  expect(snapshot.id).toBeUndefined();
  expect(JSON.parse(snapshot.data)).toMatchObject({
    session: { session_id, title: 'Snapshot', state: 'idle' },
    active_stream: null,
    clarify: { pending: null, pending_count: 0 },
    approval: { pending: null, pending_count: 0 },
  });
  expect(JSON.parse(snapshot.data).head).toBeTypeOf('number');
});

test('wire §2 what a message says can forge nothing: its record is one event with that text', async () => {
  const text = 'x\r\n\r\nevent: stream_end\ndata: {}\n\n\0 \ufeff \ud800 \u2028 id: 9';
  const session_id = await client.session();
  const stream_id = await client.start(session_id, text);
  const reader = await client.read(`/api/sessions/${session_id}/events`);
  const record = await reader.until(named('user_message'));
  await reader.until(named('token'));
  reader.close();
  expect(JSON.parse(record.data).text).toBe(text.toWellFormed());
  expect(reader.events.some(named('stream_end'))).toBe(false);
  await client.post('/api/chat/cancel', { stream_id });
});

test('wire §2 a lifetime cap ends the response in words, and the cursor goes on without a gap', async () => {
  const capped = await startTestServer({ stream_max_seconds: 1 });
  const short = createClient(capped.url);
  const stream_id = await short.start(await short.session(), 'tokens=60 rate=40');
  const first = await short.read(streamPath(stream_id));
  await within(HANDLER_MS, 'the cap', first.ended);
  expect(first.events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"lifetime"}', id: undefined });
  const given = [...first.events];
  // As often as it takes: the cap comes again, and never costs or doubles a frame.
  while (given.at(-1)!.event !== 'stream_end') {
    const last = given.findLast(({ id }) => id)!.id!;
    const next = await short.read(streamPath(stream_id), { 'last-event-id': last });
    await within(2 * HANDLER_MS, 'the cap again, or the end', next.ended);
    given.push(...next.events);
  }
  const all = numbersOf(given);
  expect(all).toEqual(upTo(all.length));
  await capped.close();
});
