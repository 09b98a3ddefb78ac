// The writer's tables in memory, without threads: for properties that need thousands of steps. Each step is one transaction.
import { onTestFinished } from 'vitest';
import { type Database, openWritable } from '../../src/journal/database.ts';
import { createLedger } from '../../src/journal/ledger.ts';
import { migrate } from '../../src/journal/migrations.ts';
import type { Answer, Input, Operation, OperationName } from '../../src/journal/operations.ts';
import { perform } from '../../src/journal/writes.ts';

export interface Desk {
  database: Database;
  write<N extends OperationName>(name: N, input: Input<N>): Answer<N>;
}

export function openDesk(): Desk {
  const database = openWritable(':memory:');
  onTestFinished(() => database.close());
  migrate(database, 'memory');
  const ledger = createLedger(database);
  const writing = { database, ledger, full: false };
  return {
    database,
    write<N extends OperationName>(name: N, input: Input<N>) {
      database.exec('BEGIN');
      const answer = perform(writing, { name, input } as Operation) as Answer<N>;
      ledger.flush();
      ledger.take();
      database.exec('COMMIT');
      return answer;
    },
  };
}
