// Writes to prompts and rules: ask, answer, a rule withdrawn. The log decides who won (CQ5). Knows no due time: an expiry
// is an answer that nobody gave.
import { PENDING_PROMPTS_MAX } from '../protocol/limits.ts';
import { FENCED, ownedStream } from './frame-writes.ts';
import type { SessionHead, StreamHead } from './ledger.ts';
import { type Answer, DAMAGED, FULL, type Input, NOT_FOUND } from './operations.ts';
import type { NewRule, PromptRow } from './port.ts';
import { endPrompt } from './prompt-ends.ts';
import { findPrompt, findSame, promptOf } from './prompt-rows.ts';
import type { Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';
import { ownedSession, type Writing } from './writing.ts';

export function ask(writing: Writing, input: Input<'ask'>): Answer<'ask'> {
  const { database, ledger } = writing;
  const stream = ownedStream(writing, input);
  if (!stream) return FENCED;
  const { session } = stream;
  if (session.damaged) return DAMAGED;
  // Only a run asks: not before its agent is called, not after its end (CQ9), not when nobody owns it.
  if (!stream.started || stream.terminal_state !== null || isStale(writing, stream)) return FENCED;
  const same_as = input.kind === 'clarify' ? input.same_as : null;
  const same = same_as === null ? undefined : findSame(database, stream.stream_no, same_as);
  if (same) return { kind: 'merged', prompt: promptOf(same) };
  if (countPending(writing, session, input.kind) >= PENDING_PROMPTS_MAX) return { kind: 'too_many' };
  if (writing.full) return FULL;
  const { kind, prompt_id, entry, at } = input;
  const { pos } = ledger.record(session, 'prompt_asked', `{"kind":"${kind}","entry":${entry}}`, at);
  const { session_no } = session;
  const place = session_no * PLACES_PER_SESSION + pos;
  database
    .sql(`INSERT INTO prompts (place, prompt_id, session_no, stream_no, kind, entry, same_as)
      VALUES (?, ?, ?, ?, ?, ?, ?)`)
    .run(place, prompt_id, session_no, stream.stream_no, kind, entry, same_as);
  return { kind: 'asked', prompt: promptRow(writing, session, prompt_id) };
}

function isStale({ database }: Writing, { stream_no }: StreamHead): boolean {
  return database.sql('SELECT stale FROM streams WHERE stream_no = ?').get(stream_no)?.stale === 1;
}

function countPending({ database }: Writing, { session_no }: SessionHead, kind: string): number {
  const row: Row | undefined = database
    .sql('SELECT count(*) AS n FROM prompts WHERE session_no = ? AND kind = ? AND how IS NULL')
    .get(session_no, kind);
  return row?.n;
}

function promptRow({ database }: Writing, { session_no }: SessionHead, prompt_id: string): PromptRow {
  const row = findPrompt(database, session_no, prompt_id);
  if (!row) throw new Error(`prompt ${prompt_id} is not there`);
  return promptOf(row);
}

export function answer(writing: Writing, input: Input<'answer'>): Answer<'answer'> {
  const session = ownedSession(writing, input.owner, input.session_id);
  if (!session) return NOT_FOUND;
  // CQ6: by id, in the queue that it stands in.
  const row = findPrompt(writing.database, session.session_no, input.prompt_id);
  if (row?.kind !== input.prompt_kind) return NOT_FOUND;
  if (session.damaged) return DAMAGED;
  const prompt = promptOf(row);
  if (prompt.how !== null) return { kind: 'lost', prompt };
  // Nobody could hear it.
  if (row.stale === 1) return { kind: 'held', prompt };
  endPrompt(writing, session, prompt, input);
  if (input.rule) keepRule(writing, session, input.rule, input.at);
  return { kind: 'won', prompt: promptRow(writing, session, prompt.prompt_id) };
}

/** CQ11. The same rule again changes nothing, and makes no second one. */
function keepRule({ database }: Writing, session: SessionHead, rule: NewRule, at: number): void {
  const { rule_id, scope, tool, command, cwd, effect, call_hash } = rule;
  const session_no = scope === 'session' ? session.session_no : null;
  database
    .sql(`INSERT INTO rules (rule_id, owner, scope, session_no, tool, command, cwd, effect, call_hash, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (owner, call_hash, effect, coalesce(session_no, 0)) DO NOTHING`)
    .run(rule_id, session.owner, scope, session_no, tool, command, cwd, effect, call_hash, at);
}

export function withdrawRule(
  { database }: Writing,
  { owner, rule_id }: Input<'withdraw_rule'>,
): Answer<'withdraw_rule'> {
  const { changes } = database.sql('DELETE FROM rules WHERE rule_id = ? AND owner = ?').run(rule_id, owner);
  return changes > 0 ? { kind: 'deleted' } : NOT_FOUND;
}
