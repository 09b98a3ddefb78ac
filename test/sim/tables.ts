// The tables of the log in memory, with the code of the engine that writes and reads them. One per thread: a world begins
// with empty tables, and ends with all that it wrote taken back. Knows no process, no time and no fault.
import { DatabaseSync } from 'node:sqlite';
import { type Database, databaseOf } from '../../src/journal/database.ts';
import type { Batch } from '../../src/journal/handle.ts';
import { createLedger, type Ledger } from '../../src/journal/ledger.ts';
import { migrate } from '../../src/journal/migrations.ts';
import type { Operation } from '../../src/journal/operations.ts';
import { type Done, refuse, take, type Work } from '../../src/journal/work.ts';
import { perform } from '../../src/journal/writes.ts';

export type Noted = (operations: Operation[], batch: Batch) => void;

export interface Tables {
  readonly database: Database;
  /** A process opens the log: what it remembers of it is its own. */
  open(): void;
  /** Runs at most so many portions; each is durable or not there at all. `noted`: of each that is, at once. */
  run(work: Work, full: () => boolean, noted: Noted, portions_max?: number): Done;
}

let shared: Database | null = null;

function emptyDatabase(): Database {
  if (!shared) {
    shared = databaseOf(new DatabaseSync(':memory:'));
    migrate(shared, '');
  }
  if (shared.inTransaction) shared.exec('ROLLBACK');
  shared.exec('BEGIN');
  return shared;
}

export function createTables(): Tables {
  const database = emptyDatabase();
  let ledger: Ledger = createLedger(database);

  /** One transaction, as `handle.ts` makes it; here it is a savepoint of the world's own, and nobody asks for its number. */
  function commit(operations: Operation[], full: boolean): Batch {
    database.sql('SAVEPOINT portion').run();
    try {
      const answers = operations.map((operation) => perform({ database, ledger, full }, operation));
      ledger.flush();
      database.sql('RELEASE portion').run();
      return { answers, records: ledger.take(), commit_no: 0 };
    } catch (error) {
      database.exec('ROLLBACK TO portion; RELEASE portion');
      database.renewStatements();
      ledger.forget();
      throw error;
    }
  }

  return {
    database,
    open() {
      ledger = createLedger(database);
    },
    run(work, full, noted, portions_max = Infinity) {
      for (let ran = 0; ran < portions_max && work.portions.length > 0; ran += 1) {
        const { operations } = work.portions[0]!;
        try {
          const batch = commit(operations, full());
          noted(operations, batch);
          take(work, batch);
        } catch (error) {
          refuse(work, { database, ledger } as never, error);
        }
      }
      return work.done;
    },
  };
}
