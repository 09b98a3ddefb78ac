// All of the prompts but what the list and the badge say of them, as a chunk of its own: nothing needs it before a session is
// open, and the first load doesn't wait for it. A pane opens when it is there; from then on it is read at once. What is lazy
// to React comes a turn later where it is first shown, and the first question is not the one to wait.

type Parts = typeof import('./parts.ts');
let loaded: Parts | null = null;
let loading: Promise<Parts> | null = null;
let lost = false;
const waiting = new Set<() => void>();

export function loadPrompts(): Promise<Parts> {
  loading ??= import('./parts.ts').then(
    (parts) => {
      loaded = parts;
      for (const tell of waiting) tell();
      return parts;
    },
    (error: unknown) => {
      lost = true;
      throw error;
    },
  );
  return loading;
}

/** null: not here yet */
export const promptParts = (): Parts | null => loaded;

/** Tells when they have come. What is returned ends that. */
export function watchPromptParts(tell: () => void): () => void {
  waiting.add(tell);
  return () => void waiting.delete(tell);
}

/** It did not come: only a reload asks again. */
export const arePromptsLost = (): boolean => lost;
