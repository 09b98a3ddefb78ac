// The words of the log: what it is handed, what it knows, what it answers. Every outcome is a value. No behaviour.
import type {
  Attachment,
  KeptReceipt,
  Message,
  Outcome,
  PromptEndKind,
  PromptEntry,
  PromptKind,
  PushSubscriptionInput,
  QueuedMessage,
  Relation,
  Rule,
  Session,
  StoredRecord,
  TerminalEvent,
} from '../protocol/index.ts';

/** A session as the log knows it: all of the compact session but what only live actors know. */
export type SessionRow = Omit<Session, 'state' | 'waiting'> & {
  /** the session's head */
  head: number;
  /** the first pos that retention kept; 1 until something was cut */
  kept_from: number;
  /** who gave the title: nobody yet, our first-line guess, the agent, a person */
  title_source: 'none' | 'guess' | 'agent' | 'person';
};

/** A stream as the log knows it. */
export interface StreamRow {
  stream_id: string;
  session_id: string;
  owner: string;
  agent: string;
  model: string | null;
  /** the message that it answers, and the message that it will have written */
  user_message_id: string;
  message_id: string;
  epoch: number;
  /** how often it was tried to start it, the first time included (ST11) */
  starts: number;
  created_at: number;
  head: number;
  /** the session's pos of its newest frame; 0: none yet */
  last_pos: number;
  last_event: string | null;
  /** `stream_started` is in the log */
  started: boolean;
  terminal_state: Outcome | null;
  /** `stream_end` is in the log */
  settled: boolean;
  /** the first seq that retention kept: 1, or `head + 1` where it cut the run off */
  kept_from: number;
}

export interface NewSession {
  session_id: string;
  title: string | null;
  agent: string;
  model: string | null;
  cwd: string | null;
  parent_session_id: string | null;
  relation: Relation | null;
  is_cli_session: boolean;
  source_tag: string | null;
  session_source: string | null;
  source_label: string | null;
}

export interface Admission {
  session_id: string;
  /** ids for what this may create */
  stream_id: string;
  user_message_id: string;
  message_id: string;
  client_message_id: string | null;
  text: string;
  /** ids of attachments of the same owner; an unknown one is answered `no_attachment` */
  attachment_ids?: string[];
  on_busy: 'reject' | 'queue';
}

export type Admitted =
  /** the user's message and the stream are in the log, the session is theirs */
  | { kind: 'started'; stream: StreamRow; session: SessionRow }
  | { kind: 'queued'; user_message_id: string; position: number; session: SessionRow }
  | { kind: 'busy'; active_stream_id: string }
  | { kind: 'queue_full' }
  /** the same client_message_id and text: the first answer again (SE5) */
  | {
      kind: 'repeated';
      answer:
        | { kind: 'started'; stream_id: string; user_message_id: string; title: string }
        | { kind: 'queued'; user_message_id: string; position: number };
    }
  /** the same client_message_id with another text */
  | { kind: 'mismatch' }
  | { kind: 'no_attachment'; attachment_id: string }
  /** retry: there is no user message yet */
  | { kind: 'no_message' }
  | Refused;

/** not_found: also another principal's. damaged: its log failed a checksum. full: the disk is. */
export type Refused = { kind: 'not_found' } | Damaged | Full;
/** A record of the session failed its checksum: its log is read-only from there on, its run counts as interrupted. */
export type Damaged = { kind: 'damaged' };
/** `reason`: what the disk said, for the log. */
export type Full = { kind: 'full'; reason?: string };

/** Who writes: a stream's owner at its epoch. An older epoch is fenced. */
export interface Writer {
  stream_id: string;
  epoch: number;
}

/** `payload`: the JSON of an object, encoded once by the caller; the log puts stream_id, seq and at in front. */
export interface Append extends Writer {
  event: string;
  payload: string;
  at: number;
}
export type Appended = { kind: 'committed'; seq: number; pos: number } | { kind: 'fenced' } | Damaged | Full;

/** The first of the two commits of an end (ST2): the terminal frame; it fixes the outcome for ever. */
export interface Terminal extends Writer {
  event: TerminalEvent;
  payload: string;
  at: number;
}
export type Ended =
  | { kind: 'won'; outcome: Outcome; seq: number }
  /** a terminal is in the log already: its outcome stands (ST10, lesson 71) */
  | { kind: 'lost'; outcome: Outcome; seq: number }
  | { kind: 'fenced' }
  | Damaged
  | Full;

/**
 * The second (ST2): the transcript (folded from the log by the engine), usage, `stream_end`, release of the session.
 * `otherwise`: the terminal to write in the same transaction where the log holds none (recovery, ST5).
 */
