// One handle of the embedded database: its settings, its prepared statements, what its errors mean. Knows no table.
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** How long a handle waits for another of ours (a checkpoint waits for a reader). */
const BUSY_MS = 5000;
/** The write-ahead log is copied into the file when it holds this many pages (8 MiB), and cut back to it. */
const CHECKPOINT_PAGES = 2000;
const WAL_BYTES_KEPT = 8 * 1024 * 1024;

export interface Database {
  /** The statement of this text, prepared once. */
  sql(text: string): StatementSync;
  exec(text: string): void;
  /** After an error: a statement that failed says the same error once more when it is used again. */
  renewStatements(): void;
  readonly inTransaction: boolean;
  close(): void;
}

/** Over a handle of any file, or of none. */
export function databaseOf(handle: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  return {
    sql(text) {
      let statement = statements.get(text);
      if (!statement) {
        statement = handle.prepare(text);
        statements.set(text, statement);
      }
      return statement;
    },
    exec: (text) => handle.exec(text),
    renewStatements: () => statements.clear(),
    get inTransaction() {
      return handle.isTransaction;
    },
    close() {
      statements.clear();
      if (handle.isOpen) handle.close();
    },
  };
}

/** The one handle that writes. Durable before it says so: `synchronous=FULL`; what is deleted is overwritten. */
export function openWritable(path: string): Database {
  const handle = new DatabaseSync(path, { timeout: BUSY_MS });
  // The first word of a new file (docs/decisions/compaction.md). Of any other it would be a write, and the disk may be full.
  if (handle.prepare('PRAGMA page_count').get()?.page_count === 0)
    handle.exec('PRAGMA auto_vacuum=INCREMENTAL');
  handle.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=OFF;
    PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}; PRAGMA journal_size_limit=${WAL_BYTES_KEPT};`);
  return databaseOf(handle);
}

export function openReadable(path: string): Database {
  const handle = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  handle.exec('PRAGMA query_only=ON');
  return databaseOf(handle);
}

/** Runs `work` in one transaction; what it throws is thrown after the rollback. */
export function within<T>(database: Database, begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
  database.exec(begin);
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    rollBack(database);
    database.renewStatements();
    throw error;
  }
}

/** SQLite ends some failed transactions by itself; a rollback that fails changes nothing. */
export function rollBack(database: Database): void {
  try {
    if (database.inTransaction) database.exec('ROLLBACK');
  } catch {
    // The handle is as good as lost; whoever writes next hears of it.
  }
}

// Source: sqlite.org/rescode.html
const FULL = 13;
const IO_ERROR = 10;
const CORRUPT = 11;
const PERMISSION = 3;
const READ_ONLY = 8;
const CAN_T_OPEN = 14;
const NOT_A_DATABASE = 26;
const IO_ERROR_SHMSIZE = 4874;

const codeOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;

/** The disk, or the size that was allowed, is spent. The shared-memory file can't grow for the same reason. */
export const isFull = (error: unknown): boolean => {
  const code = codeOf(error);
  return (code & 0xff) === FULL || code === IO_ERROR_SHMSIZE;
};
export const isIoError = (error: unknown): boolean => (codeOf(error) & 0xff) === IO_ERROR && !isFull(error);
/** It is there and not to be had: no file, or not ours to write. */
export const isShut = (error: unknown): boolean =>
  [PERMISSION, READ_ONLY, CAN_T_OPEN].includes(codeOf(error) & 0xff);
export const isCorrupt = (error: unknown): boolean =>
  [CORRUPT, NOT_A_DATABASE].includes(codeOf(error) & 0xff);
