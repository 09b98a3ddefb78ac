// Reads of prompts and rules. Each is one read transaction of its caller.
import type { Database } from './database.ts';
import { findPrompt, pendingPrompts, promptOf, RULES, ruleOf } from './prompt-rows.ts';
import { findSession, sessionOf } from './rows.ts';
import type { Reads } from './thread-messages.ts';

type Input<N extends keyof Reads> = Parameters<Reads[N]>;
type Value<N extends keyof Reads> = Awaited<ReturnType<Reads[N]>>;

export function openSession(
  database: Database,
  ...[owner, session_id]: Input<'openSession'>
): Value<'openSession'> {
  const row = findSession(database, owner, session_id);
  return row ? { session: sessionOf(row), prompts: pendingPrompts(database, row.session_no) } : null;
}

export function getPrompt(
  database: Database,
  ...[owner, session_id, prompt_id]: Input<'getPrompt'>
): Value<'getPrompt'> {
  const session = findSession(database, owner, session_id);
  const row = session && findPrompt(database, session.session_no, prompt_id);
  return row ? promptOf(row) : null;
}

/** CQ11: exactly this call, in this session or everywhere. What rejects beats what allows, then the newest counts. */
export function findRule(
  database: Database,
  ...[owner, session_id, call_hash]: Input<'findRule'>
): Value<'findRule'> {
  const row = database
    .sql(`${RULES} WHERE rules.owner = ? AND rules.call_hash = ?
      AND (rules.session_no IS NULL OR sessions.session_id = ?)
      ORDER BY rules.effect = 'reject' DESC, rules.rule_no DESC LIMIT 1`)
    .get(owner, call_hash, session_id);
  return row ? ruleOf(row) : null;
}

/** The newest first. */
export const listRules = (database: Database, ...[owner]: Input<'listRules'>): Value<'listRules'> =>
  database.sql(`${RULES} WHERE rules.owner = ? ORDER BY rules.rule_no DESC`).all(owner).map(ruleOf);
