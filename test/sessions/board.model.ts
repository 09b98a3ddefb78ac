// Boards for the property test: runs that begin, wait, end and race at random, and readers whose connection keeps only what
// they took before it broke. What ought to be so is kept beside, in other words than the board's.
import {
  BOARD_WAITING_MAX,
  type BoardEvent,
  foldBoard,
  type Session,
  type Task,
  type TaskStatus,
} from '../../src/protocol/index.ts';
import { createOwnerBoard, type ToldBoard } from '../../src/sessions/board.ts';
import { type BoardCursor, createBoardCursor, type Due } from '../../src/sessions/board-cursor.ts';
import { quietLog } from '../support/server.ts';

/** Cheap, for it is asked a million times. */
function must(is: boolean, otherwise: string): void {
  if (!is) throw new Error(otherwise);
}

/** Something that came over the wire, with the id that it carried. */
interface Item {
  due: Due;
  id: number | null;
}

/** A client and its connection: what the server has written is not what the client has read. */
export class SimulatedReader {
  tasks: ReadonlyMap<string, Task> = new Map();
  /** its Last-Event-ID; null: it has none yet */
  last_id: number | null = null;
  /** number up to which everything was told it, or said to be lost */
  told = 0;
  /** newest number it was told of each key since its last snapshot, and that snapshot's number */
  newest = new Map<string, number>();
  snapshot_n = 0;
  gaps = 0;
  #cursor!: BoardCursor;
  #missed_to = 0;
  #wire: Item[] = [];
  readonly #board: ToldBoard;

  constructor(board: ToldBoard) {
    this.#board = board;
    this.connect();
  }

  connect(): void {
    this.#wire = [];
    this.#missed_to = this.#board.head();
    this.#cursor = createBoardCursor(this.#board, this.last_id);
    this.told = this.last_id ?? 0;
  }

  /** The server writes at most `count` pieces: then the socket is full. */
  write(count: number): void {
    const waiting = this.#board.head() - (this.#cursor.at ?? 0);
    const isCatchingUp = (this.#cursor.at ?? 0) < this.#missed_to;
    let left = count;
    if (left > 0)
      for (const due of this.#cursor.due()) {
        // BR3: nothing is left out for one who is not slow.
        must(due.kind !== 'gap' || isCatchingUp || waiting > BOARD_WAITING_MAX, 'a gap for nothing');
        if (due.kind === 'snapshot' && due.gap)
          this.#wire.push({ due: { kind: 'gap', gap: due.gap }, id: null });
        this.#wire.push({ due, id: idOf(due) });
        left -= 1;
        if (left === 0) break;
      }
  }

  /** The client reads at most `count` of what was written. */
  read(count: number): void {
    for (const item of this.#wire.splice(0, count)) this.#take(item);
  }

  readAll(): void {
    this.write(Number.POSITIVE_INFINITY);
    this.read(Number.POSITIVE_INFINITY);
  }

  #take({ due, id }: Item): void {
    if (due.kind === 'gap') {
      this.gaps += 1;
      // What stands before its snapshot tells of a loss, and moves nothing.
      if (id === null) return;
      must(due.gap.from === this.told + 1 && due.gap.to >= due.gap.from, 'a gap is elsewhere');
      this.told = due.gap.to;
    } else if (due.kind === 'snapshot') {
      this.tasks = new Map(due.board.tasks.map((task) => [task.task_id, task]));
      this.told = due.board.n;
      this.snapshot_n = due.board.n;
      this.newest.clear();
    } else {
      const { event } = due;
      must(event.data.n === this.told + 1, 'something is missing, or comes twice');
      this.told = event.data.n;
      this.tasks = foldBoard(this.tasks, event);
      this.newest.set(keyOf(event), event.data.n);
    }
    this.last_id = id;
  }
}

const idOf = (due: Due): number =>
  due.kind === 'event' ? due.event.data.n : due.kind === 'gap' ? due.gap.to : due.board.n;

/** In other words than the product's: what an event is about. */
export const keyOf = ({ data }: BoardEvent): string =>
  'task_id' in data ? `t ${data.task_id}` : `s ${data.session_id}`;

/** One step of a random day. */
export interface Step {
  what: number;
  who: number;
  how: number;
}

const SESSIONS = 6;
const LIVE: TaskStatus[] = ['running', 'waiting-for-input', 'stale'];
const ENDS: TaskStatus[] = ['completed', 'killed', 'error'];
const MIN = 60_000;
/** Mostly a little on; now and then an hour, and back. Seldom three days. */
export const THREE_DAYS = 3 * 24 * 60 * MIN;
const PASSES = [1, 5, 40, 700, MIN, 60 * MIN, -60 * MIN, 5, 40, 3];

interface Run {
  task: Pick<Task, 'task_id' | 'session_id' | 'title' | 'agent' | 'created_at' | 'waiting'>;
  status: TaskStatus;
}

export class SimulatedDay {
  now = 1_000_000_000_000;
  readonly board = createOwnerBoard({
    boot: 'b_test',
    clock: { now: () => this.now, setTimeout: () => 0, clearTimeout: () => {} },
    log: quietLog,
  });
  /** the eager, the slow, and the one who looks in now and then */
  readonly readers = [0, 1, 2].map(() => new SimulatedReader(this.board));
  /** every event there ever was; [0] has number 1 */
  readonly history: BoardEvent[] = [];
  /** what every run that is there was last said to be; an end once */
  readonly truth = new Map<string, TaskStatus>();
  steps = 0;
  #count = 0;
  readonly #ids = Array.from({ length: SESSIONS }, (_, at) => `s_${at}`);
  readonly #titles = Array.from({ length: SESSIONS }, () => 'untitled');
  readonly #tasks = Array.from({ length: SESSIONS }, (): string[] => []);
  readonly #runs: (Run | null)[] = Array.from({ length: SESSIONS }, () => null);

