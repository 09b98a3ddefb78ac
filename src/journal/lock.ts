// One process per folder: a transaction held on a tiny database. The operating system lets go of it when we die, so there
// is nothing stale to clean up. (Whoever opens and closes this file in our process by other means would free it.)

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { JournalRefusal } from './port.ts';

export interface Lock {
  release(): void;
}

/** @throws JournalRefusal when another process, or this one, has the folder open */
export function takeLock(folder: string): Lock {
  const database = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const busy = typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === 5;
    if (!busy) throw error;
    throw new JournalRefusal(
      `The log in ${folder} is in use by another server. Stop that one, or choose another folder.`,
    );
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}
