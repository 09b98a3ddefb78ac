// When a group of frames may wait a little for more: only when many streams write at a high rate, 2 ms at most. Under low
// load, for a single writer, and for anything that a person waits for, nothing is added.
import { performance } from 'node:perf_hooks';
import type { Operation } from './operations.ts';

/** A commit costs about as much as forty frames: at this distance it is shared by several. */
const GROUP_MS = 2;
/** Load is what came in the last full window. 500 a second and more is high. */
const WINDOW_MS = 50;
const WINDOW_FRAMES_HIGH = 25;

export interface Pace {
  /** An operation came in. True: the group that it joins may wait. */
  came(operation: Operation): boolean;
  /** A group leaves now. */
  left(): void;
  /** How many ms the next group should still wait; 0: none. */
  wait(): number;
}

/** `now`: ms, never going back. */
export function createPace(now: () => number = () => performance.now()): Pace {
  let window_from = 0;
  let frames = 0;
  let writer = '';
  let several = false;
  let high = false;
  let last_left = 0;

  function turn(at: number): void {
    if (at - window_from < WINDOW_MS) return;
    // A window without a successor right behind it says nothing of now.
    high = at - window_from < 2 * WINDOW_MS && several && frames >= WINDOW_FRAMES_HIGH;
    window_from = at;
    frames = 0;
    several = false;
  }

  return {
    came(operation) {
      if (operation.name !== 'append') return false;
      turn(now());
      frames += 1;
      if (operation.input.stream_id !== writer) {
        several ||= frames > 1;
        writer = operation.input.stream_id;
      }
      return true;
    },
    left() {
      last_left = now();
    },
    wait() {
      return high ? Math.max(0, GROUP_MS - (now() - last_left)) : 0;
    },
  };
}
