// Opens the embedded engine: folder, lock, one thread that writes, one that reads. What the rest of the house gets is the port.
import { chmodSync, mkdirSync } from 'node:fs';
import { createFaults, type Faults } from './faults.ts';
import { createJournal } from './journal.ts';
import { takeLock } from './lock.ts';
import type { Journal, JournalOptions } from './port.ts';
import { RESERVE_BYTES } from './reserve.ts';
import type { ThreadSettings } from './thread-messages.ts';

/** How often a full or failed disk is looked at again. */
const PROBE_MS = 1000;

/** For tests: a smaller reserve, a quicker look, and faults to put in while it runs. */
export interface TestOptions {
  reserve_bytes?: number;
  probe_ms?: number;
  faults?: Faults;
}

/**
 * @throws JournalRefusal when the folder is in use, its schema newer, its database not ours, its disk full
 */
export async function openJournal(options: JournalOptions & TestOptions): Promise<Journal> {
  const { folder, log } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const lock = takeLock(folder);
  const settings: ThreadSettings = {
    folder,
    reserve_bytes: options.reserve_bytes ?? RESERVE_BYTES,
    probe_ms: options.probe_ms ?? PROBE_MS,
    fault_memory: options.faults?.memory ?? createFaults().memory,
  };
  try {
    return await createJournal(settings, log, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
