// Waiting on facts: promises of what an actor will have come to. Never on time.
import type { Outcome } from '../protocol/index.ts';
import type { StreamRun } from './stream-run.ts';

/** Resolves with the outcome that is in the log for ever, or `refused` when storage takes no writes. */
export function settledWhen(run: StreamRun): Promise<Outcome | 'refused'> {
  return when(run, () => {
    const { terminal } = run.actor.getSnapshot().context;
    if (terminal) return terminal;
    const { path } = run.state();
    return path === 'stale.held' || run.actor.getSnapshot().status === 'error' ? 'refused' : undefined;
  });
}

/** Resolves when the actor of the run is at its end, however. */
export const overWhen = (run: StreamRun): Promise<true> =>
  when(run, () => (run.actor.getSnapshot().status === 'active' ? undefined : true));

function when<T>(run: StreamRun, look: () => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const now = look();
    if (now !== undefined) return resolve(now);
    const check = () => {
      const seen = look();
      if (seen === undefined) return;
      subscription.unsubscribe();
      resolve(seen);
    };
    const subscription = run.actor.subscribe({ next: check, complete: check, error: check });
  });
}
