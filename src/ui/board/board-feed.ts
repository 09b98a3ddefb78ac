// The board on this page: every recent task's last status, folded from what the line tells (BR4). It passes on which session
// has changed, and says when the list may have missed something. Knows no connection, and draws nothing.
import { createStore } from '@xstate/store';
import * as z from 'zod/mini';
import {
  type Board,
  type BoardEvent,
  type BoardEventName,
  boardEventSchemas,
  foldBoard,
  type Task,
} from '../../protocol/board.ts';
import type { Session } from '../../protocol/views.ts';

export interface BoardState {
  /** null: no board has come yet */
  boot: string | null;
  /** the last event that is taken in */
  n: number;
  tasks: ReadonlyMap<string, Task>;
}

/** What the page's line tells of the board. */
export interface BoardListener {
  snapshot(board: Board): void;
  event(name: BoardEventName, data: unknown): void;
  /** Something was lost before what comes next. */
  gap(): void;
  /** The board as it was asked for, while nothing is pushed. */
  polled(board: Board): void;
}

export interface BoardPorts {
  sessionChanged(session_id: string, session: Session | null): void;
  /** Changes of sessions may have been missed: the list is to be read again. */
  missed(): void;
  /** Newer than what was known; `before` is what was known of the task. */
  taskChanged(task: Task, before: Task | undefined): void;
}

const tasksOf = ({ tasks }: Board): ReadonlyMap<string, Task> =>
  new Map(tasks.map((task) => [task.task_id, task]));

export const createBoardStore = () =>
  createStore({
    context: { boot: null, n: 0, tasks: new Map() } as BoardState,
    on: {
      boardCame: (_state, { board }: { board: Board }) => ({
        boot: board.boot,
        n: board.n,
        tasks: tasksOf(board),
      }),
      changed: (state, { change }: { change: BoardEvent }) => ({
        ...state,
        n: change.data.n,
        tasks: foldBoard(state.tasks, change),
      }),
    },
  });
export type BoardStore = ReturnType<typeof createBoardStore>;

export function createBoardFeed(ports: BoardPorts): BoardListener & { store: BoardStore } {
  const store = createBoardStore();
  const known = () => store.getSnapshot().context;

  function take(board: Board): void {
    const { boot, n } = known();
    // An answer that was on its way while newer events came.
    if (board.boot === boot && board.n < n) return;
    store.trigger.boardCame({ board });
    ports.missed();
  }

  return {
    store,
    snapshot: take,
    polled: take,
    gap: ports.missed,
    event(name, data) {
      const parsed = z.safeParse(boardEventSchemas[name] as z.ZodMiniType<BoardEvent['data']>, data);
      // What came twice, as a line does that was taken up again elsewhere, changes nothing.
      if (!parsed.success || parsed.data.n <= known().n) return;
      const change = { event: name, data: parsed.data } as BoardEvent;
      const before = 'task_id' in change.data ? known().tasks.get(change.data.task_id) : undefined;
      store.trigger.changed({ change });
      if (change.event === 'session.changed')
        ports.sessionChanged(change.data.session_id, change.data.session);
      else ports.taskChanged(change.data, before);
    },
  };
}

/** Of each session whose run says nothing: since when (ms). */
export const quietSessions = ({ tasks }: Pick<BoardState, 'tasks'>): ReadonlyMap<string, number> =>
  new Map([...tasks.values()].flatMap(({ session_id, quiet_since: at }) => (at ? [[session_id, at]] : [])));

export const isWaiting = ({ status }: Task): boolean => status === 'waiting-for-input';

/** Sessions that wait for a person, the longest wait first. */
export const waitingTasks = ({ tasks }: BoardState): Task[] =>
  [...tasks.values()].filter(isWaiting).sort((a, b) => a.since - b.since || (a.task_id < b.task_id ? -1 : 1));
