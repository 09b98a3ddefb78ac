// What can be asked of the writer, as plain data that crosses to its thread, and what each is answered.
import type {
  Admission,
  Admitted,
  Append,
  Appended,
  Ask,
  Asked,
  AttachmentRow,
  Damage,
  Damaged,
  Ended,
  Full,
  ImportedMessage,
  Journal,
  NewSession,
  PromptAnswer,
  PromptAnswered,
  PushRow,
  QueueChange,
  Refused,
  Retained,
  Settle,
  Settled,
  Terminal,
} from './port.ts';

import type { Cut } from './retention.ts';

type Created = Awaited<ReturnType<Journal['createSession']>>;

/** The entry as JSON: encoded in its asker's turn, so that one that can't be fails alone. */
type AskWrite = Omit<Ask, 'entry'> & { prompt_id: string; entry: string };

/** One entry per operation: what it needs, what it answers. `mark` keeps that a session's log is damaged. */
export interface Operations {
  create: [{ owner: string; session: NewSession; at: number }, Created];
  patch: [
    { owner: string; session_id: string; patch: Parameters<Journal['patchSession']>[2]; at: number },
    Awaited<ReturnType<Journal['patchSession']>>,
  ];
  delete: [{ owner: string; session_id: string }, Awaited<ReturnType<Journal['deleteSession']>>];
  admit: [{ owner: string; admission: Admission; at: number }, Admitted];
  retry: [{ owner: string; admission: Parameters<Journal['admitRetry']>[1]; at: number }, Admitted];
  follow: [
    { session_id: string; ids: Parameters<Journal['takeFollowUp']>[1]; at: number },
    Admitted | { kind: 'none' },
  ];
  edit: [{ owner: string; session_id: string; message_id: string; text: string; at: number }, QueueChange];
  withdraw: [{ owner: string; session_id: string; message_id: string; at: number }, QueueChange];
  append: [Append, Appended];
  terminal: [Terminal, Ended];
  settle: [Settle, Settled];
  take_over: [{ stream_id: string; reason: string; at: number }, Awaited<ReturnType<Journal['takeOver']>>];
  ask: [AskWrite, Asked];
  answer: [PromptAnswer & { owner: string }, PromptAnswered];
  withdraw_rule: [{ owner: string; rule_id: string }, Awaited<ReturnType<Journal['deleteRule']>>];
  fork: [{ owner: string; from: string; upto: string; session_id: string; at: number }, Created];
  import: [
    { owner: string; session: NewSession; messages: ImportedMessage[]; message_ids: string[]; at: number },
    Created,
  ];
  /** stores what a settle left in the log while the disk was full: one message a time */
  fold: [object, { kind: 'folded'; more: boolean }];
  /** removes a part of what is left of deleted sessions */
  purge: [object, { kind: 'purged'; more: boolean }];
  mark: [Damage, null | Full];
  /** retention: a run and all before it in its session */
  cut: [Cut, ({ kind: 'cut'; runs_cut: number } & Retained) | { kind: 'kept' }];
  /** removes a part of what was cut */
  trim: [{ session_id: string }, { kind: 'trimmed'; more: boolean } | Damaged | Full];
  compact: [object, { kind: 'compacted'; free_pages: number; unordered: boolean } | Full];
  announce: [{ hash: string }, Awaited<ReturnType<Journal['announceFile']>>];
  attach: [{ owner: string; attachment: AttachmentRow }, Awaited<ReturnType<Journal['addAttachment']>>];
  forget_unused: [{ before: number }, { hashes: string[] }];
  detached: [{ hashes: string[] }, null];
  subscribe: [
    { owner: string; subscription: PushRow['subscription']; at: number },
    Awaited<ReturnType<Journal['subscribe']>>,
  ];
  unsubscribe: [{ owner: string; endpoint: string }, Awaited<ReturnType<Journal['unsubscribe']>>];
  pushed: [{ endpoint: string; ok: boolean }, null];
}

export type OperationName = keyof Operations;
export type Input<N extends OperationName> = Operations[N][0];
export type Answer<N extends OperationName> = Operations[N][1];

/** One operation on its way. */
export type Operation = { [N in OperationName]: { name: N; input: Input<N> } }[OperationName];

/**
 * The refusals that several give. FULL is given by what begins or grows; what ends, releases or deletes (terminal, settle,
 * take_over, answer, withdraw, withdraw_rule, delete, purge, mark) never looks whether the disk is full: the reserve is there for it.
 */
export const FULL = { kind: 'full' } as const satisfies Refused;
export const NOT_FOUND = { kind: 'not_found' } as const satisfies Refused;
export const DAMAGED = { kind: 'damaged' } as const satisfies Refused;
