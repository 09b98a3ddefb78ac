// When what has arrived is painted: once per animation frame, however much came. A hidden tab has no frames: a slow timer
// stands in, so that its state stays true and the cursor moves.
import { passed } from './line/passed.ts';

/** Of a hidden tab: this far apart, and at once what comes after a pause. Browsers slow its timers to a second anyway. */
const HIDDEN_FLUSH_MS = 500;

export interface Paint {
  /** Something came. */
  ask(): void;
  /** Paints now what was asked for, if anything was. */
  now(): void;
  cancel(): void;
}

export function createPaint(draw: () => void, now: () => number): Paint {
  let frame: number | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let drawnAt = 0;
  const isAsked = (): boolean => frame !== null || timer !== null;
  const clear = (): void => {
    if (frame !== null) cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
    frame = null;
    timer = null;
  };
  const run = (): void => {
    clear();
    drawnAt = now();
    draw();
  };
  return {
    ask() {
      const { hidden } = document;
      if (frame === null && !hidden) frame = requestAnimationFrame(run);
      const since_ms = hidden ? passed(drawnAt, now()) : 0;
      // Also beside a frame: a tab that was hidden after it asked gets none.
      timer ??= setTimeout(run, Math.max(0, HIDDEN_FLUSH_MS - since_ms));
    },
    now() {
      if (isAsked()) run();
    },
    cancel: clear,
  };
}
