// The writer: runs groups, and decides what a failure means. A full disk, an I/O error, a damaged record, a bug: each has
// its own answer, and none of them fails what it does not touch. Knows no thread.
import type { StoredRecord } from '../protocol/index.ts';
import { isCorrupt, isFull, isIoError } from './database.ts';
import type { Faults } from './faults.ts';
import { type Batch, type Handle, openHandle } from './handle.ts';
import { type Answer, DAMAGED, FULL, type Operation, type OperationName } from './operations.ts';
import { type Damage, DamagedRecord, type Report } from './port.ts';
import { readReport } from './report.ts';
import type { Room } from './room.ts';

/** One answer per operation, in order. A bug rejects its own promise only. */
export type Reply = { answer: Answer<OperationName> } | { bug: string };

export interface Done {
  replies: Reply[];
  /** what each durable commit holds, in order */
  commits: StoredRecord[][];
  damage: Damage[];
}

/** The disk failed under the handle: it is given up. Whether the batch under way is in the log is not known yet. */
export class HandleLost extends Error {
  override name = 'HandleLost';
}

/** What runs in one transaction. `own`: ours, nobody waits for its answers. */
interface Portion {
  operations: Operation[];
  own: boolean;
}

/** What a full disk or an end in the middle left to do. */
const PURGE: Portion = { operations: [{ name: 'purge', input: {} }], own: true };
const FOLD: Portion = { operations: [{ name: 'fold', input: {} }], own: true };

/** A group on its way: portions still to run; of the first one, what it came to if its commit was tried. */
interface Work {
  portions: Portion[];
  done: Done;
  unknown: Batch | null;
  tries: number;
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

/** @throws JournalRefusal */
export function createWriter(folder: string, watermark: number | null, room: Room, faults: Faults): Writer {
  let handle: Handle | null = openHandle(folder, faults);
  let work: Work | null = null;
  room.begin(handle.database);
  const sessions = Number(handle.database.sql('SELECT count(*) AS n FROM sessions').get()?.n);
  let commit_no = handle.commit_no;
  let bytes = handle.bytes();

  function lose(reason: unknown): HandleLost {
    const lost = handle;
    handle = null;
    try {
      lost?.close();
    } catch {
      // It is given up either way.
    }
    return new HandleLost(reason instanceof Error ? reason.message : String(reason));
  }

  function runFirst(open: Handle, current: Work): void {
    const { operations, own } = current.portions[0]!;
    current.unknown = null;
    const batch = open.commit(operations, room.full, (outcome) => {
      current.unknown = outcome;
    });
    take(current, batch);
    const [answer] = batch.answers;
    const more = own && answer && 'more' in answer && answer.more;
    if (more) current.portions.unshift({ operations, own });
    // Lesson 40: what was deleted is gone, from the write-ahead log too, before anybody hears that it is.
    if (operations.some(({ name }) => name === 'delete')) current.portions.unshift(PURGE);
    if (operations[0]?.name === 'purge' && (!more || room.full)) open.emptyLog();
  }

  function take(current: Work, batch: Batch): void {
    const portion = current.portions.shift();
    current.unknown = null;
    current.tries = 0;
    if (!portion?.own) for (const answer of batch.answers) current.done.replies.push({ answer });
    if (batch.records.length > 0) current.done.commits.push(batch.records);
    commit_no = batch.commit_no;
  }

  function advance(current: Work): Done {
    work = current;
    while (current.portions.length > 0) {
      if (!handle) throw lose('it is not open');
      try {
        runFirst(handle, current);
      } catch (error) {
        if (isIoError(error)) throw lose(error);
        if (isFull(error)) room.spend(handle.database, error);
        const { operations, own } = current.portions[0]!;
        // What goes wrong alone must not take others with it.
        if (operations.length > 1)
          current.portions.splice(0, 1, ...operations.map((operation) => ({ operations: [operation], own })));
        else refuse(handle, current, error);
      }
    }
    work = null;
    return current.done;
  }

  /** The first portion, one operation, can't be done. */
  function refuse(open: Handle, current: Work, error: unknown): void {
    const portion = current.portions.shift();
    const operation = portion?.operations[0];
    current.tries = 0;
    if (!operation || operation.name === 'mark') return;
    const damage = damageOf(open, operation, error);
    if (damage) {
      current.done.damage.push(damage);
      current.portions.unshift({ operations: [{ name: 'mark', input: damage }], own: true });
    }
    if (!portion.own) current.done.replies.push(replyOf(error, damage));
  }

  function giveUp(current: Work): void {
    const portion = current.portions.shift();
    current.tries = 0;
    if (portion && !portion.own)
      for (const _ of portion.operations) current.done.replies.push({ answer: FULL });
  }

  advance(room.full ? workOf(PURGE) : workOf(PURGE, FOLD));
  const report = readReport(handle.database, watermark);
  return {
    report,
    sessions,
    get commit_no() {
      return commit_no;
    },
    get bytes() {
      if (handle) bytes = handle.bytes();
      return bytes;
    },
    run: (operations) => advance(workOf({ operations, own: false })),
    reopen() {
      if (handle) return null;
      try {
        handle = openHandle(folder, faults);
        // What is found may be in the system's memory only: copied and synced anew before anybody hears that it is there.
        if (!handle.emptyLog()) throw new Error('a reader holds on to the old log');
        room.begin(handle.database);
      } catch (error) {
        throw lose(error);
      }
      const current = work;
      if (!current) return nothing();
      const { unknown } = current;
      if (unknown && unknown.commit_no > commit_no && unknown.commit_no === handle.commit_no)
        take(current, unknown);
      else if (++current.tries >= PORTION_TRIES_MAX) {
        room.spend(handle.database, 'the disk failed twice');
        giveUp(current);
      }
      return advance(current);
    },
    regain() {
      if (!handle || !room.regain(handle.database)) return null;
      const done = advance(workOf(PURGE, FOLD));
      return room.full ? null : done;
    },
    close() {
      handle?.close();
      handle = null;
    },
  };
}

function damageOf(handle: Handle, operation: Operation, error: unknown): Damage | null {
  if (error instanceof DamagedRecord)
    return { session_id: error.session_id, pos: error.pos, reason: error.reason };
  if (!isCorrupt(error)) return null;
  const { input } = operation;
  try {
    const session_id =
      'stream_id' in input
        ? handle.ledger.stream(input.stream_id)?.session.session_id
        : 'session_id' in input
          ? input.session_id
          : undefined;
    return session_id === undefined ? null : { session_id, pos: 0, reason: 'a page of it is malformed' };
  } catch {
    return null;
  }
}

function replyOf(error: unknown, damage: Damage | null): Reply {
  if (damage) return { answer: DAMAGED };
  if (isFull(error)) return { answer: FULL };
  return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

const nothing = (): Done => ({ replies: [], commits: [], damage: [] });

const workOf = (...portions: Portion[]): Work => ({ portions, done: nothing(), unknown: null, tries: 0 });
