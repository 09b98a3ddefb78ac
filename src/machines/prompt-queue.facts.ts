// The words of the prompt-queue machine: what it is told, what it commands, what it remembers. No behaviour.
import type { PromptEndKind, PromptEntry, PromptKind } from '../protocol/index.ts';
import type { Timed } from './moment.ts';

export interface PromptQueueInput {
  session_id: string;
  kind: PromptKind;
  /** pos of the record that last changed this queue, or any later pos of the log as it was read; 0: none */
  version: number;
  /** what the log holds as pending, oldest first; all of one stream, for a session has one that lives */
  entries: PromptEntry[];
  /** why nobody owns their stream; null: somebody does */
  stale: string | null;
  at: number;
}

/** Every event carries `at`, ms since 1970. `prompt.*` are committed records of the log, told in its order. */
export type PromptQueueEvent = { at: number } & (
  | { type: 'prompt.asked'; entry: PromptEntry; pos: number }
  | { type: 'prompt.settled'; prompt_id: string; how: PromptEndKind; by: string | null; pos: number }
  /** The stream began to drain: its terminal commit will close its entries. */
  | { type: 'stream.ending'; stream_id: string }
  /** The commit that closed them is durable; their `prompt.settled` were told before. */
  | { type: 'entries.closed'; stream_id: string }
  | { type: 'owner.lost'; stream_id: string; reason: string }
  | { type: 'owner.returned'; stream_id: string }
  /** The expiry could not be written. An expiry that lost against an answer is no refusal: the answer is told. */
  | { type: 'expiry.refused'; prompt_id: string }
  /** The wall clock jumped, or the computer slept: due times are looked at anew. */
  | { type: 'clock.moved' }
  | { type: 'session.deleted' }
);

/** Write that the prompt has expired. Idempotent: the log decides (CQ5), and answers with `prompt.settled`. */
export type PromptQueueCommand = { type: 'expire'; prompt_id: string };

export interface PromptQueueContext extends Timed {
  session_id: string;
  kind: PromptKind;
  /** CQ4: only grows */
  version: number;
  /** CQ1: pending, oldest first; the log keeps them at PENDING_PROMPTS_MAX or fewer (P10) */
  entries: PromptEntry[];
  /** the stream that ends, or whose owner is lost; null: none, or not known which */
  stream_id: string | null;
  /** why the entries are held; null: they are not */
  stale: string | null;
  /** the prompt whose expiry is being written */
  expiring: string | null;
  try: number;
  of: number;
  since: number;
  why: string | null;
}
