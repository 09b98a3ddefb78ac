// A clock that stands still until it is told to go on. It knows its timers and nothing else.
import type { Clock } from '../../src/protocol/index.ts';

interface Pending {
  at: number;
  order: number;
  fn: () => void;
}

export interface ManualClock extends Clock {
  /** timers that are set and have not fired */
  pending(): number;
  /** ms until the next timer; null: none */
  next(): number | null;
  /** Goes on by `ms`, timer by timer; between two timers everything that they woke gets its turn. */
  advance(ms: number): Promise<void>;
  /** The wall clock jumps; no timer knows. */
  jump(ms: number): void;
}

/** Lets everything that is ready run: promises, and one round of the event loop. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let elapsed = 0;
  let offset = start;
  let orders = 0;
  const timers = new Set<Pending>();

  const first = (): Pending | null => {
    let found: Pending | null = null;
    for (const timer of timers)
      if (!found || timer.at < found.at || (timer.at === found.at && timer.order < found.order))
        found = timer;
    return found;
  };

  return {
    now: () => offset + elapsed,
    setTimeout(fn, ms) {
      const timer = { at: elapsed + Math.max(0, ms), order: orders++, fn };
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      timers.delete(timer as Pending);
    },
    pending: () => timers.size,
    next() {
      const timer = first();
      return timer ? timer.at - elapsed : null;
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settled();
      for (let timer = first(); timer && timer.at <= until; timer = first()) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.at);
        timer.fn();
        await settled();
      }
      elapsed = until;
    },
    jump(ms) {
      offset += ms;
    },
  };
}
