// Whether the disk takes writes: the reserve that is given back when it is full, and the paced look whether there is room
// again. A limit on pages, put in by a test, plays the full disk.
import { statfsSync } from 'node:fs';
import { type Database, within } from './database.ts';
import type { Faults } from './faults.ts';
import type { Reserve } from './reserve.ts';

const PAGES_MAX = 0xfffffffe;
const PAGE_BYTES = 4096;

export interface Room {
  readonly full: boolean;
  readonly reserve_bytes: number;
  /** For a handle just opened: its limit, and the reserve. */
  begin(database: Database): void;
  /** The disk is full: the reserve is given back. */
  spend(database: Database, reason: unknown): void;
  /** Tries to get the reserve back, and to write. True: not full any more. */
  regain(database: Database): boolean;
}

export function createRoom(
  folder: string,
  reserve: Reserve,
  reserve_bytes: number,
  faults: Faults,
  onFull: (reason: string) => void,
): Room {
  let full = false;
  const spare_pages = Math.ceil(reserve_bytes / PAGE_BYTES);

  const setLimit = (database: Database): void => {
    if (faults.page_limit === 0) return void database.exec(`PRAGMA max_page_count=${PAGES_MAX}`);
    database.exec(`PRAGMA max_page_count=${faults.page_limit + (full ? spare_pages : 0)}`);
  };

  /** Enough for the reserve, and as much again to write in: else it would be full again at once. */
  const hasRoom = (database: Database): boolean => {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < 2 * reserve_bytes) return false;
    const pages = Number(database.sql('PRAGMA page_count').get()?.page_count);
    return faults.page_limit === 0 || pages + spare_pages <= faults.page_limit;
  };

  const room: Room = {
    get full() {
      return full;
    },
    reserve_bytes,
    begin(database) {
      setLimit(database);
      if (!full && !reserve.hold()) room.spend(database, 'there is no room for the reserve');
    },
    spend(database, reason) {
      if (full) return;
      full = true;
      reserve.release();
      setLimit(database);
      onFull(reason instanceof Error ? reason.message : String(reason));
    },
    regain(database) {
      if (!hasRoom(database) || !reserve.hold()) return false;
      try {
        within(database, 'BEGIN IMMEDIATE', () => database.exec('UPDATE meta SET commit_no = commit_no'));
      } catch {
        reserve.release();
        return false;
      }
      full = false;
      setLimit(database);
      return true;
    },
  };
  return room;
}
