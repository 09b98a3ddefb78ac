// All of the prompts but what the list and the badge say of them, as a chunk of its own: nothing needs it before a session is
// open, and the first load doesn't wait for it. A pane opens when it is there, and the first question is not the one to wait.
import { createChunk } from '../chunk.ts';

const prompts = createChunk(() => import('./parts.ts'));

export const loadPrompts = prompts.load;
/** null: not here yet */
export const promptParts = prompts.here;
export const watchPromptParts = prompts.watch;
/** They did not come: only a reload asks again. */
export const arePromptsLost = prompts.isLost;
