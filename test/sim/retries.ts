// P9: nobody tries again without a bound. It counts refused tries of one thing that follow each other closely; a slow watch,
// that is paced and named as such, is none. Knows no disk.
import type { Operation } from '../../src/journal/operations.ts';
import { COMMIT_RETRY_MS, COMMIT_TRIES_MAX } from '../../src/machines/bounds.ts';
import type { Scheduler } from './clock.ts';
import type { Violate } from './truth.ts';

export interface Retries {
  refused(operation: Operation, kind: string): void;
  /** Another process, or a disk that takes writes again: whoever tries now has a reason to. */
  forget(): void;
}

/** Tries further apart than this are a watch, or a recovery with its own pace. */
const CLOSE_MS = COMMIT_RETRY_MS * 5;
const RETRIED = new Set(['terminal', 'settle', 'follow', 'take_over', 'delete', 'answer']);

export function createRetries(scheduler: Scheduler, violate: Violate): Retries {
  const streaks = new Map<string, { count: number; at: number }>();
  return {
    forget: () => streaks.clear(),
    refused({ name, input }) {
      if (!RETRIED.has(name)) return;
      const of = input as { stream_id?: string; session_id?: string; prompt_id?: string; by?: string | null };
      // A person may answer as often as they like.
      if (name === 'answer' && of.by !== null) return;
      const key = `${name} ${of.prompt_id ?? of.stream_id ?? of.session_id}`;
      const before = streaks.get(key);
      const isClose = before !== undefined && scheduler.now - before.at <= CLOSE_MS;
      const count = isClose ? before.count + 1 : 1;
      streaks.set(key, { count, at: scheduler.now });
      if (count > COMMIT_TRIES_MAX + 2 && name !== 'take_over' && name !== 'delete')
        violate('P9', `${key} was tried ${count} times in a row`);
    },
  };
}