export interface Settle extends Writer {
  at: number;
  otherwise?: { event: TerminalEvent; payload: string };
  /** What its owner did until here. */
  receipt?: KeptReceipt;
}
export type Settled =
  | { kind: 'settled'; outcome: Outcome; head: number; session: SessionRow }
  /** it was settled before: nothing was written */
  | { kind: 'already'; outcome: Outcome; head: number; session: SessionRow }
  | { kind: 'no_terminal' }
  | { kind: 'fenced' }
  | Damaged
  | Full;

/** What one durable commit holds: told once, in the order of commits, after it is durable, before any promise of it resolves. */
export interface Commit {
  /** grouped by nothing: in the order of the log */
  records: StoredRecord[];
}

export interface Damage {
  session_id: string;
  pos: number;
  reason: string;
}

/** A prompt as the log knows it. */
export interface PromptRow {
  kind: PromptKind;
  prompt_id: string;
  session_id: string;
  stream_id: string;
  entry: PromptEntry;
  /** pos of `prompt_asked` */
  asked_pos: number;
  /** null: pending */
  how: PromptEndKind | null;
  by: string | null;
  /** null: pending, or closed because its session is damaged: no record says when */
  settled_at: number | null;
  /** what was said, as JSON; null: nothing */
  answer: string | null;
}

export interface OpenedSession {
  session: SessionRow;
  /** pending, oldest first */
  prompts: PromptRow[];
}

export interface Ask extends Writer {
  kind: PromptKind;
  entry: PromptEntry;
  /** CQ8: a pending entry of this queue and stream with the same key is the same question; null: never merged */
  same_as: string | null;
  at: number;
}
export type Asked =
  | { kind: 'asked'; prompt: PromptRow }
  /** CQ8: the entry that is pending already; nothing was written */
  | { kind: 'merged'; prompt: PromptRow }
  | { kind: 'too_many' }
  | { kind: 'fenced' }
  | Refused;

export interface PromptAnswer {
  prompt_kind: PromptKind;
  session_id: string;
  prompt_id: string;
  how: Exclude<PromptEndKind, 'cancelled' | 'superseded'>;
  /** who: null for an expiry */
  by: string | null;
  /** JSON of a ClarifyAnswer or ApprovalAnswer; null: declined, expired */
  answer: string | null;
  /** CQ11: the rule that this answer makes, written with it; one that says the same already is the only one */
  rule: NewRule | null;
  at: number;
}
export interface NewRule {
  rule_id: string;
  scope: Rule['scope'];
  tool: string;
  command: string | null;
  cwd: string | null;
  effect: Rule['effect'];
  /** of tool, arguments and directory: exactly this call */
  call_hash: string;
}
/** CQ5: decided by the log. `lost`: how it had ended. `held`: its stream has no owner (stale); nor does it expire then. */
export type PromptAnswered =
  | { kind: 'won'; prompt: PromptRow }
  | { kind: 'lost'; prompt: PromptRow }
  | { kind: 'held'; prompt: PromptRow }
  | Refused;

export interface Report {
  /** streams of this log that are not settled, whoever owned them */
  unsettled: StreamRow[];
  /** idle sessions with a follow-up that waits and is not paused */
  with_follow_up: { owner: string; session_id: string }[];
  /** sessions whose records failed a checksum so far */
  damaged: Damage[];
  /** set when the log ends before the last watermark: something was lost under us */
  shorter: { expected_commit: number; found_commit: number } | null;
}

/** A stream with what the board shows of it. */
export interface TaskRow extends StreamRow {
  title: string;
  /** the beginning of the message that it answers; null: it is not there any more */
  message: string | null;
  /** ms; null: not settled */
  finished_at: number | null;
  /** the type of its `apperror`, where it ended with one */
  error_type: string | null;
}

/** What was uploaded. `hash`: of its bytes, the name of its file. */
export interface AttachmentRow extends Attachment {
  hash: string;
  created_at: number;
}

/** A device that wants to be called. `subscription`: as the browser gave it. */
export interface PushRow {
  owner: string;
  subscription: PushSubscriptionInput;
  failures: number;
  created_at: number;
}

export interface Page {
  records: StoredRecord[];
  /** the head of what was walked, and the first number of it that retention kept, when it was read */
  head: number;
  kept_from: number;
}

/** Retention cut this session: what is before `kept_from` (a pos) is gone. */
export interface Retained {
  session_id: string;
  kept_from: number;
}

export type QueueChange =
  | { kind: 'changed'; session: SessionRow; queue: QueuedMessage[] }
  /** it runs, or ran */
  | { kind: 'message_started' }
  | Refused;

/** Of an answer: also how its run ended, as far as that is known. */
export type ImportedMessage = Pick<Message, 'role' | 'parts' | 'created_at'> &
  Partial<Pick<Message, 'terminal_state' | 'settled_at' | 'usage'>>;
