// The log as a port. Whoever keeps sessions talks to this; the embedded engine is one way to keep the promise, a database
// on another machine may be a second. Every promise of a write resolves when the write is durable, never before, and an
// outcome is a value: a promise here rejects only for a bug or a log that is closed.
import type {
  KeptReceipt,
  Log,
  Message,
  PushSubscriptionInput,
  QueuedMessage,
  Retention,
  Rule,
  Storage,
} from '../protocol/index.ts';
import type {
  Admission,
  Admitted,
  Append,
  Appended,
  Ask,
  Asked,
  AttachmentRow,
  Commit,
  Damage,
  Ended,
  Full,
  ImportedMessage,
  NewSession,
  OpenedSession,
  Page,
  PromptAnswer,
  PromptAnswered,
  PromptRow,
  PushRow,
  QueueChange,
  Refused,
  Report,
  Retained,
  SessionRow,
  Settle,
  Settled,
  StreamRow,
  TaskRow,
  Terminal,
} from './log-terms.ts';

export { DamagedRecord, FolderRefusal, JournalRefusal } from './failures.ts';
export type * from './log-terms.ts';

/** What is known of the way of a run; `receipt` null: none was written, or not yet. */
export interface ReceiptRow {
  stream: StreamRow;
  /** the session's pos of its first frame; 0: none yet */
  first_pos: number;
  settled_at: number | null;
  receipt: KeptReceipt | null;
}

export interface Journal {
  /** What the start found. Read it before anything else is asked. */
  readonly report: Report;
  /** One listener: the one who keeps the sessions. */
  onCommit(listener: (commit: Commit) => void): void;
  /** Called when the disk takes writes again after `full`. */
  onSpace(listener: () => void): void;
  /** Called when a session turned out to be damaged, by a read or by a write, after that is kept. */
  onDamage(listener: (damage: Damage) => void): void;
  /** Called when retention has cut a session. A read may show it first: every page says what is kept. */
  onRetained(listener: (retained: Retained) => void): void;

  createSession(
    owner: string,
    session: NewSession,
    at: number,
  ): Promise<{ kind: 'created'; session: SessionRow } | Refused>;
  patchSession(
    owner: string,
    session_id: string,
    patch: { title?: string; pinned?: boolean; archived?: boolean; queue_paused?: boolean },
    at: number,
  ): Promise<{ kind: 'patched'; session: SessionRow } | Refused>;
  /** Every trace: records, streams, messages, queue, prompts, its rules, search index; also out of the write-ahead log. */
  deleteSession(
    owner: string,
    session_id: string,
  ): Promise<
    /** `changed`: ids of those that it was the parent or the root of; absent: nobody */
    { kind: 'deleted'; changed?: string[] } | { kind: 'running'; active_stream_id: string } | Refused
  >;

  admit(owner: string, admission: Admission, at: number): Promise<Admitted>;
  /** The last user message again; the earlier answer is marked superseded. Ids as in admit; text is the log's. */
  admitRetry(
    owner: string,
    admission: Pick<Admission, 'session_id' | 'stream_id' | 'message_id'>,
    at: number,
  ): Promise<Admitted>;
  /** SE2: takes the next follow-up and makes its stream, in one transaction. */
  takeFollowUp(
    session_id: string,
    ids: { stream_id: string; message_id: string },
    at: number,
  ): Promise<Admitted | { kind: 'none' }>;
  editQueued(
    owner: string,
    session_id: string,
    message_id: string,
    text: string,
    at: number,
  ): Promise<QueueChange>;
  withdrawQueued(owner: string, session_id: string, message_id: string, at: number): Promise<QueueChange>;

  append(append: Append): Promise<Appended>;
  terminal(terminal: Terminal): Promise<Ended>;
  settle(settle: Settle): Promise<Settled>;
  /**
   * A new owner of a stream that nobody owns: its epoch grows by one, always. `stale {reason, epoch}` is written if it had
   * started and holds no terminal; if it had not started, `starts` grows by one instead (ST11).
   */
  takeOver(
    stream_id: string,
    reason: string,
    at: number,
  ): Promise<{ kind: 'taken'; stream: StreamRow } | { kind: 'settled' } | Refused>;

  ask(ask: Ask): Promise<Asked>;
  answer(owner: string, answer: PromptAnswer): Promise<PromptAnswered>;
  /** One read: the row and its pending prompts, oldest first. */
  openSession(owner: string, session_id: string): Promise<OpenedSession | null>;
  /** A prompt, however it ended; while its session lives. */
  getPrompt(owner: string, session_id: string, prompt_id: string): Promise<PromptRow | null>;
  /** Of this session, or for always. What rejects beats what allows; then the newest counts. */
  findRule(owner: string, session_id: string, call_hash: string): Promise<Rule | null>;
  listRules(owner: string): Promise<Rule[]>;
  deleteRule(owner: string, rule_id: string): Promise<{ kind: 'deleted' } | Refused>;

