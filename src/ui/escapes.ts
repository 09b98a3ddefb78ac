// What Escape means beside closing the top thing: a second one soon after stops the run that is shown, and asks first while
// one of its tools runs. Knows no document and no clock.

/** So soon a second Escape comes that stops the run; so long after that none stops the next one. */
export const ESCAPE_AGAIN_MS = 1200;

export type Escape = 'first' | 'stop' | 'ask' | 'none';

export function createEscapes() {
  let first: { stream_id: string; at: number } | null = null;
  let acted = -Infinity;
  return {
    /** `at` in ms */
    pressed({ stream_id, hasTool, at }: { stream_id: string; hasTool: boolean; at: number }): Escape {
      // CQ11: whoever hammers on it means the run that was shown, not the one that takes its place.
      if (at - acted < ESCAPE_AGAIN_MS) return 'none';
      const isSecond = first?.stream_id === stream_id && at - first.at < ESCAPE_AGAIN_MS;
      first = isSecond ? null : { stream_id, at };
      if (!isSecond) return 'first';
      acted = at;
      return hasTool ? 'ask' : 'stop';
    },
    /** It closed something else that stood above. */
    spent(): void {
      first = null;
    },
  };
}
