// The words of the attachment machine: what it is told, what it commands, what it remembers. No behaviour.
import type { Outcome } from '../protocol/index.ts';
import type { Timed } from './moment.ts';

export interface AttachmentInput {
  stream_id: string;
  /** the last seq that is on screen or was restored with its text, as one thing (AT6); 0: nothing */
  cursor: number;
  /** the stream that owns the pane now; null: none */
  owner_stream_id: string | null;
  /** text, thinking, a tool card or an activity row of this stream is on screen already */
  live_content: boolean;
  at: number;
}

/**
 * `restored`: the transcript holds this stream, settled, whatever the session's active stream is by now.
 * `active`: the server says that it is not settled. `missing`: there is no such session or stream any more.
 * `stale`: another stream owns the pane, and the transcript does not hold this one settled.
 * `error`: no answer, or none that could be read.
 */
export type TranscriptStatus = 'restored' | 'active' | 'missing' | 'stale' | 'error';

/** Every event carries `at`, ms since 1970. `line.*` are the line machine's own facts, passed on. */
export type AttachmentEvent = { at: number } & (
  | { type: 'line.opened' }
  | { type: 'line.lost' }
  /** The server closed the line with `end`; the line reopens by itself. */
  | { type: 'line.ended'; reason: string }
  /** The server refused the cursor: what follows starts over. */
  | { type: 'line.reset' }
  /**
   * A run of frames of this stream without a hole in it. `live`: it puts live content on screen. `terminal`: one of them
   * is `done`, `cancel` or `apperror`, with this outcome. `ended`: the last one is `stream_end`.
   */
  | {
      type: 'frames.arrived';
      first: number;
      last: number;
      live: boolean;
      terminal?: Outcome;
      ended?: boolean;
    }
  | { type: 'pane.changed'; owner_stream_id: string | null }
  /** `seq`: the `last_seq` of this stream's message. `owner_stream_id`: the pane's owner, read after the await (AT4). */
  | {
      type: 'transcript.answered';
      status: TranscriptStatus;
      seq: number;
      owner_stream_id: string | null;
      terminal?: Outcome;
    }
  | { type: 'page.hidden' }
  | { type: 'page.shown' }
  | { type: 'network.lost' }
  | { type: 'network.returned' }
  /** The reader asks for a try now. */
  | { type: 'retry' }
);

/** What the page does for the machine. It performs each in the turn in which it hears it, without an `await`. */
export type AttachmentCommand =
  /**
   * Take the frames of the batch just told with `after < seq ≤ last` into the view; drop the others (AT11). With
   * `fenced`, a terminal is known: only `metering`, `title_status`, `title` and `stream_end` are taken (AT7). Text and
   * cursor are stored together or not at all (AT6).
   */
  | { type: 'take.frames'; after: number; last: number; fenced: boolean }
  /**
   * AT8: forget this stream's frames and build the view anew from those that come next. The old picture stays until the
   * first of them is painted, so that nothing flashes.
   */
  | { type: 'clear.view' }
  /** Hand `reattach` to the line: it reopens with the cursors of what the page shows. */
  | { type: 'reattach'; cursor: number }
  /**
   * Ask for the settled session and answer with exactly one `transcript.answered`, with the pane's owner read after the
   * await (AT4). An answer that comes when the actor is stopped is dropped.
   */
  | { type: 'ask.transcript'; stream_id: string; cursor: number }
  /**
   * AT2: replace this stream's live text by the transcript just answered, in one paint, and keep the scroll. Where
   * `owns_pane` is false, only this stream's own article is touched. `finalize` follows, unless it has run.
   */
  | { type: 'adopt.transcript'; seq: number; owns_pane: boolean }
  /**
   * AT3, exactly once per attachment. Always, and of this stream only: clear its in-flight state, its approval card and
   * its clarify card; cancel its pending paint; end its parser; drop its persist timer; close its thinking card; keep
   * the scroll; close only its own source, if it has one. Text that was shown stays. And only with `owns_pane`: the
   * pane's active stream id, its busy mark and its live turn.
   */
  | { type: 'finalize'; owns_pane: boolean; why: string | null };

export interface AttachmentContext extends Timed {
  stream_id: string;
  cursor: number;
  /** what a transcript must reach to replace what is shown (AT2); `stream_end` itself shows nothing */
  shown: number;
  owner_stream_id: string | null;
  live_content: boolean;
  terminal: Outcome | null;
  /** the next frames may start anywhere (AT8) */
  anew: boolean;
  /** reattachments for a hole since the last frame that fitted */
  holes: number;
  hidden: boolean;
  offline: boolean;
  finalized: boolean;
  /** asks of this recovery: the deferred one and those after it */
  try: number;
  of: number;
  since: number;
  why: string | null;
}
