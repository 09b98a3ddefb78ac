// Sessions made of another's transcript: a fork, an import. A transcript is copied, a log never: it stays where it
// happened (P8), so a copied message names no stream.
import type { Part } from '../protocol/index.ts';
import { addMessage, guessTitle, textOf } from './admission.ts';
import { namedRows } from './attachment-writes.ts';
import type { ImportedMessage } from './log-terms.ts';
import { type Answer, DAMAGED, FULL, type Input, NOT_FOUND } from './operations.ts';
import { messageOf, type Row } from './rows.ts';
import { USAGE_COLUMNS, usageAfter, usageValues } from './session-usage.ts';
import { insertSession, lineageRoot } from './session-writes.ts';
import { ownedSession, rawSession, sessionRow, setTitle, type Writing } from './writing.ts';

export function fork(writing: Writing, input: Input<'fork'>): Answer<'fork'> {
  const { database } = writing;
  const from = ownedSession(writing, input.owner, input.from);
  if (!from) return NOT_FOUND;
  if (from.damaged) return DAMAGED;
  const last: Row | undefined = database
    .sql('SELECT message_no FROM messages WHERE session_no = ? AND message_id = ?')
    .get(from.session_no, input.upto);
  if (!last) return NOT_FOUND;
  if (writing.full) return FULL;
  const row = rawSession(writing, from.session_no);
  const session = {
    session_id: input.session_id,
    title: null,
    agent: row.agent,
    model: row.model,
    cwd: row.cwd,
    parent_session_id: input.from,
    relation: 'fork' as const,
    is_cli_session: row.is_cli_session === 1,
    source_tag: row.source_tag,
    session_source: row.session_source,
    source_label: row.source_label,
  };
  const { session_no } = insertSession(writing, input.owner, session, input.session_id, input.at);
  if (row.title !== '') setTitle(writing, session_no, row.title, row.title_source);
  const messages = database
    .sql('SELECT * FROM messages WHERE session_no = ? AND message_no <= ? ORDER BY message_no')
    .all(from.session_no, last.message_no);
  // An answer that is still being written is not copied: it would never end here. Nor one that a retry replaced.
  const running = runningAnswer(writing, row);
  const settled = messages.filter(
    ({ message_id, superseded_by }: Row) =>
      message_id !== running && (superseded_by === null || message_id === input.upto),
  );
  for (const message of settled) addMessage(writing, session_no, { ...messageOf(message), stream_id: null });
  return counted(writing, session_no, settled.length);
}

function runningAnswer({ database }: Writing, row: Row): string | null {
  if (row.active_stream_id === null) return null;
  const stream: Row | undefined = database
    .sql('SELECT message_id FROM streams WHERE stream_id = ?')
    .get(row.active_stream_id);
  return stream?.message_id ?? null;
}

export function takeIn(writing: Writing, input: Input<'import'>): Answer<'import'> {
  const { owner, session, messages, message_ids, at } = input;
  const root = lineageRoot(writing, owner, session);
  if (root === null) return NOT_FOUND;
  if (writing.full) return FULL;
  const { session_no } = insertSession(writing, owner, session, root, at);
  const asked = messages.find((message) => message.role === 'user');
  if (session.title === null && asked)
    setTitle(writing, session_no, guessTitle(textOf(asked.parts)), 'guess');
  messages.forEach((message, index) => {
    const message_id = message_ids[index];
    if (message_id === undefined) throw new Error('an imported message has no id');
    const parts = message.parts.map((part) => knownPart(writing, owner, part));
    const { role, created_at } = message;
    const of_run = role === 'assistant' ? message : {};
    addMessage(writing, session_no, { ...of_run, role, created_at, parts, message_id, stream_id: null });
  });
  storeOutcome(writing, session_no, messages);
  return counted(writing, session_no, messages.length);
}

/** How its last run ended and what all of them used, as the session's row says it after runs of its own. */
function storeOutcome(writing: Writing, session_no: number, messages: ImportedMessage[]): void {
  const { usage: none } = sessionRow(writing, session_no);
  const used = messages.reduce((known, { usage }) => (usage ? usageAfter(known, usage) : known), none);
  const last = messages.findLast((message) => message.role === 'assistant');
  writing.database
    .sql(`UPDATE sessions SET last_outcome = ?, ${USAGE_COLUMNS} WHERE session_no = ?`)
    .run(last?.terminal_state ?? null, ...usageValues(used), session_no);
}

/** An attachment that is not here, or another principal's (P8), is a name only. */
function knownPart(writing: Writing, owner: string, part: Part): Part {
  if (part.type !== 'attachment') return part;
  const named = namedRows(writing, owner, [part.attachment_id]);
  return 'missing' in named ? { ...part, attachment_id: '' } : part;
}

function counted(writing: Writing, session_no: number, count: number): Answer<'fork'> {
  writing.database.sql('UPDATE sessions SET message_count = ? WHERE session_no = ?').run(count, session_no);
  return { kind: 'created', session: sessionRow(writing, session_no) };
}
