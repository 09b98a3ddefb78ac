// The list of sessions: what each is doing, in a mark and in words.
import { type MouseEvent, memo, useRef } from 'react';
import type { Session } from '../../protocol/views.ts';
import { dayTime, elapsed } from '../format.ts';
import { type Group, grouped } from '../list-store.ts';
import { pendingWords, waitsFor } from '../prompts/shown-prompts.ts';
import { pathOf } from '../router.ts';
import { markOf, rowWord, type ShownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useNow, useShownRun, useStore } from './context.tsx';
import { Icon } from './icon.tsx';
import { LineState } from './notice.tsx';

const words = en.sidebar;

function whyOf(session: Session, run: ShownRun | null, waitsFor: string | null): string | null {
  if (session.state === 'waiting') return waitsFor ?? pendingWords(session.waiting);
  if (run?.why) return run.why;
  if (session.queue_length > 0) return words.queued(session.queue_length);
  return session.state === 'idle' ? null : session.pending_user_message;
}

interface RowProps {
  session: Session;
  run: ShownRun | null;
  isCurrent: boolean;
  /** what it asks, where that is known */
  asks: string | null;
  now: number;
  open(session_id: string): void;
}

const Row = memo(function Row({ session, run, isCurrent, asks, now, open }: RowProps) {
  const isIdle = session.state === 'idle';
  const live = run && !isIdle && run.run_state !== 'settled' ? run : null;
  const why = whyOf(session, live, asks);
  const time = isIdle ? dayTime(session.updated_at, now) : elapsed(now - (live?.since ?? session.updated_at));
  const tone = session.state === 'waiting' ? 'hot' : session.state === 'stale' ? 'lost' : isIdle ? 'old' : '';
  function onClick(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open(session.session_id);
  }
  return (
    <li data-session-id={session.session_id} data-session-state={session.state}>
      <a
        className={`row ${tone}`}
        href={pathOf({ page: 'session', session_id: session.session_id })}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={onClick}
      >
        <i className="mark" data-state={live?.run_state ?? markOf(session)} aria-hidden="true" />
        <span className="head cut" dir="auto">
          <span className="vh">
            {session.pinned ? words.pinnedMark : ''}
            {live ? wordOf(live) : rowWord(session)}:{' '}
          </span>
          {session.title || words.untitled}
        </span>
        <span className="when">
          {session.pinned && <Icon name="pin" />}
          <time>{time}</time>
        </span>
        {why && (
          <span className="why cut" dir="auto">
            {why}
          </span>
        )}
      </a>
    </li>
  );
});

function Groups({ open }: { open(session_id: string): void }) {
  const { list, pane } = useApp();
  const sessions = useStore(list, (context) => context.sessions);
  const current = useStore(pane, (context) => context.session_id);
  const shown = useStore(pane, (context) => context.session);
  const asks = useStore(pane, (context) => waitsFor(context.prompts));
  const run = useShownRun();
  const isAnyLive = sessions.some((session) => session.state !== 'idle');
  const now = useNow(isAnyLive);
  // The open session is known better than the list has it.
  const known = shown
    ? sessions.map((one) => (one.session_id === shown.session_id ? freshest(one, shown, run) : one))
    : sessions;
  return grouped(known, now).map(({ group, sessions: rows }) => (
    <li key={group}>
      <h2 id={`g-${group}`} className={group === 'waiting' ? 'hot' : ''}>
        {words.groups[group]} {isCounted(group) && <span className="num">{rows.length}</span>}
      </h2>
      <ul aria-labelledby={`g-${group}`}>
        {rows.map((session) => (
          <Row
            key={session.session_id}
            session={session}
            run={session.session_id === current ? run : null}
            isCurrent={session.session_id === current}
            asks={session.session_id === current ? asks : null}
            now={session.state === 'idle' ? Math.floor(now / DAY_MS) * DAY_MS : now}
            open={open}
          />
        ))}
      </ul>
    </li>
  ));
}

const DAY_MS = 86_400_000;
const isCounted = (group: Group): boolean => group === 'waiting' || group === 'running';

/** Title and state as the pane has them; the rest as the list has it. */
function freshest(listed: Session, shown: Session, run: ShownRun | null): Session {
  const isLive = run !== null && run.run_state !== 'settled';
  const state = !isLive
    ? 'idle'
    : run.run_state === 'stale'
      ? 'stale'
      : run.run_state === 'waiting'
        ? 'waiting'
        : 'running';
  const last_outcome = run?.run_state === 'settled' ? run.outcome : shown.last_outcome;
  return { ...listed, title: shown.title, pinned: shown.pinned, state, last_outcome };
}

export function Sidebar() {
  const { list, commands } = useApp();
  const { status, next } = useStore(list, (context) => context);
  const isEmpty = useStore(list, (context) => context.sessions.length === 0);
  const side = useRef<HTMLElement>(null);
  const hide = (): void => {
    if (side.current?.matches(':popover-open')) side.current.hidePopover();
  };
  const open = (session_id: string): void => {
    commands.open(session_id);
    hide();
  };
  return (
    <nav id="side" className="side" popover="auto" aria-label={words.views} ref={side}>
      <div className="side-head">
        <span className="brand">
          <Icon name="weir" />
          {en.app}
        </span>
        <button
          type="button"
          className="tool-btn push"
          aria-label={words.newSession}
          title={words.newSession}
          onClick={() => {
            commands.newSession();
            hide();
          }}
        >
          <Icon name="plus" />
        </button>
        <button type="button" className="tool-btn only-narrow" aria-label={words.close} onClick={hide}>
          <Icon name="turn" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a scrolling part is no form field set */}
      <div className="sessions" tabIndex={0} role="group" aria-label={words.region}>
        <ul aria-label={words.list}>
          <Groups open={open} />
        </ul>
        {isEmpty && <p className="empty">{status === 'failed' ? words.failed : words.empty}</p>}
        {next !== null && (
          <button type="button" className="btn bare" onClick={() => void commands.moreSessions()}>
            {words.more}
          </button>
        )}
      </div>
      <LineState />
    </nav>
  );
}
