// Who is called for what: watches an owner's board, and hands notices to the devices that want them. The newest state of a
// task counts: what changed twice while one notice was made is one change. Knows no connection.
import type { Journal } from '../journal/port.ts';
import {
  callFor,
  endNotice,
  type Log,
  type Notice,
  type NoticeKind,
  type PushSubscriptionInput,
  promptNotice,
  type ShownNotice,
  type Task,
} from '../protocol/index.ts';
import type { WatchedBoard } from './port.ts';

/** A notice is of use for a day, or until its prompt expires (ms). */
export const NOTICE_LIFE_MS = 24 * 3_600_000;
/** Notices that are remembered, to withdraw them. */
const TOLD_MAX = 1_000;
/** Tasks that are remembered; when they are more, only those of the board stay. */
const SEEN_MAX = 2_000;
/** Its push service counts a push that shows nothing as abuse, and ends the subscription: the page withdraws there. */
const SHOWS_ALWAYS = /(^|\.)push\.apple\.com$/;

export interface CallerPorts {
  journal: Pick<Journal, 'listSubscriptions' | 'openSession'>;
  now(): number;
  log: Log;
  send(subscription: PushSubscriptionInput, notice: Notice, until: number): void;
}

const wants = ({ kinds = ['waiting'] }: PushSubscriptionInput, kind: NoticeKind): boolean =>
  kinds.includes(kind);
const takesSilence = ({ endpoint }: PushSubscriptionInput): boolean =>
  !SHOWS_ALWAYS.test(new URL(endpoint).hostname);

/** Calls for what comes from here on. What is returned ends that. */
export function callFromBoard(owner: string, board: WatchedBoard, ports: CallerPorts): () => void {
  const { journal, now, log } = ports;
  const seen = new Map([...board.tasks()].map((task) => [task.task_id, task]));
  /** of each task what came since it was last looked at; null: it is gone */
  const fresh = new Map<string, Task | null>();
  /** what each notice that was sent is about, by tag */
  const told = new Map<string, string>();
  let n = board.head();
  let isWorking = false;
  let isOver = false;

  function takeIn(): void {
    const events = board.since(n);
    n = board.head();
    if (events === null) for (const task of board.tasks()) fresh.set(task.task_id, task);
    for (const { event, data } of events ?? []) {
      if (event !== 'session.changed') fresh.set(data.task_id, data);
      else if (data.session === null) forget(data.session_id);
    }
  }

  function forget(session_id: string): void {
    for (const task of [...seen.values(), ...fresh.values()])
      if (task?.session_id === session_id) fresh.set(task.task_id, null);
  }

  async function noticeOf(task: Task, kind: NoticeKind): Promise<[ShownNotice, number] | null> {
    const life = now() + NOTICE_LIFE_MS;
    if (kind !== 'waiting') return [endNotice(task, kind), life];
    const opened = await journal.openSession(owner, task.session_id);
    const prompts = (opened?.prompts ?? []).filter(({ stream_id }) => stream_id === task.task_id);
    const [oldest] = prompts.sort((a, b) => a.asked_pos - b.asked_pos);
    if (!oldest) return null;
    return [promptNotice(task, oldest.entry), Math.min(life, oldest.entry.expires_at ?? life)];
  }

  async function call(task_id: string, task: Task | null): Promise<void> {
    const before = seen.get(task_id);
    if (task) seen.set(task_id, task);
    else seen.delete(task_id);
    const kind = task ? callFor(before, task) : 'withdraw';
    if (kind === null || (kind === 'withdraw' && !told.has(task_id))) return;
    const devices = (await journal.listSubscriptions(owner)).map(({ subscription }) => subscription);
    const made = task && kind !== 'withdraw' ? await noticeOf(task, kind) : null;
    if (isOver || (made && told.get(task_id) === made[0].about)) return;
    // Its prompt was answered while it was looked for: the change that says so is on its way.
    if (kind === 'waiting' && !made) return;
    for (const device of devices) {
      if (made && kind !== 'withdraw' && wants(device, kind)) ports.send(device, ...made);
      else if (told.has(task_id) && wants(device, 'waiting') && takesSilence(device))
        ports.send(device, { type: 'withdraw', tag: task_id }, now() + NOTICE_LIFE_MS);
    }
    told.delete(task_id);
    if (kind === 'waiting' && made) told.set(task_id, made[0].about);
    const [oldest] = told.keys();
    if (told.size > TOLD_MAX && oldest !== undefined) told.delete(oldest);
  }

  function forgetOld(): void {
    if (seen.size <= SEEN_MAX) return;
    const shown = new Set([...board.tasks()].map(({ task_id }) => task_id));
    for (const task_id of seen.keys()) if (!shown.has(task_id)) seen.delete(task_id);
  }

  async function work(): Promise<void> {
    isWorking = true;
    for (let [next] = fresh; next && !isOver; [next] = fresh) {
      fresh.delete(next[0]);
      await call(...next).catch((err) => log.debug({ err }, 'nobody could be called'));
    }
    forgetOld();
    isWorking = false;
  }

  const unwatch = board.watch(() => {
    takeIn();
    if (!isWorking && !isOver) void work();
  });
  return () => {
    isOver = true;
    unwatch();
  };
}
