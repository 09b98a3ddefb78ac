import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { jitter, nextSeed } from '../../src/machines/jitter.ts';
import { lineMachine, lineState } from '../../src/machines/line.machine.ts';
import { type Stage, stage } from '../support/stage.ts';

type Line = Stage<typeof lineMachine>;
const line = (seed = 1): Line => stage(lineMachine, { seed });
function opened(seed = 1): Line {
  const it = line(seed);
  it.tell({ type: 'source.opened' });
  it.take();
  return it;
}
const quiet_ms = bounds.HEARTBEATS_MISSED_MAX * bounds.HEARTBEAT_MS;
const shown = (it: Line) => lineState(it.actor.getSnapshot());

test('LN1 a line that hears its heartbeats is never torn down', async () => {
  const it = opened();
  for (let beats = 0; beats < 500; beats++) {
    await it.pass(bounds.HEARTBEAT_MS);
    it.tell({ type: 'source.heard' });
    expect(it.path()).toBe('open');
  }
  expect(it.take()).toEqual([]);
});

test('LN1 four missed heartbeats are looked at once more, then the line reopens', async () => {
  const it = opened();
  await it.pass(quiet_ms - 1);
  expect(it.path()).toBe('open');
  await it.pass(1);
  expect(it.path()).toBe('quiet');
  expect(it.take()).toEqual([]);
  await it.pass(bounds.THAW_MS);
  expect(it.types()).toEqual(['line.lost', 'open.source']);
});

test('LN1 a thawed tab whose queue holds heartbeats keeps its line', async () => {
  const it = opened();
  await it.pass(quiet_ms);
  it.tell({ type: 'source.heard' });
  await it.pass(bounds.THAW_MS);
  expect(it.path()).toBe('open');
  expect(it.take()).toEqual([]);
});

test('LN1 the heartbeat is a setting', async () => {
  const it = stage(lineMachine, { seed: 1, heartbeat_ms: 1_000 });
  it.tell({ type: 'source.opened' });
  await it.pass(bounds.HEARTBEATS_MISSED_MAX * 1_000);
  expect(it.path()).toBe('quiet');
});

test('LN3 a change of what is watched reopens at once, and no attachment hears of a loss', () => {
  const it = opened();
  it.tell({ type: 'reattach' });
  expect(it.types()).toEqual(['open.source']);
});

test('AT6 the ladder: six waits, each in its jitter, then one try every 30 s for ever', async () => {
  const it = opened(7);
  it.tell({ type: 'source.failed' });
  for (const [step, wait_ms] of bounds.LADDER_MS.entries()) {
    expect(shown(it)).toMatchObject({ state: 'backoff', try: step + 1, of: 6, watching: false });
    it.take();
    await it.pass(wait_ms * bounds.JITTER_MIN - 1);
    expect(it.take()).toEqual([]);
    await it.pass(wait_ms * (bounds.JITTER_MAX - bounds.JITTER_MIN) + 2);
    expect(it.types()).toEqual(['open.source']);
    it.tell({ type: 'source.failed' });
  }
  for (let watches = 0; watches < 20; watches++) {
    expect(shown(it).watching).toBe(true);
    it.take();
    await it.pass(bounds.LINE_WATCH_MS);
    expect(it.types()).toEqual(['open.source']);
    it.tell({ type: 'source.failed' });
  }
});

test('AT6 an opened line starts the ladder anew', async () => {
  const it = opened();
  it.tell({ type: 'source.failed' });
  await it.pass(2_000);
  it.tell({ type: 'source.failed' });
  await it.pass(4_000);
  it.tell({ type: 'source.opened' });
  it.tell({ type: 'source.failed' });
  expect(shown(it).try).toBe(1);
});

test.each([
  ['page.hidden', 'page.shown'],
  ['network.lost', 'network.returned'],
] as const)('AT6 %s suspends the ladder instead of spending it, %s tries at once', async (gone, back) => {
  const it = opened();
  it.tell({ type: 'source.failed' });
  it.tell({ type: gone });
  it.take();
  expect(it.path()).toBe('suspended');
  await it.pass(bounds.LINE_WATCH_MS - 1);
  expect(it.take()).toEqual([]);
  it.tell({ type: back });
  expect(it.take().at(-1)).toEqual({ type: 'open.source' });
  expect(shown(it).try).toBe(1);
});

test('AT6 a browser that is wrong about being offline is asked again, slowly (lesson 96)', async () => {
  const it = opened();
  it.tell({ type: 'network.lost' });
  expect(it.path()).toBe('open');
  it.tell({ type: 'source.failed' });
  expect(it.path()).toBe('suspended');
  it.take();
  await it.pass(bounds.LINE_WATCH_MS);
  expect(it.types()).toEqual(['open.source']);
});

test('AT10 `end` reopens at once and spends no try', async () => {
  const it = opened();
  await it.pass(bounds.LINE_LASTED_MS);
  it.tell({ type: 'source.ended', reason: 'lifetime' });
  expect(it.types()).toEqual(['line.ended', 'open.source']);
  expect(shown(it).try).toBeUndefined();
});

test('P9 a server that ends every line as it opens meets the ladder', () => {
  const it = opened();
  it.tell({ type: 'source.ended', reason: 'shutdown' });
  expect(it.path()).toBe('backoff');
});

test('a reader that may not read any more stops, and says why', () => {
  const it = opened();
  it.tell({ type: 'source.ended', reason: 'unauthorized' });
  expect(shown(it)).toMatchObject({ state: 'closed', why: 'unauthorized' });
  expect(it.clock.pending()).toBe(0);
});

test('PF2 three failures before it was ever open lead to polling; LN4 every 3 s, with a try every 30 s', async () => {
  const it = line();
  for (let failures = 0; failures < bounds.POLL_AFTER_FAILURES; failures++) {
    expect(it.path()).toBe('connecting');
    it.tell({ type: 'source.failed' });
    if (failures + 1 < bounds.POLL_AFTER_FAILURES) await it.pass(4_000);
  }
  expect(it.path()).toBe('polling.resting');
  expect(it.types().at(-1)).toBe('poll.sessions');
  await it.pass(bounds.POLL_SESSION_MS * 3);
  expect(it.types()).toEqual(Array(3).fill('poll.sessions'));
  await it.pass(bounds.LINE_WATCH_MS - bounds.POLL_SESSION_MS * 3);
  expect(it.path()).toBe('polling.trying');
  expect(it.types()).toContain('open.source');
  it.tell({ type: 'source.opened' });
  expect(it.types()).toEqual(['line.opened']);
  await it.pass(bounds.POLL_SESSION_MS * 3);
  expect(it.take()).toEqual([]);
});

test('PF2 a line that was open once keeps to its ladder', async () => {
  const it = opened();
  for (let failures = 0; failures < 10; failures++) {
    it.tell({ type: 'source.failed' });
    expect(it.path()).toBe('backoff');
    await it.pass(bounds.LINE_WATCH_MS);
  }
});

test('AT6 a thousand seeds spread over the whole jitter', () => {
  const factors: number[] = [];
  for (let seed = 12_345, n = 0; n < 1_000; n++, seed = nextSeed(seed)) factors.push(jitter(seed));
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(bounds.JITTER_MIN);
  expect(Math.max(...factors)).toBeLessThan(bounds.JITTER_MAX);
  for (let tenth = 0; tenth < 10; tenth++) {
    const from = bounds.JITTER_MIN + tenth * 0.05;
    expect(factors.filter((factor) => factor >= from && factor < from + 0.05).length).toBeGreaterThan(50);
  }
});
