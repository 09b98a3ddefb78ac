// The board's words for what a run, its session and its row are. Pure.
import type { StreamRow, TaskRow } from '../journal/port.ts';
import type { SeenTask } from '../machines/board.store.ts';
import {
  beginningOf,
  type Session,
  STATUS_OF_OUTCOME,
  type StreamState,
  type Task,
} from '../protocol/index.ts';
import type { StreamRun } from './stream-run.ts';

const NOBODY = { clarify: 0, approval: 0 };

/** SPEC.md "One table of states", and why: nobody owns it, or how it went wrong. */
function statusOf(state: StreamState, error_type: string | null): Pick<Task, 'status' | 'reason'> {
  if (state.state === 'settled') return endOf(state.outcome ?? 'interrupted', error_type);
  if (state.state === 'stale') return { status: 'stale', ...(state.why !== null && { reason: state.why }) };
  return { status: state.run_state === 'waiting' ? 'waiting-for-input' : 'running' };
}

function endOf(
  outcome: NonNullable<StreamState['outcome']>,
  error_type: string | null,
): Pick<Task, 'status' | 'reason'> {
  const status = STATUS_OF_OUTCOME[outcome];
  if (outcome === 'interrupted') return { status, reason: 'interrupted' };
  return { status, ...(outcome === 'errored' && error_type !== null && { reason: error_type }) };
}

/** CQ12: whether it waits is what its actor made of the queues; how many wait is what the queues say. */
export function taskOfRun(run: StreamRun, session: Session): SeenTask {
  const { title, waiting, active_stream_id, pending_user_message } = session;
  const { stream_id, session_id, agent, created_at } = run.stream;
  const state = run.state();
  const finished_at = run.settledAt();
  return {
    task_id: stream_id,
    session_id,
    title,
    ...(active_stream_id === stream_id &&
      pending_user_message !== null && { message: beginningOf(pending_user_message) }),
    agent,
    ...statusOf(state, run.errorType()),
    ...(state.run_state === 'quiet' && { quiet_since: state.since }),
    created_at,
    ...(finished_at !== null && { finished_at }),
    waiting: state.state === 'settled' ? NOBODY : waiting,
  };
}

/** A task whose end nobody told of, as the log says it ended. Why it went wrong is in its session. */
export function endedTask(task: Task, { terminal_state }: StreamRow): SeenTask {
  const { since: _s, finished_at: _f, reason: _r, quiet_since: _q, ...seen } = task;
  return { ...seen, ...endOf(terminal_state ?? 'interrupted', null), waiting: NOBODY };
}

/** A task as the log knows it. One that is not settled has nobody who runs it yet. `now`: ms */
export function taskOfRow(row: TaskRow, now: number): Task {
  const { stream_id, session_id, title, agent, created_at, terminal_state, finished_at, error_type } = row;
  const message = row.message === null ? {} : { message: beginningOf(row.message) };
  const task = { task_id: stream_id, session_id, title, ...message, agent, created_at, waiting: NOBODY };
  if (!row.settled) return { ...task, status: 'stale', reason: 'restart', since: now };
  const ended = finished_at ?? created_at;
  return {
    ...task,
    ...endOf(terminal_state ?? 'interrupted', error_type),
    since: ended,
    finished_at: ended,
  };
}
