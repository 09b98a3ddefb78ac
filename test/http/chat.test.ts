// Chat over HTTP: start, the same start again, busy, retry. What a 200 says is in the log.
import { expect, test } from 'vitest';
import { named, numbersOf, upTo } from '../support/client.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const read = async (session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session;
const status = async (stream_id: string) =>
  (await client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body;
const streamOf = (stream_id: string) => client.read(`/api/chat/stream?stream_id=${stream_id}`);
const settle = async (stream_id: string) => {
  const reader = await streamOf(stream_id);
  await within(8_000, 'the end', reader.ended);
  return reader;
};
const textsOf = async (session_id: string): Promise<string[]> =>
  (await read(session_id)).messages
    .filter(({ role }: { role: string }) => role === 'user')
    .map(({ parts }: { parts: { text: string }[] }) => parts[0]!.text);

test('lesson 45 the user message is in the log before the answer of start', async () => {
  const session_id = await client.session();
  const { status: code, body } = await client.post('/api/chat/start', {
    session_id,
    message: 'stall=60@0 hello',
  });
  expect(code).toBe(200);
  expect(body).toEqual({
    stream_id: expect.stringMatching(/^r_/),
    session_id,
    message_id: expect.stringMatching(/^m_/),
    title: expect.any(String),
  });
  const session = await read(session_id);
  expect(session).toMatchObject({
    active_stream_id: body.stream_id,
    pending_user_message: 'stall=60@0 hello',
    state: 'running',
  });
  expect(session.messages[0]).toMatchObject({
    message_id: body.message_id,
    role: 'user',
    stream_id: body.stream_id,
  });
  expect(await status(body.stream_id)).toMatchObject({
    active: true,
    state: 'active',
    stream_id: body.stream_id,
  });
  await client.post('/api/chat/cancel', { stream_id: body.stream_id });
});

test('wire §4 the status of a stream, from its birth to its end', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=2');
  const { events } = await settle(stream_id);
  expect(await status(stream_id)).toEqual({
    active: false,
    stream_id,
    state: 'settled',
    epoch: 1,
    replay_available: true,
    journal: {
      session_id,
      run_id: stream_id,
      last_seq: events.length,
      last_event_id: `${stream_id}:${events.length}`,
      last_event: 'stream_end',
      terminal: true,
      terminal_state: 'completed',
    },
  });
});

test('ST2 whoever has seen stream_end reads the final transcript at once', async () => {
  for (let round = 0; round < 10; round += 1) {
    const session_id = await client.session();
    const stream_id = await client.start(session_id, `tokens=${20 + round} rate=0`);
    const reader = await streamOf(stream_id);
    await reader.until(named('stream_end'));
    const session = await read(session_id);
    expect(session).toMatchObject({ state: 'idle', active_stream_id: null, pending_user_message: null });
    expect(session.messages[1]).toMatchObject({ terminal_state: 'completed' });
    expect(session.messages[1].parts[0].text).toBe(
      upTo(20 + round)
        .map((n) => `${n} `)
        .join(''),
    );
  }
});

test('ST1 an agent that fails: apperror, its text kept, no title, and the session goes on', async () => {
  const session_id = await client.session();
  const { events } = await settle(await client.start(session_id, 'tokens=9 fail=overloaded@3'));
  const names = events.filter(({ id }) => id).map(({ event }) => event);
  expect(names.filter((name) => ['done', 'cancel', 'apperror'].includes(name))).toEqual(['apperror']);
  expect(names.at(-1)).toBe('stream_end');
  expect(JSON.parse(events.find(named('apperror'))!.data)).toMatchObject({
    type: 'overloaded',
    hint: expect.any(String),
  });
  const session = await read(session_id);
  expect(session.last_outcome).toBe('errored');
  expect(session.messages[1].parts[0]).toEqual({ type: 'text', text: '1 2 3 ' });
  await settle(await client.start(session_id, 'tokens=1'));
  expect((await read(session_id)).last_outcome).toBe('completed');
});

test('SE1 a second start is 409 session_busy with the stream that is active, and writes nothing', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'stall=60@0');
  const { head } = await read(session_id);
  for (const on_busy of [undefined, 'reject']) {
    const answer = await client.post('/api/chat/start', { session_id, message: 'me too', on_busy });
    expect([answer.status, answer.body.code, answer.body.active_stream_id]).toEqual([
      409,
      'session_busy',
      stream_id,
    ]);
  }
  expect((await client.post('/api/chat/retry', { session_id })).body).toMatchObject({
    code: 'session_busy',
    active_stream_id: stream_id,
  });
  expect(await textsOf(session_id)).toEqual(['stall=60@0']);
  expect((await read(session_id)).head - head).toBeLessThanOrEqual(1);
  await client.post('/api/chat/cancel', { stream_id });
});

test('SE1 of twenty starts at once exactly one wins', async () => {
  const session_id = await client.session();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      client.post('/api/chat/start', { session_id, message: `stall=60@0 ${at}` }),
    ),
  );
  const won = answers.filter((answer) => answer.status === 200);
  expect(won).toHaveLength(1);
  for (const { status: code, body } of answers)
    if (code !== 200)
      expect(body).toMatchObject({ code: 'session_busy', active_stream_id: won[0]!.body.stream_id });
  expect(await textsOf(session_id)).toHaveLength(1);
  await client.post('/api/chat/cancel', { stream_id: won[0]!.body.stream_id });
});

