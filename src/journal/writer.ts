// The writer: runs groups, and decides what a failure means. A full disk, an I/O error, a damaged record, a bug: each has
// its own answer, and none of them fails what it does not touch. Knows no thread.
import { rewrite } from './compaction.ts';
import { isFull, isIoError } from './database.ts';
import type { Faults } from './faults.ts';
import { type Handle, openHandle } from './handle.ts';
import type { Operation } from './operations.ts';
import type { Report } from './port.ts';
import { readReport } from './report.ts';
import type { Room } from './room.ts';
import { type Done, FOLD, giveUp, PURGE, refuse, take, type Work, workOf } from './work.ts';

/** The disk failed under the handle: it is given up. Whether the portion under way is in the log is not known yet. */
export class HandleLost extends Error {
  override name = 'HandleLost';
}

/** How often a portion is run that an I/O error kept out of the log. */
const PORTION_TRIES_MAX = 2;

export interface Writer {
  readonly report: Report;
  /** how many there were at the start */
  readonly sessions: number;
  readonly commit_no: number;
  readonly bytes: number;
  /** @throws HandleLost: call `reopen` when every other handle of the folder is closed */
  run(operations: Operation[]): Done;
  /** Opens again with recovery, and finishes what was under way. null: it is open. @throws HandleLost */
  reopen(): Done | null;
  /** Full before: what had to wait for room, when the disk takes writes again; null: it does not. @throws HandleLost */
  regain(): Done | null;
  close(): void;
}

/** What the writer is at any moment. */
interface Desk {
  readonly folder: string;
  readonly room: Room;
  readonly faults: Faults;
  /** null: given up */
  handle: Handle | null;
  /** what is under way */
  work: Work | null;
  /** the last commit that is known to be durable */
  commit_no: number;
  bytes: number;
}

/** @throws JournalRefusal */
export function createWriter(folder: string, watermark: number | null, room: Room, faults: Faults): Writer {
  const handle = openHandle(folder, faults);
  const desk: Desk = { folder, room, faults, handle, work: null, commit_no: handle.commit_no, bytes: 0 };
  room.begin(handle.database);
  advance(desk, room.full ? workOf(PURGE) : workOf(PURGE, FOLD));
  return {
    report: readReport(handle.database, watermark),
    sessions: Number(handle.database.sql('SELECT count(*) AS n FROM sessions').get()?.n),
    get commit_no() {
      return desk.commit_no;
    },
    get bytes() {
      if (desk.handle) desk.bytes = desk.handle.bytes();
      return desk.bytes;
    },
    run: (operations) => advance(desk, workOf({ operations, own: false })),
    reopen: () => (desk.handle ? null : resume(desk, reopen(desk))),
    regain() {
      if (!desk.handle || !room.regain(desk.handle.database)) return null;
      const done = advance(desk, workOf(PURGE, FOLD));
      return room.full ? null : done;
    },
    close() {
      desk.handle?.close();
      desk.handle = null;
    },
  };
}

/** Runs portion after portion, until nothing is left. @throws HandleLost; what is left stays on the desk */
function advance(desk: Desk, work: Work): Done {
  desk.work = work;
  while (work.portions.length > 0) {
    const { handle, room } = desk;
    if (!handle) throw lose(desk, 'it is not open');
    try {
      runFirst(desk, handle, work);
    } catch (error) {
      if (isIoError(error)) throw lose(desk, error);
      if (isFull(error)) room.spend(handle.database, error);
      refuse(work, handle, error);
    }
  }
  desk.work = null;
  return work.done;
}

function runFirst(desk: Desk, handle: Handle, work: Work): void {
  const operations = work.portions[0]?.operations ?? [];
  work.unknown = null;
  const batch = handle.commit(operations, desk.room.full, (outcome) => {
    work.unknown = outcome;
  });
  desk.commit_no = batch.commit_no;
  take(work, batch);
  if (operations[0]?.name === 'purge') emptyLog(desk, handle, work);
  for (const answer of batch.answers) if (answer && 'unordered' in answer) giveBack(desk, handle, answer);
}

/** What can't be done in a transaction: a database of no order is written anew, and the file is cut to what it holds. */
function giveBack(
  { folder, room }: Desk,
  handle: Handle,
  { unordered, free_pages }: { unordered: boolean; free_pages: number },
): void {
  if (!unordered && free_pages > 0) return;
  try {
    if (unordered && !rewrite(handle.database, folder, room.reserve_bytes)) return;
    handle.emptyLog();
  } catch (error) {
    if (!isFull(error)) throw error;
    room.spend(handle.database, error);
  }
}

/** What was purged leaves the write-ahead log too: at its end, or part by part where there is little room. */
function emptyLog({ room }: Desk, handle: Handle, work: Work): void {
  if (work.portions[0]?.operations[0]?.name === 'purge' && !room.full) return;
  try {
    handle.emptyLog();
  } catch (error) {
    if (!isFull(error)) throw error;
    room.spend(handle.database, error);
  }
}

function lose(desk: Desk, reason: unknown): HandleLost {
  const { handle } = desk;
  desk.handle = null;
  try {
    handle?.close();
  } catch {
    // It is given up either way.
  }
  return new HandleLost(reason instanceof Error ? reason.message : String(reason));
}

function reopen(desk: Desk): Handle {
  try {
    desk.handle = openHandle(desk.folder, desk.faults);
    // What is found may be in the system's memory only: copied and synced anew before anybody hears that it is there.
    if (!desk.handle.emptyLog()) throw new Error('a reader holds on to the old log');
    desk.room.begin(desk.handle.database);
    return desk.handle;
  } catch (error) {
    throw lose(desk, error);
  }
}

/** Finds out whether the portion under way is in the log: the number of the last commit tells. Then goes on. */
function resume(desk: Desk, handle: Handle): Done {
  const { work, room } = desk;
  if (!work) return workOf().done;
  const { unknown } = work;
  if (unknown && unknown.commit_no > desk.commit_no && unknown.commit_no === handle.commit_no) {
    desk.commit_no = unknown.commit_no;
    take(work, unknown);
  } else {
    work.tries += 1;
    if (work.tries >= PORTION_TRIES_MAX) {
      room.spend(handle.database, 'the disk failed twice');
      giveUp(work);
    }
  }
  return advance(desk, work);
}
