// The locks of a simulated browser, as far as the tabs use them: one that leads, and who lives. A tab that is gone holds none; a
// frozen one keeps its own. Source: Web Locks API, W3C.
import type { LockListener, Locks } from '../../src/ui/line/locks.ts';
import type { Scheduler, SimNode } from './clock.ts';

interface Turn {
  node: SimNode;
  listener: LockListener;
}

export interface LockRoom {
  open(node: SimNode, tab: string, listener: LockListener): Locks;
  /** The tab is gone, however. */
  gone(node: SimNode): void;
}

export function createLockRoom(scheduler: Scheduler): LockRoom {
  let holder: Turn | null = null;
  let queue: Turn[] = [];
  const alive = new Map<SimNode, string>();

  function grant(turn: Turn): void {
    holder = turn;
    scheduler.at(turn.node, 1, () => {
      if (holder === turn) turn.listener.granted();
    });
  }

  function next(): void {
    if (holder) return;
    const turn = queue.shift();
    if (turn) grant(turn);
  }

  function drop(of: (turn: Turn) => boolean): void {
    queue = queue.filter((turn) => !of(turn));
    if (!holder || !of(holder)) return;
    holder = null;
    next();
  }

  return {
    open(node, tab, listener) {
      alive.set(node, tab);
      let turn: Turn | null = null;
      const release = () => {
        const mine = turn;
        turn = null;
        if (mine) drop((one) => one === mine);
      };
      const lost = () => {
        turn = null;
        listener.lost();
      };
      return {
        request() {
          if (turn) return;
          turn = { node, listener: { ...listener, lost } };
          queue.push(turn);
          next();
        },
        steal() {
          release();
          const robbed = holder;
          turn = { node, listener: { ...listener, lost } };
          if (robbed) scheduler.at(robbed.node, 1, () => robbed.listener.lost());
          grant(turn);
        },
        release,
        alive: () => Promise.resolve(new Set(alive.values())),
        close() {
          release();
          alive.delete(node);
        },
      };
    },
    gone(node) {
      alive.delete(node);
      drop((turn) => turn.node === node);
    },
  };
}
