// What shows a session comes with the first one, and not before the page.
import { createChunk } from './chunk.ts';

export const sessionChunk = createChunk(() => import('./session-parts.ts'));