  step({ what, who, how }: Step): void {
    this.steps += 1;
    const at = who % SESSIONS;
    if (what < 10) this.#advance(at, how);
    else if (what < 12) this.#end(at, how);
    else if (what < 13) this.#change(at, how);
    else if (what < 14) this.#readers(who, how);
    if (who === 40 && how < 2) this.now += THREE_DAYS;
    if (how % 3 === 0) this.now += PASSES[(who + how) % PASSES.length]!;
    this.#remember();
  }

  #remember(): void {
    const since = this.board.since(this.history.length);
    if (!since) throw new Error('one step said more than the ring holds');
    this.history.push(...since);
  }

  #advance(at: number, how: number): void {
    const run = this.#runs[at] ?? this.#begin(at);
    run.status = LIVE[how % LIVE.length]!;
    const asked = run.status === 'waiting-for-input' ? 1 + (how % 2) : 0;
    this.#say(run, run.status, asked);
    // Whoever says the same again says nothing.
    const head = this.board.head();
    this.#say(run, run.status, asked);
    must(this.board.head() === head, 'the same is said twice');
  }

  #fresh(kind: string): string {
    this.#count += 1;
    return `${kind}_${this.#count}`;
  }

  #begin(at: number): Run {
    const task_id = this.#fresh('r');
    const { now: created_at } = this;
    const session_id = this.#ids[at]!;
    const task = { task_id, session_id, title: this.#titles[at]!, agent: 'demo', created_at };
    const run: Run = { task: { ...task, waiting: { clarify: 0, approval: 0 } }, status: 'running' };
    this.#runs[at] = run;
    this.#tasks[at]!.push(task_id);
    return run;
  }

  #say(run: Run, status: TaskStatus, clarify: number): void {
    const reason = status === 'stale' || status === 'error' ? { reason: 'why' } : {};
    this.board.task({ ...run.task, status, ...reason, waiting: { clarify, approval: 0 } });
    const known = this.truth.get(run.task.task_id);
    if (!known || !ENDS.includes(known)) this.truth.set(run.task.task_id, status);
  }

  /** The end, and what races with it: two sweeps and a cancel. The first is what the log says. */
  #end(at: number, how: number): void {
    const run = this.#runs[at];
    if (!run) return;
    this.#runs[at] = null;
    this.#say(run, ENDS[how % 3]!, 0);
    const head = this.board.head();
    this.#say(run, ENDS[(how + 1) % 3]!, 0);
    this.#say(run, 'stale', 0);
    this.#say(run, ENDS[(how + 2) % 3]!, 0);
    must(this.board.head() === head, 'a task that has ended changes');
  }

  #change(at: number, how: number): void {
    const session_id = this.#ids[at]!;
    if (how % 5 === 0) this.#remove(at);
    else if (how % 5 === 1) this.board.left(session_id);
    else {
      const title = `title ${how % 7}`;
      this.#titles[at] = title;
      const run = this.#runs[at];
      if (run) run.task.title = title;
      this.board.session(session_id, { session_id, title, queue_length: how % 4 } as Session);
    }
  }

  /** First it is said to be there, for what is not known can't go. */
  #remove(at: number): void {
    const session_id = this.#ids[at]!;
    this.board.session(session_id, { session_id, title: this.#titles[at], state: 'idle' } as Session);
    this.board.session(session_id, null);
    for (const task_id of this.#tasks[at]!.splice(0)) this.truth.delete(task_id);
    this.#ids[at] = this.#fresh('s_later');
    this.#titles[at] = 'untitled';
    this.#runs[at] = null;
  }

  #readers(who: number, how: number): void {
    const at = who % 13 < 8 ? 0 : who % 13 < 12 ? 1 : 2;
    const reader = this.readers[at]!;
    const counts = [400, 30, 1_500];
    if (how % 8 === 0) reader.connect();
    else {
      reader.write(how % 2 === 0 ? counts[at]! : how);
      reader.read(how % 4 === 0 ? how : counts[at]!);
    }
  }
}
