import { expect, test } from 'vitest';
import { pendingOf, queueLife, sameQueue } from '../../src/machines/prompt-queue.machine.ts';
import { PENDING_PROMPTS_MAX } from '../../src/protocol/index.ts';
import { question } from './prompt-queue.ground.ts';
import { ask, head, queue, settle, shown } from './prompt-queue.stage.ts';

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

test('CQ7 a stale queue holds its entries and says why; its owner is back, and what was due meanwhile expires', async () => {
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