  getSession(owner: string, session_id: string): Promise<SessionRow | null>;
  /** `messages` complete up to `transcript_pos`, a running stream's answer folded as far as it is; one read transaction. */
  getTranscript(
    owner: string,
    session_id: string,
    page: { limit: number; before?: string },
  ): Promise<{ session: SessionRow; messages: Message[]; transcript_pos: number; has_more: boolean } | null>;
  listSessions(
    owner: string,
    query: {
      limit: number;
      before?: string;
      q?: string;
      archived?: boolean;
      /** only those that are */
      pinned?: boolean;
      collapse?: 'lineage' | 'none';
      /** the `lineage_root_id` that those of one lineage share */
      lineage?: string;
    },
  ): Promise<{
    sessions: (SessionRow & { lineage_key?: string; lineage_collapsed_count?: number })[];
    next?: string;
  }>;
  listQueue(owner: string, session_id: string): Promise<QueuedMessage[] | null>;
  getStream(owner: string, stream_id: string): Promise<StreamRow | null>;
  getReceipt(owner: string, stream_id: string): Promise<ReceiptRow | null>;
  /** Records with `seq > after`, at most `limit` of them and about 1 MiB of JSON; each checked against its checksum. */
  readStream(stream_id: string, after: number, limit: number): Promise<Page>;
  /** Records with `pos > after`, likewise. */
  readSession(session_id: string, after: number, limit: number): Promise<Page>;
  forkSession(
    owner: string,
    session_id: string,
    upto_message_id: string,
    fork_session_id: string,
    at: number,
  ): Promise<{ kind: 'created'; session: SessionRow } | Refused>;
  importSession(
    owner: string,
    session: NewSession,
    messages: ImportedMessage[],
    at: number,
  ): Promise<{ kind: 'created'; session: SessionRow } | Refused>;

  /** Every task that is not settled, and the newest settled ones since `since`, at most `limit` of them; of all owners. */
  listTasks(since: number, limit: number): Promise<TaskRow[]>;
  /** BR5: streams of all owners that are not settled, as the log knows them now. */
  listUnsettled(): Promise<StreamRow[]>;

  /** A file is about to be written: until a row names it, it is one that no row names. */
  announceFile(hash: string): Promise<{ kind: 'announced' } | Full>;
  addAttachment(owner: string, attachment: AttachmentRow): Promise<{ kind: 'added' } | Full>;
  getAttachment(owner: string, attachment_id: string): Promise<AttachmentRow | null>;
  /**
   * Forgets attachments that no message and no follow-up names and that are older. `hashes`: files that no row names any more,
   * those of deleted sessions too. They are told again until `detachAttachments`, so that a crash in between loses none.
   */
  forgetAttachments(before: number): Promise<{ hashes: string[] } | Full>;
  /** These files are gone. False: the disk took no word of it. */
  detachAttachments(hashes: string[]): Promise<boolean>;

  /** The same endpoint again takes the place of the older row. */
  subscribe(
    owner: string,
    subscription: PushSubscriptionInput,
    at: number,
  ): Promise<{ kind: 'subscribed' } | { kind: 'too_many' } | Full>;
  unsubscribe(owner: string, endpoint: string): Promise<{ kind: 'unsubscribed' } | { kind: 'not_found' }>;
  /** Counts a failure, or with `ok` forgets them. */
  pushed(endpoint: string, ok: boolean): Promise<void>;
  listSubscriptions(owner: string): Promise<PushRow[]>;

  /**
   * Cuts settled runs off until nothing is over a bound: the oldest first, and with it all before it in its session. A run goes
   * in one write, its records afterwards, in bounded parts. What runs, what is damaged, and transcripts stay.
   * @throws the reason of `signal`, between two parts
   */
  retain(retention: Retention, now: number, signal?: AbortSignal): Promise<{ runs_cut: number }>;
  /** Of the log's files; `total_bytes` without attachments. */
  storage(): Promise<Omit<Storage, 'retention' | 'attachment_bytes'>>;
  /**
   * Gives free pages back to the disk. Appends wait for no more than a part of it; once, for a database of version 2, for all.
   * `full`: that once needs twice its size, and the disk has not that much. @throws the reason of `signal`, between two parts
   */
  compact(signal?: AbortSignal): Promise<{ kind: 'compacted' } | Full>;

  counts(): { sessions: number; commits: number; pending: number; bytes: number; full: boolean };
  /** Writes what is pending, moves the watermark, lets go of files and lock. Idempotent. */
  close(): Promise<void>;
}

/** The bytes of attachments, kept by what they hold, beside the log. */
export interface AttachmentFiles {
  /**
   * Keeps the bytes, one call after another; what is there already is kept once. The hash is SHA-256 in hex. `beforehand` is
   * waited for before anything is written. @throws the disk's error, and what `beforehand` throws
   */
  keep(bytes: Buffer, beforehand: (hash: string) => Promise<void>): Promise<string>;
  /** null: it is gone */
  read(hash: string): Promise<Buffer | null>;
  /** Also what is left of it where a crash cut its writing short. */
  remove(hash: string): Promise<void>;
  /** Bytes of all files. */
  size(): Promise<number>;
}

export interface JournalOptions {
  /** folder of the log; made with mode 0700 */
  folder: string;
  log: Log;
}
