// The words of the prompt-feed machine: what it is told, what it commands, what it remembers. No behaviour.
import type {
  ApprovalRespond,
  ClarifyRespond,
  PromptEndKind,
  PromptEntry,
  PromptKind,
  QueueState,
} from '../protocol/index.ts';
import type { Timed } from './moment.ts';

export interface PromptFeedInput {
  session_id: string;
  kind: PromptKind;
  /** the name under which this tab answers; null: none, and only the answer's own response says who won */
  client: string | null;
  heartbeat_ms?: number;
  at: number;
}

/** What a person says, as the wire takes it, without the ids. */
export type PromptReply =
  | Omit<ClarifyRespond, 'session_id' | 'clarify_id'>
  | Omit<ApprovalRespond, 'session_id' | 'approval_id'>;

/**
 * Open: `pending`; `answering` (sent, not confirmed); `failed` (sent, and did not arrive, until a person acknowledges it or
 * tries again). Over: the log's words; `lost`: this tab's answer came too late, `how` and `by` say to what; `gone`: no longer
 * pending, and not yet known why; `cleared`: the page gave its stream up (AT3).
 */
export type CardState = 'pending' | 'answering' | 'failed' | PromptEndKind | 'lost' | 'gone' | 'cleared';

export interface Card {
  prompt_id: string;
  entry: PromptEntry;
  state: CardState;
  since: number;
  /** what was last sent from here; null: nothing */
  reply: PromptReply | null;
  /** how often a person sent one from here */
  try: number;
  /** how it ended, as far as is known */
  how: PromptEndKind | null;
  by: string | null;
  /** it was ended from this tab */
  mine: boolean;
  /** why the answer did not arrive */
  error: string | null;
  /** put away by a person; sticks to this id */
  dismissed: boolean;
}

/** Every event carries `at`, ms since 1970. `line.*` are the facts of whatever pushes: the page's one line, or a source. */
export type PromptFeedEvent = { at: number } & (
  | { type: 'line.opened' }
  /** It failed to open, or was open and is lost. */
  | { type: 'line.lost' }
  | { type: 'line.ended' }
  /** Anything came over it, heartbeats included. Once per batch is enough. */
  | { type: 'line.heard' }
  | { type: 'state.pushed'; state: QueueState }
  | { type: 'state.polled'; state: QueueState }
  | { type: 'poll.failed' }
  /** The log's record of a prompt of this queue; `pos`: its place. */
  | { type: 'prompt.settled'; prompt_id: string; how: PromptEndKind; by: string | null; pos: number }
  /** A person answers, declines, or tries a failed answer again. */
  | { type: 'answer'; prompt_id: string; reply: PromptReply }
  | { type: 'respond.accepted'; prompt_id: string; by: string | null }
  /** 409: it had ended. */
  | { type: 'respond.stale'; prompt_id: string; how: PromptEndKind | null; by: string | null }
  | { type: 'respond.failed'; prompt_id: string; error: string }
  /** The machine's own: nobody has said what became of an answer. */
  | { type: 'respond.overdue'; prompt_id: string }
  /** A person has read that the answer did not arrive. */
  | { type: 'acknowledge'; prompt_id: string }
  | { type: 'dismiss'; prompt_id: string }
  /** The opposite. */
  | { type: 'recall'; prompt_id: string }
  /** AT3: the page has given this stream up. */
  | { type: 'stream.finalized'; stream_id: string }
  | { type: 'close' }
);

/** What the page does for the machine. */
export type PromptFeedCommand =
  /** Ask what is pending, and answer with `state.polled` or `poll.failed`. */
  | { type: 'poll' }
  /** Nothing was heard for four heartbeats: reopen what pushes (on the page's one line: `reattach`). */
  | { type: 'reopen' }
  /** Post the answer, and tell exactly one of `respond.accepted`, `respond.stale`, `respond.failed`, with the id. */
  | { type: 'respond'; prompt_id: string; reply: PromptReply }
  /** The prompt ended and what was typed was not taken: the draft goes back to the composer. Once per prompt. */
  | { type: 'return.draft'; prompt_id: string };

export interface PromptFeedContext extends Timed {
  session_id: string;
  kind: PromptKind;
  client: string | null;
  heartbeat_ms: number;
  last_heard_at: number;
  /** failures to open since it was last open */
  failures: number;
  /** the newest that came; null: nothing yet */
  state: QueueState | null;
  /** PF3: a state below this pos is older than what is known */
  floor: number;
  /** in the order in which they came; at most one is open and not on its way: the head */
  cards: Card[];
  since: number;
}
