// Chance without a source of chance: a seed goes in, a factor comes out. Not for secrets.
import { JITTER_MAX, JITTER_MIN } from './bounds.ts';

/** The next seed. Source: the 32-bit mixing step of "mulberry32" (T. Ettinger, public domain), as a sequence. */
export const nextSeed = (seed: number): number => (seed + 0x6d2b79f5) >>> 0;

/** A factor in [0.75, 1.25) from a seed. */
export function jitter(seed: number): number {
  let bits = Math.imul(seed ^ (seed >>> 15), seed | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  const fraction = ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  return JITTER_MIN + fraction * (JITTER_MAX - JITTER_MIN);
}
