import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import {
  type PromptQueueInput,
  pendingOf,
  promptQueueMachine,
  queueLife,
  queueState,
  sameQueue,
} from '../../src/machines/prompt-queue.machine.ts';
import {
  PENDING_PROMPTS_MAX,
  type PromptEndKind,
  type PromptEntry,
  promptId,
} from '../../src/protocol/index.ts';
import { createManualClock } from '../support/clock.ts';
import { type Stage, stage } from '../support/stage.ts';
import { question } from './prompt-queue.ground.ts';

type Queue = Stage<typeof promptQueueMachine>;
const queue = (more: Partial<PromptQueueInput> = {}, clock = createManualClock(1_000_000)): Queue =>
  stage(
    promptQueueMachine,
    { session_id: 'x', kind: 'clarify', version: 0, entries: [], stale: null, ...more },
    clock,
  );

const shown = (it: Queue) => queueState(it.actor.getSnapshot());
const head = (it: Queue): string | null => {
  const { pending } = shown(it);
  return pending && promptId(pending);
};
/** As the log tells it: the next record. */
const ask = (it: Queue, id: string, timeout_seconds = 0, stream_id = 's') =>
  it.tell({
    type: 'prompt.asked',
    entry: question(id, stream_id, it.clock.now(), timeout_seconds),
    pos: shown(it).version + 1,
  });
const settle = (it: Queue, prompt_id: string, how: PromptEndKind = 'answered') =>
  it.tell({ type: 'prompt.settled', prompt_id, how, by: null, pos: shown(it).version + 1 });

test('CQ3 answering the head pushes the next entry at once, answering the last pushes null and 0', () => {
  const it = queue();
  const pushed: [string | null, number, number][] = [];
  it.actor.subscribe(() => pushed.push([head(it), shown(it).pending_count, shown(it).version]));
  ask(it, 'a');
  ask(it, 'b');
  settle(it, 'a');
  settle(it, 'b');
  expect(pushed).toEqual([
    ['a', 1, 1],
    ['a', 2, 2],
    ['b', 1, 3],
    [null, 0, 4],
  ]);
  expect(it.path()).toBe('active.empty');
});

test('CQ1 P10 a full queue shows its oldest entry and counts all; the versions of one change are told apart', () => {
  const it = queue();
  for (let n = 1; n <= PENDING_PROMPTS_MAX; n++) ask(it, `q${n}`);
  expect(shown(it)).toMatchObject({ pending: { clarify_id: 'q1' }, pending_count: 64, version: 64 });
  const full = shown(it);
  settle(it, 'q40');
  expect(shown(it)).toMatchObject({ pending: { clarify_id: 'q1' }, pending_count: 63 });
  expect(sameQueue(full, shown(it))).toBe(false);
  expect(sameQueue(shown(it), shown(it))).toBe(true);
});

test('CQ4 a record that the queue was born with, or has folded, is not folded again', () => {
  const it = queue({ version: 12, entries: [question('a', 's', 0, 0)] });
  const born = it.actor.getSnapshot().context;
  it.tell({ type: 'prompt.asked', entry: question('old', 's', 0, 0), pos: 12 });
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: null, pos: 11 });
  expect(it.actor.getSnapshot().context).toMatchObject({ entries: born.entries, version: 12 });
});

test('CQ6 the end of an id that is not pending touches no entry and makes no version', () => {
  const it = queue();
  ask(it, 'a');
  settle(it, 'zzz');
  expect(shown(it)).toMatchObject({ pending: { clarify_id: 'a' }, pending_count: 1, version: 1 });
});

test('CQ12 what is pending of a stream is counted', () => {
  const it = queue();
  ask(it, 'a');
  ask(it, 'b');
  expect([pendingOf(it.actor.getSnapshot(), 's'), pendingOf(it.actor.getSnapshot(), 't')]).toEqual([2, 0]);
});

test('CQ7 a prompt expires when it is due, not before, and expiry is a version like an answer', async () => {
  const it = queue();
  ask(it, 'a', 60);
  await it.pass(59_999);
  expect(it.take()).toEqual([]);
  await it.pass(1);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'a' }]);
  expect(head(it)).toBe('a');
  settle(it, 'a', 'expired');
  expect(shown(it)).toMatchObject({ pending: null, pending_count: 0, version: 2 });
  expect(it.clock.pending()).toBe(0);
});

