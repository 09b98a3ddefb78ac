// What a session needs before it can be shown: its chunks, all asked for at once.
import { loadPrompts } from './prompts/load.ts';
import { loadRenderer } from './renderer/load.ts';
import { sessionChunk } from './session-chunk.ts';

/** Resolves when a session can be shown. */
export async function ready() {
  const [prompts] = await Promise.all([loadPrompts(), loadRenderer(), sessionChunk.load()]);
  return prompts;
}
