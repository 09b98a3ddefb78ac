// What all machines share: what time it is, what is left of a bound, chance from a seed, a bound as a text, a path as a string.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bounded, boundOf, duration } from '../../src/machines/bounded.ts';
import { JITTER_MAX, JITTER_MIN } from '../../src/machines/bounds.ts';
import { jitter, nextSeed } from '../../src/machines/jitter.ts';
import { moment, remaining } from '../../src/machines/moment.ts';
import { pathOf } from '../../src/machines/path.ts';
import { machines } from '../support/machines.ts';

test('ST4 an event says what time it is; a timer fires when it was due; without either time stands still', () => {
  expect(moment({ now: 5, due_at: 9 }, { type: 'told', at: 7 })).toBe(7);
  expect(moment({ now: 5, due_at: 9 }, { type: 'xstate.after' })).toBe(9);
  expect(moment({ now: 5, due_at: 9 }, { type: 'told', at: 'noon' })).toBe(9);
  expect(moment({ now: 5, due_at: null }, { type: 'xstate.init' })).toBe(5);
});

test('ST4 what is left of a bound is never negative and never more than the bound, whatever the clock does', () => {
  expect(remaining({ now: 10 }, 4, 30)).toBe(24);
  expect(remaining({ now: 34 }, 4, 30)).toBe(0);
  expect(remaining({ now: 99 }, 4, 30)).toBe(0);
  expect(remaining({ now: 0 }, 4, 30)).toBe(30);
});

test('AT6 a jitter is a factor within its bounds, the same for the same seed, and uses all of them', () => {
  const of = (seed: number) => jitter(seed >>> 0);
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (seed) => {
      expect(of(seed)).toBeGreaterThanOrEqual(JITTER_MIN);
      expect(of(seed)).toBeLessThan(JITTER_MAX);
      expect(of(seed)).toBe(of(seed));
      expect(nextSeed(seed)).not.toBe(seed);
      expect(Number.isInteger(nextSeed(seed)) && nextSeed(seed) >= 0 && nextSeed(seed) <= 0xffffffff).toBe(
        true,
      );
    }),
  );
  const tenths = new Set<number>();
  for (let seed = 1, n = 0; n < 400; n += 1, seed = nextSeed(seed))
    tenths.add(Math.floor(((of(seed) - JITTER_MIN) / (JITTER_MAX - JITTER_MIN)) * 10));
  expect([...tenths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('P9 a bound is marked on what keeps it, and read from there only', () => {
  const guard = bounded('10 tries', (n: number) => n < 10);
  expect([guard(3), boundOf(guard)]).toEqual([true, '10 tries']);
  for (const none of [
    () => 1,
    7,
    null,
    undefined,
    '10 tries',
    { bound: '10 tries' },
    Object.assign(() => 1, { bound: 5 }),
  ])
    expect(boundOf(none)).toBe(null);
});

test('P9 a duration is said in seconds where that is short', () => {
  expect([200, 500, 999, 1_000, 1_500, 1_501, 60_000].map(duration)).toEqual([
    '200 ms',
    '500 ms',
    '999 ms',
    '1 s',
    '1.5 s',
    '1501 ms',
    '60 s',
  ]);
});

test('P9 ST4 the bounds that diagrams show are those that are kept', () => {
  const said = Object.values(machines).flatMap(({ implementations: { guards, delays } }) =>
    Object.entries({ ...guards, ...delays }).flatMap(([name, of]) =>
      boundOf(of) === null ? [] : [`${name} ${boundOf(of)}`],
    ),
  );
  expect([...new Set(said)].sort()).toEqual([
    'cannotOpen 3 failures',
    'expiryDue when the first is due',
    'killBound 3 s',
    'ladder 1.5, 3, 5, 8, 12, 20 s × 0.75–1.25, then 30 s',
    'mayAnswer 8 at once',
    'mayAskAgain 10 more',
    'mayReattach 3 times',
    'mayRecover 10 tries, 30 s',
    'mayRetry 10 tries',
    'mayStart 2 starts',
    'neverOpened 3 failures',
    'quietAfter 30 s',
    'quietAfter 4 heartbeats',
    'recoveryBound 30 s',
    'stopBound 5 s',
    'takeOver 400 ms × 0.75–1.25',
  ]);
});

test('house the path of a state is its words with dots between them', () => {
  expect(pathOf('idle')).toBe('idle');
  expect(pathOf({ active: 'quiet' })).toBe('active.quiet');
  expect(pathOf({ active: { asking: 'timed' } })).toBe('active.asking.timed');
  expect(pathOf({})).toBe('');
  expect(pathOf({ active: undefined } as never)).toBe('active');
});
