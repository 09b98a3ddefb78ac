// A log as its readers see it: a head that grows, the newest commit, and pages. One per session and one per stream.
// It does not know who reads, nor how; it never waits for anyone.
import type { AnyActor } from 'xstate';
import type { Page } from '../journal/port.ts';
import type { StoredRecord } from '../protocol/index.ts';

/** One commit's part of a feed. Whoever stands at `first - 1` needs nothing else. */
export interface Tail {
  first: number;
  last: number;
  records: StoredRecord[];
}

export interface LogFeed {
  readonly kind: 'session' | 'stream';
  /** what stands before the colon of an event id */
  readonly feed_id: string;
  readonly kept_from: number;
  tail(): Tail | null;
  /** Records after `after`, at most `limit`. @throws DamagedRecord */
  read(after: number, limit: number): Promise<Page>;
  /**
   * CQ2 and the lock of every feed: the subscription and the first look at the head are one step, with no `await` between.
   * `wake` is called on every later change of the head or of `isOver`.
   */
  watch(wake: () => void): { head: () => number; isOver: () => boolean; unwatch: () => void };
}

/** The number of a record in a feed: `pos` in a session's, `seq` in a stream's. */
export const numberIn = (kind: LogFeed['kind'], record: StoredRecord): number =>
  kind === 'session' ? record.pos : (record.seq ?? 0);

/** Subscribes to an actor's snapshot and reads it in the same turn; wakes when `select`'s value changes. */
export function watchActor<T>(actor: AnyActor, select: (snapshot: never) => T, wake: () => void) {
  let seen = select(actor.getSnapshot() as never);
  const look = () => {
    const now = select(actor.getSnapshot() as never);
    if (Object.is(now, seen)) return;
    seen = now;
    wake();
  };
  const subscription = actor.subscribe({ next: look, complete: wake, error: wake });
  // subscribe() does not replay: what changed between creation and here was seen by the select above (same turn).
  return { value: () => select(actor.getSnapshot() as never), unwatch: () => subscription.unsubscribe() };
}
