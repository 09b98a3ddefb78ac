import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { queueLife } from '../../src/machines/prompt-queue.machine.ts';
import { PENDING_PROMPTS_MAX, type PromptEntry } from '../../src/protocol/index.ts';
import { createManualClock } from '../support/clock.ts';
import { question } from './prompt-queue.ground.ts';
import { ask, head, queue, settle, shown } from './prompt-queue.stage.ts';

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

test('CQ7 64 prompts that are due at one moment all expire in it, the oldest first', async () => {
  const it = queue();
  for (let n = 1; n <= PENDING_PROMPTS_MAX; n++) ask(it, `q${n}`, 60);
  const expired: unknown[] = [];
  it.actor.on('expire', ({ prompt_id }) => {
    expired.push(prompt_id);
    settle(it, prompt_id, 'expired');
  });
  await it.pass(60_000);
  expect(expired).toEqual(Array.from({ length: PENDING_PROMPTS_MAX }, (_, index) => `q${index + 1}`));
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

test('CQ7 fault 6 however often the wall clock is set back, noticed or not, nothing expires before all of its seconds have passed', async () => {
  let expired = 0;
  const step = fc.record({
    passes_ms: fc.nat({ max: 40_000 }),
    back_ms: fc.constantFrom(0, 0, 1, 20_000, 3_600_000),
    isNoticed: fc.boolean(),
    seconds: fc.constantFrom(0, 5, 30, 60),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const it = queue();
      const start = it.clock.now();
      const due = new Map<string, number>();
      let back = 0;
      const passed = () => it.clock.now() + back - start;
      const early: string[] = [];
      it.actor.on('expire', ({ prompt_id }) => {
        if (passed() < due.get(prompt_id)!) early.push(prompt_id);
        expired += 1;
        settle(it, prompt_id, 'expired');
      });
      for (const [no, { passes_ms, back_ms, isNoticed, seconds }] of steps.entries()) {
        ask(it, `q${no}`, seconds);
        due.set(`q${no}`, seconds === 0 ? Infinity : passed() + seconds * 1000);
        it.clock.jump(-back_ms);
        back += back_ms;
        if (isNoticed) it.tell({ type: 'clock.moved' });
        await it.pass(passes_ms);
      }
      expect(early).toEqual([]);
    }),
    { numRuns: 60 },
  );
  // Few or many, by chance; none would say nothing.
  expect(expired).toBeGreaterThan(10);
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
