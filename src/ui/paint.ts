// When what has arrived is painted: once per animation frame, however much came. A hidden tab has no frames: a slow timer
// stands in, so that its state stays true and the cursor moves.

/** Browsers slow the timers of a hidden tab to a second anyway. */
const HIDDEN_FLUSH_MS = 500;

export interface Paint {
  /** Something came. */
  ask(): void;
  /** Paints now what was asked for, if anything was. */
  now(): void;
  cancel(): void;
}

export function createPaint(draw: () => void): Paint {
  let frame: number | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const clear = (): boolean => {
    const wasAsked = frame !== null || timer !== null;
    if (frame !== null) cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
    frame = null;
    timer = null;
    return wasAsked;
  };
  const run = (): void => {
    clear();
    draw();
  };
  return {
    ask() {
      if (frame === null && !document.hidden) frame = requestAnimationFrame(run);
      // Also beside a frame: a tab that was hidden after it asked gets none.
      timer ??= setTimeout(run, HIDDEN_FLUSH_MS);
    },
    now() {
      if (clear()) draw();
    },
    cancel: () => void clear(),
  };
}
