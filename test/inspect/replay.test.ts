// A recording is stepped again: on the machine that it tells of everything fits; on one that differs it is said where.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordingError, readRecording } from '../../src/inspect/recording.ts';
import { replay } from '../../src/inspect/replay.ts';
import type { Entry } from '../../src/protocol/inspection.ts';
import { grounds, live, lives, textOf, watched } from './actors.ts';

test.each(Object.keys(grounds))(
  'IN6 whatever a %s does, its recording steps to the same states',
  async (name) => {
    let steps = 0;
    const property = fc.asyncProperty(lives, async (life) => {
      const watch = watched();
      await live(grounds[name]!, life, watch);
      const again = replay(readRecording(textOf(watch.recorder)));
      expect(again.differences).toEqual([]);
      expect(again.unchecked).toBe(0);
      steps += again.steps;
    });
    await fc.assert(property, { numRuns: 60 });
    expect(steps).toBeGreaterThan(100);
  },
);

test('IN5 IN6 a recording whose beginning is let go of says how actors stood, and steps from there', async () => {
  let steps = 0;
  const bounds = fc.record({ entries: fc.integer({ min: 1, max: 30 }), bytes: fc.constant(1_000_000) });
  const property = fc.asyncProperty(
    bounds,
    fc.array(lives, { minLength: 2, maxLength: 4 }),
    async (some, all) => {
      const watch = watched(some);
      for (const [at, life] of all.entries()) await live(Object.values(grounds)[at * 2]!, life, watch);
      const recording = readRecording(textOf(watch.recorder));
      expect(recording.entries.length).toBeLessThanOrEqual(some.entries);
      const again = replay(recording);
      expect(again.differences).toEqual([]);
      steps += again.steps;
    },
  );
  await fc.assert(property, { numRuns: 100 });
  expect(steps).toBeGreaterThan(100);
});

test('IN6 whatever of a recording is changed, its replay finds it, and finds it where it is', async () => {
  const watch = watched();
  await live(grounds.stream!, [0, 0.1, 0.1, 0.2, null, 0.5, 0.7, 0.3, 0.9, null, 0.1, 0.6, null], watch);
  const text = textOf(watch.recorder);
  const { head, entries } = readRecording(text);
  const changes = entries.flatMap((entry): Entry[] => {
    if (entry.kind === 'command') return [{ ...entry, command: { type: 'erase' } }];
    if (entry.kind !== 'step') return [];
    const numbers = Object.entries(entry.context).filter(([, value]) => typeof value === 'number');
    return [
      { ...entry, state: entry.state === 'settled' ? 'stale.held' : 'settled' },
      { ...entry, micro: ['settled', entry.state] },
      ...numbers.map(([key, value]) => ({
        ...entry,
        context: { ...entry.context, [key]: Number(value) + 1 },
      })),
    ];
  });
  expect(changes.length).toBeGreaterThan(20);
  for (const changed of changes) {
    const other = entries.map((entry) => (entry.n === changed.n ? changed : entry));
    expect(replay({ head, entries: other }).differences[0]).toMatchObject({
      n: changed.n,
      actor: changed.actor,
    });
  }
  expect(replay({ head, entries }).differences).toEqual([]);
});

test('IN6 what is no recording, or has a hole, is refused by its line', async () => {
  const watch = watched();
  await live(grounds.session!, [0.1, 0.4], watch);
  const lines = textOf(watch.recorder).trim().split('\n');
  const without = (at: number) => lines.filter((_, index) => index !== at).join('\n');
  expect(() => readRecording('')).toThrow(RecordingError);
  expect(() => readRecording('{"a":1}')).toThrow('Line 1 is no head of a recording.');
  expect(() => readRecording(without(0))).toThrow('Line 1 is no head of a recording.');
  expect(() => readRecording(without(2))).toThrow(/Line 3 is entry 3, not 2/);
  expect(() => readRecording(`${lines.join('\n')}\nnonsense`)).toThrow(
    `Line ${lines.length + 1} is not JSON.`,
  );
  expect(() => readRecording(`${lines.join('\n')}\n{"n":9}`)).toThrow(/no entry/);
});
