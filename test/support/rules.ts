// Rules over the edges of a walk. A rule is a claim about one step; what breaks it is told with the events that led there.
import type { AnyStateMachine } from 'xstate';
import type { Coverage } from './coverage.ts';
import { type Step, type Walk, walk } from './paths.ts';

export type Rules<C> = Record<string, (step: Step<C>) => boolean>;

/** How a machine is walked, and what must hold at every step. */
export interface Ground<C> {
  machine: AnyStateMachine;
  walk: Omit<Walk<C>, 'onStep'>;
  rules: Rules<C>;
}

export interface Findings<C> {
  coverage: (Coverage & { places: number }) | null;
  steps: Step<C>[];
  /** rule → the first path that broke it; `(endless)`: the walk found no end */
  broken: Map<string, string>;
}

class Found extends Error {}

const told = ({ path, event }: Step<never>): string => [...path, event].map(({ type }) => type).join(' → ');

/** Walks `machine` (the ground's own, or one with a fault in it) and checks every step, until one broke a rule like `until`. */
export function survey<C>(
  ground: Ground<C>,
  machine: AnyStateMachine = ground.machine,
  until = /./,
): Findings<C> {
  const steps: Step<C>[] = [];
  const broken = new Map<string, string>();
  const rules = Object.entries(ground.rules);
  const onStep = (step: Step<C>) => {
    steps.push(step);
    for (const [name, holds] of rules)
      if (!broken.has(name) && !holds(step)) broken.set(name, told(step as Step<never>));
    if ([...broken.keys()].some((name) => until.test(name))) throw new Found();
  };
  try {
    return { coverage: walk<C>(machine, { ...ground.walk, onStep }), steps, broken };
  } catch (endless) {
    if (!(endless instanceof Found)) broken.set('(endless)', String(endless));
    return { coverage: null, steps, broken };
  }
}
