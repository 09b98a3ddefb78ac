// The settle commit (ST2): transcript, usage, stream_end, release of the session, in one write. Nobody who has seen
// stream_end can read an unfinished session. The transcript is folded from the log, so it is what every reader saw.
import type { Answer as Folded, KeptReceipt, StoredRecord } from '../protocol/index.ts';
import { answeredStream, emptyAnswer, foldRecord } from '../protocol/transcript.ts';
import { textOf } from './admission.ts';
import type { Database } from './database.ts';
import { FENCED, ownedStream, writeTerminal } from './frame-writes.ts';
import type { StreamHead } from './ledger.ts';
import { type Answer, DAMAGED, type Input } from './operations.ts';
import { type Row, sessionOf } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';
import { USAGE_COLUMNS, usageAfter, usageValues } from './session-usage.ts';
import { type StreamPlace, walkSession } from './walk.ts';
import { index, rawSession, sessionRow, setTitle, tellSession, type Writing } from './writing.ts';

const FOLD_PAGE_RECORDS = 1000;

/**
 * A stream's frames, and the prompts between them, folded. `last_pos`: where it ends in its session's log, or, while it runs,
 * where that log ends: a prompt may stand behind the last frame. @throws DamagedRecord
 */
export function foldStream(database: Database, of: StreamPlace, last_pos: number): Folded {
  const answer = emptyAnswer();
  if (of.head === 0) return answer;
  const log = {
    session_no: of.session_no,
    session_id: of.session_id,
    kept_from: of.first_pos,
    head: last_pos,
  };
  for (let pos = of.first_pos - 1; pos < last_pos; )
    for (const record of walkSession(database, log, pos, FOLD_PAGE_RECORDS).records) {
      foldStored(answer, of.stream_id, record);
      pos = record.pos;
    }
  return answer;
}

const PROMPT_EVENTS: readonly string[] = ['prompt_asked', 'prompt_settled'];

function foldStored(answer: Folded, of: string, { stream_id, event, json, seq, at }: StoredRecord): void {
  const isFrame = stream_id === of;
  if (!isFrame && !PROMPT_EVENTS.includes(event)) return;
  // Number and time are the record's, whatever a payload calls so.
  const data = isFrame ? { ...JSON.parse(json), stream_id, seq, at } : { ...JSON.parse(json), at };
  if (answeredStream({ event, data }) === of) foldRecord(answer, { event, data });
}

const placeOf = (stream: StreamHead): StreamPlace => ({
  stream_no: stream.stream_no,
  stream_id: stream.stream_id,
  session_no: stream.session.session_no,
  session_id: stream.session.session_id,
  first_pos: stream.first_pos,
  last_pos: stream.last_pos,
  kept_from: 1,
  head: stream.head,
});

export function settle(writing: Writing, input: Input<'settle'>): Answer<'settle'> {
  const stream = ownedStream(writing, input);
  if (!stream) return FENCED;
  const { session } = stream;
  if (session.damaged) return DAMAGED;
  if (stream.settled) {
    const row = sessionRow(writing, session.session_no);
    return { kind: 'already', outcome: stream.terminal_state!, head: stream.head, session: row };
  }
  if (stream.terminal_state === null) {
    if (!input.otherwise) return { kind: 'no_terminal' };
    writeTerminal(writing, stream, input.otherwise.event, input.otherwise.payload, input.at);
  }
  const outcome = stream.terminal_state!;
  writing.ledger.frame(stream, 'stream_end', JSON.stringify({ terminal_state: outcome }), input.at);
  stream.settled = true;
  writing.ledger.touch(stream);
  writing.ledger.flush();
  const folded = foldStream(writing.database, placeOf(stream), stream.last_pos);
  storeAnswer(writing, stream, folded);
  storeSize(writing, stream, input.at);
  if (input.receipt) storeReceipt(writing, stream, input.receipt);
  releaseSession(writing, stream, folded, input.at);
  return { kind: 'settled', outcome, head: stream.head, session: tellSession(writing, session, input.at) };
}

function storeAnswer(writing: Writing, stream: StreamHead, folded: Folded): void {
  const { database } = writing;
  const row: Row | undefined = database
    .sql(`SELECT message_no FROM messages JOIN streams USING (session_no, message_id)
      WHERE messages.session_no = ? AND streams.stream_no = ?`)
    .get(stream.session.session_no, stream.stream_no);
  if (!row) throw new Error(`stream ${stream.stream_id} has no message`);
  const usage = Object.keys(folded.usage).length === 0 ? null : JSON.stringify(folded.usage);
  database
    .sql(`UPDATE messages SET last_seq = ?, terminal_state = ?, settled_at = ?, usage = ?, folded = 0
      WHERE message_no = ?`)
    .run(folded.last_seq, folded.terminal_state, folded.settled_at, usage, row.message_no);
  // An answer may be larger than the reserve. The log holds it: while the disk is full it is folded at every read.
  if (!writing.full) storeParts(database, row.message_no, stream.session.session_no, folded);
}

function storeParts(database: Database, message_no: number, session_no: number, folded: Folded): void {
  database
    .sql('UPDATE messages SET parts = ?, folded = 1 WHERE message_no = ?')
    .run(JSON.stringify(folded.parts), message_no);
  index(database, message_no, session_no, textOf(folded.parts));
}

function storeReceipt({ database }: Writing, stream: StreamHead, receipt: KeptReceipt): void {
  database
    .sql('INSERT INTO receipts (stream_no, session_no, json) VALUES (?, ?, ?)')
    .run(stream.stream_no, stream.session.session_no, JSON.stringify(receipt));
}

/** When it was over, and how much of the log is its frames: what the board and retention ask. */
function storeSize({ database }: Writing, stream: StreamHead, at: number): void {
  const base = stream.session.session_no * PLACES_PER_SESSION;
  database
    .sql(`UPDATE streams SET finished_at = ?, bytes = (SELECT sum(octet_length(json)) FROM records
      WHERE place BETWEEN ? AND ? AND stream_no = ?4) WHERE stream_no = ?4`)
    .run(at, base + stream.first_pos, base + stream.last_pos, stream.stream_no);
}

export function storeUnfolded({ database }: Writing): Answer<'fold'> {
  const rows: Row[] = database
    .sql(`SELECT messages.message_no, streams.*, sessions.session_id AS session_id FROM messages
      JOIN streams ON streams.stream_id = messages.stream_id
      JOIN sessions ON sessions.session_no = messages.session_no
      WHERE messages.folded = 0 AND sessions.damaged_pos IS NULL ORDER BY messages.message_no LIMIT 2`)
    .all();
  const [first] = rows;
  if (first)
    storeParts(
      database,
      first.message_no,
      first.session_no,
      foldStream(database, first as StreamPlace, first.last_pos),
    );
  return { kind: 'folded', more: rows.length > 1 };
}

function releaseSession(writing: Writing, stream: StreamHead, folded: Folded, at: number): void {
  const { session_no } = stream.session;
  const row = rawSession(writing, session_no);
  const used = usageAfter(sessionOf(row).usage, folded.usage);
  writing.database
    .sql(`UPDATE sessions SET active_stream_id = NULL, pending_user_message = NULL, last_outcome = ?, updated_at = ?,
      ${USAGE_COLUMNS} WHERE session_no = ? AND active_stream_id = ?`)
    .run(folded.terminal_state, at, ...usageValues(used), session_no, stream.stream_id);
  if (folded.title && row.title_source !== 'person') setTitle(writing, session_no, folded.title, 'agent');
}
