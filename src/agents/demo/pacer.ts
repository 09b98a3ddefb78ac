// Keeps a rate against one time line, so that late timers are made up for. It knows no frame; the run's scope sleeps for it.
import type { Clock } from '../../protocol/index.ts';
import type { RunScope } from '../run.ts';

/** Frames between two turns that the rest of the process gets, when nothing else makes us wait. */
const FRAMES_PER_TURN_MAX = 256;
/** A step of the clock beyond this, or backwards, is a jump of the wall clock or a pause of ours: not made up for. */
const LATE_MS_MAX = 10_000;
/** A timer may fire this much before its time. */
const EARLY_MS_MAX = 1;

export interface Pacer {
  /** Resolves when the next frame is due. */
  due(): Promise<void>;
  /** A pause that was meant: what passed since the last frame is not made up for. */
  rebase(): void;
}

/** `rate` frames a second on the long run, several in one turn if need be; 0: no waiting, but other work gets its turn. */
export function createPacer(clock: Clock, scope: RunScope, rate: number): Pacer {
  const step_ms = rate > 0 ? 1000 / rate : 0;
  let ahead_ms = 0;
  let seen_at = clock.now();
  let inTurn = 0;

  const passed = (asked_ms: number): number => {
    const now = clock.now();
    const ms = now - seen_at;
    seen_at = now;
    return ms < asked_ms - EARLY_MS_MAX || ms > asked_ms + LATE_MS_MAX ? asked_ms : ms;
  };

  async function sleep(ms: number): Promise<void> {
    inTurn = 0;
    ahead_ms -= passed(0);
    await scope.sleep(ms);
    ahead_ms -= passed(ms);
  }

  return {
    async due() {
      if (rate > 0) {
        ahead_ms -= passed(0);
        while (ahead_ms > 0) await sleep(Math.ceil(ahead_ms)); // timers know whole milliseconds
        ahead_ms += step_ms;
      }
      if (++inTurn > FRAMES_PER_TURN_MAX) await sleep(0);
    },
    rebase() {
      seen_at = clock.now();
    },
  };
}
