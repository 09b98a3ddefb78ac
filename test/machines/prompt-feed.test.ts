import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { feedLife } from '../../src/machines/prompt-feed.machine.ts';
import { pushed } from './prompt-feed.ground.ts';
import { a, answer, b, current, feed, opened, poll, push, shown } from './prompt-feed.stage.ts';

const quiet_ms = bounds.HEARTBEATS_MISSED_MAX * bounds.HEARTBEAT_MS;

test('PF1 push first: what is pushed is shown at once, and nothing is polled', async () => {
  const it = feed();
  await it.pass(60_000);
  it.tell({ type: 'line.opened' });
  push(it, 3, a, b);
  expect(shown(it)).toMatchObject({ current: { prompt_id: 'a', state: 'pending' }, pending_count: 2 });
  expect(it.take()).toEqual([]);
});

test('PF2 three failures before it opens lead to a poll at once, and then every 3 s', async () => {
  const it = feed();
  for (let failures = 1; failures < bounds.POLL_AFTER_FAILURES; failures++) {
    it.tell({ type: 'line.lost' });
    expect([it.path(), it.take()]).toEqual(['pushing.connecting', []]);
  }
  it.tell({ type: 'line.lost' });
  for (let polls = 0; polls < 5; polls++) {
    expect(it.types()).toEqual(['poll']);
    poll(it, 4, a);
    await it.pass(bounds.POLL_SESSION_MS - 1);
    expect(it.take()).toEqual([]);
    await it.pass(1);
  }
  expect(current(it)).toBe('a');
});

test('PF2 a line that was open and cannot be opened any more is polled for, too', () => {
  const it = opened(a);
  for (let losses = 0; losses <= bounds.POLL_AFTER_FAILURES; losses++) {
    expect(it.path()).not.toContain('polling');
    it.tell({ type: 'line.lost' });
  }
  expect([it.path(), current(it)]).toEqual(['polling.asking', 'a']);
});

test('PF2 P9 polls that fail, or that nobody answers, go on at their pace', async () => {
  const it = feed();
  for (let failures = 0; failures < bounds.POLL_AFTER_FAILURES; failures++) it.tell({ type: 'line.lost' });
  it.tell({ type: 'poll.failed' });
  await it.pass(bounds.POLL_SESSION_MS);
  expect(it.types()).toEqual(['poll', 'poll']);
  await it.pass(bounds.POLL_ANSWER_MS);
  expect(it.path()).toBe('polling.resting');
  await it.pass(bounds.POLL_SESSION_MS);
  expect(it.types()).toEqual(['poll']);
});

test('PF4 as soon as it opens, it pushes again and polls no more', async () => {
  const it = feed();
  for (let failures = 0; failures < bounds.POLL_AFTER_FAILURES; failures++) it.tell({ type: 'line.lost' });
  it.tell({ type: 'line.opened' });
  it.take();
  await it.pass(bounds.POLL_SESSION_MS * 5);
  expect([it.path(), it.take()]).toEqual(['pushing.open', []]);
  expect(feedLife(it.actor.getSnapshot())).toMatchObject({ state: 'pushing', failures: 0 });
});

test('PF3 a poll that was asked before a push and answered after it changes nothing', () => {
  const it = opened(a);
  push(it, 7, b);
  poll(it, 5, a);
  push(it, 7, a);
  expect([current(it), feedLife(it.actor.getSnapshot()).newest?.version]).toEqual(['b', 7]);
});

test('PF3 the log’s record of an end is not taken back by a state from before it', () => {
  const it = opened(a);
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'you', pos: 9 });
  push(it, 8, a, b);
  expect(current(it)).toBe(null);
  push(it, 9, b);
  expect(current(it)).toBe('b');
});

test('P8 a state of another session is not shown', () => {
  const it = opened();
  it.tell({ type: 'state.pushed', state: { ...pushed(9, a), session_id: 'y' } });
  expect(current(it)).toBe(null);
});

test('LN1 heartbeats are activity: a line that hears them is never torn down', async () => {
  const it = opened();
  for (let beats = 0; beats < 500; beats++) {
    await it.pass(bounds.HEARTBEAT_MS);
    it.tell({ type: 'line.heard' });
    expect(it.path()).toBe('pushing.open');
  }
  expect(it.take()).toEqual([]);
});

test('LN1 four missed heartbeats are looked at once more, then it is reopened, once', async () => {
  const it = opened(a);
  await it.pass(quiet_ms);
  expect([it.path(), it.take()]).toEqual(['pushing.quiet', []]);
  await it.pass(bounds.THAW_MS);
  expect([it.types(), current(it)]).toEqual([['reopen'], 'a']);
  await it.pass(10 * quiet_ms);
  expect(it.take()).toEqual([]);
});

test.each(['line.heard', 'state.pushed'] as const)(
  'LN1 a thawed tab whose queue holds %s keeps its line',
  async (type) => {
    const it = opened(a);
    await it.pass(quiet_ms);
    it.tell(type === 'line.heard' ? { type } : { type, state: pushed(1, a) });
    await it.pass(bounds.THAW_MS);
    expect([it.path(), it.take()]).toEqual(['pushing.open', []]);
  },
);

test('P11 a closed feed leaves no timer behind', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'close' });
  expect([it.path(), it.clock.pending()]).toEqual(['closed', 0]);
});
