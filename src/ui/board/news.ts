// What is said of a run that is not on screen when its state turns: that it waits, and how it ended. Pure.
import { isSettledTask, type Task } from '../../protocol/board.ts';
import { en } from '../text/en.ts';

/** null: nothing that a person who looks elsewhere needs to hear. */
export function newsOf(task: Task, before: Task | undefined): string | null {
  if (before?.status === task.status) return null;
  const title = task.title || en.sidebar.untitled;
  if (task.status === 'waiting-for-input') return en.board.waits(title);
  return isSettledTask(task) ? en.board.ended(title, en.board.statuses[task.status]) : null;
}
