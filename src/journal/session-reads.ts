// Reads of sessions, queues and streams, and the list with its search. Each is one read transaction of its caller.
import type { Database } from './database.ts';
import type { SessionRow } from './port.ts';
import { findSession, findStream, type Row, readQueue, sessionOf, streamOf } from './rows.ts';
import type { Reads } from './thread-messages.ts';

type Input<N extends keyof Reads> = Parameters<Reads[N]>;
type Value<N extends keyof Reads> = Awaited<ReturnType<Reads[N]>>;

export function getSession(
  database: Database,
  ...[owner, session_id]: Input<'getSession'>
): Value<'getSession'> {
  const row = findSession(database, owner, session_id);
  return row ? sessionOf(row) : null;
}

export function listQueue(
  database: Database,
  ...[owner, session_id]: Input<'listQueue'>
): Value<'listQueue'> {
  const row = findSession(database, owner, session_id);
  return row ? readQueue(database, row.session_no) : null;
}

export function getStream(database: Database, ...[owner, stream_id]: Input<'getStream'>): Value<'getStream'> {
  const row = findStream(database, stream_id);
  return row?.owner === owner ? streamOf(row) : null;
}

export function getReceipt(
  database: Database,
  ...[owner, stream_id]: Input<'getReceipt'>
): Value<'getReceipt'> {
  const row = findStream(database, stream_id);
  if (row?.owner !== owner) return null;
  const kept: Row | undefined = database
    .sql('SELECT json FROM receipts WHERE stream_no = ?')
    .get(row.stream_no);
  return {
    stream: streamOf(row),
    first_pos: row.first_pos,
    settled_at: row.finished_at,
    receipt: kept ? JSON.parse(kept.json) : null,
  };
}

/** Words of the query that search can find; each matches at its beginning. Quoted: nothing of it is syntax. */
const SEARCH_WORDS_MAX = 8;
export const searchWords = (q: string): string[] =>
  q
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, SEARCH_WORDS_MAX)
    .map((word) => `"${word.replaceAll('"', '""')}"*`);

/** A lineage's tip: no continuation of it is listed beside it, and no newer tip of the same lineage is (lesson 118). */
const TIP = `s.session_id = (SELECT t.session_id FROM sessions t
  WHERE t.lineage_root_id = s.lineage_root_id AND t.owner = s.owner AND t.archived = s.archived
    AND NOT EXISTS (SELECT 1 FROM sessions c WHERE c.parent_session_id = t.session_id
      AND c.relation = 'continuation' AND c.archived = t.archived)
  ORDER BY t.updated_at DESC, t.session_id DESC LIMIT 1)`;
const COLLAPSED = `(SELECT count(*) FROM sessions m
  WHERE m.lineage_root_id = s.lineage_root_id AND m.owner = s.owner AND m.archived = s.archived)`;

/** Sessions that hold a word, given twice: in a message of theirs, or in their title (its rowid is below 0). */
const HOLDERS = `SELECT found_in.session_no FROM search CROSS JOIN found_in ON message_no = search.rowid WHERE search MATCH ?
  UNION ALL SELECT -rowid FROM search WHERE search MATCH ? AND rowid < 0`;
/** Of a collapsed lineage any member counts. */
const holds = (collapse: boolean): string =>
  collapse
    ? `s.lineage_root_id IN (SELECT lineage_root_id FROM sessions WHERE session_no IN (${HOLDERS}))`
    : `s.session_no IN (${HOLDERS})`;

export function listSessions(
  database: Database,
  ...[owner, query]: Input<'listSessions'>
): Value<'listSessions'> {
  const collapse = query.collapse === 'lineage';
  const words = searchWords(query.q ?? '');
  if (words.length === 0 && (query.q ?? '').trim() !== '') return { sessions: [] };
  const where = ['s.owner = ?', 's.archived = ?'];
  const given: (string | number)[] = [owner, query.archived ? 1 : 0];
  if (query.pinned) where.push('s.pinned = 1');
  const before = query.before === undefined ? null : keyOf(query.before);
  if (before) {
    where.push('(s.updated_at, s.session_id) < (?, ?)');
    given.push(before.updated_at, before.session_id);
  }
  for (const word of words) {
    where.push(holds(collapse));
    given.push(word, word);
  }
  if (query.lineage !== undefined) {
    where.push('s.lineage_root_id = ?');
    given.push(query.lineage);
  }
  if (collapse) where.push(TIP);
  const rows: Row[] = database
    .sql(`SELECT s.*, ${collapse ? COLLAPSED : '1'} AS lineage_count FROM sessions s WHERE ${where.join(' AND ')}
      ORDER BY s.updated_at DESC, s.session_id DESC LIMIT ?`)
    .all(...given, query.limit + 1);
  const sessions = rows.slice(0, query.limit).map(listed);
  const last = sessions.at(-1);
  const more = rows.length > query.limit && last;
  return { sessions, ...(more ? { next: `${last.updated_at}:${last.session_id}` } : {}) };
}

function listed(row: Row): SessionRow & { lineage_key?: string; lineage_collapsed_count?: number } {
  const session = sessionOf(row);
  if (row.lineage_count < 2) return session;
  return { ...session, lineage_key: session.lineage_root_id, lineage_collapsed_count: row.lineage_count };
}

/** `updated_at:session_id`, as `next` of a page gives it. */
function keyOf(before: string): { updated_at: number; session_id: string } {
  const colon = before.indexOf(':');
  return { updated_at: Number(before.slice(0, colon)), session_id: before.slice(colon + 1) };
}
