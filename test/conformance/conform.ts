// What a test of conformance does: generates the paths, drives each, and says what of the machine was driven.
import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { type Coverage, nodesOf, transitionsOf } from '../support/coverage.ts';
import type { Act } from './act.ts';
import { isWorthwhile } from './acts.ts';
import { drive } from './compare.ts';
import { openFirst } from './hands.ts';
import { type Checked, Scene } from './scene.ts';
import { type Land, tours } from './tours.ts';

export type Terrain = Pick<Land<Scene, Act>, 'acts' | 'key' | 'goals'>;

/** Bounds of the generation, well above what there is. */
const PLACES_MAX = 20_000;
const STEPS_MAX = 60;

export const pathsOf = (terrain: Terrain) =>
  tours({
    ...terrain,
    isWorthwhile,
    begin: () => Scene.begin(),
    places_max: PLACES_MAX,
    steps_max: STEPS_MAX,
  });

/** Drives all paths, one after the other, each in a session of its own. @throws where the house differs */
export async function driveAll(paths: Act[][], folder: string, checked: Checked): Promise<number> {
  let house = await openFirst(folder);
  let steps = 0;
  try {
    for (const path of paths) {
      const driven = await drive(path, { house, folder, checked });
      steps += driven.steps;
      house = driven.house;
    }
  } finally {
    await house.kill();
  }
  return steps;
}

/** The paths on which a machine with a fault comes to say other things than the house's own. */
export const pathsThatTell = (paths: Act[][], checked: Checked): Act[][] =>
  paths.filter((path) => {
    const [right, wrong] = [Scene.begin(), Scene.begin(checked)];
    return path.some((act) => {
      if (!act.may(right)) return false;
      if (!act.may(wrong)) return true;
      for (const scene of [right, wrong]) act.tell(scene.clear());
      const [one, other] = [right, wrong].map((scene) => {
        const { states, words, counts } = scene;
        return { states, words, counts, wait: scene.wait() };
      });
      return !isDeepStrictEqual(one, other);
    });
  });

export interface Share {
  states: number;
  transitions: number;
  missing: string[];
}

/** How much there is of a machine, and what of it was not seen. */
export function shareOf(machine: AnyStateMachine, coverage: Coverage): Share {
  const nodes = nodesOf(machine);
  const { states, transitions } = coverage.missing;
  return {
    states: nodes.length,
    transitions: nodes.flatMap(transitionsOf).length,
    missing: [...states, ...transitions],
  };
}

/** One line of figures. */
export function figures(name: string, { states, transitions, missing }: Share, more: string): string {
  const unseen = missing.filter((each) => each.includes(' on ')).length;
  const apart = missing.length - unseen;
  return `${name}: ${states - apart} of ${states} states, ${transitions - unseen} of ${transitions} transitions; ${more}\n`;
}
