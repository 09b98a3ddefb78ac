// Locks and time of a browser that is a model, under the test's hand: a tab may be frozen, or gone, and its locks with it.
import type { Manager } from '../../src/ui/line/locks.ts';

/** A frozen tab does nothing and hears nothing; what would have reached it, or left it, waits. */
export class Gate {
  isFrozen = false;
  isGone = false;
  readonly #waiting: (() => void)[] = [];
  pass(act: () => void): void {
    if (this.isGone) return;
    if (this.isFrozen) this.#waiting.push(act);
    else act();
  }
  thaw(): void {
    this.isFrozen = false;
    for (const act of this.#waiting.splice(0)) act();
  }
}

export const later = (gate: Gate, act: () => void, ms = 1): void => void setTimeout(() => gate.pass(act), ms);

interface Request {
  name: string;
  gate: Gate;
  hold(): Promise<void> | undefined;
  settle(): void;
  refuse(): void;
}

const aborted = () => new DOMException('aborted', 'AbortError');

/** A browser's `LockManager`, as far as it is used: exclusive locks, in order, which can be stolen. */
export class LockModel {
  readonly #held = new Map<string, Request>();
  #waiting: Request[] = [];

  of(gate: Gate): Manager {
    return {
      request: (name, { signal, steal }, hold) =>
        new Promise((resolve, reject) => {
          const refuse = () => gate.pass(() => reject(aborted()));
          const one: Request = { name, gate, hold, settle: () => resolve(undefined), refuse };
          signal?.addEventListener('abort', () => {
            if (!this.#waiting.includes(one)) return;
            this.#waiting = this.#waiting.filter((other) => other !== one);
            refuse();
          });
          if (steal) {
            this.#held.get(name)?.refuse();
            this.#grant(one);
          } else {
            this.#waiting.push(one);
            this.#next(name);
          }
        }),
      query: async () => ({ held: [...this.#held.keys()].map((name) => ({ name })) }),
    };
  }

  #next(name: string): void {
    if (this.#held.has(name)) return;
    const one = this.#waiting.find((request) => request.name === name);
    if (!one) return;
    this.#waiting = this.#waiting.filter((other) => other !== one);
    this.#grant(one);
  }

  #grant(one: Request): void {
    this.#held.set(one.name, one);
    later(one.gate, () => {
      const held = one.hold() ?? Promise.resolve();
      void held.then(() => {
        one.settle();
        this.#free(one);
      });
    });
  }

  #free(one: Request): void {
    if (this.#held.get(one.name) !== one) return;
    this.#held.delete(one.name);
    this.#next(one.name);
  }

  /** What a tab that is gone held, or waited for. */
  drop(gate: Gate): void {
    this.#waiting = this.#waiting.filter((one) => one.gate !== gate);
    for (const one of [...this.#held.values()]) if (one.gate === gate) this.#free(one);
  }
}
