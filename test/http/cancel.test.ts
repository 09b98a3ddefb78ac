// Cancel: at any state, twice, from two clients, after the end. What was said is kept; a deaf agent is killed.
import { expect, test } from 'vitest';
import { CANCEL_KILL_MS, CANCEL_SETTLE_MS } from '../../src/machines/bounds.ts';
import { named, numbersOf, upTo } from '../support/client.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const cancel = (stream_id: string) => client.post('/api/chat/cancel', { stream_id });
const streamOf = (stream_id: string) => client.read(`/api/chat/stream?stream_id=${stream_id}`);
const read = async (session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session;

test('ST6 a cancel in the middle keeps the message and what was said, and ends in words', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=1000 rate=200');
  const reader = await streamOf(stream_id);
  await reader.until(({ id }) => id === `${stream_id}:10`);
  const { status, body } = await within(HANDLER_MS, 'the cancel', cancel(stream_id));
  expect(status).toBe(200);
  expect(body).toMatchObject({ ok: true, cancelled: true, stream_id });
  expect(['draining', 'settled']).toContain(body.state);
  await within(HANDLER_MS, 'the end', reader.ended);
  const names = reader.events.map(({ event }) => event);
  expect(names.filter((name) => ['done', 'cancel', 'apperror'].includes(name))).toEqual(['cancel']);
  expect(names.slice(-2)).toEqual(['cancel', 'stream_end']);
  expect(numbersOf(reader.events)).toEqual(upTo(numbersOf(reader.events).length));
  const said = reader.events.filter(named('token')).map(({ data }) => JSON.parse(data).text);
  const session = await read(session_id);
  expect(session).toMatchObject({ state: 'idle', active_stream_id: null, last_outcome: 'cancelled' });
  expect(session.messages[0].parts[0].text).toBe('tokens=1000 rate=200');
  expect(session.messages[1]).toMatchObject({
    terminal_state: 'cancelled',
    parts: [{ type: 'text', text: said.join('') }],
  });
});

test('ST7 cancel is durable before its 200: status and log say so at once', async () => {
  const stream_id = await client.start(await client.session(), 'stall=60@2');
  await (await streamOf(stream_id)).until(named('token'));
  await cancel(stream_id);
  const { journal } = (await client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body;
  expect(journal).toMatchObject({ terminal: true, terminal_state: 'cancelled' });
});

test('P12 cancel twice at once, from many clients, and again while draining: one cancel, the same answer', async () => {
  const stream_id = await client.start(await client.session(), 'tokens=3 stall=60@2');
  const reader = await streamOf(stream_id);
  await reader.until(named('token'));
  const answers = await Promise.all(Array.from({ length: 10 }, () => cancel(stream_id)));
  for (const { status, body } of answers) {
    if (status === 200) expect(body).toMatchObject({ ok: true, cancelled: true });
    else expect(body).toMatchObject({ code: 'stream_settled', terminal_state: 'cancelled' });
  }
  expect(answers[0]!.status).toBe(200);
  await reader.ended;
  expect(reader.events.filter(named('cancel'))).toHaveLength(1);
});

test('wire §4 cancel after the end is 409 with how it ended, and changes nothing', async () => {
  for (const [message, terminal_state] of [
    ['tokens=1', 'completed'],
    ['fail=overloaded@0', 'errored'],
  ] as const) {
    const stream_id = await client.start(await client.session(), message);
    const reader = await streamOf(stream_id);
    await reader.ended;
    for (let at = 0; at < 2; at += 1)
      expect((await cancel(stream_id)).body).toMatchObject({ code: 'stream_settled', terminal_state });
    const replay = await streamOf(stream_id);
    await replay.ended;
    expect(replay.events.filter(({ id }) => id)).toEqual(reader.events.filter(({ id }) => id));
  }
});

test('ST11 cancel before the first frame: the run ends, and nobody was called in vain for long', async () => {
  for (let round = 0; round < 10; round += 1) {
    const session_id = await client.session();
    const stream_id = await client.start(session_id, 'stall=60@0');
    const answer = await within(HANDLER_MS, 'the cancel', cancel(stream_id));
    expect(answer.status).toBe(200);
    const reader = await streamOf(stream_id);
    await within(HANDLER_MS, 'the end', reader.ended);
    expect(reader.events.slice(-2).map(({ event }) => event)).toEqual(['cancel', 'stream_end']);
    expect((await read(session_id)).state).toBe('idle');
  }
});

test('lesson 66 a cancel that races the end of the run: one terminal, and the answer tells which', async () => {
  for (let round = 0; round < 20; round += 1) {
    const stream_id = await client.start(await client.session(), `tokens=${round}`);
    const { status, body } = await cancel(stream_id);
    const reader = await streamOf(stream_id);
    await within(HANDLER_MS, 'the end', reader.ended);
    const terminals = reader.events.filter(named('done', 'cancel', 'apperror')).map(({ event }) => event);
    expect(terminals).toEqual([status === 200 ? 'cancel' : 'done']);
    if (status === 409) expect(body.terminal_state).toBe('completed');
  }
});

test('ST7 an agent that hangs and is deaf is killed within its bound; what was said is kept', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=5 hang@3');
  const follow_up = { session_id, message: 'tokens=1', on_busy: 'queue' };
  expect((await client.post('/api/chat/start', follow_up)).status).toBe(202);
  const reader = await streamOf(stream_id);
  await reader.until(({ id }) => id === `${stream_id}:4`);
  const begun = performance.now();
  expect((await within(HANDLER_MS, 'the cancel', cancel(stream_id))).status).toBe(200);
  // The outcome stands at once; the session is free only when the agent is gone.
  const busy = await client.post('/api/chat/start', { session_id, message: 'too early' });
  expect(busy.body).toMatchObject({ code: 'session_busy', active_stream_id: stream_id });
  expect((await read(session_id)).queue_length).toBe(1);
  await within(CANCEL_SETTLE_MS + 1_000, 'the end', reader.ended);
  const passed = performance.now() - begun;
  expect(passed).toBeGreaterThan(CANCEL_KILL_MS - 500);
  expect(passed).toBeLessThan(CANCEL_SETTLE_MS + 500);
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  await within(
    HANDLER_MS,
    'the follow-up',
    feed.until(({ event, data }) => event === 'stream_end' && !data.includes(stream_id)),
  );
  feed.close();
  expect((await read(session_id)).messages[1].parts[0].text).toBe('1 2 3 ');
});

test('wire §4 an unknown stream is 404, a malformed one 400', async () => {
  expect((await cancel('r_none')).body.code).toBe('not_found');
  for (const stream_id of ['../', '', 'x'.repeat(5_120), 7, null])
    expect((await cancel(stream_id as string)).body).toMatchObject({
      code: 'bad_request',
      field: 'stream_id',
    });
});

test('lesson 68 a refused cancel has no side effect on a run', async () => {
  const stream_id = await client.start(await client.session(), 'tokens=30 rate=300');
  await client.post('/api/chat/cancel', { stream_id, force: true });
  await client.request('POST', '/api/chat/cancel', { stream_id }, { origin: 'http://evil.example' });
  const reader = await streamOf(stream_id);
  await within(HANDLER_MS, 'the end', reader.ended);
  expect(reader.events.some(named('done'))).toBe(true);
});
