// What one seed is: which faults there are in its world, how often, and how much goes on. Each world has a few of them, so that
// some faults are met without all others. Pure.

import type { AgentHabits } from './agents.ts';
import { type Chance, createChance } from './chance.ts';

export interface Swarm {
  sessions: number;
  owners: number;
  readers: number;
  tabs: number;
  acts: number;
  /** how long it goes on before the faults stop, in ms */
  active_ms: number;
  habits: AgentHabits;
  deletes: number;
  network: { latency_ms: number; lost: number; doubled: number; cut: number; split: number };
  /** how often each happens in this world */
  crashes: number;
  ends: number;
  pauses: number;
  zombie: boolean;
  slowDisk: number;
  /** how long a read takes at most, in ms */
  read_ms: number;
  fullDisk: number;
  ioErrors: number;
  outages: number;
  flips: number;
  jumps: number;
  stalls: number;
  lifetime_ms: number | null;
}

/** A world in which something is likelier than in others. */
export type Focus = Partial<Omit<Swarm, 'network' | 'habits'>> & {
  network?: Partial<Swarm['network']>;
  habits?: Partial<AgentHabits>;
};

export function focused(swarm: Swarm, focus: Focus): Swarm {
  const network = { ...swarm.network, ...focus.network };
  return { ...swarm, ...focus, network, habits: { ...swarm.habits, ...focus.habits } };
}

export function drawSwarm(seed: number): Swarm {
  const chance: Chance = createChance(seed);
  const maybe = (share: number, value: () => number): number => (chance.is(share) ? value() : 0);
  const times = (share: number, most: number) => maybe(share, () => chance.between(1, most));
  const share = (of: number, most: number) => maybe(of, () => chance.fraction() * most);
  return {
    sessions: chance.is(0.6) ? 1 : 2,
    owners: chance.is(0.8) ? 1 : 2,
    readers: chance.between(1, 3),
    tabs: times(0.3, 3),
    acts: chance.between(2, 6),
    active_ms: chance.between(2_000, 14_000),
    deletes: maybe(0.1, () => 0.06),
    habits: {
      stalls: share(0.05, 0.4),
      floods: share(0.09, 1),
      dies: share(0.2, 0.6),
      stubborn: share(0.2, 1),
      chatters: share(0.3, 1),
      asks: share(0.5, 0.5),
      pause_ms: chance.between(5, 600),
      isHurried: false,
    },
    network: {
      latency_ms: chance.pick([2, 10, 60]),
      lost: share(0.3, 0.25),
      doubled: share(0.3, 0.5),
      cut: share(0.4, 0.08),
      split: share(0.4, 0.3),
    },
    crashes: times(0.4, 3),
    ends: times(0.15, 1),
    pauses: times(0.15, 2),
    zombie: chance.is(0.3),
    slowDisk: times(0.12, 2),
    read_ms: chance.is(0.2) ? chance.between(20, 400) : 2,
    fullDisk: times(0.12, 2),
    ioErrors: share(0.12, 0.2),
    outages: times(0.08, 1),
    flips: times(0.04, 1),
    jumps: times(0.08, 2),
    stalls: times(0.3, 4),
    lifetime_ms: chance.is(0.1) ? chance.between(500, 4_000) : null,
  };
}