test('SE5 the same client_message_id is the same message: at once, later, and after the end', async () => {
  const session_id = await client.session();
  const body = { session_id, message: 'tokens=3', client_message_id: 'c-1' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.post('/api/chat/start', body)));
  const first = answers[0]!.body;
  for (const answer of answers) expect([answer.status, answer.body]).toEqual([200, first]);
  await settle(first.stream_id);
  const again = await client.post('/api/chat/start', body);
  expect(again.status).toBe(200);
  expect(again.body).toMatchObject({ stream_id: first.stream_id, message_id: first.message_id });
  expect(await textsOf(session_id)).toEqual(['tokens=3']);
});

test('SE5 the same id with another text is 400 that names it; in another session it is another message', async () => {
  const session_id = await client.session();
  const first = { session_id, message: 'tokens=1', client_message_id: 'c-1' };
  const { stream_id } = (await client.post('/api/chat/start', first)).body;
  await settle(stream_id);
  const answer = await client.post('/api/chat/start', { ...first, message: 'tokens=2' });
  expect([answer.status, answer.body.field]).toEqual([400, 'client_message_id']);
  const elsewhere = await client.post('/api/chat/start', {
    ...first,
    session_id: await client.session(),
    message: 'tokens=2',
  });
  expect(elsewhere.status).toBe(200);
  expect(elsewhere.body.stream_id).not.toBe(stream_id);
});

test('SE5 a refusal is not remembered: the same id wins once the session is free', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'stall=60@0');
  const body = { session_id, message: 'tokens=1', client_message_id: 'c-1' };
  expect((await client.post('/api/chat/start', body)).status).toBe(409);
  await client.post('/api/chat/cancel', { stream_id });
  await settle(stream_id);
  expect((await client.post('/api/chat/start', body)).status).toBe(200);
});

test('lesson 54 the same text again is another message', async () => {
  const session_id = await client.session();
  for (let at = 0; at < 2; at += 1) await settle(await client.start(session_id, 'tokens=1'));
  expect(await textsOf(session_id)).toEqual(['tokens=1', 'tokens=1']);
});

test('wire §4 retry answers the last message again; the earlier answer stays, superseded', async () => {
  const session_id = await client.session();
  await settle(await client.start(session_id, 'tokens=1'));
  const first = await client.start(session_id, 'tokens=4 fail=overloaded@2');
  await settle(first);
  const retried = await client.post('/api/chat/retry', { session_id });
  expect(retried.status).toBe(200);
  expect(retried.body).toMatchObject({ session_id, stream_id: expect.stringMatching(/^r_/) });
  expect(retried.body.stream_id).not.toBe(first);
  await settle(retried.body.stream_id);
  const { messages } = await read(session_id);
  expect(await textsOf(session_id)).toEqual(['tokens=1', 'tokens=4 fail=overloaded@2']);
  const answers = messages.filter(({ role }: { role: string }) => role === 'assistant');
  expect(answers.map((each: { superseded_by?: string }) => each.superseded_by)).toEqual([
    undefined,
    retried.body.stream_id,
    undefined,
  ]);
  const replay = await settle(first);
  expect(numbersOf(replay.events)).toEqual(upTo(replay.events.length));
});

test('wire §4 there is nothing to retry in a session without a message', async () => {
  const { status: code, body } = await client.post('/api/chat/retry', { session_id: await client.session() });
  expect([code, body.field]).toEqual([400, 'session_id']);
});

test('ST8 closing every reader changes nothing for a run', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=200 rate=800');
  const readers = await Promise.all([1, 2, 3].map(() => streamOf(stream_id)));
  await readers[0]!.until(named('token'));
  for (const reader of readers) reader.close();
  const { events } = await settle(stream_id);
  expect(events.filter(named('token'))).toHaveLength(200);
  expect((await read(session_id)).last_outcome).toBe('completed');
});

test('wire §4 an agent that is not configured is 503 with Retry-After, and nothing was written', async () => {
  const session_id = await client.session({ agent: 'openai' });
  const { head } = await read(session_id);
  const { status: code, headers, body } = await client.post('/api/chat/start', { session_id, message: 'hi' });
  expect([code, body.code, body.agent]).toEqual([503, 'agent_unavailable', 'openai']);
  expect(headers.get('retry-after')).toBeTruthy();
  expect(await read(session_id)).toMatchObject({ head, messages: [], state: 'idle' });
});

test('wire §4 agents are listed with whether they can run, the demo as what it is', async () => {
  const { body } = await client.get('/api/agents');
  expect(body.default).toBe('demo');
  expect(body.agents[0]).toMatchObject({ agent: 'demo', is_demo: true, available: true });
  expect(body.agents.find(({ agent }: { agent: string }) => agent === 'openai')).toMatchObject({
    available: false,
    reason: expect.any(String),
  });
});

test('wire §4 health and metrics answer, and count what lives', async () => {
  const stream_id = await client.start(await client.session(), 'stall=60@0');
  const reader = await streamOf(stream_id);
  await within(HANDLER_MS, 'the first frame', reader.until(named('stream_started')));
  expect((await client.get('/health')).body).toEqual({ ok: true, storage: 'ok', closing: false });
  const { body } = await client.get('/health?deep=1');
  expect(body.subscribers).toBe(1);
  expect(Object.values(body.actors.stream).reduce((sum: number, count) => sum + Number(count), 0)).toBe(1);
  const metrics = (await client.get('/metrics')).body;
  expect(metrics).toMatch(/^weir_sse_connections 1$/m);
  expect(metrics).toMatch(/^weir_actors\{kind="stream",state="\w+"\} 1$/m);
  reader.close();
  await client.post('/api/chat/cancel', { stream_id });
});
