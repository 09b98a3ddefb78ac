// What crosses between the main thread and the two that touch the disk.
import type { Retention, StoredRecord } from '../protocol/index.ts';
import type { Operation } from './operations.ts';
import type { Damage, Journal, Report } from './port.ts';
import type { Cut } from './retention.ts';
import type { Reply } from './work.ts';

/** What a writer or a reader is started with. */
export interface ThreadSettings {
  folder: string;
  reserve_bytes: number;
  probe_ms: number;
  fault_memory: SharedArrayBuffer | null;
}

export type ToWriter = { kind: 'group'; operations: Operation[] } | { kind: 'reopen' } | { kind: 'close' };

/** What the writer says of itself with every message. */
export interface WriterState {
  full: string | null;
  commit_no: number;
  bytes: number;
}

export type FromWriter =
  | { kind: 'opened'; report: Report; sessions: number; state: WriterState }
  | { kind: 'refused'; text: string; refusal: boolean }
  | { kind: 'done'; replies: Reply[]; commits: StoredRecord[][]; damage: Damage[]; state: WriterState }
  /** the handle is given up: it waits for `reopen`, when the reader's is closed too */
  | { kind: 'lost'; reason: string }
  | { kind: 'space'; damage: Damage[]; state: WriterState }
  | { kind: 'warning'; text: string; reason: string }
  | { kind: 'closed' };

/** The reads of the port, each as its arguments, and two of our own. */
export type Reads = Pick<
  Journal,
  | 'getSession'
  | 'getTranscript'
  | 'listSessions'
  | 'listQueue'
  | 'getStream'
  | 'getReceipt'
  | 'readStream'
  | 'readSession'
  | 'openSession'
  | 'getPrompt'
  | 'findRule'
  | 'listRules'
  | 'listTasks'
  | 'listUnsettled'
  | 'getAttachment'
  | 'listSubscriptions'
  | 'storage'
> & {
  /** what retention does next */
  planCuts(retention: Retention, now: number): Promise<Cut[]>;
  listTrims(): Promise<string[]>;
};
export type ReadName = keyof Reads;

export type ToReader =
  | { kind: 'read'; no: number; name: ReadName; input: unknown[] }
  /** closes the handle; the next read opens another */
  | { kind: 'release' }
  | { kind: 'close' };

export type FromReader =
  | { kind: 'read'; no: number; value: unknown }
  | { kind: 'damaged'; no: number; damage: Damage }
  | { kind: 'failed'; no: number; reason: string }
  | { kind: 'released' }
  | { kind: 'closed' };
