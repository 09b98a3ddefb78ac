// What campaigns share: chance with a seed, a live count, and the way to call one from a shell.
import { parseArgs } from 'node:util';

export interface Campaign {
  /** 0 ≤ n < 1, the same for the same seed */
  fraction(): number;
  /** a whole number from `min` to `max` */
  between(min: number, max: number): number;
  progress(done: number, of: number, note: string): void;
}

/** mulberry32, a public-domain generator by Tommy Ettinger. */
export function createCampaign(seed: number, isLive: boolean): Campaign {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    between: (min, max) => min + Math.floor(fraction() * (max - min + 1)),
    progress(done, of, note) {
      if (!isLive) return;
      const text = `${String(done).padStart(String(of).length)}/${of} ${note}`;
      if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K${done === of ? '\n' : ''}`);
      else if (done % Math.ceil(of / 10) === 0) process.stderr.write(`${text}\n`);
    },
  };
}

/** `--rounds N --seed N` of a campaign that was called by name. */
export function campaignArgs(rounds: number): { rounds: number; seed: number } {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
  return { rounds: Number(values.rounds ?? rounds), seed: Number(values.seed ?? 1) };
}

/** Runs `work` for 0 … count-1, at most `width` at a time. */
export async function inParallel(
  count: number,
  width: number,
  work: (round: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
