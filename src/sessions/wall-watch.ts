// Tells when the wall clock went elsewhere than the timers: it was set, or the computer slept. A due time is of the wall
// clock, a timer counts the time that the process was awake (CQ7). It ticks only while somebody needs to know. A clock that
// is set back between two ticks is not noticed by what is due before the next: that expires by its timer, when all of its
// seconds have passed, though the wall clock is not there yet: whoever had to answer had the whole time.
import { SWEEP_EVERY_MS } from '../machines/bounds.ts';
import type { Clock } from '../protocol/index.ts';

/** Less than this is a timer that came late. */
const MOVED_MS = 1_000;

export interface WallWatch {
  /** Idempotent. */
  need(isNeeded: boolean): void;
}

export function createWallWatch(clock: Clock, onMoved: () => void): WallWatch {
  let timer: unknown;
  let due = 0;

  function tick(): void {
    const isMoved = Math.abs(clock.now() - due) > MOVED_MS;
    wait();
    if (isMoved) onMoved();
  }
  function wait(): void {
    due = clock.now() + SWEEP_EVERY_MS;
    timer = clock.setTimeout(tick, SWEEP_EVERY_MS);
  }

  return {
    need(isNeeded) {
      if (isNeeded === (timer !== undefined)) return;
      if (isNeeded) return wait();
      clock.clearTimeout(timer);
      timer = undefined;
    },
  };
}
