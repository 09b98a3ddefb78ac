// What an agent may do to a session, and what it may not: speak late, flood, throw, never end, name the session.
import { expect, test, vi } from 'vitest';
import {
  CANCEL_KILL_MS,
  CANCEL_SETTLE_MS,
  DESCRIBE_MS,
  PASSIVATE_AFTER_MS,
  QUIET_AFTER_MS,
} from '../../src/machines/bounds.ts';
import { OWNER, openRoom, type Room } from '../support/puppet.ts';

const WAIT = { interval: 2, timeout: 10_000 };
const settled = (room: Room, stream_id: string) =>
  vi.waitFor(async () => {
    const status = await room.sessions.status(OWNER, stream_id);
    expect(status.state).toBe('settled');
    // Its actor as well: the log is a moment ahead of it.
    expect(room.sessions.counts().stream).toEqual({});
    return status.journal;
  }, WAIT);
const names = async (room: Room, stream_id: string) =>
  (await room.frames(stream_id)).map(({ event }) => event);
const stateOf = async (room: Room, session_id: string) =>
  room.sessions.view((await room.journal.getSession(OWNER, session_id))!);

test('ST6 what an agent says after a cancel is dropped, what it said before is kept', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  await call.output.frame('token', { text: 'before' });
  await room.sessions.cancel(OWNER, stream_id);
  expect(call.stops).toBeGreaterThan(0);
  for (let at = 0; at < 1_000; at += 1) await call.output.frame('token', { text: 'after' });
  call.end({ kind: 'finished', title: 'Too late' });
  expect((await settled(room, stream_id)).terminal_state).toBe('cancelled');
  for (let at = 0; at < 10; at += 1) await call.output.frame('token', { text: 'long after' });
  expect(await names(room, stream_id)).toEqual(['stream_started', 'token', 'cancel', 'stream_end']);
  expect((await room.messages(session_id))[1]!.parts).toEqual([{ type: 'text', text: 'before' }]);
  expect((await stateOf(room, session_id)).title).not.toBe('Too late');
});

test('ST7 an agent that is deaf is asked, then killed, then the stream settles without it', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  await room.sessions.cancel(OWNER, stream_id);
  expect([call.stops > 0, call.kills]).toEqual([true, 0]);
  await room.clock.advance(CANCEL_KILL_MS);
  await vi.waitFor(() => expect(call.kills).toBeGreaterThan(0), WAIT);
  expect((await stateOf(room, session_id)).state).toBe('running');
  await room.clock.advance(CANCEL_SETTLE_MS);
  expect((await settled(room, stream_id)).terminal_state).toBe('cancelled');
  expect((await stateOf(room, session_id)).state).toBe('idle');
});

test('lesson 61 a late end of a cancelled run touches nothing of the next one', async () => {
  const room = await openRoom();
  const first = await room.begin();
  await room.sessions.cancel(OWNER, first.stream_id);
  await room.clock.advance(CANCEL_SETTLE_MS);
  await settled(room, first.stream_id);
  const started = await room.sessions.start(OWNER, { session_id: first.session_id, message: 'next' });
  if ('queued' in started) throw new Error('unreachable');
  await vi.waitFor(() => expect(room.puppet.calls).toHaveLength(2), WAIT);
  const next = room.puppet.calls[1]!;
  await next.output.frame('token', { text: 'mine' });
  first.call.end({ kind: 'failed', type: 'late', message: 'late' });
  await first.call.output.frame('token', { text: 'not mine' });
  expect((await stateOf(room, first.session_id)).active_stream_id).toBe(started.stream_id);
  next.end({ kind: 'finished' });
  expect((await settled(room, started.stream_id)).terminal_state).toBe('completed');
  expect((await room.messages(first.session_id)).at(-1)!.parts).toEqual([{ type: 'text', text: 'mine' }]);
});

test('SE3 an agent that throws when it is called fails its run in words; the session takes the next message', async () => {
  const room = await openRoom();
  room.puppet.onRun = () => {
    throw new Error('a bug of the agent');
  };
  const { session_id } = await room.sessions.create(OWNER, {});
  const started = await room.sessions.start(OWNER, { session_id, message: 'hello' });
  if ('queued' in started) throw new Error('unreachable');
  expect((await settled(room, started.stream_id)).terminal_state).toBe('errored');
  const end = (await room.frames(started.stream_id)).find(({ event }) => event === 'apperror')!;
  // What went wrong inside is for the log of the server, not for the page.
  expect(JSON.stringify(end.data)).not.toContain('a bug of the agent');
  room.puppet.onRun = undefined;
  const again = await room.sessions.start(OWNER, { session_id, message: 'again' });
  expect('stream_id' in again).toBe(true);
});

test('SE3 an agent that goes without an end fails its run; frames that are none fail theirs', async () => {
  const room = await openRoom();
  const gone = await room.begin();
  gone.call.end({ kind: 'stopped' });
  expect((await settled(room, gone.stream_id)).terminal_state).toBe('errored');
  const odd = await room.begin();
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await odd.call.output
    .frame('tool', { tid: 't', name: 'n', preview: '', args: circular })
    .catch(() => odd.call.end({ kind: 'failed', type: 'odd', message: 'odd' }));
  odd.call.end({ kind: 'finished' });
  expect(['completed', 'errored']).toContain((await settled(room, odd.stream_id)).terminal_state);
  expect((await stateOf(room, odd.session_id)).state).toBe('idle');
});

