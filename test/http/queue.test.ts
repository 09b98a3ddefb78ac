// The queue of follow-ups over HTTP: durable, in order, editable, withdrawn, paused; each starts exactly once (SE2).
import { expect, test } from 'vitest';
import { QUEUE_LENGTH_MAX } from '../../src/protocol/index.ts';
import { named, type Reader } from '../support/client.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

type Queued = { message_id: string; text: string; position: number };
const queueOf = async (session_id: string): Promise<Queued[]> =>
  (await client.get(`/api/sessions/${session_id}/queue`)).body.queue;
const read = async (session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session;
const cancel = (stream_id: string) => client.post('/api/chat/cancel', { stream_id });
async function queue(session_id: string, message: string, fields = {}): Promise<string> {
  const answer = await client.post('/api/chat/start', { session_id, message, on_busy: 'queue', ...fields });
  expect(answer.status).toBe(202);
  return answer.body.message_id;
}

/** A session with a run that waits to be cancelled, and its feed. */
async function busy(): Promise<{ session_id: string; stream_id: string; feed: Reader }> {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'stall=60@0');
  return { session_id, stream_id, feed: await client.read(`/api/sessions/${session_id}/events`) };
}
const ends = (feed: Reader, count: number) => {
  let seen = 0;
  return within(
    4_000,
    `${count} ends`,
    feed.until(({ event }) => event === 'stream_end' && ++seen === count),
  );
};
const askedIn = (feed: Reader): string[] =>
  feed.events.filter(named('user_message')).map(({ data }) => JSON.parse(data).text);
const recordsOf = (feed: Reader, ...names: string[]) =>
  feed.events.filter(named(...names)).map(({ event, data }) => [event, JSON.parse(data)]);

test('SE2 what waits is started when its predecessor has settled: in order, each once', async () => {
  const { session_id, stream_id, feed } = await busy();
  const texts = [1, 2, 3, 4].map((n) => `tokens=${n}`);
  const ids: string[] = [];
  for (const text of texts) ids.push(await queue(session_id, text));
  expect(await queueOf(session_id)).toEqual(
    texts.map((text, at) => ({ message_id: ids[at], text, position: at + 1, queued_at: expect.any(Number) })),
  );
  expect((await read(session_id)).queue_length).toBe(4);
  await cancel(stream_id);
  await ends(feed, 5);
  feed.close();
  expect(askedIn(feed)).toEqual(['stall=60@0', ...texts]);
  // SE1: nothing of a run comes before the end of the one before it.
  const order = feed.events.filter(named('user_message', 'stream_end')).map(({ event }) => event);
  expect(order).toEqual(Array(5).fill(['user_message', 'stream_end']).flat());
  const session = await read(session_id);
  expect(session).toMatchObject({ state: 'idle', queue_length: 0, message_count: 10 });
  expect(
    session.messages
      .filter(({ role }: { role: string }) => role === 'user')
      .map(idOf)
      .slice(1),
  ).toEqual(ids);
});
const idOf = ({ message_id }: { message_id: string }) => message_id;

test('SE2 an idle session takes a queued start at once', async () => {
  const session_id = await client.session();
  const answer = await client.post('/api/chat/start', { session_id, message: 'tokens=1', on_busy: 'queue' });
  expect(answer.status).toBe(200);
  expect(answer.body.stream_id).toBeTruthy();
});

test('SE2 an edited message runs as edited; a withdrawn one never does', async () => {
  const { session_id, stream_id, feed } = await busy();
  const first = await queue(session_id, 'tokens=1');
  const second = await queue(session_id, 'tokens=2');
  const path = `/api/sessions/${session_id}/queue/`;
  const edited = await client.request('PATCH', path + first, { message: 'tokens=3' });
  expect([edited.status, edited.body.queue.map(({ text }: Queued) => text)]).toEqual([
    200,
    ['tokens=3', 'tokens=2'],
  ]);
  expect((await client.request('DELETE', path + second)).status).toBe(204);
  expect(await queueOf(session_id)).toMatchObject([{ message_id: first, text: 'tokens=3', position: 1 }]);
  await cancel(stream_id);
  await ends(feed, 2);
  feed.close();
  expect(askedIn(feed)).toEqual(['stall=60@0', 'tokens=3']);
  expect(recordsOf(feed, 'message_queued', 'message_edited', 'message_withdrawn')).toMatchObject([
    ['message_queued', { message_id: first, text: 'tokens=1' }],
    ['message_queued', { message_id: second, text: 'tokens=2' }],
    ['message_edited', { message_id: first, text: 'tokens=3' }],
    ['message_withdrawn', { message_id: second }],
  ]);
});

