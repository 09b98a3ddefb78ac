// The board: the last status of every recent task, across sessions. One fold for the server and every reader, so that
// snapshot + later events = the board, at every moment (BR4). Knows no actor and no connection.
import * as z from 'zod/mini';
import type { Outcome } from './terminal.ts';
import { sessionSchema } from './views.ts';

const text = z.string();
const count = z.int();

export const TASK_STATUSES = [
  'running',
  'waiting-for-input',
  'stale',
  'completed',
  'error',
  'killed',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Events that are kept for readers who come back: the ring. Older: `gap`, then `snapshot`. */
export const BOARD_RING_MAX = 1000;
/** What may wait for one slow reader, beside the newest event of each task and session. */
export const BOARD_WAITING_MAX = 200;
/** Settled tasks that the board shows, the newest first, and how old they may be (ms). */
export const BOARD_SETTLED_MAX = 500;
export const BOARD_SETTLED_AGE_MS = 48 * 3_600_000;

/** A task is a stream, by its other name. Times in ms. */
export const taskSchema = z.object({
  task_id: text,
  session_id: text,
  title: text,
  /** the beginning of the message that it answers, in one line; our addition */
  message: z.optional(text),
  agent: text,
  status: z.enum(TASK_STATUSES),
  /** why it is stale or in error: `interrupted`, or the type of its `apperror` */
  reason: z.optional(text),
  /** since when it has this status */
  since: count,
  /** running, and its agent has said nothing since then; our addition */
  quiet_since: z.optional(count),
  created_at: count,
  finished_at: z.optional(count),
  waiting: z.object({ clarify: count, approval: count }),
});
export type Task = z.infer<typeof taskSchema>;

export const pulseSchema = z.object({
  running: count,
  waiting: count,
  done_today: count,
  /** null: nobody waits */
  oldest_wait_seconds: z.nullable(count),
});
export type Pulse = z.infer<typeof pulseSchema>;

export const boardSchema = z.object({
  boot: text,
  n: count,
  tasks: z.array(taskSchema),
  pulse: pulseSchema,
});
export type Board = z.infer<typeof boardSchema>;

/** What is said of the board. `n` is the number of its id, `<boot>:<n>`; `at` in ms. */
export const boardEventSchemas = {
  'task.created': z.extend(taskSchema, { n: count, at: count }),
  /** Its status changed (BR1). */
  'task.status': z.extend(taskSchema, { n: count, at: count }),
  /** Something else of it changed, such as how many prompts wait; our addition. */
  'task.changed': z.extend(taskSchema, { n: count, at: count }),
  /** A session is new, has changed, or is gone (`session: null`). */
  'session.changed': z.object({ session_id: text, session: z.nullable(sessionSchema), n: count, at: count }),
};
export type BoardEventName = keyof typeof boardEventSchemas;
export type BoardEvent = {
  [E in BoardEventName]: { event: E; data: z.infer<(typeof boardEventSchemas)[E]> };
}[BoardEventName];

export const isSettledTask = ({ finished_at }: Task): boolean => finished_at !== undefined;

/** What makes an older event worthless: a newer one of the same task or session. */
export const keyOfBoardEvent = ({ event, data }: BoardEvent): string =>
  event === 'session.changed' ? `session ${data.session_id}` : `task ${data.task_id}`;

/** The tasks after one more event, in no order. Tasks that did not change keep their identity. Pure. */
export function foldBoard(
  tasks: ReadonlyMap<string, Task>,
  { event, data }: BoardEvent,
): ReadonlyMap<string, Task> {
  const next = new Map(tasks);
  if (event === 'session.changed') foldSession(next, data.session_id, data.session?.title ?? null);
  else {
    const { n: _n, at: _at, ...task } = data;
    next.set(task.task_id, task);
  }
  forgetOld(next, data.at);
  return next;
}

function foldSession(tasks: Map<string, Task>, session_id: string, title: string | null): void {
  for (const [task_id, task] of tasks) {
    if (task.session_id !== session_id) continue;
    if (title === null) tasks.delete(task_id);
    else if (task.title !== title) tasks.set(task_id, { ...task, title });
  }
}

/** Settled tasks go when they are too old or too many; what is not settled stays. */
export function forgetOld(tasks: Map<string, Task>, now: number): void {
  const oldest = now - BOARD_SETTLED_AGE_MS;
  let kept = 0;
  for (const { task_id, finished_at } of tasks.values())
    if (finished_at === undefined) continue;
    else if (finished_at < oldest) tasks.delete(task_id);
    else kept += 1;
  if (kept <= BOARD_SETTLED_MAX) return;
  const settled = [...tasks.values()].filter(isSettledTask);
  settled.sort((a, b) => b.finished_at! - a.finished_at! || (a.task_id < b.task_id ? -1 : 1));
  for (const task of settled.slice(BOARD_SETTLED_MAX)) tasks.delete(task.task_id);
}

/** The counts of a board's head. `midnight`: when today began (ms). Pure. */
export function pulseOf(tasks: Iterable<Task>, now: number, midnight: number): Pulse {
  let running = 0;
  let waiting = 0;
  let done_today = 0;
  let oldest = Infinity;
  for (const { status, since, finished_at } of tasks) {
    if (status === 'waiting-for-input') {
      waiting += 1;
      oldest = Math.min(oldest, since);
    } else if (status === 'running' || status === 'stale') running += 1;
    else if (finished_at !== undefined && finished_at >= midnight) done_today += 1;
  }
  const oldest_wait_seconds = waiting === 0 ? null : Math.max(0, Math.floor((now - oldest) / 1000));
  return { running, waiting, done_today, oldest_wait_seconds };
}

/** The table of states, SPEC.md "One table of states": what a task's status is when its stream has settled. */
export const STATUS_OF_OUTCOME = {
  completed: 'completed',
  cancelled: 'killed',
  errored: 'error',
  interrupted: 'error',
} as const satisfies Record<Outcome, TaskStatus>;
