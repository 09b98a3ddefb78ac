// How views reach the app: one context, and one hook that reads a store.
import { createContext, useContext, useEffect, useReducer, useSyncExternalStore } from 'react';
import type { App } from '../app.ts';
import { waitingTasks } from '../board/board-feed.ts';
import type { LineView } from '../line/said.ts';
import { currentPlace, type Place, watchPlace } from '../router.ts';
import { runKey, type ShownRun, shownRun } from '../shown-run.ts';

const AppContext = createContext<App | null>(null);
export const AppProvider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('a view outside the page');
  return app;
}

interface Readable<T> {
  getSnapshot(): { context: T };
  subscribe(listener: () => void): { unsubscribe(): void };
}

/** The selected value; renders again only when it is another one. `select` must give the same for the same store. */
export function useStore<T, R>(store: Readable<T>, select: (context: T) => R): R {
  return useSyncExternalStore(
    (listener) => {
      const subscription = store.subscribe(listener);
      return () => subscription.unsubscribe();
    },
    () => select(store.getSnapshot().context),
  );
}

/** The run of the badge; renders again when it changes, not with every frame that it writes. */
export function useShownRun(): ShownRun | null {
  const { pane } = useApp();
  useStore(pane, (context) => runKey(shownRun(context)));
  return shownRun(pane.getSnapshot().context);
}

/** Before the password nothing is connected, and nothing was lost. */
const LOCKED_OUT: LineView = { state: 'closed', since: 0, lost: false };

/** The connection: as the session on screen has it, which knows what it has missed; without one, as the page has it. */
export function useLine(): LineView {
  const { line, pane, shell } = useApp();
  const isLockedOut = useStore(shell, (context) => context.dialog === 'login');
  const ofPage = useStore(line, (context) => context);
  const ofSession = useStore(pane, (context) =>
    context.session_id === null || context.status === 'missing' ? null : context.line,
  );
  return isLockedOut ? LOCKED_OUT : (ofSession ?? ofPage);
}

/** Where this tab is. */
export const usePlace = (): Place => useSyncExternalStore(watchPlace, currentPlace);

/** How many sessions wait for a person, of all. The one on screen is known better than the board has it. */
export function useWaiting(): number {
  const { board, list, pane } = useApp();
  const shown = useStore(pane, (context) => context.session_id);
  const isWaiting = useShownRun()?.run_state === 'waiting';
  const isKnown = useStore(board, (context) => context.boot !== null);
  const onBoard = useStore(board, (context) =>
    waitingTasks(context).reduce((n, task) => n + Number(task.session_id !== shown), 0),
  );
  const inList = useStore(
    list,
    (context) => context.sessions.filter((one) => one.state === 'waiting' && one.session_id !== shown).length,
  );
  return (isKnown ? onBoard : inList) + Number(isWaiting);
}

const SECOND_MS = 1000;
const tickers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | null = null;

function tick(listener: () => void): () => void {
  tickers.add(listener);
  ticking ??= setInterval(() => {
    if (!document.hidden) for (const one of tickers) one();
  }, SECOND_MS);
  return () => {
    tickers.delete(listener);
    if (tickers.size > 0 || ticking === null) return;
    clearInterval(ticking);
    ticking = null;
  };
}

/** The time, each second while `ticks`; one timer for the whole page. */
export function useNow(ticks: boolean): number {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => (ticks ? tick(again) : undefined), [ticks]);
  return Date.now();
}
