// All of the prompts but what the list and the badge say of them, as a chunk of its own: nothing needs it before a session is
// open, and the first load doesn't wait for it.

type Parts = typeof import('./parts.ts');
let loading: Promise<Parts> | null = null;
let lost = false;

export function loadPrompts(): Promise<Parts> {
  loading ??= import('./parts.ts').catch((error: unknown) => {
    lost = true;
    throw error;
  });
  return loading;
}

/** It did not come: only a reload asks again. */
export const arePromptsLost = (): boolean => lost;
