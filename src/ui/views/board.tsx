// The board: who waits, what runs, what is done, across sessions. What waits is answered here without opening its session.
import '../style/dock.css';
import '../style/board.css';
import { type ReactNode, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { pulseOf } from '../../protocol/board.ts';
import { sentenceOf } from '../api.ts';
import { createBoardDesks } from '../board/board-prompts.ts';
import { lanesOf, piecesOf } from '../board/lanes.ts';
import { midnightOf } from '../format.ts';
import { watchCalm } from '../prompts/calm-watch.ts';
import { en } from '../text/en.ts';
import { enBoard } from '../text/en-board.ts';
import { DoneRow, RunningCard, WaitingCard } from './board-cards.tsx';
import { useApp, useNow, useStore } from './context.tsx';
import { Icon } from './icon.tsx';
import { LineNotice, LineState } from './notice.tsx';
import { Views } from './views.tsx';

const words = enBoard;
/** Of what is done, so many are drawn before somebody asks for all. */
const DONE_DRAWN_MAX = 60;

function Bar() {
  const { commands, shell } = useApp();
  return (
    <header className="bar">
      <span className="brand">
        <Icon name="weir" />
        <span className="wide">{en.app}</span>
      </span>
      <h1 className="vh">{words.name}</h1>
      <nav aria-label={words.name}>
        <Views />
      </nav>
      <span className="push" />
      <LineState />
      <button
        type="button"
        className="tool-btn"
        aria-label={words.search}
        title={words.search}
        onClick={() => shell.trigger.dialogOpened({ dialog: 'palette' })}
      >
        <Icon name="search" />
      </button>
      <button type="button" className="btn" aria-label={words.newSession} onClick={commands.newSession}>
        <Icon name="plus" />
        <span className="wide">{words.newSession}</span>
      </button>
    </header>
  );
}

function Figure({
  name,
  mark,
  hot,
  children,
}: {
  name: string;
  mark?: string;
  hot?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={hot ? 'hot' : undefined}>
      <dt>
        {mark && <i className="mark" data-state={mark} aria-hidden="true" />}
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function OldestWait({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <span className="dim">{words.nobody}</span>;
  return piecesOf(seconds).map(({ n, unit }, at) => (
    <span key={unit}>
      {at > 0 && ' '}
      {n}
      <small> {unit}</small>
    </span>
  ));
}

function PulseHead() {
  const tasks = useStore(useApp().board, (context) => context.tasks);
  const now = useNow(true);
  const { waiting, running, done_today, oldest_wait_seconds } = pulseOf(tasks.values(), now, midnightOf(now));
  const isHot = waiting > 0;
  return (
    <dl className="pulse">
      <Figure name={words.waiting} mark="waiting" hot={isHot}>
        {waiting}
      </Figure>
      <Figure name={words.oldest} hot={isHot}>
        <OldestWait seconds={oldest_wait_seconds} />
      </Figure>
      <Figure name={words.running} mark="running">
        {running}
      </Figure>
      <Figure name={words.endedToday}>{done_today}</Figure>
    </dl>
  );
}

interface LaneProps {
  name: string;
  count: string;
  note?: string;
  empty: string;
  className?: string;
  children: ReactNode[];
  after?: ReactNode;
}

function Lane({ name, count, note, empty, className = '', children, after }: LaneProps) {
  const id = useId();
  return (
    <section className="lane" aria-labelledby={id}>
      <h2 id={id} className="lane-head">
        {name} <span className="num">{count}</span>
        {note && children.length > 1 && <span className="push">{note}</span>}
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a scrolling part is no form field set */}
      <div className="lane-body" tabIndex={0} role="group" aria-labelledby={id}>
        {children.length === 0 ? (
          <p className="empty">{empty}</p>
        ) : (
          <ul className={`cards ${className}`} aria-labelledby={id}>
            {children}
          </ul>
        )}
        {after}
      </div>
    </section>
  );
}

function Lanes() {
  const app = useApp();
  const tasks = useStore(app.board, (context) => context.tasks);
  const lanes = useMemo(() => lanesOf(tasks.values()), [tasks]);
  const [isWhole, setWhole] = useState(false);
  const [desks] = useState(() =>
    createBoardDesks({
      app,
      now: Date.now,
      broken: (bug) => app.pane.trigger.alertChanged({ alert: sentenceOf(bug) }),
    }),
  );
  useEffect(() => desks.close, [desks]);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => watchCalm(place.current!), []);
  const day = midnightOf(useNow(true));
  const today = lanes.done.filter((task) => (task.finished_at ?? 0) >= day).length;
  // An answer that came too late is told where the newest task of its session is.
  const told = new Set([...lanes.waiting, ...lanes.running].map(({ session_id }) => session_id));
  const done = isWhole ? lanes.done : lanes.done.slice(0, DONE_DRAWN_MAX);
  return (
    <div className="lanes" ref={place}>
      <Lane
        name={words.waiting}
        count={`${lanes.waiting.length}`}
        note={words.oldestFirst}
        empty={words.noneWaiting}
      >
        {lanes.waiting.map((task) => (
          <WaitingCard key={task.task_id} task={task} desk={desks.of(task.session_id)} />
        ))}
      </Lane>
      <Lane name={words.running} count={`${lanes.running.length}`} empty={words.noneRunning}>
        {lanes.running.map((task) => (
          <RunningCard key={task.task_id} task={task} desk={desks.known(task.session_id)} />
        ))}
      </Lane>
      <Lane
        name={words.done}
        count={words.today(today)}
        empty={words.noneDone}
        className="ledger"
        after={
          done.length < lanes.done.length && (
            <button type="button" className="btn bare" onClick={() => setWhole(true)}>
              {words.all(lanes.done.length)}
            </button>
          )
        }
      >
        {done.map((task) => {
          const desk = told.has(task.session_id) ? null : desks.known(task.session_id);
          told.add(task.session_id);
          return <DoneRow key={task.task_id} task={task} day={day} desk={desk} />;
        })}
      </Lane>
    </div>
  );
}

function Alert() {
  const { pane } = useApp();
  const alert = useStore(pane, (context) => context.alert);
  return alert === null ? null : <p className="notice failed">{alert}</p>;
}

export default function BoardView() {
  return (
    <section className="board" aria-label={words.name}>
      <Bar />
      <div>
        <LineNotice />
        <Alert />
        <PulseHead />
      </div>
      <Lanes />
    </section>
  );
}
