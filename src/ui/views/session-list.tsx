// The rows of the list, in their groups. A list that is longer than a few screens draws only what is seen; what does that
// comes in a chunk of its own.
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { quietSessions } from '../board/board-feed.ts';
import { midnightOf } from '../format.ts';
import type { Listed } from '../list-store.ts';
import { waitsFor } from '../prompts/shown-prompts.ts';
import { runKey, type ShownRun } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useNow, useShownRun, useStore } from './context.tsx';
import { Heading, type Item, itemsOf, keyOf } from './session-items.tsx';
import { Row, type RowProps } from './session-row.tsx';

const LongList = lazy(() => import('./long-list.tsx'));

/** Drawn as they are; a longer list draws what is seen. */
const ROWS_DRAWN_MAX = 100;
/** How ARIA says that nobody knows yet. */
const UNKNOWN_COUNT = -1;
const words = en.sidebar;

/** The open session is known better than the list has it: title, pin and state are the pane's. */
function freshest(listed: Listed, shown: Listed, run: ShownRun | null): Listed {
  const isLive = run !== null && run.run_state !== 'settled';
  const live = run?.run_state === 'stale' || run?.run_state === 'waiting' ? run.run_state : 'running';
  const state = isLive ? live : 'idle';
  const last_outcome = run?.run_state === 'settled' ? run.outcome : shown.last_outcome;
  return { ...listed, title: shown.title, pinned: shown.pinned, state, last_outcome };
}

function useListed(): Listed[] {
  const { list, pane } = useApp();
  const sessions = useStore(list, (context) => context.sessions);
  const shown = useStore(pane, (context) => context.session);
  const run = useShownRun();
  const key = runKey(run);
  // The key is the run, as far as it is drawn.
  return useMemo(() => {
    if (!shown) return sessions;
    return sessions.map((one) => (one.session_id === shown.session_id ? freshest(one, shown, run) : one));
  }, [sessions, shown, key]);
}

export function SessionList({ open }: { open(session_id: string): void }) {
  const { list: store, pane, outbox, board } = useApp();
  const sessions = useListed();
  const outgoing = useStore(outbox, (context) => context.outgoing);
  const tasks = useStore(board, (context) => context.tasks);
  const quiet = useMemo(() => quietSessions({ tasks }), [tasks]);
  const isWhole = useStore(store, (context) => context.next === null);
  const current = useStore(pane, (context) => context.session_id);
  const asks = useStore(pane, (context) => waitsFor(context.prompts));
  const run = useShownRun();
  const now = useNow(sessions.some((session) => session.state !== 'idle'));
  const day = midnightOf(now);
  const items = useMemo(() => itemsOf(sessions, day), [sessions, day]);
  const list = useRef<HTMLUListElement>(null);
  const isLong = items.length > ROWS_DRAWN_MAX;

  useEffect(() => {
    if (current === null || isLong) return;
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [current, isLong]);

  const rowOf = (session: Listed, place: number): RowProps => ({
    session,
    run: session.session_id === current ? run : null,
    isCurrent: session.session_id === current,
    asks: session.session_id === current ? asks : null,
    unsent: outgoing.filter((one) => one.state === 'failed' && one.session_id === session.session_id).length,
    quiet: quiet.get(session.session_id) ?? null,
    now: session.state === 'idle' ? day : now,
    place,
    count: isWhole ? sessions.length : UNKNOWN_COUNT,
    open,
  });
  const drawn = (shown: Item[]) => (
    <ul ref={list} aria-label={words.list}>
      {shown.map((item) =>
        item.kind === 'group' ? (
          <Heading key={keyOf(item)} group={item.group} count={item.count} />
        ) : (
          <Row key={keyOf(item)} {...rowOf(item.session, item.place)} />
        ),
      )}
    </ul>
  );
  if (!isLong) return drawn(items);
  return (
    <Suspense fallback={drawn(items.slice(0, ROWS_DRAWN_MAX))}>
      <LongList items={items} current={current} rowOf={rowOf} />
    </Suspense>
  );
}
