// Chance with a seed: the same numbers on every machine. Knows nothing of what they decide.
import type { Random } from '../../src/protocol/index.ts';

export interface Chance extends Random {
  /** True in `share` of all cases. */
  is(share: number): boolean;
  /** a whole number from `min` to `max` */
  between(min: number, max: number): number;
  pick<T>(of: readonly T[]): T;
  /** Another source, with a seed drawn from this one: what is drawn there moves nothing here. */
  fork(): Chance;
}

/** mulberry32, a public-domain generator by Tommy Ettinger. */
export function createChance(seed: number): Chance {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const fraction = (): number => word() / 2 ** 32;
  const chance: Chance = {
    fraction,
    is: (share) => fraction() < share,
    between: (min, max) => min + Math.floor(fraction() * (max - min + 1)),
    pick: (of) => of[Math.floor(fraction() * of.length)]!,
    fork: () => createChance(word()),
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 1) bytes[at] = word() & 255;
      return bytes;
    },
  };
  return chance;
}
