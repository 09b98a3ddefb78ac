// One process per folder: a transaction held on a tiny database. The operating system lets go of it when we die, so there
// is nothing stale to clean up. (Whoever opens and closes this file in our process by other means would free it.)

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FolderRefusal, JournalRefusal } from './failures.ts';
import { LOCK_FILE } from './files.ts';

export interface Lock {
  release(): void;
}

function refusalOf(folder: string, error: unknown): JournalRefusal {
  const { errcode, message } = error as Error & { errcode?: number };
  if (errcode === 5)
    return new JournalRefusal(
      `The log in ${folder} is in use by another server. Stop that one, or choose another folder.`,
    );
  return new FolderRefusal(`${folder} can't hold the data: its ${LOCK_FILE} can't be held (${message}).`);
}

/** @throws JournalRefusal when another process, or this one, has the folder open, or it takes no files */
export function takeLock(folder: string): Lock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 });
    database.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw refusalOf(folder, error);
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}
