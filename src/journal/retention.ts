// Retention: what is over a bound, and how it is cut. A cut takes whole settled runs off the beginning of a session's log, in
// one write: nobody ever reads half a run. Their records are removed afterwards, a part at a time, so that no append waits
// long; a start that finds some left goes on with them. Transcripts, prompts and queues are not of the log, and stay.
import type { Retention } from '../protocol/index.ts';
import type { Database } from './database.ts';
import type { Answer, Input } from './operations.ts';
import type { Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';
import type { Writing } from './writing.ts';

const DAY_MS = 86_400_000;
/** What one look plans at most. */
const PLANNED_RUNS_MAX = 100;
/** What one part removes at most: this many records, or the first that takes it over so many bytes. */
const PART_RECORDS = 500;
const PART_BYTES = 1024 * 1024;

/** A settled run: it, and all before it in its session, goes. */
export interface Cut {
  session_id: string;
  stream_id: string;
}

// A damaged session is left as it is: nobody knows what of it can be trusted. One whose answer could not be stored yet
// (the disk was full) holds it in the log only.
const CUTTABLE = `settled = 1 AND cut = 0
  AND session_no NOT IN (SELECT session_no FROM sessions WHERE damaged_pos IS NOT NULL)
  AND session_no NOT IN (SELECT session_no FROM messages WHERE folded = 0)`;

/** The runs to cut, the oldest first: no more than has to go. An index holds all that is looked at. */
export function planCuts(database: Database, { runs, days, bytes }: Retention, now: number): Cut[] {
  const sum: Row = database
    .sql(`SELECT count(*) AS runs, coalesce(sum(bytes), 0) AS bytes FROM streams WHERE ${CUTTABLE}`)
    .get()!;
  const oldest = days === 0 ? -Infinity : now - days * DAY_MS;
  const planned = new Set<number>();
  const cuts: Cut[] = [];
  const oldestFirst = database
    .sql(`SELECT stream_no, finished_at FROM streams WHERE ${CUTTABLE} ORDER BY finished_at, stream_no`)
    .iterate() as Iterable<Row>;
  for (const { stream_no, finished_at } of oldestFirst) {
    const isOver = (runs > 0 && sum.runs > runs) || (bytes > 0 && sum.bytes > bytes) || finished_at < oldest;
    if (!isOver || cuts.length === PLANNED_RUNS_MAX) break;
    if (planned.has(stream_no)) continue;
    cuts.push(place(database, stream_no));
    for (const gone of upTo(database, stream_no))
      if (!planned.has(gone.stream_no)) {
        planned.add(gone.stream_no);
        sum.runs -= 1;
        sum.bytes -= gone.bytes;
      }
  }
  return cuts;
}

const place = (database: Database, stream_no: number): Cut => {
  const row: Row = database
    .sql('SELECT session_id, stream_id FROM streams JOIN sessions USING (session_no) WHERE stream_no = ?')
    .get(stream_no)!;
  return { session_id: row.session_id, stream_id: row.stream_id };
};

/** Usually the run alone: those before it settled before it, unless a clock was set back. */
const upTo = (database: Database, stream_no: number): Row[] =>
  database
    .sql(`SELECT b.stream_no, b.bytes FROM streams a JOIN streams b USING (session_no)
      WHERE a.stream_no = ? AND b.cut = 0 AND b.last_pos <= a.last_pos`)
    .all(stream_no);

export function cut({ database, ledger }: Writing, { session_id, stream_id }: Input<'cut'>): Answer<'cut'> {
  const session = ledger.session(session_id);
  if (!session || session.damaged) return { kind: 'kept' };
  const run: Row | undefined = database
    .sql(`SELECT last_pos FROM streams WHERE stream_id = ? AND session_no = ? AND ${CUTTABLE}`)
    .get(stream_id, session.session_no);
  if (!run) return { kind: 'kept' };
  const { changes } = database
    .sql('UPDATE streams SET cut = 1 WHERE session_no = ? AND settled = 1 AND cut = 0 AND last_pos <= ?')
    .run(session.session_no, run.last_pos);
  const kept_from = run.last_pos + 1;
  database.sql('UPDATE sessions SET kept_from = ? WHERE session_no = ?').run(kept_from, session.session_no);
  database.sql('INSERT OR IGNORE INTO trims (session_no) VALUES (?)').run(session.session_no);
  return { kind: 'cut', session_id, kept_from, runs_cut: Number(changes) };
}

/** Sessions whose log has a beginning that was cut and is still there. */
export const listTrims = (database: Database): string[] =>
  database
    .sql(`SELECT session_id FROM trims JOIN sessions USING (session_no) WHERE damaged_pos IS NULL
      ORDER BY session_no LIMIT ${PLANNED_RUNS_MAX}`)
    .all()
    .map((row: Row) => row.session_id);

/** One part. `more`: call it again. */
export function trim({ database, ledger }: Writing, { session_id }: Input<'trim'>): Answer<'trim'> {
  const session = ledger.session(session_id);
  if (!session || session.damaged) return { kind: 'trimmed', more: false };
  const { session_no } = session;
  const base = session_no * PLACES_PER_SESSION;
  const row: Row = database.sql('SELECT kept_from FROM sessions WHERE session_no = ?').get(session_no)!;
  const last = endOfPart(database, base, base + row.kept_from);
  if (last === null) {
    database.sql('DELETE FROM trims WHERE session_no = ?').run(session_no);
    return { kind: 'trimmed', more: false };
  }
  database.sql('DELETE FROM records WHERE place > ? AND place <= ?').run(base, last);
  return { kind: 'trimmed', more: true };
}

function endOfPart(database: Database, base: number, kept: number): number | null {
  let last: number | null = null;
  let bytes = 0;
  const rows = database
    .sql(`SELECT place, octet_length(json) AS bytes FROM records WHERE place > ? AND place < ?
      ORDER BY place LIMIT ${PART_RECORDS}`)
    .iterate(base, kept) as Iterable<Row>;
  for (const row of rows) {
    last = row.place;
    bytes += row.bytes;
    if (bytes >= PART_BYTES) break;
  }
  return last;
}
