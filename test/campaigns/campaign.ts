// What campaigns share: chance with a seed, a live count, and what the one that was called by name was asked for.
import { readCall } from '../support/command.ts';

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

interface CampaignCall {
  name: string;
  does: string;
  /** how many, if nothing else is said, and of what */
  rounds: number;
  of: string;
  takes: string;
}

/** `--rounds N --seed N` of a campaign that was called by name. */
export function campaignArgs({ name, does, rounds, of, takes }: CampaignCall): {
  rounds: number;
  seed: number;
} {
  return readCall({
    call: `npm run campaign:${name}`,
    does,
    options: {
      rounds: { kind: 'whole', value: 'N', fallback: rounds, help: of },
      seed: { kind: 'whole', value: 'N', fallback: 1, help: 'of its chance' },
    },
    takes,
    exits: '0 nothing was found; 1 something was, and is told',
  }).options;
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
