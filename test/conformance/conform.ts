// What a test of conformance does: generates the paths, drives each, and says what of the machine was driven.
import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { type Coverage, nodesOf, transitionsOf } from '../support/coverage.ts';
import { temporaryFolder } from '../support/server.ts';
import type { Act } from './act.ts';
import { isWorthwhile } from './acts.ts';
import { drive } from './compare.ts';
import { BEGIN_MS } from './facts.ts';
import type { Site } from './hands.ts';
import { openHouse } from './house.ts';
import type { Kept } from './kept.ts';
import { type Checked, Scene } from './scene.ts';
import { type Land, makePaths } from './tours.ts';

export type Terrain = Pick<Land<Scene, Act>, 'acts' | 'key' | 'goals'>;

/** Bounds of the generation, well above what there is. */
const PLACES_MAX = 20_000;
const STEPS_MAX = 60;

export const pathsThrough = (terrain: Terrain): Kept<Act> =>
  makePaths({
    ...terrain,
    isWorthwhile,
    begin: () => Scene.begin(),
    places_max: PLACES_MAX,
    steps_max: STEPS_MAX,
  });

/** Drives all paths in one house, one after the other, each in a session of its own; in how many steps. @throws where the house differs */
export async function driveAll(paths: Act[][], checked: Checked): Promise<number> {
  const folder = await temporaryFolder();
  const site: Site = { folder, house: await openHouse(folder, BEGIN_MS) };
  let steps = 0;
  try {
    for (const path of paths) steps += await drive(path, site, checked);
    return steps;
  } finally {
    await site.house.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The path on which a machine with a fault comes first to say other things than the house's own. */
export function pathThatTells(paths: Act[][], checked: Checked): Act[] {
  const told = (path: Act[]): number => {
    const [right, wrong] = [Scene.begin(), Scene.begin(checked)];
    const at = path.findIndex((act) => {
      if (!act.may(right)) return false;
      if (!act.may(wrong)) return true;
      for (const scene of [right, wrong]) act.tell(scene.clear());
      const [one, other] = [right, wrong].map((scene) => {
        const { states, words, counts } = scene;
        return { states, words, counts, wait: scene.wait() };
      });
      return !isDeepStrictEqual(one, other);
    });
    return at < 0 ? Infinity : at;
  };
  return paths.reduce((best, path) => (told(path) < told(best) ? path : best));
}

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
