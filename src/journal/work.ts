// A group on its way: the portions that still have to run, each in one transaction, and what came of those that did. Knows
// which answer a failure is for the one that it hits; not how to run anything.
import type { StoredRecord } from '../protocol/index.ts';
import { isCorrupt, isFull } from './database.ts';
import type { Batch, Handle } from './handle.ts';
import { type Answer, DAMAGED, FULL, type Operation, type OperationName } from './operations.ts';
import { type Damage, DamagedRecord } from './port.ts';

/** One answer per operation, in order. A bug rejects its own promise only. */
export type Reply = { answer: Answer<OperationName> } | { bug: string };

export interface Done {
  replies: Reply[];
  /** what each durable commit holds, in order */
  commits: StoredRecord[][];
  damage: Damage[];
}

/** What runs in one transaction. `own`: ours, nobody waits for its answers. */
interface Portion {
  operations: Operation[];
  own: boolean;
}

export interface Work {
  portions: Portion[];
  done: Done;
  /** what the first portion came to, if its commit was tried: it may be in the log */
  unknown: Batch | null;
  /** how often an I/O error kept the first portion out of the log */
  tries: number;
}

/** What a full disk, or an end in the middle of it, left to do. */
export const PURGE: Portion = { operations: [{ name: 'purge', input: {} }], own: true };
export const FOLD: Portion = { operations: [{ name: 'fold', input: {} }], own: true };

export const workOf = (...portions: Portion[]): Work => ({
  portions,
  done: { replies: [], commits: [], damage: [] },
  unknown: null,
  tries: 0,
});

function shift(work: Work): Portion | undefined {
  work.unknown = null;
  work.tries = 0;
  return work.portions.shift();
}

/** The first portion is durable. Work of our own comes back until nothing of it is left. */
export function take(work: Work, batch: Batch): void {
  const portion = shift(work);
  if (batch.records.length > 0) work.done.commits.push(batch.records);
  if (!portion) return;
  if (!portion.own) for (const answer of batch.answers) work.done.replies.push({ answer });
  const [answer] = batch.answers;
  if (portion.own && answer && 'more' in answer && answer.more) work.portions.unshift(portion);
  // Lesson 40: what was deleted is gone before anybody hears that it is.
  if (portion.operations.some(({ name }) => name === 'delete')) work.portions.unshift(PURGE);
}

/** The first portion can't be done. What goes wrong alone must not take others with it: each is tried by itself. */
export function refuse(work: Work, handle: Handle, error: unknown): void {
  const portion = shift(work);
  const [operation, ...others] = portion?.operations ?? [];
  if (!portion || !operation) return;
  const { own } = portion;
  if (others.length > 0) {
    work.portions.unshift(...portion.operations.map((alone) => ({ operations: [alone], own })));
    return;
  }
  const damage = operation.name === 'mark' ? null : damageOf(handle, operation, error);
  if (damage) {
    work.done.damage.push(damage);
    work.portions.unshift({ operations: [{ name: 'mark', input: damage }], own: true });
  }
  if (!own) work.done.replies.push(replyOf(error, damage));
}

/** The first portion is not in the log, and is not tried again. */
export function giveUp(work: Work): void {
  const portion = shift(work);
  if (portion && !portion.own) for (const _ of portion.operations) work.done.replies.push({ answer: FULL });
}

function damageOf(handle: Handle, { input }: Operation, error: unknown): Damage | null {
  if (error instanceof DamagedRecord) {
    const { session_id, pos, reason } = error;
    return { session_id, pos, reason };
  }
  if (!isCorrupt(error)) return null;
  const session_id = sessionOf(handle, input);
  return session_id === null ? null : { session_id, pos: 0, reason: 'a page of it is malformed' };
}

/** Whose page was malformed, as far as the operation tells. */
function sessionOf(handle: Handle, input: Operation['input']): string | null {
  if ('session_id' in input) return input.session_id;
  if (!('stream_id' in input)) return null;
  try {
    return handle.ledger.stream(input.stream_id)?.session.session_id ?? null;
  } catch {
    return null;
  }
}

function replyOf(error: unknown, damage: Damage | null): Reply {
  if (damage) return { answer: DAMAGED };
  if (isFull(error)) return { answer: FULL };
  return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
