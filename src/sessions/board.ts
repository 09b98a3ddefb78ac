// The boards of all owners: what changes is told to them, and readers follow them. To tell never throws and waits for
// nobody (BR2): readers are woken later, in a turn of their own. It knows no connection.
import type { Journal } from '../journal/port.ts';
import { createBoardStore, eventsSince, type SeenTask } from '../machines/board.store.ts';
import type { Observer } from '../machines/observer.ts';
import {
  BOARD_SETTLED_AGE_MS,
  BOARD_SETTLED_MAX,
  type Board,
  type BoardEvent,
  type Clock,
  isSettledTask,
  type Log,
  pulseOf,
  type Session,
  type Task,
} from '../protocol/index.ts';
import { taskOfRow, taskOfRun } from './board-facts.ts';
import type { SessionCell } from './session-cell.ts';

/** As readers know it: what it is now, and what was said, in order. */
export interface OwnerBoard {
  /** this start of the server */
  readonly boot: string;
  /** number of its newest event; 0: none */
  head(): number;
  tasks(): Iterable<Task>;
  snapshot(): Board;
  /** What came after `n`, in order; null: not all of it is kept. */
  since(n: number): readonly BoardEvent[] | null;
  /** `wake`: something came. What is returned ends that. */
  watch(wake: () => void): () => void;
}

/** As those know it who tell. `at`: ms */
export interface ToldBoard extends OwnerBoard {
  fill(tasks: Task[]): void;
  task(task: SeenTask): void;
  session(session_id: string, session: Session | null): void;
  /** It came into memory, or left it as it stands in the log: no news. */
  came(session: Session): void;
  left(session_id: string): void;
}

export interface BoardPorts {
  boot: string;
  clock: Clock;
  log: Log;
  inspect?: Observer | undefined;
}

export function createOwnerBoard({ boot, clock, log, inspect }: BoardPorts, owner = ''): ToldBoard {
  const store = createBoardStore();
  inspect?.watchStore(store, 'board', `board:${owner}`);
  const watchers = new Set<() => void>();
  let isWaking = false;
  const state = () => store.getSnapshot().context;

  function wakeAll(): void {
    isWaking = false;
    for (const wake of [...watchers])
      try {
        if (watchers.has(wake)) wake();
      } catch (bug) {
        log.error({ err: bug }, 'a reader of the board could not be woken');
      }
  }

  function tell(say: () => void): void {
    const before = state().n;
    try {
      say();
    } catch (bug) {
      log.error({ err: bug }, 'the board could not be told');
    }
    if (state().n === before || isWaking) return;
    isWaking = true;
    queueMicrotask(wakeAll);
  }

  return {
    boot,
    head: () => state().n,
    tasks: () => state().tasks.values(),
    snapshot() {
      const { n, tasks } = state();
      const now = clock.now();
      return {
        boot,
        n,
        tasks: [...tasks.values()],
        pulse: pulseOf(tasks.values(), now, new Date(now).setHours(0, 0, 0, 0)),
      };
    },
    since: (n) => eventsSince(state(), n),
    watch(wake) {
      const own = () => wake();
      watchers.add(own);
      return () => void watchers.delete(own);
    },
    fill: (tasks) => store.trigger.filled({ tasks }),
    task: (task) => tell(() => store.trigger.taskSeen({ task, at: clock.now() })),
    session: (session_id, session) =>
      tell(() => store.trigger.sessionSeen({ session_id, session, at: clock.now() })),
    came: (session) => tell(() => store.trigger.sessionCame({ session, at: clock.now() })),
    left: (session_id) => store.trigger.sessionLeft({ session_id }),
  };
}

export interface Boards {
  of(owner: string): OwnerBoard;
  /** What the log remembers; before anybody reads. */
  fill(): Promise<void>;
  /** A session that is in no memory: made, forked, imported. */
  made(owner: string, session: Session): void;
  /** A cell came into memory, may have changed, is gone from it. */
  cellCame(cell: SessionCell): void;
  cellChanged(cell: SessionCell): void;
  cellGone(cell: SessionCell): void;
  /** Tasks that have not ended, as the boards know them. */
  unended(): { owner: string; task: Task }[];
  /** The log says how a task ended that nobody told of. */
  ended(owner: string, task: SeenTask): void;
}

export function createBoards(ports: BoardPorts & { journal: Journal }): Boards {
  const { journal, clock } = ports;
  const boards = new Map<string, ToldBoard>();
  /** Only who is in memory speaks: what a cell that was let go of still hears is not so any more. */
  const present = new Set<SessionCell>();

  function of(owner: string): ToldBoard {
    const known = boards.get(owner);
    if (known) return known;
    const board = createOwnerBoard(ports, owner);
    boards.set(owner, board);
    return board;
  }

  return {
    of,
    async fill() {
      const now = clock.now();
      const rows = await journal.listTasks(now - BOARD_SETTLED_AGE_MS, BOARD_SETTLED_MAX);
      for (const [owner, all] of Map.groupBy(rows, (row) => row.owner))
        of(owner).fill(all.map((row) => taskOfRow(row, now)));
    },
    made(owner, session) {
      of(owner).session(session.session_id, session);
      of(owner).left(session.session_id);
    },
    cellCame(cell) {
      present.add(cell);
      of(cell.owner).came(cell.session());
    },
    cellChanged(cell) {
      if (!present.has(cell)) return;
      const board = of(cell.owner);
      const session = cell.session();
      const run = cell.run();
      board.session(cell.session_id, session);
      if (run) board.task(taskOfRun(run, session));
    },
    cellGone(cell) {
      if (!present.delete(cell)) return;
      if (cell.isDeleted()) of(cell.owner).session(cell.session_id, null);
      // One that a bug took from memory was said to be what it may not be any more: the next cell is compared with that.
      else if (cell.isPassivated()) of(cell.owner).left(cell.session_id);
    },
    unended: () =>
      [...boards].flatMap(([owner, board]) =>
        [...board.tasks()].filter((task) => !isSettledTask(task)).map((task) => ({ owner, task })),
      ),
    ended: (owner, task) => of(owner).task(task),
  };
}
