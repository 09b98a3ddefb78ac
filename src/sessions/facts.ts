// Waiting on facts: promises of what an actor will have come to. Never on time.
import type { AnyActor } from 'xstate';
import { type Outcome, Rejection } from '../protocol/index.ts';
import type { SessionCell } from './session-cell.ts';
import type { StreamRun } from './stream-run.ts';

const isHeld = (run: StreamRun): boolean => run.state().path === 'stale.held';
const statusOf = ({ actor }: StreamRun | SessionCell): string => actor.getSnapshot().status;

/** Resolves with the outcome that is in the log for ever. @throws Rejection when there will be none for now */
export function endedWhen(run: StreamRun): Promise<Outcome> {
  return when(run, () => {
    const { terminal } = run.actor.getSnapshot().context;
    if (terminal) return terminal;
    if (isHeld(run) || statusOf(run) === 'error')
      throw new Rejection('storage_full', 'The disk takes no writes; the run is held until it does.');
    if (statusOf(run) === 'stopped') throw stopping();
    return undefined;
  });
}

/** Resolves when the actor of the run is at its end, however. */
export const overWhen = (run: StreamRun): Promise<true> =>
  when(run, () => (statusOf(run) === 'active' ? undefined : true));

/** Resolves when nothing of the run goes on by itself: it is over, or waits for the disk. */
export const atRestWhen = (run: StreamRun): Promise<true> =>
  when(run, () => (statusOf(run) === 'active' && !isHeld(run) ? undefined : true));

/** Resolves when every trace of the session is gone. @throws Rejection when that waits for the disk: it goes on by itself */
export function deletedWhen(cell: SessionCell): Promise<true> {
  return when(cell, () => {
    const snapshot = cell.actor.getSnapshot();
    if (snapshot.status === 'done') return true;
    if (snapshot.status === 'stopped') throw stopping();
    if (snapshot.status === 'error') throw new Error(`the actor of session ${cell.session_id} failed`);
    const run = cell.run();
    if (snapshot.matches({ deleting: 'held' }) || (run && isHeld(run)))
      throw new Rejection('storage_full', 'The disk takes no writes; the session is deleted when it does.');
    return undefined;
  });
}

const stopping = () => new Rejection('shutting_down', 'The server is shutting down.');

/** Looks now and after everything that the actor says, until `look` has a value or throws. */
function when<T>(of: StreamRun | SessionCell, look: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave: (() => void)[] = [];
    const check = () => {
      try {
        const seen = look();
        if (seen === undefined) return;
        resolve(seen);
      } catch (refusal) {
        reject(refusal);
      }
      for (const each of leave.splice(0)) each();
    };
    const actor: AnyActor = of.actor;
    const subscription = actor.subscribe({ next: check, complete: check, error: check });
    leave.push(() => subscription.unsubscribe());
    if ('watchState' in of) leave.push(of.watchState(check));
    check();
  });
}
