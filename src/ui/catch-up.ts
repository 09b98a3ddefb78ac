// The proof of a reconnect (ui.md, "A reconnect proves itself"): how long the line was gone, how much the log had grown, and
// that all of it came. The log has no holes, so a cursor that reached the head has missed nothing. Knows no connection.
import type { Resumed } from './pane-store.ts';

/** A tab takes the connection over from another in less: nobody has seen it away, so there is nothing to prove (ms). */
const UNSEEN_MS = 50;

export interface CatchUp {
  readonly isLost: boolean;
  lost(at: number): void;
  /** The line is back and says where the log's head is. */
  back(of: { head: number; cursor: number; at: number }): void;
  /** What came is shown up to `cursor`. The proof, once, of a loss that could be seen. */
  reached(cursor: number): Resumed | null;
}

export function createCatchUp(): CatchUp {
  let lostAt: number | null = null;
  let owed: (Resumed & { head: number }) | null = null;
  return {
    get isLost() {
      return lostAt !== null;
    },
    lost(at) {
      lostAt ??= at;
    },
    back({ head, cursor, at }) {
      if (lostAt === null) return;
      owed = { head, events: Math.max(0, head - cursor), offline_ms: at - lostAt };
      lostAt = null;
    },
    reached(cursor) {
      if (!owed || cursor < owed.head) return null;
      const { events, offline_ms } = owed;
      owed = null;
      return offline_ms < UNSEEN_MS ? null : { events, offline_ms };
    },
  };
}
