// The board of one owner, as a store. It is told what is so, as often as anybody likes, and decides by itself what of that
// is news (BR1): the same state twice is said once, and a task that has ended does not change again, so sweeps and ends
// that race on one run say one end (BR5). Pure; knows no clock, no log and no reader.
import { createStore } from '@xstate/store';
import {
  BOARD_RING_MAX,
  type BoardEvent,
  foldBoard,
  isSettledTask,
  type Session,
  STATUS_OF_OUTCOME,
  type Task,
} from '../protocol/index.ts';
import { BOARD_RING_BYTES_MAX } from './bounds.ts';

/** A task as its run says it is. Since when that is so is the board's to say, but for an end that the log has dated. */
export type SeenTask = Omit<Task, 'since'>;

interface Kept {
  event: BoardEvent;
  /** of its data, as JSON */
  bytes: number;
}

export interface BoardState {
  /** number of the newest event; 0: none */
  n: number;
  /** ms of the newest event. It never falls, whatever the clock does: what is forgotten by age is forgotten everywhere. */
  at: number;
  tasks: ReadonlyMap<string, Task>;
  /** what was last said of each session that is in memory */
  sessions: ReadonlyMap<string, Session>;
  /** the newest events, oldest first, without a hole */
  ring: readonly Kept[];
  ring_bytes: number;
}

type Unnumbered = {
  [E in BoardEvent['event']]: {
    event: E;
    data: Omit<Extract<BoardEvent, { event: E }>['data'], 'n' | 'at'>;
  };
}[BoardEvent['event']];

const ENDS = new Set<string>(Object.values(STATUS_OF_OUTCOME));

/** The same words: what is read off a row again is another object each time. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => isSame(left[name], right[name]));
}

/** P10: by number and by bytes, for a session carries the message that its run answers. */
function keep(board: BoardState, event: BoardEvent): Pick<BoardState, 'ring' | 'ring_bytes'> {
  const bytes = JSON.stringify(event.data).length;
  const ring = [...board.ring, { event, bytes }];
  let ring_bytes = board.ring_bytes + bytes;
  let gone = 0;
  while (
    ring.length - gone > 1 &&
    (ring.length - gone > BOARD_RING_MAX || ring_bytes > BOARD_RING_BYTES_MAX)
  ) {
    ring_bytes -= ring[gone]!.bytes;
    gone += 1;
  }
  return { ring: gone === 0 ? ring : ring.slice(gone), ring_bytes };
}

function say(board: BoardState, { event, data }: Unnumbered, at: number): BoardState {
  const said = { event, data: { ...data, n: board.n + 1, at } } as BoardEvent;
  return { ...board, n: board.n + 1, at, tasks: foldBoard(board.tasks, said), ...keep(board, said) };
}

function seeTask(board: BoardState, seen: SeenTask, at: number): BoardState {
  const known = board.tasks.get(seen.task_id);
  const isEnd = ENDS.has(seen.status);
  // The first end counts. One of a task that nobody knows is of a run whose session is gone.
  if (known ? isSettledTask(known) : isEnd) return board;
  const now = Math.max(board.at, at);
  const isNews = known?.status !== seen.status;
  const since = isNews ? at : known.since;
  // A run that is over is not asked for its message again.
  const message = seen.message ?? known?.message;
  const task: Task = {
    ...seen,
    ...(message !== undefined && { message }),
    since,
    ...(isEnd && { finished_at: seen.finished_at ?? now }),
  };
  if (known && isSame(known, task)) return board;
  const event = !known ? 'task.created' : isNews ? 'task.status' : 'task.changed';
  return say(board, { event, data: task }, now);
}

function seeSession(board: BoardState, session_id: string, session: Session | null, at: number): BoardState {
  const known = board.sessions.get(session_id);
  if (session ? known && isSame(known, session) : !known) return board;
  const sessions = new Map(board.sessions);
  if (session) sessions.set(session_id, session);
  else sessions.delete(session_id);
  const data = { session_id, session };
  return say({ ...board, sessions }, { event: 'session.changed', data }, Math.max(board.at, at));
}

function knowing(board: BoardState, session_id: string, session: Session | null): BoardState {
  const sessions = new Map(board.sessions);
  if (session) sessions.set(session_id, session);
  else sessions.delete(session_id);
  return { ...board, sessions };
}

const empty: BoardState = { n: 0, at: 0, tasks: new Map(), sessions: new Map(), ring: [], ring_bytes: 0 };

export const createBoardStore = () =>
  createStore({
    context: empty,
    on: {
      /** What the log remembers of earlier days. Not said: nobody reads yet. */
      filled: (board, { tasks }: { tasks: Task[] }) => ({
        ...board,
        tasks: new Map(tasks.map((task) => [task.task_id, task])),
      }),
      taskSeen: (board, { task, at }: { task: SeenTask; at: number }) => seeTask(board, task, at),
      /** `session: null`: every trace of it is gone. */
      sessionSeen: (
        board,
        { session_id, session, at }: { session_id: string; session: Session | null; at: number },
      ) => seeSession(board, session_id, session, at),
      /** It came into memory, as everybody knows it; or as nobody does, where it was lost from there before. */
      sessionCame: (board, { session, at }: { session: Session; at: number }) =>
        board.sessions.has(session.session_id)
          ? seeSession(board, session.session_id, session, at)
          : knowing(board, session.session_id, session),
      /** It left memory and goes on in the log. */
      sessionLeft: (board, { session_id }: { session_id: string }) => knowing(board, session_id, null),
    },
  });

/** What came after event `n`, in order; null: not all of it is kept. */
export function eventsSince({ n: head, ring }: BoardState, n: number): readonly BoardEvent[] | null {
  if (n >= head) return [];
  const first = head - ring.length + 1;
  return n < first - 1 ? null : ring.slice(n + 1 - first).map(({ event }) => event);
}