test('CQ7 the first due is not the head: it expires out of the middle, then the others in the order of their times', async () => {
  const it = queue();
  ask(it, 'slow', 300);
  ask(it, 'never', 0);
  ask(it, 'fast', 10);
  await it.pass(10_000);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'fast' }]);
  settle(it, 'fast', 'expired');
  expect(head(it)).toBe('slow');
  await it.pass(290_000);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'slow' }]);
  settle(it, 'slow', 'expired');
  expect(head(it)).toBe('never');
});

test('CQ7 64 prompts that are due at one moment all expire in it', async () => {
  const it = queue();
  for (let n = 1; n <= PENDING_PROMPTS_MAX; n++) ask(it, `q${n}`, 60);
  const expired: unknown[] = [];
  it.actor.on('expire', ({ prompt_id }) => {
    expired.push(prompt_id);
    settle(it, prompt_id, 'expired');
  });
  await it.pass(60_000);
  expect(expired).toHaveLength(PENDING_PROMPTS_MAX);
  expect(it.path()).toBe('active.empty');
});

test('CQ7 timeout_seconds 0 never expires, and costs no timer', async () => {
  const it = queue();
  ask(it, 'a', 0);
  expect(it.clock.pending()).toBe(0);
  await it.pass(400 * 24 * 3_600_000);
  expect(it.take()).toEqual([]);
  expect(head(it)).toBe('a');
});

test('CQ7 after a restart the due time still holds: what is left of it, or at once', async () => {
  const clock = createManualClock(1_000_000);
  const entries: PromptEntry[] = [question('past', 's', 900_000, 30), question('next', 's', 900_000, 130)];
  const it = queue({ version: 4, entries }, clock);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'past' }]);
  settle(it, 'past', 'expired');
  await it.pass(29_999);
  expect(it.take()).toEqual([]);
  await it.pass(1);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'next' }]);
});

test('CQ7 a wait longer than a timer can be is taken in parts', async () => {
  const it = queue();
  const seconds = 30 * 24 * 3_600;
  ask(it, 'a', seconds);
  expect(it.clock.next()).toBe(bounds.TIMER_MAX_MS);
  await it.pass(seconds * 1_000 - 1);
  expect(it.take()).toEqual([]);
  await it.pass(1);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'a' }]);
});

test('CQ7 a wall clock that jumps ahead lets what is due expire when anything is told, with no negative wait', async () => {
  const it = queue();
  ask(it, 'a', 60);
  it.clock.jump(3_600_000);
  it.tell({ type: 'clock.moved' });
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'a' }]);
  settle(it, 'a', 'expired');
  ask(it, 'b', 60);
  it.clock.jump(120_000);
  ask(it, 'c', 60);
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'b' }]);
});

test('CQ7 a wall clock that jumps back holds the due time', async () => {
  const it = queue();
  ask(it, 'a', 60);
  it.clock.jump(-30_000);
  it.tell({ type: 'clock.moved' });
  await it.pass(89_999);
  expect(it.take()).toEqual([]);
  await it.pass(1);
  expect(it.types()).toEqual(['expire']);
});

test('CQ5 an answer that comes while the expiry is being written wins, and nothing expires again', async () => {
  const it = queue();
  ask(it, 'a', 60);
  await it.pass(60_000);
  it.take();
  settle(it, 'a', 'answered');
  it.tell({ type: 'expiry.refused', prompt_id: 'a' });
  expect(it.path()).toBe('active.empty');
  await it.pass(10 * bounds.STORAGE_WATCH_MS);
  expect(it.take()).toEqual([]);
});

test('CQ7 P9 a refused expiry is tried ten times, then watched at a slow pace, and says that storage is why', async () => {
  const it = queue();
  ask(it, 'a', 60);
  await it.pass(60_000);
  for (let tries = 1; tries < bounds.EXPIRY_TRIES_MAX; tries++) {
    it.tell({ type: 'expiry.refused', prompt_id: 'a' });
    await it.pass(bounds.EXPIRY_RETRY_MS);
  }
  expect(it.types()).toHaveLength(bounds.EXPIRY_TRIES_MAX);
  for (let watches = 0; watches < 5; watches++) {
    it.tell({ type: 'expiry.refused', prompt_id: 'a' });
    expect(queueLife(it.actor.getSnapshot())).toMatchObject({
      path: 'active.asking.watching',
      why: 'storage',
    });
    await it.pass(bounds.STORAGE_WATCH_MS);
    expect(it.types()).toEqual(['expire']);
  }
  settle(it, 'a', 'expired');
  expect(queueLife(it.actor.getSnapshot())).toMatchObject({ path: 'active.empty', why: null });
});

