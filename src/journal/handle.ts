// The handle that writes, from open to given up: recovery, the number of the last commit, one batch in one transaction.
// Knows nothing of what to do when it fails.
import type { StoredRecord } from '../protocol/index.ts';
import { type Database, openWritable, rollBack } from './database.ts';
import { type Faults, ioError, stall, strikes } from './faults.ts';
import { LOG_FILE } from './files.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { migrate } from './migrations.ts';
import type { Answer, Operation, OperationName } from './operations.ts';
import { perform } from './writes.ts';

/** What a batch came to. `commit_no`: the number of its commit, or of the last one before if it wrote nothing. */
export interface Batch {
  answers: Answer<OperationName>[];
  records: StoredRecord[];
  commit_no: number;
}

export interface Handle {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly commit_no: number;
  /**
   * Runs all in one transaction. `beforehand` hears what it came to right before the commit, whose result may stay
   * unknown. @throws what SQLite throws, DamagedRecord; the batch is rolled back then, or its commit is unknown
   */
  commit(operations: Operation[], full: boolean, beforehand: (batch: Batch) => void): Batch;
  /** Copies the write-ahead log into the database, durably, and empties it. False: a reader was in the way. */
  emptyLog(): boolean;
  bytes(): number;
  close(): void;
}

const one = (database: Database, text: string): number =>
  Number(Object.values(database.sql(text).get() ?? {})[0]);

/** @throws JournalRefusal, or what SQLite throws */
export function openHandle(folder: string, faults: Faults): Handle {
  if (strikes(faults, 'fail_open')) throw ioError();
  const database = openWritable(`${folder}/${LOG_FILE}`);
  try {
    migrate(database, folder);
    return createHandle(database, faults);
  } catch (error) {
    database.close();
    throw error;
  }
}

function createHandle(database: Database, faults: Faults): Handle {
  const ledger = createLedger(database);
  let commit_no = one(database, 'SELECT commit_no FROM meta');
  const changes = () => one(database, 'SELECT total_changes()');

  function work(operations: Operation[], full: boolean): Batch {
    const writing = { database, ledger, full };
    const before = changes();
    const answers = operations.map((operation) => perform(writing, operation));
    ledger.flush();
    const written = changes() > before;
    if (written) database.sql('UPDATE meta SET commit_no = ?').run(commit_no + 1);
    return { answers, records: ledger.take(), commit_no: commit_no + (written ? 1 : 0) };
  }

  return {
    database,
    ledger,
    get commit_no() {
      return commit_no;
    },
    commit(operations, full, beforehand) {
      database.sql('BEGIN IMMEDIATE').run();
      try {
        const batch = work(operations, full);
        beforehand(batch);
        stall(faults.commit_ms);
        if (strikes(faults, 'fail_before_commit')) throw ioError();
        database.sql('COMMIT').run();
        if (strikes(faults, 'fail_after_commit')) throw ioError();
        commit_no = batch.commit_no;
        return batch;
      } catch (error) {
        rollBack(database);
        database.renewStatements();
        ledger.forget();
        throw error;
      }
    },
    emptyLog: () => one(database, 'PRAGMA wal_checkpoint(TRUNCATE)') === 0,
    bytes: () => one(database, 'PRAGMA page_count') * one(database, 'PRAGMA page_size'),
    close: () => database.close(),
  };
}
