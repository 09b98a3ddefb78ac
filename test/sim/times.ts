// Moments of a world at which something is done to it, drawn by its chance. Knows nothing of what is done.
import type { World } from './world.ts';

export interface Times {
  /** So many times while the faults go on, not before `early` ms. */
  times(count: number, act: () => void, early?: number): void;
  /** Begins, and ends after at most so long. */
  during(most_ms: number, act: (isOn: boolean) => void): () => void;
  /** In the first moments. */
  soon(act: () => void): void;
  now(act: () => void): void;
}

const SHORTEST_MS = 50;
const SOON_MS = 50;

export function createTimes({
  chance,
  scheduler,
  swarm,
}: Pick<World, 'chance' | 'scheduler' | 'swarm'>): Times {
  const chaos = scheduler.node('chaos');
  return {
    times(count, act, early = 0) {
      for (let at = 0; at < count; at += 1)
        scheduler.at(chaos, early + chance.fraction() * swarm.active_ms, act);
    },
    during: (most_ms, act) => () => {
      act(true);
      scheduler.at(chaos, chance.between(SHORTEST_MS, most_ms), () => act(false));
    },
    soon: (act) => void scheduler.at(chaos, chance.between(1, SOON_MS), act),
    now: (act) => void scheduler.at(chaos, 0, act),
  };
}
