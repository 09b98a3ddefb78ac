// How a prompt ends: once, with the record that tells of it, in one transaction (CQ5). Knows not who may end it.
import type { PromptEndKind } from '../protocol/index.ts';
import type { SessionHead, StreamHead } from './ledger.ts';
import type { PromptRow } from './port.ts';
import { pendingPrompts } from './prompt-rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';
import type { Writing } from './writing.ts';

interface End {
  how: PromptEndKind;
  by?: string | null;
  answer?: string | null;
  reason?: string;
  at: number;
}

/** The prompt is pending: the caller has looked, and the database looks again. The answer stays the JSON that it is. */
export function endPrompt(writing: Writing, session: SessionHead, prompt: PromptRow, ending: End): void {
  const { kind, prompt_id, stream_id, asked_pos } = prompt;
  const { how, by = null, answer = null, reason, at } = ending;
  const told = JSON.stringify({ kind, id: prompt_id, stream_id, how, by: by ?? undefined, reason });
  const payload = answer === null ? told : `${told.slice(0, -1)},"answer":${answer}}`;
  const { pos } = writing.ledger.record(session, 'prompt_settled', payload, at);
  writing.database
    .sql(`UPDATE prompts SET how = ?, answered_by = ?, answer = ?, settled_at = ?, settled_pos = ?
      WHERE place = ?`)
    .run(how, by, answer, at, pos, session.session_no * PLACES_PER_SESSION + asked_pos);
}

/** ST5, CQ9: with the terminal of their stream, before its frame. */
export function closePrompts(writing: Writing, stream: StreamHead, reason: string, at: number): void {
  const { session } = stream;
  for (const prompt of pendingPrompts(writing.database, session.session_no))
    if (prompt.stream_id === stream.stream_id)
      endPrompt(writing, session, prompt, { how: 'cancelled', reason, at });
}

/** Of a damaged log, that takes no record: its rows say what it can't. */
export function dropPrompts({ database }: Writing, session_no: number): void {
  database.sql(`UPDATE prompts SET how = 'cancelled' WHERE session_no = ? AND how IS NULL`).run(session_no);
}
