// The line machine, walked through everything that it can be told, in every order, timers included.
import { beforeAll, describe, expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { type LineContext, lineMachine } from '../../src/machines/line.machine.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Coverage } from '../support/coverage.ts';
import { type Place, type Step, type Told, walk } from '../support/paths.ts';

function events({ context }: Place<LineContext>): Told[] {
  const at = context.now + 1;
  return [
    { type: 'source.opened', at },
    { type: 'source.heard', at },
    { type: 'source.failed', at },
    { type: 'source.ended', reason: 'lifetime', at },
    { type: 'source.ended', reason: 'lifetime', at: at + bounds.LINE_LASTED_MS },
    { type: 'source.ended', reason: 'unauthorized', at },
    { type: 'reattach', at },
    { type: 'retry', at },
    { type: 'page.hidden', at },
    { type: 'page.shown', at },
    { type: 'network.lost', at },
    { type: 'network.returned', at },
    { type: 'close', at },
  ];
}

const key = ({ value, context }: Place<LineContext>): string => {
  const path = pathOf(value);
  const { hidden, offline, ever_open, failures, last_heard_at, opened_at, try_due_at, now, due_at } = context;
  const place = [path, hidden, offline, ever_open, Math.min(failures, 8)];
  if (path === 'open') place.push(last_heard_at > opened_at, Number(due_at) <= last_heard_at + 60_000);
  if (path.startsWith('polling')) place.push(Math.ceil((try_due_at - now) / bounds.POLL_SESSION_MS));
  return place.join(' ');
};

describe('the line machine, walked', () => {
  const steps: Step<LineContext>[] = [];
  let coverage: Coverage & { places: number };
  beforeAll(() => {
    coverage = walk<LineContext>(lineMachine, {
      inputs: [{ seed: 42, at: 1_000 }],
      events,
      key,
      onStep: (step) => steps.push(step),
      places_max: 5_000,
    });
  });

  test('every state and every transition is reached', () => {
    expect(coverage.missing).toEqual({ states: [], transitions: [] });
  });

  test('LN1 nothing but its own end, a change of what is watched, or silence closes an open line', () => {
    for (const { before, event, after } of steps) {
      if (pathOf(before.value) !== 'open' || pathOf(after.value) === 'open') continue;
      if (pathOf(after.value) === 'quiet') {
        const { last_heard_at } = before.context;
        expect(after.context.now - last_heard_at).toBeGreaterThanOrEqual(4 * bounds.HEARTBEAT_MS);
      } else expect(event.type).toMatch(/^(source\.(failed|ended)|reattach|close)$/);
    }
  });

  test('LN4 while it is open nothing is polled', () => {
    for (const { after, commands } of steps)
      if (commands.some(({ type }) => type === 'poll.sessions'))
        expect(pathOf(after.value)).toMatch(/^polling/);
  });

  test('AT6 nobody is asked for a source while nobody looks, unless the reader says so', () => {
    for (const { before, event, commands } of steps) {
      if (pathOf(before.value) !== 'suspended' || !before.context.hidden) continue;
      if (commands.some(({ type }) => type === 'open.source'))
        expect(['retry', 'page.shown']).toContain(event.type);
    }
  });

  test('AT6 P9 every wait is a step of the ladder within its jitter, or the watch', () => {
    for (const { after } of steps) {
      if (pathOf(after.value) !== 'backoff') continue;
      const { failures, wait_ms } = after.context;
      const step = bounds.LADDER_MS[Math.max(failures - 1, 0)];
      if (step === undefined) expect(wait_ms).toBe(bounds.LINE_WATCH_MS);
      else {
        expect(wait_ms).toBeGreaterThanOrEqual(step * bounds.JITTER_MIN);
        expect(wait_ms).toBeLessThanOrEqual(step * bounds.JITTER_MAX);
      }
    }
  });

  test('P11 a closed line has no timer and no source; every other but a hidden one has a timer', () => {
    for (const { after, timers, commands } of steps) {
      if (after.status === 'done') {
        expect([...timers]).toEqual([]);
        expect(commands.at(-1)).toMatchObject({ type: 'close.source' });
      } else if (!after.context.hidden) expect(timers.size).toBeGreaterThan(0);
    }
  });

  test('an attachment hears `line.opened` once per opening, and of a loss only after it', () => {
    for (const { before, after, commands } of steps) {
      const opens = pathOf(after.value) === 'open' && !/^(open|quiet)$/.test(pathOf(before.value));
      expect(commands.filter(({ type }) => type === 'line.opened')).toHaveLength(opens ? 1 : 0);
    }
  });
});
