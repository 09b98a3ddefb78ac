// Who listens to the log, and what they are told; of a damaged session once. Knows no thread and no disk.
import type { Commit, Damage, Journal, Retained } from './port.ts';

export interface Listeners {
  /** as the port offers them */
  readonly port: Pick<Journal, 'onCommit' | 'onSpace' | 'onDamage' | 'onRetained'>;
  commit(commit: Commit): void;
  space(): void;
  retained(retained: Retained): void;
  /** False: they were told before. */
  damage(damage: Damage): boolean;
  /** What the start found is in its report: nobody is told. */
  know(damaged: readonly Damage[]): void;
  knows(session_id: string): boolean;
}

export function createListeners(): Listeners {
  let commit: (commit: Commit) => void = () => {};
  const space: (() => void)[] = [];
  const damage: ((damage: Damage) => void)[] = [];
  const retained: ((retained: Retained) => void)[] = [];
  const known = new Set<string>();
  return {
    port: {
      onCommit(listener) {
        commit = listener;
      },
      onSpace: (listener) => void space.push(listener),
      onDamage: (listener) => void damage.push(listener),
      onRetained: (listener) => void retained.push(listener),
    },
    commit: (told) => commit(told),
    space() {
      for (const listener of space) listener();
    },
    retained(told) {
      for (const listener of retained) listener(told);
    },
    damage(told) {
      if (known.has(told.session_id)) return false;
      known.add(told.session_id);
      for (const listener of damage) listener(told);
      return true;
    },
    know(damaged) {
      for (const { session_id } of damaged) known.add(session_id);
    },
    knows: (session_id) => known.has(session_id),
  };
}
