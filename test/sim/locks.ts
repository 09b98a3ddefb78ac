// The lock manager of a simulated browser: one holder a name, the others wait in their order, a thief takes it at once. A tab
// that is gone holds none; a frozen one keeps its own. Source: Web Locks API, W3C.
import type { Manager } from '../../src/ui/line/locks.ts';
import type { Scheduler, SimNode } from './clock.ts';

interface Wish {
  node: SimNode;
  name: string;
  hold: () => Promise<void> | undefined;
  granted(held: Promise<void> | undefined): void;
  refuse(): void;
}

export interface LockRoom {
  /** The manager as this tab sees it. */
  of(node: SimNode): Manager;
  /** The tab is gone, however. */
  gone(node: SimNode): void;
}

export function createLockRoom(scheduler: Scheduler): LockRoom {
  const held = new Map<string, Wish>();
  let waiting: Wish[] = [];

  function grant(wish: Wish): void {
    held.set(wish.name, wish);
    scheduler.at(wish.node, 1, () => {
      if (held.get(wish.name) === wish) wish.granted(wish.hold());
    });
  }

  function giveBack(wish: Wish): void {
    if (held.get(wish.name) !== wish) return;
    held.delete(wish.name);
    next(wish.name);
  }

  function next(name: string): void {
    const wish = held.has(name) ? undefined : waiting.find((one) => one.name === name);
    if (!wish) return;
    waiting = waiting.filter((one) => one !== wish);
    grant(wish);
  }

  function steal(wish: Wish): void {
    const robbed = held.get(wish.name);
    if (robbed) scheduler.at(robbed.node, 1, robbed.refuse);
    grant(wish);
  }

  const of = (node: SimNode): Manager => ({
    request: (name, options, hold) =>
      new Promise((resolve, reject) => {
        const wish: Wish = {
          node,
          name,
          hold,
          granted(promise) {
            void Promise.resolve(promise).then(() => {
              giveBack(wish);
              resolve(undefined);
            });
          },
          refuse: () => reject(new Error('AbortError')),
        };
        options.signal?.addEventListener('abort', () => {
          if (held.get(name) === wish) return;
          waiting = waiting.filter((one) => one !== wish);
          wish.refuse();
        });
        if (options.steal) steal(wish);
        else {
          waiting.push(wish);
          next(name);
        }
      }),
    query: () => Promise.resolve({ held: [...held.keys()].map((name) => ({ name })) }),
  });

  return {
    of,
    gone(node) {
      waiting = waiting.filter((one) => one.node !== node);
      for (const wish of [...held.values()]) if (wish.node === node) giveBack(wish);
    },
  };
}
