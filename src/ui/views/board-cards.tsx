// One task of the board: a card that can be answered, a card that can be stopped, a line of what is over.
import { type MouseEvent, memo, useEffect, useState, useSyncExternalStore } from 'react';
import type { Task } from '../../protocol/board.ts';
import type { Session } from '../../protocol/views.ts';
import { besideTitle } from '../beside-title.ts';
import type { BoardDesk } from '../board/board-prompts.ts';
import { endOf, markOfTask } from '../board/lanes.ts';
import { contextOf } from '../context-meter.ts';
import { clockTime, dayTime, duration, elapsed, isoTime } from '../format.ts';
import { promptParts, watchPromptParts } from '../prompts/load.ts';
import { plainText } from '../renderer/plain.ts';
import { pathOf } from '../router.ts';
import { en } from '../text/en.ts';
import { enBoard } from '../text/en-board.ts';
import { AppProvider, useApp, useNow, useStore } from './context.tsx';
import { Guard } from './guard.tsx';

const words = enBoard;
/** One line of a text that may have many. */
const LINE_LENGTH_MAX = 200;
const MINUTE_MS = 60_000;

const titleOf = (task: Task): string => plainText(task.title || en.sidebar.untitled);

function TitleLink({ task }: { task: Task }) {
  const { commands } = useApp();
  const { session_id } = task;
  return (
    <a
      href={pathOf({ page: 'session', session_id })}
      onClick={(event: MouseEvent) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        commands.open(session_id);
      }}
    >
      {titleOf(task)}
    </a>
  );
}

/** How long it has been so, to the second at first. */
function Since({ at, exact = false }: { at: number; exact?: boolean }) {
  const time = useNow(true) - at;
  return <time dateTime={isoTime(at)}>{exact && time >= MINUTE_MS ? duration(time) : elapsed(time)}</time>;
}

/** The desk's cards and lines, as they see the page. */
function Asked({ desk }: { desk: BoardDesk }) {
  const parts = useSyncExternalStore(watchPromptParts, promptParts);
  if (!parts) return null;
  return (
    <Guard>
      <AppProvider value={desk.app}>
        <parts.Prompts />
      </AppProvider>
    </Guard>
  );
}

function ReadingOf({ desk }: { desk: BoardDesk }) {
  const state = useStore(desk.reading, (context) => context.state);
  if (state === 'ready') return null;
  return (
    <p className="reading">
      {state === 'reading' ? words.reading : words.unread}
      {state === 'failed' && (
        <button type="button" className="btn push" onClick={desk.read}>
          {words.readAgain}
        </button>
      )}
    </p>
  );
}

export const WaitingCard = memo(function WaitingCard({ task, desk }: { task: Task; desk: BoardDesk }) {
  // Another task object is a change of what it asks.
  useEffect(desk.read, [task, desk]);
  return (
    <li className="waits" data-session-id={task.session_id} data-session-state="waiting">
      <div className="waits-head">
        <i className="mark" data-state="waiting" aria-hidden="true" />
        <h3 className="cut" dir="auto">
          <TitleLink task={task} />
        </h3>
        <span className="push num">
          <Since at={task.since} exact />
        </span>
      </div>
      <ReadingOf desk={desk} />
      <Asked desk={desk} />
    </li>
  );
});

/** The session of a task, where the list knows it. */
const useSession = (task: Task): Session | undefined =>
  useStore(useApp().list, (context) => context.sessions.find((one) => one.session_id === task.session_id));

function metaOf(agent: string, session: Session | undefined): string {
  const used = session && contextOf(session.usage, null);
  return [
    agent,
    ...(used ? [words.context(used.percent)] : []),
    ...(session && session.queue_length > 0
      ? [en.sidebar.queued(session.queue_length, session.queue_paused)]
      : []),
  ].join(' · ');
}

/** An answer from here that came too late says so where the card was. */
function LateWords({ desk }: { desk: BoardDesk }) {
  const isLate = useStore(desk.app.pane, ({ prompts }) =>
    [...prompts.clarify.over, ...prompts.approval.over].some((card) => card.state === 'lost'),
  );
  return isLate ? <Asked desk={desk} /> : null;
}

function StopButton({ task }: { task: Task }) {
  const { commands } = useApp();
  const [isAsked, setAsked] = useState(false);
  const isStale = task.status === 'stale';
  const label = isStale ? words.endLabel(titleOf(task)) : words.stopLabel(titleOf(task));
  return (
    <button
      type="button"
      className="btn push"
      data-guarded=""
      aria-label={label}
      disabled={isAsked}
      onClick={() => {
        setAsked(true);
        commands.stopTask(task.task_id).catch(() => setAsked(false));
      }}
    >
      {isAsked ? words.stopping : isStale ? words.end : words.stop}
    </button>
  );
}

interface RunningCardProps {
  task: Task;
  desk: BoardDesk | null;
}

export const RunningCard = memo(function RunningCard({ task, desk }: RunningCardProps) {
  const session = useSession(task);
  const agent = useStore(
    useApp().list,
    (context) => context.agents.find((one) => one.agent === task.agent)?.title ?? task.agent,
  );
  const isStale = task.status === 'stale';
  const { reason, quiet_since } = task;
  const state = isStale ? 'stale' : quiet_since ? 'quiet' : 'running';
  const doing = isStale
    ? (words.reasons[reason ?? ''] ?? reason)
    : besideTitle(task.title, session?.pending_user_message ?? null);
  return (
    <li
      className={isStale ? 'card lost' : 'card'}
      data-session-id={task.session_id}
      data-session-state={isStale ? 'stale' : 'running'}
    >
      <div className="top">
        <h3 className="cut" dir="auto">
          <TitleLink task={task} />
        </h3>
        <span className="badge plain push" data-run-state={state}>
          <span>
            {en.stateWords[state]} · <Since at={quiet_since ?? task.since} />
          </span>
        </span>
      </div>
      {doing && (
        <p className="doing cut" dir="auto">
          {plainText(doing.slice(0, LINE_LENGTH_MAX))}
        </p>
      )}
      <div className="meta">
        <span className="num cut">{metaOf(agent, session)}</span>
        <StopButton task={task} />
      </div>
      {desk && <LateWords desk={desk} />}
    </li>
  );
});

interface DoneRowProps {
  task: Task;
  day: number;
  desk: BoardDesk | null;
}

export const DoneRow = memo(function DoneRow({ task, day, desk }: DoneRowProps) {
  const ended = task.finished_at ?? task.since;
  const mark = markOfTask(task);
  const word = mark === 'interrupted' ? en.outcomeWords.interrupted : en.board.statuses[task.status];
  return (
    <li data-session-id={task.session_id} data-session-state="idle">
      <i className="mark" data-state={mark} aria-hidden="true" />
      <span className="head cut" dir="auto">
        <span className="vh" dir="ltr">
          {word}:{' '}
        </span>
        <TitleLink task={task} />
      </span>
      <time dateTime={isoTime(ended)}>{ended >= day ? clockTime(ended) : dayTime(ended, day)}</time>
      <span className="why cut" dir="auto">
        {plainText(endOf(task))}
      </span>
      {desk && <LateWords desk={desk} />}
    </li>
  );
});
