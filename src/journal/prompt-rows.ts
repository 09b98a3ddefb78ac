// Rows of prompts and rules as the port shows them. Knows how to read them, not how to change them.
import type { Rule } from '../protocol/index.ts';
import type { Database } from './database.ts';
import type { PromptRow } from './port.ts';
import type { Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';

const PROMPTS = `SELECT prompts.*, sessions.session_id AS session_id, streams.stream_id AS stream_id, streams.stale
  FROM prompts JOIN sessions ON sessions.session_no = prompts.session_no
  JOIN streams ON streams.stream_no = prompts.stream_no`;

export const promptOf = (row: Row): PromptRow => ({
  kind: row.kind,
  prompt_id: row.prompt_id,
  session_id: row.session_id,
  stream_id: row.stream_id,
  entry: JSON.parse(row.entry),
  asked_pos: row.place - row.session_no * PLACES_PER_SESSION,
  how: row.how,
  by: row.answered_by,
  settled_at: row.settled_at,
  answer: row.answer,
});

export const findPrompt = (database: Database, session_no: number, prompt_id: string): Row | undefined =>
  database
    .sql(`${PROMPTS} WHERE prompts.prompt_id = ? AND prompts.session_no = ?`)
    .get(prompt_id, session_no);

/** CQ8: the pending entry that asks the same. */
export const findSame = (database: Database, stream_no: number, same_as: string): Row | undefined =>
  database
    .sql(`${PROMPTS} WHERE prompts.stream_no = ? AND prompts.same_as = ? AND prompts.how IS NULL`)
    .get(stream_no, same_as);

/** Of both queues, oldest first. */
export const pendingPrompts = (database: Database, session_no: number): PromptRow[] =>
  database
    .sql(`${PROMPTS} WHERE prompts.session_no = ? AND prompts.how IS NULL ORDER BY prompts.place`)
    .all(session_no)
    .map(promptOf);

export const RULES =
  'SELECT rules.*, sessions.session_id AS session_id FROM rules LEFT JOIN sessions USING (session_no)';

export const ruleOf = (row: Row): Rule => ({
  rule_id: row.rule_id,
  scope: row.scope,
  session_id: row.session_id,
  tool: row.tool,
  command: row.command,
  cwd: row.cwd,
  effect: row.effect,
  created_at: row.created_at,
});