test('wire §4 a message that runs, or has run, is 409 message_started; an unknown one 404; a withdrawn one 404', async () => {
  const { session_id, stream_id, feed } = await busy();
  const message_id = await queue(session_id, 'stall=60@0 second');
  const gone = await queue(session_id, 'tokens=1');
  const path = (id: string) => `/api/sessions/${session_id}/queue/${id}`;
  await client.request('DELETE', path(gone));
  await cancel(stream_id);
  await feed.until(({ event, data }) => event === 'user_message' && data.includes(message_id));
  for (const [method, body] of [['PATCH', { message: 'x' }], ['DELETE']] as const) {
    expect((await client.request(method, path(message_id), body)).body.code).toBe('message_started');
    for (const id of ['m_none', gone])
      expect((await client.request(method, path(id), body)).body.code).toBe('not_found');
    expect((await client.request(method, path('..%2f'), body)).body.code).toBe('bad_request');
  }
  await cancel((await read(session_id)).active_stream_id);
  feed.close();
});

test('SE2 a paused queue waits, is told so in the list, and goes on when it is resumed', async () => {
  const { session_id, stream_id, feed } = await busy();
  await client.request('PATCH', `/api/sessions/${session_id}`, { queue_paused: true });
  await queue(session_id, 'tokens=1');
  await cancel(stream_id);
  await ends(feed, 1);
  expect(await read(session_id)).toMatchObject({ state: 'idle', queue_length: 1, queue_paused: true });
  await client.request('PATCH', `/api/sessions/${session_id}`, { queue_paused: false });
  await ends(feed, 2);
  feed.close();
  expect(askedIn(feed)).toEqual(['stall=60@0', 'tokens=1']);
});

test('SE5 a queued message with the same client_message_id is queued once, and answered alike after it ran', async () => {
  const { session_id, stream_id, feed } = await busy();
  const fields = { client_message_id: 'c-1' };
  const [first, again] = [
    await queue(session_id, 'tokens=1', fields),
    await queue(session_id, 'tokens=1', fields),
  ];
  expect(again).toBe(first);
  expect(await queueOf(session_id)).toHaveLength(1);
  const other = await client.post('/api/chat/start', {
    session_id,
    message: 'tokens=2',
    on_busy: 'queue',
    ...fields,
  });
  expect([other.status, other.body.field]).toEqual([400, 'client_message_id']);
  await cancel(stream_id);
  await ends(feed, 2);
  expect(await queue(session_id, 'tokens=1', fields)).toBe(first);
  feed.close();
  expect(askedIn(feed)).toEqual(['stall=60@0', 'tokens=1']);
});

test('wire §4 the queue is bounded: one too many is 429 with Retry-After', async () => {
  const { session_id, stream_id, feed } = await busy();
  await client.request('PATCH', `/api/sessions/${session_id}`, { queue_paused: true });
  await Promise.all(Array.from({ length: QUEUE_LENGTH_MAX }, (_, at) => queue(session_id, `tokens=1 ${at}`)));
  const answer = await client.post('/api/chat/start', { session_id, message: 'one more', on_busy: 'queue' });
  expect([answer.status, answer.body.code]).toEqual([429, 'too_many']);
  expect(answer.headers.get('retry-after')).toBeTruthy();
  expect(await queueOf(session_id)).toHaveLength(QUEUE_LENGTH_MAX);
  expect((await queueOf(session_id)).map(({ position }) => position)).toEqual(
    Array.from({ length: QUEUE_LENGTH_MAX }, (_, at) => at + 1),
  );
  feed.close();
  await cancel(stream_id);
});

test('SE2 a session deleted with a queue starts nothing of it', async () => {
  const { session_id, feed } = await busy();
  await queue(session_id, 'tokens=1');
  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(204);
  await within(HANDLER_MS, 'the end of the feed', feed.ended);
  expect(askedIn(feed)).toEqual(['stall=60@0']);
});

test('wire §4 an edit is refused by its field, and changes nothing', async () => {
  const { session_id, stream_id, feed } = await busy();
  const message_id = await queue(session_id, 'tokens=1');
  await client.request('PATCH', `/api/sessions/${session_id}`, { queue_paused: true });
  const path = `/api/sessions/${session_id}/queue/${message_id}`;
  for (const body of [{}, { message: '' }, { message: 3 }, { message: 'x', position: 1 }, { text: 'x' }])
    expect((await client.request('PATCH', path, body)).body.code).toBe('bad_request');
  expect((await client.request('PATCH', path, { message: 'x'.repeat(256 * 1024 + 1) })).status).toBe(400);
  expect(await queueOf(session_id)).toMatchObject([{ text: 'tokens=1' }]);
  feed.close();
  await cancel(stream_id);
});
