// Attachments as rows: what was uploaded, and which messages name it. Knows no file: a file is a hash here.

import { attachmentOf } from '../protocol/attachment-part.ts';
import type { Attachment, Message } from '../protocol/index.ts';
import { type Answer, FULL, type Input } from './operations.ts';
import type { AttachmentRow } from './port.ts';
import type { Row } from './rows.ts';
import type { Writing } from './writing.ts';

/** What one sweep forgets at most. */
const SWEEP_ROWS_MAX = 1000;

/** Before its file is written: a crash between file and row leaves no file that nobody knows of. */
export function announce({ database, full }: Writing, { hash }: Input<'announce'>): Answer<'announce'> {
  if (full) return FULL;
  database
    .sql(`INSERT OR IGNORE INTO nameless (hash)
      SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM attachments WHERE hash = ?1)`)
    .run(hash);
  return { kind: 'announced' };
}

export function attach(writing: Writing, { owner, attachment }: Input<'attach'>): Answer<'attach'> {
  if (writing.full) return FULL;
  const { attachment_id, name, type, bytes, hash, created_at } = attachment;
  writing.database
    .sql(`INSERT INTO attachments (attachment_id, owner, name, type, bytes, hash, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`)
    .run(attachment_id, owner, name, type, bytes, hash, created_at);
  return { kind: 'added' };
}

/** Its files are told of until `detached` says that they are gone: a crash between the two loses none. */
export function forgetUnused(
  { database }: Writing,
  { before }: Input<'forget_unused'>,
): Answer<'forget_unused'> {
  database
    .sql(`DELETE FROM attachments WHERE attachment_no IN (SELECT attachment_no FROM attachments
      WHERE uses = 0 AND created_at < ? ORDER BY created_at LIMIT ?)`)
    .run(before, SWEEP_ROWS_MAX);
  const rows: Row[] = database.sql('SELECT hash FROM nameless LIMIT ?').all(SWEEP_ROWS_MAX);
  return { hashes: rows.map(({ hash }) => hash) };
}

export function detached({ database }: Writing, { hashes }: Input<'detached'>): null {
  for (const hash of hashes) database.sql('DELETE FROM nameless WHERE hash = ?').run(hash);
  return null;
}

/** What a message that is being written names: rows of this principal, in the order given, or the id of one that is not there. */
export function namedRows(
  { database }: Writing,
  owner: string,
  ids: readonly string[],
): { rows: AttachmentRow[] } | { missing: string } {
  const rows: AttachmentRow[] = [];
  for (const id of new Set(ids)) {
    const row = database
      .sql('SELECT * FROM attachments WHERE attachment_id = ? AND owner = ?')
      .get(id, owner);
    if (!row) return { missing: id };
    rows.push(row as unknown as AttachmentRow);
  }
  return { rows };
}

/** A message or a follow-up names these from here on, until it is withdrawn or its session deleted. */
export function nameIn(
  { database }: Writing,
  session_no: number,
  message_id: string,
  attachments: readonly Attachment[],
): void {
  for (const { attachment_id } of attachments)
    database
      .sql(`INSERT OR IGNORE INTO attachment_uses (session_no, message_id, attachment_no)
        SELECT ?, ?, attachment_no FROM attachments WHERE attachment_id = ?`)
      .run(session_no, message_id, attachment_id);
}

export function letGo({ database }: Writing, session_no: number, message_id: string): void {
  database
    .sql('DELETE FROM attachment_uses WHERE session_no = ? AND message_id = ?')
    .run(session_no, message_id);
}

/** Lesson 40: what only this session named goes with it, however new it is. */
export function forgetOf({ database }: Writing, session_no: number): void {
  const named: Row[] = database
    .sql('SELECT DISTINCT attachment_no FROM attachment_uses WHERE session_no = ?')
    .all(session_no);
  database.sql('DELETE FROM attachment_uses WHERE session_no = ?').run(session_no);
  for (const { attachment_no } of named)
    database.sql('DELETE FROM attachments WHERE attachment_no = ? AND uses = 0').run(attachment_no);
}

/** What a message's parts name. */
export const attachmentsIn = (parts: Message['parts']): Attachment[] =>
  parts.flatMap((part) => (part.type === 'attachment' ? [attachmentOf(part)] : []));
