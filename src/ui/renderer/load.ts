// The renderer comes as its own chunk, beside the first session and not before the page. A pane opens when both are there, so
// that no text is ever shown and then shown again otherwise.
import type { createProse } from './prose.ts';

type Renderer = { createProse: typeof createProse };
let loaded: Renderer | null = null;
let loading: Promise<void> | null = null;
let lost = false;

/** Resolves when texts can be rendered. */
export function loadRenderer(): Promise<void> {
  loading ??= import('./prose.ts').then(
    (module) => {
      loaded = module;
    },
    (error: unknown) => {
      lost = true;
      throw error;
    },
  );
  return loading;
}

/** It did not come. A browser remembers that for as long as the page lives: only a reload asks again. */
export const isRendererLost = (): boolean => lost;

export function renderer(): Renderer {
  if (!loaded) throw new Error('a text before its renderer');
  return loaded;
}
