// The lock of the one who leads, and one for each tab that lives. Knows neither the line nor who should lead.
import { LINE_VERSION } from './channel.ts';

const LEADER = `weir.leader.${LINE_VERSION}`;
const TAB = `weir.tab.${LINE_VERSION}.`;

export interface LockListener {
  granted(): void;
  /** It was held, and another tab has stolen it. */
  lost(): void;
  /** This page may not use locks. */
  refused(): void;
}

export interface Locks {
  /** Waits for it, and shows from here on that this tab lives; asked for twice is the same as once. */
  request(): void;
  steal(): void;
  release(): void;
  /** The tabs that live; a crashed one is none. */
  alive(): Promise<ReadonlySet<string>>;
  /** Holds nothing at all any more: a page with a lock has no place in the back-forward cache. */
  rest(): void;
}

export type OpenLocks = (tab: string, listener: LockListener) => Locks;

/** One request, and what became of it. */
interface Turn {
  isHeld: boolean;
  isOver: boolean;
  release(): void;
}

/** What is used of a browser's `LockManager`. */
export interface Manager {
  request(name: string, options: LockOptions, hold: () => Promise<void> | undefined): Promise<unknown>;
  query(): Promise<{ held?: { name?: string }[] }>;
}

export function createLocks(manager: Manager, tab: string, listener: LockListener): Locks {
  let turn: Turn | null = null;
  let life: AbortController | null = null;

  function take(options: LockOptions, abort: () => void): Turn {
    const mine: Turn = { isHeld: false, isOver: false, release: abort };
    const hold = (): Promise<void> | undefined => {
      // Granted in the moment in which it was given back.
      if (mine.isOver) return undefined;
      mine.isHeld = true;
      const held = new Promise<void>((resolve) => {
        mine.release = resolve;
      });
      listener.granted();
      return held;
    };
    manager.request(LEADER, options, hold).catch((failure: unknown) => {
      if (mine.isOver) return;
      mine.isOver = true;
      turn = null;
      if (mine.isHeld) listener.lost();
      // Stolen in the moment in which it was granted: it is waited for again.
      else if (failure instanceof DOMException && failure.name === 'AbortError') request();
      else listener.refused();
    });
    return mine;
  }

  function release(): void {
    const mine = turn;
    turn = null;
    if (!mine) return;
    mine.isOver = true;
    mine.release();
  }

  /** A browser that refuses this shows no tab at all, and nobody is taken for dead. */
  function live(): void {
    if (life) return;
    life = new AbortController();
    const { signal } = life;
    const hold = (): Promise<void> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    manager
      .request(TAB + tab, { signal }, () => (signal.aborted ? undefined : hold()))
      .catch(() => undefined);
  }

  function request(): void {
    live();
    if (turn) return;
    const waiting = new AbortController();
    turn = take({ signal: waiting.signal }, () => waiting.abort());
  }

  return {
    request,
    steal() {
      release();
      turn = take({ steal: true }, () => {});
    },
    release,
    async alive() {
      const { held = [] } = await manager.query();
      const names = held.flatMap(({ name }) => (name?.startsWith(TAB) ? [name.slice(TAB.length)] : []));
      return new Set(names);
    },
    rest() {
      release();
      life?.abort();
      life = null;
    },
  };
}

/** null: this browser has none; plain http on a LAN address has not. */
export const openLocks: OpenLocks | null =
  typeof navigator !== 'undefined' && 'locks' in navigator && navigator.locks
    ? (tab, listener) => createLocks(navigator.locks, tab, listener)
    : null;
