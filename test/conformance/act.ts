// What an act is, and where one may be done. An act is done to the house by a hand, and told to the scene.
import type { Hands } from './hands.ts';
import type { Scene } from './scene.ts';
import type { Doable } from './tours.ts';

export interface Act extends Doable<Scene> {
  name: string;
  /** `before`: the scene as it was */
  drive(hands: Hands, before: Scene): Promise<unknown> | unknown;
}

export const isBorn = (scene: Scene) => scene.path === 'active.admitted';
export const isOpen = (scene: Scene) => !isBorn(scene) && !scene.facts.deleted;
export const isAlive = (scene: Scene) => isOpen(scene) && scene.facts.agent === 'alive';
export const isUnsettled = (scene: Scene) => isOpen(scene) && !scene.facts.settled;
