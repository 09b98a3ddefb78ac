// Who listens to the line, and what the next source must begin with so that nobody misses anything: for each session the
// lowest cursor of those who want it. What was relayed to a tab since its ask is taken in there, or on its way to it in
// order; so a tab that asked for nothing new stands where the relay stands. Pure: no clock, no connection.
import { LIVE_SESSIONS_MAX } from '../../protocol/limits.ts';
import type { Ask } from './said.ts';

interface Listener {
  ask: Ask;
  /** the ask that a source has answered; 0: none yet */
  covered: number;
}

/** The cursor of a board of which nothing is known yet. */
export const FROM_SNAPSHOT = '1';

interface BoardPosition {
  boot: string;
  n: number;
}

export interface Plan {
  /** of `/api/live`; null: nobody wants anything */
  path: string | null;
  /** null: the board from a snapshot on */
  board: BoardPosition | null;
  covers: Record<string, number>;
  /** session_id → where the source begins */
  from: Record<string, number>;
}

export interface Audience {
  /** What a tab wants from now on. True: a source has to be opened for it. */
  ask(tab: string, ask: Ask): boolean;
  leave(tab: string): void;
  readonly tabs: readonly string[];
  /** Nobody looks, and nobody wants to be called. */
  readonly isAway: boolean;
  /** What a source for all is to be opened with. */
  plan(): Plan;
  /** It has opened, and is the source there is. */
  begin(plan: Plan): void;
  /** A record was relayed. */
  advance(session_id: string, pos: number): void;
  /** The board was relayed up to here. */
  advanceBoard(boot: string | null, n: number): void;
}

/** null: from a snapshot on */
function positionOf(cursor: string): BoardPosition | null {
  const colon = cursor.lastIndexOf(':');
  return cursor === FROM_SNAPSHOT
    ? null
    : { boot: cursor.slice(0, colon), n: Number(cursor.slice(colon + 1)) };
}

const cursorOf = (board: BoardPosition | null): string =>
  board ? `${board.boot}:${board.n}` : FROM_SNAPSHOT;

/** What serves all: of one boot the lowest; of several, only a snapshot does. */
const lowest = (one: BoardPosition | null, other: BoardPosition | null): BoardPosition | null =>
  one === null || other === null || one.boot !== other.boot ? null : one.n < other.n ? one : other;

export function createAudience(): Audience {
  const listeners = new Map<string, Listener>();
  const positions = new Map<string, number>();
  /** null: no snapshot came yet */
  let board: BoardPosition | null = null;

  /** Who is seen comes first, then who asked last: there is room for so many sessions only. */
  function seated(): { covers: Plan['covers']; seats: Listener[] } {
    const covers: Plan['covers'] = {};
    const wanted = new Set<string>();
    const seats: Listener[] = [];
    const inOrder = [...listeners].reverse().sort(([, a], [, b]) => Number(b.ask.seen) - Number(a.ask.seen));
    for (const [tab, listener] of inOrder) {
      const fresh = Object.keys(listener.ask.sessions).filter((session_id) => !wanted.has(session_id));
      const hasRoom = wanted.size + fresh.length <= LIVE_SESSIONS_MAX;
      covers[tab] = hasRoom ? listener.ask.n : 0;
      if (!hasRoom) continue;
      for (const session_id of fresh) wanted.add(session_id);
      seats.push(listener);
    }
    return { covers, seats };
  }

  function cursorsOf(seats: Listener[]): Plan['from'] {
    const from: Plan['from'] = {};
    for (const { ask, covered } of seats)
      for (const [session_id, asked] of Object.entries(ask.sessions)) {
        const pos = covered === ask.n ? (positions.get(session_id) ?? asked) : asked;
        from[session_id] = Math.min(from[session_id] ?? pos, pos);
      }
    return from;
  }

  /** undefined: nobody wants it */
  function boardOf(seats: Listener[]): BoardPosition | null | undefined {
    const positions = seats.flatMap(({ ask, covered }) => {
      if (ask.board === null) return [];
      return [covered === ask.n && board !== null ? board : positionOf(ask.board)];
    });
    return positions.length === 0 ? undefined : positions.reduce(lowest);
  }

  return {
    ask(tab, ask) {
      const known = listeners.get(tab);
      // Behind the others: who asked last is the last of the map.
      listeners.delete(tab);
      listeners.set(tab, { ask, covered: known?.covered ?? 0 });
      if (known?.ask.n !== ask.n) return true;
      return ask.seen && known.covered !== ask.n;
    },
    leave: (tab) => void listeners.delete(tab),
    get tabs() {
      return [...listeners.keys()];
    },
    get isAway() {
      return [...listeners.values()].every(({ ask }) => !ask.seen && !ask.notices);
    },
    plan() {
      const { covers, seats } = seated();
      const from = cursorsOf(seats);
      const from_board = boardOf(seats);
      const query = Object.entries(from).map(([id, pos]) => `session=${encodeURIComponent(id)}:${pos}`);
      if (from_board !== undefined) query.push(`board=${encodeURIComponent(cursorOf(from_board))}`);
      const path = query.length === 0 ? null : `/api/live?${query.join('&')}`;
      return { path, covers, from, board: from_board ?? null };
    },
    begin(plan) {
      for (const [tab, listener] of listeners) listener.covered = plan.covers[tab] ?? 0;
      positions.clear();
      for (const [session_id, pos] of Object.entries(plan.from)) positions.set(session_id, pos);
      // Until its snapshot came, who waits for one has nothing to go on from.
      board = plan.board;
    },
    advance: (session_id, pos) => void positions.set(session_id, pos),
    advanceBoard(of, n) {
      const boot = of ?? board?.boot;
      if (boot !== undefined) board = { boot, n };
    },
  };
}
