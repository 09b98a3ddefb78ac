// What a page has of the one line of its browser: it says what is watched here, and is told what comes, whichever tab holds
// the connection. A tab takes only what follows its newest ask: until a source knows of it, what still comes of an older one
// is not for this tab (LN3). Knows no pane, no other tab and no wire.
import { createStore } from '@xstate/store';
import { POLL_BOARD_MS } from '../../machines/bounds.ts';
import type { BoardListener } from '../board/board-feed.ts';
import { createBoardEar, type EarPorts } from './board-ear.ts';
import { passed } from './passed.ts';
import type { Ask, Heard, LineFact, LineView, Said } from './said.ts';
import { createTabs, type TabsPorts } from './tabs.ts';

/** What can wait goes with the next change of what is watched, or after this. */
const UNWATCH_AFTER_MS = 2_000;
/** A page's first session is known by then: both begin with one source. */
const BOARD_AFTER_MS = 150;
const HEARD_EVERY_MS = 1_000;

/** One who watches a session. */
export interface LineListener {
  /** What is shown, to the last record that came; the line goes on from there. */
  cursor(): number;
  line(fact: LineFact): void;
  /** The line lives: once in a while. */
  heard(): void;
  event(heard: Heard): void;
  /** LN4: nothing is pushed. */
  poll(): void;
}

export interface SessionLine {
  /** Goes on from the cursor. */
  reattach(): void;
  close(): void;
}

export interface LinePorts extends TabsPorts {
  readBoard: EarPorts['readBoard'];
  lockedOut(): void;
}

export interface PageLine {
  readonly state: LineStore;
  watch(session_id: string, listener: LineListener): SessionLine;
  board(listener: BoardListener): void;
  /** The line is kept, though nobody looks. */
  wantNotices(areWanted: boolean): void;
  /** A try now, by a person who doesn't want to wait. */
  retry(): void;
  close(): void;
}

const createLineStore = () =>
  createStore({
    context: { state: 'connecting', since: 0, lost: false } as LineView,
    on: {
      changed: (line, { view }: { view: Omit<LineView, 'lost'> }) => ({ ...view, lost: line.lost }),
      lostChanged: (line, { lost }: { lost: boolean }) => (line.lost === lost ? line : { ...line, lost }),
    },
  });
export type LineStore = ReturnType<typeof createLineStore>;

export function createPageLine(ports: LinePorts): PageLine {
  const { tab, now, isHidden, readBoard } = ports;
  const store = createLineStore();
  const watches = new Map<string, Set<LineListener>>();
  const ear = createBoardEar({ readBoard, isHidden, every_ms: POLL_BOARD_MS });
  let asked: Ask = { n: 0, sessions: {}, board: null, seen: !isHidden(), notices: false };
  let isCovered = false;
  let from: Record<string, number> = {};
  let heardAt = 0;
  let later: ReturnType<typeof setTimeout> | null = null;
  const each = (tell: (listener: LineListener) => void): void => {
    for (const listeners of [...watches.values()]) for (const listener of [...listeners]) tell(listener);
  };

  /** From here on nothing is taken but what a source brings that knows of this. */
  function ask(): void {
    if (later !== null) clearTimeout(later);
    later = null;
    isCovered = false;
    const sessions: Ask['sessions'] = {};
    for (const [session_id, listeners] of watches)
      sessions[session_id] = Math.min(...[...listeners].map((listener) => listener.cursor()));
    asked = { ...asked, n: asked.n + 1, sessions, board: ear.cursor };
    tabs.ask(asked);
  }

  /** What is wanted stays the same; how much, does not. */
  function say(change: Partial<Pick<Ask, 'seen' | 'notices'>>): void {
    asked = { ...asked, ...change };
    if (asked.n > 0) tabs.ask(asked);
  }

  function hear(heard: Heard): void {
    if (passed(heardAt, now()) >= HEARD_EVERY_MS) {
      heardAt = now();
      each((listener) => listener.heard());
    }
    if (heard.of === 'board') ear.hear(heard);
    if (heard.of === 'board' || heard.of === null) return;
    const { session_id } = heard.of;
    for (const listener of [...(watches.get(session_id) ?? [])]) {
      if (heard.event === 'reset' && !concerns(heard, listener, from[session_id] ?? 0)) continue;
      listener.event(heard);
    }
  }

  function covered({ covers, from: began }: Extract<Said, { is: 'source' }>): void {
    from = began;
    isCovered = covers[tab] === asked.n;
    // A leader that took this tab for dead, or has not heard of it yet, is told again.
    if (covers[tab] === undefined && asked.n > 0) ask();
  }

  function takeFact(fact: LineFact): void {
    // Opened for others: this tab still waits for a source that knows what it asked.
    if (fact.type === 'line.opened' && !isCovered) return;
    if (fact.type !== 'line.ended') store.trigger.lostChanged({ lost: fact.type === 'line.lost' });
    each((listener) => listener.line(fact));
  }

  function take(said: Said): void {
    switch (said.is) {
      case 'event':
        if (isCovered) hear(said);
        break;
      case 'source':
        covered(said);
        break;
      case 'fact':
        takeFact(said.fact);
        break;
      case 'poll':
        ear.poll();
        if (!isHidden()) each((listener) => listener.poll());
        break;
      case 'locked':
        ports.lockedOut();
        break;
      case 'state':
        if (said.view.state !== 'polling') ear.rest();
        store.trigger.changed({ view: said.view });
    }
  }

  function unwatch(session_id: string, listener: LineListener): void {
    const listeners = watches.get(session_id);
    if (!listeners?.delete(listener)) return;
    if (listeners.size === 0) watches.delete(session_id);
    later ??= setTimeout(ask, UNWATCH_AFTER_MS);
  }

  const tabs = createTabs(ports, {
    take,
    led() {
      if (asked.n > 0) ask();
    },
    seen: (seen) => say({ seen }),
  });

  return {
    state: store,
    watch(session_id, listener) {
      watches.set(session_id, (watches.get(session_id) ?? new Set()).add(listener));
      ask();
      return { reattach: ask, close: () => unwatch(session_id, listener) };
    },
    board(listener) {
      ear.listen(listener);
      later ??= setTimeout(ask, BOARD_AFTER_MS);
    },
    wantNotices: (notices) => say({ notices }),
    retry: tabs.retry,
    close() {
      if (later !== null) clearTimeout(later);
      ear.rest();
      tabs.close();
    },
  };
}

/** A source that begins further back for another tab's sake may be reset for that: who stands well is left alone. */
function concerns({ data }: Heard, listener: LineListener, began: number): boolean {
  const cursor = listener.cursor();
  const { head } = JSON.parse(data) as { head: number };
  return cursor <= began || cursor > head;
}
