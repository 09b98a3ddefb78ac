// What every write is handed, and the small steps that several of them share. Knows no operation.
import { createHash } from 'node:crypto';
import type { Database } from './database.ts';
import type { Ledger, SessionHead } from './ledger.ts';
import type { SessionRow, StreamRow } from './port.ts';
import { compactOf, findStream, type Row, sessionOf, streamOf } from './rows.ts';

export interface Writing {
  database: Database;
  ledger: Ledger;
  /** The disk is full: only what ends, releases or deletes is taken. */
  full: boolean;
}

/** The session of this principal, or null (P8). */
export function ownedSession(writing: Writing, owner: string, session_id: string): SessionHead | null {
  const session = writing.ledger.session(session_id);
  return session?.owner === owner ? session : null;
}

/** The whole row, heads included. */
export function sessionRow(writing: Writing, session_no: number): SessionRow {
  return sessionOf(rawSession(writing, session_no));
}

export function rawSession({ database, ledger }: Writing, session_no: number): Row {
  ledger.flush();
  const row = database.sql('SELECT * FROM sessions WHERE session_no = ?').get(session_no);
  if (!row) throw new Error(`session ${session_no} is not there`);
  return row;
}

export function streamRow({ database, ledger }: Writing, stream_id: string): StreamRow {
  ledger.flush();
  const row = findStream(database, stream_id);
  if (!row) throw new Error(`stream ${stream_id} is not there`);
  return streamOf(row);
}

/** `session_updated`, and the row as it is after it. */
export function tellSession(writing: Writing, session: SessionHead, at: number): SessionRow {
  const before = sessionRow(writing, session.session_no);
  const payload = JSON.stringify({ session: compactOf(before) });
  const { pos } = writing.ledger.record(session, 'session_updated', payload, at);
  return { ...before, head: pos };
}

/** Makes a title, and what search knows of it, one. */
export function setTitle(
  { database }: Writing,
  session_no: number,
  title: string,
  source: SessionRow['title_source'],
): void {
  database
    .sql('UPDATE sessions SET title = ?, title_source = ? WHERE session_no = ?')
    .run(title, source, session_no);
  index(database, -session_no, session_no, title);
}

/** Search finds `text` under this rowid from here on; an empty text is not found. */
export function index(database: Database, rowid: number, session_no: number, text: string): void {
  database.sql('DELETE FROM search WHERE rowid = ?').run(rowid);
  if (text !== '')
    database
      .sql('INSERT INTO search (rowid, session_no, text) VALUES (?, ?, ?)')
      .run(rowid, session_no, text);
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