test('ST1 an agent that finishes and fails and finishes again ended once', async () => {
  const room = await openRoom();
  const { stream_id, call } = await room.begin();
  call.end({ kind: 'finished' });
  call.end({ kind: 'failed', type: 'x', message: 'x' });
  await room.sessions.cancel(OWNER, stream_id).catch(() => {});
  await settled(room, stream_id);
  const ends = (await names(room, stream_id)).filter((name) => ['done', 'cancel', 'apperror'].includes(name));
  expect(ends).toHaveLength(1);
});

test('P10 an agent that does not wait is held back where it does: every frame arrives, in order', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  for (let at = 0; at < 5_000; at += 1) await call.output.frame('token', { text: `${at} ` });
  call.end({ kind: 'finished' });
  await settled(room, stream_id);
  const [, answer] = await room.messages(session_id);
  expect(answer!.parts).toEqual([
    { type: 'text', text: Array.from({ length: 5_000 }, (_, at) => `${at} `).join('') },
  ]);
});

test('lesson 20 a title that never comes does not hold the end up beyond its bound', async () => {
  const room = await openRoom();
  let asked: AbortSignal | undefined;
  room.puppet.title = (_input, _answer, signal) => {
    asked = signal;
    return new Promise(() => {});
  };
  const { session_id, stream_id, call } = await room.begin();
  call.end({ kind: 'finished' });
  await vi.waitFor(() => expect(asked?.aborted).toBe(false), WAIT);
  expect((await room.sessions.status(OWNER, stream_id)).state).toBe('draining');
  await room.clock.advance(DESCRIBE_MS);
  expect((await settled(room, stream_id)).terminal_state).toBe('completed');
  expect(asked?.aborted).toBe(true);
  expect((await stateOf(room, session_id)).state).toBe('idle');
});

test('wire §5 a title that a person gives while the agent thinks of one stands', async () => {
  const room = await openRoom();
  let give: ((title: string) => void) | undefined;
  room.puppet.title = () =>
    new Promise((resolve) => {
      give = resolve;
    });
  const { session_id, stream_id, call } = await room.begin();
  call.end({ kind: 'finished' });
  await vi.waitFor(() => expect(give).toBeTruthy(), WAIT);
  await room.sessions.patch(OWNER, session_id, { title: 'By a person' });
  give?.('By the agent');
  await settled(room, stream_id);
  expect((await stateOf(room, session_id)).title).toBe('By a person');
});

test('lesson 44 the next run is told what was said before, a cancelled answer with it, and which one a retry replaced', async () => {
  const room = await openRoom();
  const first = await room.begin('one');
  await first.call.output.frame('token', { text: 'half' });
  await room.sessions.cancel(OWNER, first.stream_id);
  first.call.end({ kind: 'stopped' });
  await settled(room, first.stream_id);
  const { session_id } = first;
  await room.sessions.retry(OWNER, session_id);
  await vi.waitFor(() => expect(room.puppet.calls).toHaveLength(2), WAIT);
  const retried = room.puppet.calls[1]!;
  expect([retried.input.text, retried.input.history]).toEqual(['one', []]);
  await retried.output.frame('token', { text: 'whole' });
  retried.end({ kind: 'finished' });
  await settled(room, retried.input.stream_id);
  await room.sessions.start(OWNER, { session_id, message: 'two' });
  await vi.waitFor(() => expect(room.puppet.calls).toHaveLength(3), WAIT);
  const { input } = room.puppet.calls[2]!;
  expect(input.text).toBe('two');
  const said = input.history.map(({ role, parts, terminal_state, superseded_by }) => [
    role,
    parts.map((part) => ('text' in part ? part.text : '')).join(''),
    terminal_state,
    superseded_by,
  ]);
  // The agent leaves out what is superseded; it is told, because the log keeps it.
  expect(said).toEqual([
    ['user', 'one', null, undefined],
    ['assistant', 'half', 'cancelled', retried.input.stream_id],
    ['assistant', 'whole', 'completed', undefined],
  ]);
});

test('SE4 P11 an idle session that nobody reads leaves memory with every timer, and comes back from the log', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  call.end({ kind: 'finished' });
  await settled(room, stream_id);
  const held = await room.sessions.hold(OWNER, session_id);
  await room.clock.advance(2 * PASSIVATE_AFTER_MS);
  expect(room.sessions.counts().session).toEqual({ idle: 1 });
  held.release();
  held.release();
  await room.clock.advance(PASSIVATE_AFTER_MS);
  expect(room.sessions.counts()).toEqual({ stream: {}, session: {} });
  expect(room.clock.pending()).toBe(0);
  const again = await room.sessions.start(OWNER, { session_id, message: 'still here' });
  expect('stream_id' in again).toBe(true);
  expect(await room.messages(session_id)).toHaveLength(4);
});

test('SE4 a session with a run stays, however long nobody asks for it', async () => {
  const room = await openRoom();
  const { session_id, call, stream_id } = await room.begin();
  await call.output.frame('token', { text: 'working' });
  await vi.waitFor(async () => expect(await names(room, stream_id)).toContain('token'), WAIT);
  for (let passed = 0; passed < 3 * PASSIVATE_AFTER_MS; passed += QUIET_AFTER_MS / 2) {
    await room.clock.advance(QUIET_AFTER_MS / 2);
    call.output.alive();
  }
  expect(room.sessions.counts().session).toEqual({ running: 1 });
  expect((await stateOf(room, session_id)).active_stream_id).toBe(stream_id);
});
