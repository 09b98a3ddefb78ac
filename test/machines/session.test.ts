import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { type SessionInput, sessionMachine } from '../../src/machines/session.machine.ts';
import { type Stage, stage } from '../support/stage.ts';

const input: Omit<SessionInput, 'at'> = {
  session_id: 'x',
  head: 0,
  active_stream_id: null,
  queue_length: 0,
  queue_paused: false,
};
type Session = Stage<typeof sessionMachine>;
const session = (more: Partial<SessionInput> = {}): Session => stage(sessionMachine, { ...input, ...more });

test('SE1 a session with a stream in the log runs from its birth', () => {
  const it = session({ active_stream_id: 'a', queue_length: 1 });
  expect(it.path()).toBe('running');
  expect(it.take()).toEqual([]);
});

test('SE1 an admission that overtakes its predecessor’s end is believed', () => {
  const it = session({ active_stream_id: 'a' });
  it.tell({ type: 'stream.admitted', stream_id: 'b' });
  it.tell({ type: 'stream.settled', stream_id: 'a' });
  expect(it.path()).toBe('running');
  it.tell({ type: 'stream.settled', stream_id: 'b' });
  expect(it.path()).toBe('idle.unattended');
});

test('SE2 a follow-up is taken when its predecessor settles, once', () => {
  const it = session({ active_stream_id: 'a' });
  it.tell({ type: 'queue.changed', length: 1, paused: false });
  expect(it.take()).toEqual([]);
  it.tell({ type: 'stream.settled', stream_id: 'a' });
  it.tell({ type: 'stream.settled', stream_id: 'a' });
  expect(it.types()).toEqual(['take.follow_up']);
  it.tell({ type: 'follow_up.started', stream_id: 'b' });
  expect(it.path()).toBe('running');
  expect(it.take()).toEqual([]);
});

test('SE2 a paused queue waits, and goes on when it is not', () => {
  const it = session({ queue_length: 2, queue_paused: true });
  expect(it.path()).toBe('idle.unattended');
  it.tell({ type: 'queue.changed', length: 2, paused: false });
  expect(it.types()).toEqual(['take.follow_up']);
});

test('SE2 a message that came while the queue was being found empty is not forgotten', () => {
  const it = session({ queue_length: 1 });
  it.tell({ type: 'queue.changed', length: 1, paused: false });
  it.take();
  it.tell({ type: 'follow_up.none' });
  expect(it.types()).toEqual(['take.follow_up']);
  it.tell({ type: 'follow_up.none' });
  expect(it.path()).toBe('idle.unattended');
});

test('SE2 P9 a refused take is tried ten times, then waits with its reason, and is watched', async () => {
  const it = session({ queue_length: 1 });
  it.tell({ type: 'readers.changed', count: 1 });
  for (let tries = 1; tries < bounds.FOLLOW_UP_TRIES_MAX; tries++) {
    it.tell({ type: 'follow_up.refused', reason: 'storage' });
    await it.pass(bounds.FOLLOW_UP_RETRY_MS);
  }
  expect(it.types()).toHaveLength(bounds.FOLLOW_UP_TRIES_MAX);
  it.tell({ type: 'follow_up.refused', reason: 'storage' });
  expect(it.path()).toBe('idle.attended');
  expect(it.actor.getSnapshot().context.why).toBe('storage');
  await it.pass(bounds.STORAGE_WATCH_MS);
  expect(it.types()).toEqual(['take.follow_up']);
});

test('SE2 a take that nobody answers does not hold the session', async () => {
  const it = session({ queue_length: 1 });
  await it.pass(bounds.COMMIT_ANSWER_MS);
  expect(it.path()).toBe('idle.unattended');
  it.tell({ type: 'storage.returned' });
  expect(it.types()).toEqual(['take.follow_up', 'take.follow_up']);
});

test('SE4 an idle session without readers is passivated after a minute, one with readers never', async () => {
  const it = session();
  it.tell({ type: 'readers.changed', count: 1 });
  await it.pass(10 * bounds.PASSIVATE_AFTER_MS);
  expect(it.path()).toBe('idle.attended');
  it.tell({ type: 'readers.changed', count: 0 });
  await it.pass(bounds.PASSIVATE_AFTER_MS - 1);
  expect(it.path()).toBe('idle.unattended');
  await it.pass(1);
  expect(it.path()).toBe('passivated');
  expect(it.clock.pending()).toBe(0);
});

test('SE4 a run is not passivated, however long nobody looks', async () => {
  const it = session({ active_stream_id: 'a' });
  await it.pass(10 * bounds.PASSIVATE_AFTER_MS);
  expect(it.path()).toBe('running');
});

test('a deleted session cancels its run, waits for its end, and then erases', () => {
  const it = session({ active_stream_id: 'a', queue_length: 3 });
  it.tell({ type: 'delete' });
  it.tell({ type: 'delete' });
  expect(it.take()).toEqual([{ type: 'cancel.stream', stream_id: 'a' }]);
  it.tell({ type: 'stream.settled', stream_id: 'a' });
  expect(it.types()).toEqual(['erase']);
  it.tell({ type: 'erased' });
  expect(it.path()).toBe('deleted');
});

test('a follow-up that was being taken when the session was deleted is cancelled too', () => {
  const it = session({ queue_length: 1 });
  it.tell({ type: 'delete' });
  it.tell({ type: 'follow_up.started', stream_id: 'b' });
  expect(it.take().at(-1)).toEqual({ type: 'cancel.stream', stream_id: 'b' });
  it.tell({ type: 'stream.settled', stream_id: 'b' });
  expect(it.types()).toEqual(['erase']);
});

test('P9 an erasure is tried ten times, then watched', async () => {
  const it = session();
  it.tell({ type: 'delete' });
  for (let tries = 1; tries < bounds.ERASE_TRIES_MAX; tries++) {
    it.tell({ type: 'erase.refused' });
    await it.pass(bounds.ERASE_RETRY_MS);
  }
  expect(it.types()).toHaveLength(bounds.ERASE_TRIES_MAX);
  it.tell({ type: 'erase.refused' });
  expect(it.path()).toBe('deleting.held');
  await it.pass(bounds.STORAGE_WATCH_MS);
  expect(it.types()).toEqual(['erase']);
});
