// The one scheduler of a simulated world: everything that happens is a task of a node at a time, and one task runs after the
// other. Between two tasks every promise that became ready has had its turn. Knows no fault and no meaning.
import type { Clock } from '../../src/protocol/index.ts';
import type { Chance } from './chance.ts';

/** Something that lives and dies as one: a process of the server, a tab. */
export interface SimNode {
  readonly name: string;
  isAlive: boolean;
  /** It stands still: its tasks wait. */
  isPaused: boolean;
  /** How far its wall clock is from the world's, in ms. */
  offset_ms: number;
  held: Task[];
  /** tasks that its own timers are */
  timers: Set<Task>;
}

export interface Task {
  at: number;
  tie: number;
  order: number;
  node: SimNode;
  isOver: boolean;
  run: (() => void) | null;
}

export interface Scheduler {
  readonly now: number;
  readonly steps: number;
  /** whose task runs; null: none */
  readonly current: SimNode | null;
  /** whose task ran last */
  readonly last: SimNode | null;
  node(name: string): SimNode;
  at(node: SimNode, delay_ms: number, run: () => void): Task;
  /** Those of one moment run in the order in which they were asked for. */
  ordered(node: SimNode, delay_ms: number, run: () => void): Task;
  cancel(task: Task): void;
  clockOf(node: SimNode): Clock;
  /** A timer of the node itself: what it leaves behind can be counted. */
  timer(node: SimNode, ms: number, run: () => void): Task;
  kill(node: SimNode): void;
  pause(node: SimNode): void;
  resume(node: SimNode): void;
  /** Runs the next task. False: there is none before `until`. */
  step(until: number): Promise<boolean>;
}

/** How far a wall clock is set on or back. */
export const JUMP_MS = 3_600_000;
/** 14 November 2023: any day will do. */
const EPOCH_MS = 1_700_000_000_000;

const before = (a: Task, b: Task): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.order < b.order;

function push(heap: Task[], task: Task): void {
  let at = heap.push(task) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(task, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = task;
}

function shift(heap: Task[]): Task | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}

/** `drain`: resolves when no promise is ready any more. */
export function createScheduler(
  chance: Chance,
  drain: () => Promise<void>,
  onBug: (bug: unknown) => void,
): Scheduler {
  const heap: Task[] = [];
  let now = 0;
  let steps = 0;
  let orders = 0;
  let current: SimNode | null = null;
  let last: SimNode | null = null;

  /** What is due at once stays in its order; what is due in the same moment by accident does not. */
  const at = (node: SimNode, delay_ms: number, run: () => void): Task =>
    put(node, delay_ms, run, delay_ms <= 0 ? 0 : chance.fraction());

  function put(node: SimNode, delay_ms: number, run: () => void, tie: number): Task {
    orders += 1;
    const task = { at: now + Math.max(0, delay_ms), tie, order: orders, node, isOver: false, run };
    push(heap, task);
    return task;
  }

  function cancel(task: Task): void {
    task.isOver = true;
    task.run = null;
    task.node.timers.delete(task);
  }

  function timer(node: SimNode, ms: number, run: () => void): Task {
    const task = at(node, ms, () => {
      node.timers.delete(task);
      run();
    });
    node.timers.add(task);
    return task;
  }

  async function perform(task: Task): Promise<void> {
    const { run, node } = task;
    if (!run) return;
    task.isOver = true;
    task.run = null;
    now = Math.max(now, task.at);
    steps += 1;
    current = node;
    try {
      run();
    } catch (bug) {
      onBug(bug);
    }
    await drain();
    last = node;
    current = null;
  }

  return {
    get now() {
      return now;
    },
    get steps() {
      return steps;
    },
    get current() {
      return current;
    },
    get last() {
      return last;
    },
    node: (name) => ({
      name,
      isAlive: true,
      isPaused: false,
      offset_ms: 0,
      held: [],
      timers: new Set(),
    }),
    at,
    ordered: (node, delay_ms, run) => put(node, delay_ms, run, 0),
    cancel,
    timer,
    clockOf: (node) => ({
      now: () => EPOCH_MS + Math.floor(now) + node.offset_ms,
      setTimeout: (fn, ms) => timer(node, ms, fn),
      clearTimeout: (task) => {
        if (task) cancel(task as Task);
      },
    }),
    kill(node) {
      node.isAlive = false;
      node.held.length = 0;
      node.timers.clear();
    },
    pause(node) {
      node.isPaused = true;
    },
    resume(node) {
      node.isPaused = false;
      for (const task of node.held.splice(0)) {
        task.at = now;
        task.tie = 0;
        push(heap, task);
      }
    },
    async step(until) {
      for (;;) {
        const next = heap[0];
        if (!next || next.at > until) {
          now = Math.max(now, until);
          return false;
        }
        shift(heap);
        if (next.isOver || !next.node.isAlive) continue;
        if (next.node.isPaused) {
          next.node.held.push(next);
          continue;
        }
        await perform(next);
        return true;
      }
    },
  };
}
