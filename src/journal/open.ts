// Opens the embedded engine: folder, lock, one thread that writes, one that reads. What the rest of the house gets is the port.
import { createFaults, type Faults } from './faults.ts';
import { closeToOthers, makeFolder } from './folder.ts';
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
 * @throws JournalRefusal when the folder is in use, can't be made, its schema newer, its database not ours, its disk full
 */
export async function openJournal(options: JournalOptions & TestOptions): Promise<Journal> {
  const { folder, log } = options;
  makeFolder(folder);
  const lock = takeLock(folder);
  const settings: ThreadSettings = {
    folder,
    reserve_bytes: options.reserve_bytes ?? RESERVE_BYTES,
    probe_ms: options.probe_ms ?? PROBE_MS,
    fault_memory: options.faults?.memory ?? createFaults().memory,
  };
  try {
    // Not before: a folder that can't be ours is left as it is.
    closeToOthers(folder);
    return await createJournal(settings, log, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
