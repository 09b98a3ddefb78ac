// Breadth first through a world: every state that can be reached, every move from it. The first broken claim is reached by a
// shortest way, and is told with it. What ends are there is looked at when everything is known.

import { brokenEnd } from './ends.rules.ts';
import { endComponents } from './ends.ts';
import { States } from './states.ts';
import type { Says } from './story.ts';
import type { World } from './world.ts';

export interface Violation {
  rules: readonly string[];
  steps: Says[];
}

export interface Explored {
  states: number;
  moves: number;
  depth: number;
  ends: number;
  violation: Violation | null;
}

export interface Exploration {
  states_max?: number;
  onProgress?(states: number, depth: number): void;
}

const PROGRESS_EVERY = 2 ** 14;

export function explore(world: World, { states_max = Infinity, onProgress }: Exploration = {}): Explored {
  const states = new States();
  const found: Explored = { states: 0, moves: 0, depth: 0, ends: 0, violation: null };
  states.add(...world.first(), -1);
  let layerEnd = 1;
  for (let index = 0; index < states.count && !found.violation; index += 1) {
    if (index === layerEnd) {
      found.depth += 1;
      layerEnd = states.count;
    }
    if (index % PROGRESS_EVERY === 0) onProgress?.(states.count, found.depth);
    states.open(index);
    expand(world, states, index, found);
    if (states.count > states_max) throw new Error(`${world.scene.name}: more than ${states_max} states`);
  }
  found.states = states.count;
  states.close();
  if (!found.violation) inspectEnds(world, states, found);
  return found;
}

function expand(world: World, states: States, index: number, found: Explored): void {
  world.moves(...states.at(index), (server, net, page, isFair, says, broken) => {
    found.moves += 1;
    const before = states.count;
    const to = states.add(server, net, page, index);
    if (isFair && to !== index) states.lead(to);
    if (found.violation) return;
    const wrong = to === before ? [...broken, ...world.broken(server, net, page)] : broken;
    if (wrong.length > 0) found.violation = { rules: wrong, steps: [...wayTo(world, states, index), says] };
  });
}

function inspectEnds(world: World, states: States, found: Explored): void {
  let worst = Infinity;
  let rules: string[] = [];
  endComponents(states.graph, (members) => {
    found.ends += 1;
    for (const member of members) {
      if (member >= worst) continue;
      const broken = brokenEnd(world, ...states.at(member));
      if (broken.length > 0) [worst, rules] = [member, broken];
    }
  });
  if (worst < Infinity) found.violation = { rules, steps: wayTo(world, states, worst) };
}

/** The moves on the shortest way to a state. */
function wayTo(world: World, states: States, index: number): Says[] {
  const steps: Says[] = [];
  for (let to = index, from = states.parent(to); from >= 0; to = from, from = states.parent(from)) {
    const target = states.at(to).join();
    let step: Says | null = null;
    world.moves(...states.at(from), (server, net, page, _, says) => {
      if (step === null && [server, net, page].join() === target) step = says;
    });
    if (step) steps.unshift(step);
  }
  return steps;
}
