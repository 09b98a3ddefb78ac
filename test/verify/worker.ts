// One thread of `npm run verify`: explores the scene that it is told by number, and tells how far it is and what it found.
import { parentPort } from 'node:worker_threads';
import { type Explored, explore } from './explore.ts';
import { scenes } from './scenes.ts';
import { World } from './world.ts';

export type Told =
  | { kind: 'progress'; scene: number; states: number; depth: number }
  | { kind: 'explored'; scene: number; explored: Explored; ms: number };

const tell = (told: Told): void => parentPort?.postMessage(told);

parentPort?.on('message', (index: number) => {
  const began = performance.now();
  const onProgress = (states: number, depth: number) =>
    tell({ kind: 'progress', scene: index, states, depth });
  const explored = explore(new World(scenes[index]!), { onProgress });
  tell({ kind: 'explored', scene: index, explored, ms: performance.now() - began });
});
