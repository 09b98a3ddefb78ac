// A session's end as data: every row that speaks of it (lesson 40). It is gone for every question at once; its records and
// messages go in parts, so that a large one neither holds the others up nor needs room that a full disk has not. The writer
// answers when all is gone, and goes on with it at the next start if it could not.
import { forgetOf } from './attachment-writes.ts';
import type { Database } from './database.ts';
import { type Answer, type Input, NOT_FOUND } from './operations.ts';
import type { Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';
import { ownedSession, rawSession, type Writing } from './writing.ts';

/** What one part removes at most. Each table holds rows of up to hundreds of KiB. */
const PART_RECORDS = 500;
const PART_RECEIPTS = 500;
const PART_PROMPTS = 10;
const PART_MESSAGES = 10;

export function remove(writing: Writing, { owner, session_id }: Input<'delete'>): Answer<'delete'> {
  const { database, ledger } = writing;
  const session = ownedSession(writing, owner, session_id);
  if (!session) return NOT_FOUND;
  const { session_no } = session;
  const row = rawSession(writing, session_no);
  if (row.active_stream_id !== null) return { kind: 'running', active_stream_id: row.active_stream_id };
  database.sql('INSERT INTO purges (session_no) VALUES (?)').run(session_no);
  forgetOf(writing, session_no);
  for (const table of ['trims', 'queue', 'submissions', 'rules', 'streams', 'sessions'])
    database.sql(`DELETE FROM ${table} WHERE session_no = ?`).run(session_no);
  database.sql('DELETE FROM search WHERE rowid = ?').run(-session_no);
  const changed = orphan(database, session_id);
  ledger.forgetHeads();
  return { kind: 'deleted', ...(changed.length > 0 && { changed }) };
}

/** Its children live on without a parent; a lineage that lost its root gets its oldest member as the new one. */
function orphan(database: Database, session_id: string): string[] {
  const left: Row[] = database
    .sql(
      'SELECT session_id FROM sessions WHERE parent_session_id = ?1 OR lineage_root_id = ?1 ORDER BY session_no',
    )
    .all(session_id);
  if (left.length === 0) return [];
  database
    .sql('UPDATE sessions SET parent_session_id = NULL, relation = NULL WHERE parent_session_id = ?')
    .run(session_id);
  database
    .sql(`UPDATE sessions SET lineage_root_id = (SELECT session_id FROM sessions WHERE lineage_root_id = ?1
      ORDER BY created_at, session_no LIMIT 1) WHERE lineage_root_id = ?1`)
    .run(session_id);
  return left.map((row) => row.session_id);
}

/** One part of one session. `more`: call it again. */
export function purge({ database }: Writing): Answer<'purge'> {
  const next: Row | undefined = database.sql('SELECT session_no FROM purges LIMIT 1').get();
  if (!next) return { kind: 'purged', more: false };
  if (purgePlaces(database, 'records', next.session_no, PART_RECORDS)) return { kind: 'purged', more: true };
  if (purgePlaces(database, 'prompts', next.session_no, PART_PROMPTS)) return { kind: 'purged', more: true };
  if (purgeReceipts(database, next.session_no)) return { kind: 'purged', more: true };
  const messages: Row[] = database
    .sql('SELECT message_no FROM messages WHERE session_no = ? LIMIT ?')
    .all(next.session_no, PART_MESSAGES);
  for (const { message_no } of messages) {
    database.sql('DELETE FROM search WHERE rowid = ?').run(message_no);
    database.sql('DELETE FROM messages WHERE message_no = ?').run(message_no);
  }
  if (messages.length === 0) database.sql('DELETE FROM purges WHERE session_no = ?').run(next.session_no);
  return { kind: 'purged', more: true };
}

/** Whether there was anything to remove; so the other. */
function purgeReceipts(database: Database, session_no: number): boolean {
  const { changes } = database
    .sql(
      'DELETE FROM receipts WHERE stream_no IN (SELECT stream_no FROM receipts WHERE session_no = ? LIMIT ?)',
    )
    .run(session_no, PART_RECEIPTS);
  return changes > 0;
}

function purgePlaces(
  database: Database,
  table: 'records' | 'prompts',
  session_no: number,
  limit: number,
): boolean {
  const base = session_no * PLACES_PER_SESSION;
  const { changes } = database
    .sql(
      `DELETE FROM ${table} WHERE place IN (SELECT place FROM ${table} WHERE place > ? AND place < ? LIMIT ?)`,
    )
    .run(base, base + PLACES_PER_SESSION, limit);
  return changes > 0;
}
