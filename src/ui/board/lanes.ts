// The board's three lanes, from its tasks, and the words of a task. Pure.
import { isSettledTask, type Task, type TaskStatus } from '../../protocol/board.ts';
import { besideTitle } from '../beside-title.ts';
import { duration } from '../format.ts';
import { enBoard } from '../text/en-board.ts';
import { isWaiting } from './board-feed.ts';

export interface Lanes {
  /** the longest wait first */
  waiting: Task[];
  /** who has lost its owner first, then who says nothing, then the newest */
  running: Task[];
  /** the newest first */
  done: Task[];
}

const byId = (a: Task, b: Task): number => (a.task_id < b.task_id ? -1 : 1);

const worryOf = ({ status, quiet_since }: Task): number =>
  status === 'stale' ? 2 : quiet_since !== undefined ? 1 : 0;

export function lanesOf(tasks: Iterable<Task>): Lanes {
  const lanes: Lanes = { waiting: [], running: [], done: [] };
  for (const task of tasks)
    lanes[isSettledTask(task) ? 'done' : isWaiting(task) ? 'waiting' : 'running'].push(task);
  lanes.waiting.sort((a, b) => a.since - b.since || byId(a, b));
  lanes.running.sort((a, b) => worryOf(b) - worryOf(a) || b.created_at - a.created_at || byId(a, b));
  lanes.done.sort((a, b) => (b.finished_at ?? 0) - (a.finished_at ?? 0) || byId(a, b));
  return lanes;
}

/** The state mark of a task. */
export function markOfTask({ status, reason }: Task): string {
  if (status === 'error') return reason === 'interrupted' ? 'interrupted' : 'errored';
  const marks: Record<Exclude<TaskStatus, 'error'>, string> = {
    running: 'running',
    'waiting-for-input': 'waiting',
    stale: 'stale',
    completed: 'completed',
    killed: 'cancelled',
  };
  return marks[status];
}

/** How it ended and how long it took, why, and what it answered where its title is not of that: the last may be cut off. */
export function endOf(task: Task): string {
  const { reason, created_at, finished_at, title, message } = task;
  const took = enBoard.ended(markOfTask(task), duration((finished_at ?? created_at) - created_at));
  const why = reason === undefined ? null : (enBoard.reasons[reason] ?? reason);
  const said = besideTitle(title, message ?? null);
  return [took, why, said].filter((one) => one !== null).join(' · ');
}

export interface Piece {
  n: number;
  unit: string;
}

/** A length of time as figures with their units, the two largest: for the head of the board. */
export function piecesOf(seconds: number): Piece[] {
  const { d, h, min, s } = enBoard.units;
  const all: Piece[] = [
    { n: Math.floor(seconds / 86_400), unit: d },
    { n: Math.floor(seconds / 3600) % 24, unit: h },
    { n: Math.floor(seconds / 60) % 60, unit: min },
    { n: Math.floor(seconds) % 60, unit: s },
  ];
  const first = all.findIndex((piece) => piece.n > 0);
  return first < 0 ? all.slice(-1) : all.slice(first, first + 2);
}
