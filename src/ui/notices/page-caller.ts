// What an open page calls for: the same as the server's pushes, found out from the board that it has anyway. A page whose
// person looks at it takes the call for seen; of the others one calls. Knows no browser.
import type { Task } from '../../protocol/board.ts';
import { callFor, endNotice, type Notice, type NoticeKind, promptNotice } from '../../protocol/notices.ts';
import type { PromptEntry } from '../../protocol/prompts.ts';
import type { Choices } from './choices.ts';

/** Who is looked at claims first; the others give it this long. */
export const OTHERS_FIRST_MS = 300;

export interface PageCallerPorts {
  choices(): Choices;
  /** Somebody looks at this tab, and it shows that session. */
  isLookedAt(session_id: string): boolean;
  claim(what: string): Promise<boolean>;
  wait(ms: number): Promise<void>;
  /** The pending prompts of a session, the oldest of each queue. */
  pending(session_id: string): Promise<PromptEntry[]>;
  /** Whether this tab may sound. */
  maySound(): boolean;
  sound(): void;
  /** Shows a notice, or takes it back. */
  notify(notice: Notice): void;
}

/** The same in every tab, whatever it had seen before. */
const nameOf = ({ task_id, status, since, waiting }: Task): string =>
  `${task_id} ${status} ${since} ${waiting.clarify}.${waiting.approval}`;

export function createPageCaller(ports: PageCallerPorts) {
  let tasks: ReadonlyMap<string, Task> | null = null;
  let isOver = false;

  async function noticeOf(task: Task, kind: NoticeKind): Promise<Notice | null> {
    if (kind !== 'waiting') return endNotice(task, kind);
    const asked = (await ports.pending(task.session_id)).filter(
      ({ stream_id }) => stream_id === task.task_id,
    );
    const [oldest] = asked.sort((a, b) => a.requested_at - b.requested_at);
    return oldest ? promptNotice(task, oldest) : null;
  }

  async function call(task: Task, kind: NoticeKind): Promise<void> {
    const { shows, sounds, kinds } = ports.choices();
    if (!kinds.includes(kind) || !(shows || sounds)) return;
    const name = nameOf(task);
    if (ports.isLookedAt(task.session_id)) {
      await Promise.all([ports.claim(`sound ${name}`), ports.claim(`show ${name}`)]);
      return;
    }
    await ports.wait(OTHERS_FIRST_MS);
    // It went on meanwhile: that is told by itself.
    const now = tasks?.get(task.task_id);
    if (isOver || !now || nameOf(now) !== name) return;
    if (sounds && ports.maySound() && (await ports.claim(`sound ${name}`))) ports.sound();
    if (!shows || !(await ports.claim(`show ${name}`))) return;
    const notice = await noticeOf(task, kind);
    if (notice && !isOver) ports.notify(notice);
  }

  return {
    /** The board as it is now. What it holds at first calls for nothing. */
    took(next: ReadonlyMap<string, Task>): void {
      const before = tasks;
      tasks = next;
      if (!before || before === next) return;
      for (const [task_id, task] of next) {
        const known = before.get(task_id);
        if (known === task) continue;
        const kind = callFor(known, task);
        // Whatever comes of it: what it waited for is over.
        if (known?.status === 'waiting-for-input' && kind !== null && kind !== 'waiting')
          ports.notify({ type: 'withdraw', tag: task_id });
        // That nobody could be called is seen on the page.
        if (kind !== null && kind !== 'withdraw') void call(task, kind).catch(() => undefined);
      }
      for (const task_id of before.keys())
        if (!next.has(task_id)) ports.notify({ type: 'withdraw', tag: task_id });
    },
    close(): void {
      isOver = true;
    },
  };
}
