// The lines of prompts that are over, kept for a reload of this tab: a transcript that is loaded doesn't tell of them.
// A tab that opens the session later shows the lines of prompts that ended while it listened, and no older ones.
import * as z from 'zod/mini';
import { PROMPT_ENDS, PROMPT_KINDS } from '../../protocol/prompts.ts';
import { tabStorage } from '../kept.ts';
import type { SettledPrompt } from './prompt-line.ts';

/** Newest lines of a session that are kept. */
const KEPT_LINES_MAX = 64;

const lineSchema = z.object({
  id: z.string(),
  kind: z.enum(PROMPT_KINDS),
  stream_id: z.string(),
  how: z.enum(PROMPT_ENDS),
  by: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  answer: z.unknown(),
  at: z.int(),
  after: z.int(),
  command: z.nullable(z.string()),
});

const keyOf = (session_id: string): string => `lines.${session_id}`;

export function keptLines(session_id: string): SettledPrompt[] {
  try {
    const kept = z.safeParse(z.array(lineSchema), JSON.parse(tabStorage.kept(keyOf(session_id)) ?? '[]'));
    return kept.success ? kept.data : [];
  } catch {
    return [];
  }
}

export function keepLine(session_id: string, line: SettledPrompt): void {
  const others = keptLines(session_id).filter((one) => one.id !== line.id);
  tabStorage.keep(keyOf(session_id), JSON.stringify([...others, line].slice(-KEPT_LINES_MAX)));
}