test('CQ7 an expiry that nobody answers is watched', async () => {
  const it = queue();
  ask(it, 'a', 60);
  await it.pass(60_000 + bounds.COMMIT_ANSWER_MS);
  expect(it.path()).toBe('active.asking.watching');
});

test('CQ7 the refusal of another prompt’s expiry changes nothing', async () => {
  const it = queue();
  ask(it, 'a', 60);
  ask(it, 'b', 0);
  await it.pass(60_000);
  it.take();
  it.tell({ type: 'expiry.refused', prompt_id: 'b' });
  expect(it.path()).toBe('active.asking.expiring');
  expect(it.take()).toEqual([]);
});

test('CQ9 the end of the stream closes its entries, whatever is asked on the way, and nothing expires meanwhile', async () => {
  const it = queue();
  ask(it, 'a', 60);
  it.tell({ type: 'stream.ending', stream_id: 's' });
  ask(it, 'b');
  await it.pass(120_000);
  expect([it.path(), shown(it).pending_count, it.take()]).toEqual(['draining', 2, []]);
  settle(it, 'a', 'cancelled');
  settle(it, 'b', 'cancelled');
  expect(shown(it)).toMatchObject({ pending: null, pending_count: 0, version: 4 });
  it.tell({ type: 'entries.closed', stream_id: 's' });
  expect(it.path()).toBe('active.empty');
});

test('CQ9 ST3 the end of an older stream leaves the entries of the newer alone', () => {
  const it = queue();
  ask(it, 'a', 0, 'newer');
  it.tell({ type: 'stream.ending', stream_id: 'older' });
  it.tell({ type: 'owner.lost', stream_id: 'older', reason: 'restart' });
  it.tell({ type: 'entries.closed', stream_id: 'older' });
  expect([it.path(), head(it)]).toEqual(['active.asking.lasting', 'a']);
});

test('CQ9 a queue whose stream’s end was never told takes the prompts of the next one', () => {
  const it = queue();
  it.tell({ type: 'stream.ending', stream_id: 'older' });
  ask(it, 'a', 0, 'newer');
  expect([it.path(), head(it)]).toEqual(['active.asking.lasting', 'a']);
});

test('a stale queue holds its entries and says why; its owner is back, and what was due meanwhile expires', async () => {
  const it = queue();
  ask(it, 'a', 60);
  it.tell({ type: 'owner.lost', stream_id: 's', reason: 'producer_silent' });
  await it.pass(90_000);
  expect(queueLife(it.actor.getSnapshot())).toMatchObject({ state: 'stale', why: 'producer_silent' });
  expect([head(it), it.take()]).toEqual(['a', []]);
  it.tell({ type: 'owner.returned', stream_id: 's' });
  expect(it.take()).toEqual([{ type: 'expire', prompt_id: 'a' }]);
});

test('CQ9 what an agent that did not survive asked is held from the start, and closed by the recovery', () => {
  const it = queue({ version: 9, entries: [question('a', 's', 0, 1)], stale: 'restart' });
  expect([it.path(), it.take()]).toEqual(['stale', []]);
  settle(it, 'a', 'cancelled');
  it.tell({ type: 'entries.closed', stream_id: 's' });
  expect([it.path(), shown(it).version]).toEqual(['active.empty', 10]);
});

test('CQ9 a stale stream that is cancelled drains', () => {
  const it = queue({ version: 9, entries: [question('a', 's', 0, 0)], stale: 'producer_silent' });
  it.tell({ type: 'stream.ending', stream_id: 's' });
  expect(queueLife(it.actor.getSnapshot())).toMatchObject({ state: 'draining', why: null });
});

test('CQ9 the session is deleted: whoever still looks sees nothing pending, in a newer version, and no timer is left', () => {
  const it = queue();
  ask(it, 'a', 60);
  it.tell({ type: 'session.deleted' });
  expect(shown(it)).toMatchObject({ pending: null, pending_count: 0, version: 2 });
  expect([it.actor.getSnapshot().status, it.clock.pending()]).toEqual(['done', 0]);
});

test('CQ10 after 1,000 changes the snapshot is the last state, and holds no history', () => {
  const it = queue();
  for (let n = 1; n <= 500; n++) {
    ask(it, `q${n}`, 60);
    settle(it, `q${n}`);
  }
  expect(shown(it)).toEqual({ session_id: 'x', pending: null, pending_count: 0, version: 1_000 });
  expect([it.actor.getSnapshot().context.entries.length, it.clock.pending()]).toEqual([0, 0]);
});
