// Writes to sessions and their queues: create, patch, edit, withdraw, and the mark of a damaged log.
import { letGo } from './attachment-writes.ts';
import type { SessionHead } from './ledger.ts';
import { type Answer, DAMAGED, FULL, type Input, NOT_FOUND } from './operations.ts';
import type { NewSession, QueueChange } from './port.ts';
import { dropPrompts } from './prompt-ends.ts';
import { findSession, type Row, readQueue } from './rows.ts';
import {
  index,
  ownedSession,
  rawSession,
  sessionRow,
  setTitle,
  tellSession,
  type Writing,
} from './writing.ts';

export function create(writing: Writing, { owner, session, at }: Input<'create'>): Answer<'create'> {
  const root = lineageRoot(writing, owner, session);
  if (root === null) return NOT_FOUND;
  if (writing.full) return FULL;
  const { session_no } = insertSession(writing, owner, session, root, at);
  return { kind: 'created', session: sessionRow(writing, session_no) };
}

/** Only a continuation belongs to its parent's lineage, never a fork or a child (lesson 118). null: no such parent. */
export function lineageRoot({ database }: Writing, owner: string, session: NewSession): string | null {
  if (session.parent_session_id === null) return session.session_id;
  const parent = findSession(database, owner, session.parent_session_id);
  if (!parent) return null;
  return session.relation === 'continuation' ? parent.lineage_root_id : session.session_id;
}

export function insertSession(
  writing: Writing,
  owner: string,
  session: NewSession,
  lineage_root_id: string,
  at: number,
): SessionHead {
  const { session_id, agent, model, cwd, parent_session_id, relation } = session;
  const title = session.title ?? '';
  const { lastInsertRowid } = writing.database
    .sql(`INSERT INTO sessions (session_id, owner, title, title_source, agent, model, cwd, created_at, updated_at,
      parent_session_id, relation, lineage_root_id, is_cli_session, source_tag, session_source, source_label)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      session_id,
      owner,
      title,
      session.title === null ? 'none' : 'person',
      agent,
      model,
      cwd,
      at,
      at,
      parent_session_id,
      relation,
      lineage_root_id,
      session.is_cli_session ? 1 : 0,
      session.source_tag,
      session.session_source,
      session.source_label,
    );
  const session_no = Number(lastInsertRowid);
  index(writing.database, -session_no, session_no, title);
  const head = writing.ledger.session(session_id);
  if (!head) throw new Error(`session ${session_id} was not written`);
  return head;
}

export function patch(writing: Writing, input: Input<'patch'>): Answer<'patch'> {
  const session = ownedSession(writing, input.owner, input.session_id);
  if (!session) return NOT_FOUND;
  if (session.damaged) return DAMAGED;
  if (writing.full) return FULL;
  const { title, pinned, archived, queue_paused } = input.patch;
  const { session_no } = session;
  if (title !== undefined) {
    setTitle(writing, session_no, title, 'person');
    // Lesson 49: of all patches only a person's title is news.
    writing.database.sql('UPDATE sessions SET updated_at = ? WHERE session_no = ?').run(input.at, session_no);
  }
  const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value));
  writing.database
    .sql(`UPDATE sessions SET pinned = coalesce(?, pinned), archived = coalesce(?, archived),
      queue_paused = coalesce(?, queue_paused) WHERE session_no = ?`)
    .run(flag(pinned), flag(archived), flag(queue_paused), session_no);
  return { kind: 'patched', session: tellSession(writing, session, input.at) };
}

export function edit(writing: Writing, input: Input<'edit'>): QueueChange {
  const { message_id, text } = input;
  return changeQueued(writing, input, (session, queued) => {
    if (writing.full) return FULL;
    writing.database.sql('UPDATE queue SET text = ? WHERE queue_no = ?').run(text, queued.queue_no);
    writing.ledger.record(session, 'message_edited', JSON.stringify({ message_id, text }), input.at);
    return null;
  });
}

export function withdraw(writing: Writing, input: Input<'withdraw'>): QueueChange {
  const { message_id } = input;
  return changeQueued(writing, input, (session, queued) => {
    writing.database.sql('DELETE FROM queue WHERE queue_no = ?').run(queued.queue_no);
    letGo(writing, session.session_no, message_id);
    writing.database
      .sql('UPDATE sessions SET queue_length = queue_length - 1 WHERE session_no = ?')
      .run(session.session_no);
    writing.ledger.record(session, 'message_withdrawn', JSON.stringify({ message_id }), input.at);
    return null;
  });
}

function changeQueued(
  writing: Writing,
  { owner, session_id, message_id }: { owner: string; session_id: string; message_id: string },
  change: (session: SessionHead, queued: Row) => QueueChange | null,
): QueueChange {
  const { database } = writing;
  const session = ownedSession(writing, owner, session_id);
  if (!session) return NOT_FOUND;
  if (session.damaged) return DAMAGED;
  const { session_no } = session;
  const at = [session_no, message_id] as const;
  const queued = database.sql('SELECT * FROM queue WHERE session_no = ? AND message_id = ?').get(...at);
  if (!queued) {
    const runs = database.sql('SELECT 1 FROM messages WHERE session_no = ? AND message_id = ?').get(...at);
    return runs ? { kind: 'message_started' } : NOT_FOUND;
  }
  const refused = change(session, queued);
  if (refused) return refused;
  return {
    kind: 'changed',
    session: sessionRow(writing, session_no),
    queue: readQueue(database, session_no),
  };
}

/**
 * Keeps that a session's log is damaged. It is read-only from here on: nobody can end its run in its log, so its rows
 * say what its log can't: interrupted, settled, nothing active (Q1).
 */
export function mark(writing: Writing, { session_id, pos, reason }: Input<'mark'>): null {
  const { database, ledger } = writing;
  const session = ledger.session(session_id);
  if (!session || session.damaged) return null;
  ledger.flush();
  const row = rawSession(writing, session.session_no);
  database
    .sql(`UPDATE sessions SET damaged_pos = ?, damaged_reason = ?, active_stream_id = NULL,
      pending_user_message = NULL, last_outcome = ? WHERE session_no = ?`)
    .run(pos, reason, row.active_stream_id === null ? row.last_outcome : 'interrupted', session.session_no);
  dropPrompts(writing, session.session_no);
  database.sql('UPDATE messages SET folded = 1 WHERE session_no = ? AND folded = 0').run(session.session_no);
  database
    .sql(`UPDATE streams SET settled = 1, terminal_state = coalesce(terminal_state, 'interrupted'), finished_at = ?
      WHERE session_no = ? AND settled = 0`)
    .run(row.updated_at, session.session_no);
  ledger.forgetHeads();
  return null;
}
