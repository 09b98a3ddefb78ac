// A session's end as data: every row that speaks of it (lesson 40). The writer then empties the write-ahead log, and
// `secure_delete` has overwritten the pages, so that no byte of it is left in the folder.
import { type Answer, type Input, NOT_FOUND } from './operations.ts';
import { PLACES_PER_SESSION } from './schema.ts';
import { ownedSession, rawSession, type Writing } from './writing.ts';

export function remove(writing: Writing, { owner, session_id }: Input<'delete'>): Answer<'delete'> {
  const { database, ledger } = writing;
  const session = ownedSession(writing, owner, session_id);
  if (!session) return NOT_FOUND;
  const { session_no } = session;
  const row = rawSession(writing, session_no);
  if (row.active_stream_id !== null) return { kind: 'running', active_stream_id: row.active_stream_id };
  const base = session_no * PLACES_PER_SESSION;
  database.sql('DELETE FROM records WHERE place > ? AND place < ?').run(base, base + PLACES_PER_SESSION);
  const found = database.sql('SELECT message_no FROM messages WHERE session_no = ?').all(session_no);
  for (const { message_no } of found) database.sql('DELETE FROM search WHERE rowid = ?').run(message_no!);
  database.sql('DELETE FROM search WHERE rowid = ?').run(-session_no);
  for (const table of ['messages', 'queue', 'submissions', 'streams', 'sessions'])
    database.sql(`DELETE FROM ${table} WHERE session_no = ?`).run(session_no);
  orphan(writing, session_id);
  ledger.forgetHeads();
  return { kind: 'deleted' };
}

/** Its children live on without a parent; a lineage that lost its root gets its oldest member as the new one. */
function orphan({ database }: Writing, session_id: string): void {
  database
    .sql('UPDATE sessions SET parent_session_id = NULL, relation = NULL WHERE parent_session_id = ?')
    .run(session_id);
  database
    .sql(`UPDATE sessions SET lineage_root_id = (SELECT session_id FROM sessions WHERE lineage_root_id = ?1
      ORDER BY created_at, session_no LIMIT 1) WHERE lineage_root_id = ?1`)
    .run(session_id);
}
