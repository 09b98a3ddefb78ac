// What a session that waits asks, in one line: enough for a list of sessions. The whole entry is in its queue.
import * as z from 'zod/mini';
import { PROMPT_KINDS, type PromptEntry } from './prompts.ts';

/** UTF-16 units of what a list is told. */
export const ASKED_LENGTH_MAX = 200;

/** `text`: the question, or the command, or the name of the tool. `since`: when it was asked (ms). */
export const asksSchema = z.object({ kind: z.enum(PROMPT_KINDS), text: z.string(), since: z.int() });
export type Asks = z.infer<typeof asksSchema>;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** As much of a text as a list is told, in one line. */
export const beginningOf = (text: string): string => oneLine(text).slice(0, ASKED_LENGTH_MAX).toWellFormed();

/** What is asked, in one line. */
export const headlineOf = (entry: PromptEntry): string =>
  oneLine('clarify_id' in entry ? entry.question : (entry.command ?? entry.tool));

/** `heads`: of the queues; the oldest speaks. Null: nothing is pending. */
export function asksOf(heads: readonly (PromptEntry | null)[]): Asks | null {
  const [oldest] = heads.filter((head) => head !== null).sort((a, b) => a.requested_at - b.requested_at);
  if (!oldest) return null;
  const kind = 'clarify_id' in oldest ? 'clarify' : 'approval';
  return {
    kind,
    text: beginningOf(headlineOf(oldest)),
    since: oldest.requested_at,
  };
}
