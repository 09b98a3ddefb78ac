// When what has arrived is painted: once per animation frame, however much came. A hidden tab has no frames: it paints in steps,
// so that its state stays true and the cursor moves.
import { passed } from './line/passed.ts';

/** Between two of a hidden tab, whose timers browsers slow to a second; what comes after a pause waits for no timer. */
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
  let isSoon = false;
  let drawnAt = 0;
  const isAsked = (): boolean => frame !== null || timer !== null || isSoon;
  const clear = (): void => {
    if (frame !== null) cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
    frame = null;
    timer = null;
    isSoon = false;
  };
  const run = (): void => {
    clear();
    drawnAt = now();
    draw();
  };
  /** With all that comes in this turn. */
  const runSoon = (): void => {
    isSoon = true;
    queueMicrotask(() => {
      if (isSoon) run();
    });
  };
  return {
    ask() {
      const since_ms = document.hidden ? passed(drawnAt, now()) : 0;
      if (since_ms >= HIDDEN_FLUSH_MS) return runSoon();
      if (frame === null && !document.hidden) frame = requestAnimationFrame(run);
      // Also beside a frame: a tab that was hidden after it asked gets none.
      timer ??= setTimeout(run, HIDDEN_FLUSH_MS - since_ms);
    },
    now() {
      if (isAsked()) run();
    },
    cancel: clear,
  };
}
