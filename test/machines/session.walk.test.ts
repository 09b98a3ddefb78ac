// The session machine, walked through everything that it can be told, in every order, timers included.
import { beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../../src/machines/path.ts';
import type { SessionContext, SessionInput } from '../../src/machines/session.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import type { Coverage } from '../support/coverage.ts';
import { type Place, type Step, type Told, walk } from '../support/paths.ts';

const input: SessionInput = {
  session_id: 'x',
  head: 0,
  active_stream_id: null,
  queue_length: 0,
  queue_paused: false,
  at: 1_000,
};

function events({ context }: Place<SessionContext>): Told[] {
  const at = context.now + 1;
  return [
    ...['a', 'b'].flatMap((stream_id) => [
      { type: 'stream.admitted', stream_id, at },
      { type: 'stream.settled', stream_id, at },
      { type: 'follow_up.started', stream_id, at },
    ]),
    { type: 'records.committed', head: context.head + 1, at },
    { type: 'queue.changed', length: 0, paused: false, at },
    { type: 'queue.changed', length: 2, paused: false, at },
    { type: 'queue.changed', length: 2, paused: true, at },
    { type: 'follow_up.none', at },
    { type: 'follow_up.refused', reason: 'storage', at },
    { type: 'readers.changed', count: 0, at },
    { type: 'readers.changed', count: 1, at },
    { type: 'storage.returned', at },
    { type: 'delete', at },
    { type: 'erased', at },
    { type: 'erase.refused', at },
  ];
}

const key = ({ value, context }: Place<SessionContext>): string => {
  const path = pathOf(value);
  const { active_stream_id, queue_length, queue_paused, queue_moved, readers, why } = context;
  const place = [path, active_stream_id, queue_length, queue_paused, Math.min(readers, 1), why];
  if (path.startsWith('advancing')) place.push(queue_moved, context.try);
  if (path.startsWith('deleting')) return `${path} ${active_stream_id} ${context.try}`;
  return place.join(' ');
};

describe('the session machine, walked', () => {
  const steps: Step<SessionContext>[] = [];
  let coverage: Coverage & { places: number };
  beforeAll(() => {
    coverage = walk<SessionContext>(sessionMachine, {
      inputs: [input, { ...input, active_stream_id: 'a' }, { ...input, queue_length: 1 }],
      events,
      key,
      onStep: (step) => steps.push(step),
      places_max: 20_000,
    });
  });

  test('every state and every transition is reached', () => {
    expect(coverage.missing).toEqual({ states: [], transitions: [] });
  });

  test('SE1 it runs exactly when it has a stream', () => {
    for (const { after } of steps) {
      const state = pathOf(after.value);
      if (state === 'running' || state === 'deleting.cancelling')
        expect(after.context.active_stream_id).not.toBeNull();
      else expect(after.context.active_stream_id).toBeNull();
    }
  });

  test('SE2 a message is taken only when nothing runs, and the queue is neither empty nor paused when it begins', () => {
    for (const { before, after, commands } of steps) {
      if (!commands.some(({ type }) => type === 'take.follow_up')) continue;
      expect(before.context.active_stream_id === null || after.context.active_stream_id === null).toBe(true);
      if (pathOf(before.value) === 'advancing.retrying') continue;
      expect(after.context.queue_length).toBeGreaterThan(0);
      expect(after.context.queue_paused).toBe(false);
    }
  });

  test('ST3 the end of another stream changes nothing', () => {
    for (const { before, event, after, commands } of steps) {
      if (event.type !== 'stream.settled' || event.stream_id === before.context.active_stream_id) continue;
      expect(after.value).toEqual(before.value);
      expect(after.context).toEqual(before.context);
      expect(commands).toEqual([]);
    }
  });

  test('ST8 readers come and go, and no run hears of it', () => {
    for (const { before, event, after, commands } of steps) {
      if (event.type !== 'readers.changed' || pathOf(before.value).startsWith('idle')) continue;
      expect(after.value).toEqual(before.value);
      expect(commands).toEqual([]);
    }
  });

  test('P9 no try beyond its bound', () => {
    for (const { after } of steps) expect(after.context.try).toBeLessThanOrEqual(after.context.of);
  });

  test('SE4 only an unattended idle session is passivated, and none whose next message could start', () => {
    for (const { before, after } of steps) {
      if (pathOf(after.value) !== 'passivated') continue;
      expect(pathOf(before.value)).toBe('idle.unattended');
      expect(before.context.readers).toBe(0);
      expect(before.context.queue_length === 0 || before.context.queue_paused).toBe(true);
    }
  });

  test('P11 no timer outlives the session', () => {
    for (const { after, timers } of steps) if (after.status === 'done') expect([...timers]).toEqual([]);
  });

  test('P1 the head never falls', () => {
    for (const { before, after } of steps)
      expect(after.context.head).toBeGreaterThanOrEqual(before.context.head);
  });
});
