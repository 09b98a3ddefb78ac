// The reader's thread: every read, on a handle that can't write, each in one transaction. A slow disk makes the question
// wait, never the event loop.
import { parentPort, workerData } from 'node:worker_threads';
import { readStorage } from './compaction.ts';
import { type Database, openReadable, within } from './database.ts';
import { LOG_FILE } from './files.ts';
import { DamagedRecord } from './port.ts';
import { READS } from './reads.ts';
import type { FromReader, ReadName, ThreadSettings, ToReader } from './thread-messages.ts';

const { folder } = workerData as ThreadSettings;
const port = parentPort!;
const tell = (message: FromReader): void => port.postMessage(message);

const ALL = { ...READS, storage: (open: Database) => readStorage(open, folder) };

let database: Database | null = null;

function read(name: ReadName, input: unknown[]): unknown {
  database ??= openReadable(`${folder}/${LOG_FILE}`);
  const open = database;
  const question = ALL[name] as (database: Database, ...input: unknown[]) => unknown;
  return within(open, 'BEGIN', () => question(open, ...input));
}

function release(): void {
  try {
    database?.close();
  } catch {
    // It is let go of either way.
  }
  database = null;
}

function answer(no: number, name: ReadName, input: unknown[]): void {
  try {
    tell({ kind: 'read', no, value: read(name, input) });
  } catch (error) {
    if (error instanceof DamagedRecord) {
      const { session_id, pos, reason } = error;
      tell({ kind: 'damaged', no, damage: { session_id, pos, reason } });
      return;
    }
    // Whatever the handle met, the next read begins with a fresh one.
    release();
    tell({
      kind: 'failed',
      no,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

port.on('message', (message: ToReader) => {
  if (message.kind === 'read') return answer(message.no, message.name, message.input);
  release();
  if (message.kind === 'release') return tell({ kind: 'released' });
  tell({ kind: 'closed' });
  port.close();
});
