// The one walk of the log: records after a number, in order, each checked before anybody sees it. A hole or a wrong
// checksum is a DamagedRecord, never a shorter answer. Used by the reader and by the settle commit.
import type { StoredRecord } from '../protocol/index.ts';
import { checksum } from './checksum.ts';
import { type Database, isCorrupt } from './database.ts';
import { DamagedRecord, type Page } from './port.ts';
import type { Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';

/** A page ends with the record that takes it over this. */
const PAGE_BYTES = 1024 * 1024;

/** Where a stream's frames lie: from the row of the stream, or the writer's head. */
export interface StreamPlace {
  stream_no: number;
  stream_id: string;
  session_no: number;
  session_id: string;
  first_pos: number;
  last_pos: number;
  kept_from: number;
  head: number;
}

export interface SessionPlace {
  session_no: number;
  session_id: string;
  kept_from: number;
  head: number;
}

const COLUMNS = 'place, stream_no, seq, event, json, at, crc';

/** Frames with `seq > after`, as far as they are kept. */
export function walkStream(database: Database, of: StreamPlace, after: number, limit: number): Page {
  const from = Math.max(after, of.kept_from - 1);
  if (of.head <= from || limit < 1) return pageOf({ records: [], cut: true }, limit, of, from, of.last_pos);
  const base = of.session_no * PLACES_PER_SESSION;
  // A frame's pos is at least first_pos + seq - 1: other records may lie between frames, none before the first.
  const rows = (): Iterable<Row> =>
    database
      .sql(`SELECT ${COLUMNS} FROM records WHERE place >= ? AND place <= ? AND stream_no = ? AND seq > ?
        ORDER BY place LIMIT ?`)
      .iterate(base + of.first_pos + from, base + of.last_pos, of.stream_no, from, limit);
  const take = (row: Row): StoredRecord => recordOf(row, of, base, of.stream_id);
  const walked = collect(rows, of.session_id, of.first_pos + from, take, (record, count) =>
    record.seq === from + count ? null : `frame ${from + count} of stream ${of.stream_id} is missing`,
  );
  return pageOf(walked, limit, of, from, of.last_pos);
}

/** Records with `pos > after`, as far as they are kept. */
export function walkSession(database: Database, of: SessionPlace, after: number, limit: number): Page {
  const from = Math.max(after, of.kept_from - 1);
  if (of.head <= from || limit < 1) return pageOf({ records: [], cut: true }, limit, of, from, of.head);
  const base = of.session_no * PLACES_PER_SESSION;
  const rows = (): Iterable<Row> =>
    database
      .sql(`SELECT ${COLUMNS} FROM records WHERE place > ? AND place <= ? ORDER BY place LIMIT ?`)
      .iterate(base + from, base + of.head, limit);
  const names = new Map<number, string>();
  const take = (row: Row): StoredRecord =>
    recordOf(row, of, base, streamName(database, names, row.stream_no));
  const walked = collect(rows, of.session_id, from + 1, take, (record, count) =>
    record.pos === from + count ? null : `record ${from + count} is missing`,
  );
  return pageOf(walked, limit, of, from, of.head);
}

function streamName(database: Database, names: Map<number, string>, stream_no: number | null): string | null {
  if (stream_no === null) return null;
  const known = names.get(stream_no);
  if (known !== undefined) return known;
  const row: Row | undefined = database
    .sql('SELECT stream_id FROM streams WHERE stream_no = ?')
    .get(stream_no);
  const name: string = row?.stream_id ?? '';
  names.set(stream_no, name);
  return name;
}

function recordOf(
  row: Row,
  of: { session_id: string },
  base: number,
  stream_id: string | null,
): StoredRecord {
  const { place, seq, event, json, at, crc } = row;
  const record = { session_id: of.session_id, pos: place - base, stream_id, seq, event, json, at };
  if (checksum(record) !== crc)
    throw new DamagedRecord(of.session_id, record.pos, 'its checksum does not match what it says');
  return record;
}

/** `cut`: the page was ended by its size. */
interface Walked {
  records: StoredRecord[];
  cut: boolean;
}

function collect(
  rows: () => Iterable<Row>,
  session_id: string,
  first_pos: number,
  take: (row: Row) => StoredRecord,
  missing: (record: StoredRecord, count: number) => string | null,
): Walked {
  const records: StoredRecord[] = [];
  let bytes = 0;
  try {
    for (const row of rows()) {
      const record = take(row);
      const why = missing(record, records.length + 1);
      if (why !== null) throw new DamagedRecord(session_id, record.pos, why);
      records.push(record);
      bytes += record.json.length;
      if (bytes >= PAGE_BYTES) return { records, cut: true };
    }
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    throw new DamagedRecord(session_id, (records.at(-1)?.pos ?? first_pos - 1) + 1, 'its page is malformed');
  }
  return { records, cut: false };
}

/** A walk that ran out before the head has lost records at its end. */
function pageOf(
  { records, cut }: Walked,
  limit: number,
  of: { session_id: string; head: number; kept_from: number },
  after: number,
  last_pos: number,
): Page {
  const ended = !cut && records.length < limit;
  if (ended && after + records.length < of.head)
    throw new DamagedRecord(of.session_id, last_pos, `the log ends before its head ${of.head}`);
  return { records, head: of.head, kept_from: of.kept_from };
}
