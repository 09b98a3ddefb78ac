// The words of the line machine: what it is told, what it commands, what it remembers. No behaviour.
import type { Timed } from './moment.ts';

export interface LineInput {
  /** a whole number from the page's own randomness; every jitter is drawn from it */
  seed: number;
  heartbeat_ms?: number;
  at: number;
}

/** Every event carries `at`, ms since 1970. `source.*` concern the newest source only. */
export type LineEvent = { at: number } & (
  | { type: 'source.opened' }
  /** Any event came, heartbeats included. Once per batch is enough. */
  | { type: 'source.heard' }
  | { type: 'source.failed' }
  /** The server said `end`. */
  | { type: 'source.ended'; reason: string }
  /** LN3: other sessions are watched, or the same from other cursors; also a hole (AT11). */
  | { type: 'reattach' }
  | { type: 'retry' }
  | { type: 'page.hidden' }
  | { type: 'page.shown' }
  | { type: 'network.lost' }
  | { type: 'network.returned' }
  | { type: 'close' }
);

/** What the page does for the machine; `line.*` are facts, to be passed on to every attachment. */
export type LineCommand =
  /** Close the source there is, and open one with the cursors of what is shown now. */
  | { type: 'open.source' }
  | { type: 'close.source' }
  /** Ask for the sessions on screen. */
  | { type: 'poll.sessions' }
  | { type: 'line.opened'; at: number }
  | { type: 'line.lost'; at: number }
  | { type: 'line.ended'; reason: string; at: number };

export interface LineContext extends Timed {
  seed: number;
  heartbeat_ms: number;
  last_heard_at: number;
  opened_at: number;
  ever_open: boolean;
  /** failures in a row */
  failures: number;
  /** the wait that the present backoff drew */
  wait_ms: number;
  /** polling: when the next source is tried */
  try_due_at: number;
  hidden: boolean;
  offline: boolean;
  since: number;
  why: string | null;
}
