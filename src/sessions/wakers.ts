// Those who want to know that something changed, and nothing more. Waking never throws: one who fails is let go.

export interface Wakers {
  /** Returns the way out; idempotent. */
  add(wake: () => void): () => void;
  wake(): void;
  readonly size: number;
}

export function createWakers(): Wakers {
  const all = new Set<() => void>();
  return {
    add(wake) {
      all.add(wake);
      return () => all.delete(wake);
    },
    wake() {
      for (const wake of all) {
        try {
          wake();
        } catch {
          all.delete(wake);
        }
      }
    },
    get size() {
      return all.size;
    },
  };
}
