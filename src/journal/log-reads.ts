// Reads of the log itself: pages of a stream or a session, and the transcript with a running answer folded as far as it is.
import type { Message } from '../protocol/index.ts';
import { answerMessage } from '../protocol/transcript.ts';
import type { Database } from './database.ts';
import type { Page } from './port.ts';
import { findSession, findStream, keptFrom, messageOf, type Row, sessionOf } from './rows.ts';
import { foldStream } from './settlement.ts';
import type { Reads } from './thread-messages.ts';
import { type SessionPlace, type StreamPlace, walkSession, walkStream } from './walk.ts';

type Input<N extends keyof Reads> = Parameters<Reads[N]>;
type Value<N extends keyof Reads> = Awaited<ReturnType<Reads[N]>>;

const NOTHING: Page = { records: [], head: 0, kept_from: 1 };

export function readStream(
  database: Database,
  ...[stream_id, after, limit]: Input<'readStream'>
): Value<'readStream'> {
  const row = findStream(database, stream_id);
  if (!row) return NOTHING;
  const place = { ...(row as StreamPlace), kept_from: keptFrom(row) };
  return walkStream(database, place, after, limit);
}

export function readSession(
  database: Database,
  ...[session_id, after, limit]: Input<'readSession'>
): Value<'readSession'> {
  const row = database.sql('SELECT * FROM sessions WHERE session_id = ?').get(session_id);
  return row ? walkSession(database, row as unknown as SessionPlace, after, limit) : NOTHING;
}

export function getTranscript(
  database: Database,
  ...[owner, session_id, page]: Input<'getTranscript'>
): Value<'getTranscript'> {
  const row = findSession(database, owner, session_id);
  if (!row) return null;
  const rows = messageRows(database, row.session_no, page);
  const shown = rows.slice(0, page.limit).reverse();
  return {
    session: sessionOf(row),
    messages: shown.map((message) =>
      isUnfolded(row, message) ? foldedAnswer(database, row, message) : messageOf(message),
    ),
    transcript_pos: row.head,
    has_more: rows.length > page.limit,
  };
}

/** Newest first, one more than asked for. */
function messageRows(
  database: Database,
  session_no: number,
  { limit, before }: { limit: number; before?: string },
): Row[] {
  const until = `SELECT message_no FROM messages WHERE session_no = ?1 AND message_id = ?2`;
  const range = before === undefined ? '' : `AND message_no < (${until})`;
  const statement = database.sql(`SELECT * FROM messages WHERE session_no = ?1 ${range}
    ORDER BY message_no DESC LIMIT ${before === undefined ? '?2' : '?3'}`);
  return before === undefined
    ? statement.all(session_no, limit + 1)
    : statement.all(session_no, before, limit + 1);
}

/** Its parts are in the log only: it still runs, or the disk was full when it settled. */
const isUnfolded = (session: Row, message: Row): boolean =>
  message.role === 'assistant' &&
  message.stream_id !== null &&
  (message.stream_id === session.active_stream_id || (message.folded === 0 && session.damaged_pos === null));

function foldedAnswer(database: Database, session: Row, message: Row): Message {
  const stream = findStream(database, message.stream_id);
  if (!stream) throw new Error(`stream ${message.stream_id} is not there`);
  const { message_id, stream_id, created_at } = message;
  const last_pos = stream.settled === 1 ? stream.last_pos : session.head;
  const answer = foldStream(database, stream as StreamPlace, last_pos);
  return answerMessage(answer, { message_id, stream_id, created_at });
}
