// The renderer comes as its own chunk, beside the first session and not before the page. A pane opens when both are there, so
// that no text is ever shown and then shown again otherwise.
import type { createProse } from './prose.ts';

type Renderer = { createProse: typeof createProse };
let loaded: Renderer | null = null;
let loading: Promise<void> | null = null;

/** Resolves when texts can be rendered. A chunk that didn't load is asked for again by the next call. */
export function loadRenderer(): Promise<void> {
  loading ??= import('./prose.ts').then(
    (module) => {
      loaded = module;
    },
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

export function renderer(): Renderer {
  if (!loaded) throw new Error('a text before its renderer');
  return loaded;
}
