// The heads of what is being written, in memory: who owns a stream, where its log ends. An append costs one insert; the
// heads go to the tables once per commit. Lives in the writer only, which is the only one that changes them (lesson 48).
import type { Outcome, StoredRecord } from '../protocol/index.ts';
import { frameJson, recordJson } from '../protocol/record-json.ts';
import { checksum } from './checksum.ts';
import type { Database } from './database.ts';
import { findStream, type Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';

/** As many as are likely to run at once; the rest is read again when needed. */
const HEADS_KEPT = 10_000;

export interface SessionHead {
  readonly session_no: number;
  readonly session_id: string;
  readonly owner: string;
  readonly damaged: boolean;
  head: number;
  dirty: boolean;
}

export interface StreamHead {
  readonly stream_no: number;
  readonly stream_id: string;
  readonly session: SessionHead;
  epoch: number;
  starts: number;
  head: number;
  first_pos: number;
  last_pos: number;
  last_event: string | null;
  started: boolean;
  terminal_state: Outcome | null;
  terminal_seq: number;
  settled: boolean;
  /** more than where its log ends has changed */
  changed: boolean;
  dirty: boolean;
}

export interface Ledger {
  session(session_id: string): SessionHead | null;
  stream(stream_id: string): StreamHead | null;
  /** A record of the session that is no frame. */
  record(session: SessionHead, event: string, payload: string, at: number): StoredRecord;
  frame(stream: StreamHead, event: string, payload: string, at: number): StoredRecord;
  /** Writes the heads that changed: before a row is read by SQL, and before a commit. */
  flush(): void;
  /** What was written since the last `take`, in the order of the log. */
  take(): StoredRecord[];
  /** After a rollback: numbers of a group that failed are used again. */
  forget(): void;
  /** After rows were changed behind it; they are read again. Flush first. */
  forgetHeads(): void;
  /** More of a stream was changed than where its log ends. */
  touch(stream: StreamHead): void;
}

const streamHead = (row: Row, session: SessionHead): StreamHead => ({
  stream_no: row.stream_no,
  stream_id: row.stream_id,
  session,
  epoch: row.epoch,
  starts: row.starts,
  head: row.head,
  first_pos: row.first_pos,
  last_pos: row.last_pos,
  last_event: row.last_event,
  started: row.started === 1,
  terminal_state: row.terminal_state,
  terminal_seq: row.terminal_seq,
  settled: row.settled === 1,
  changed: false,
  dirty: false,
});

const INSERT =
  'INSERT INTO records (place, stream_no, seq, event, json, at, crc) VALUES (?, ?, ?, ?, ?, ?, ?)';
const STORE_STREAM = `UPDATE streams SET epoch = ?, starts = ?, head = ?, first_pos = ?, last_pos = ?, last_event = ?,
  started = ?, terminal_state = ?, terminal_seq = ?, settled = ? WHERE stream_no = ?`;
/** What a token changes: no index and no trigger hangs on it. */
const STORE_STREAM_HEAD = 'UPDATE streams SET head = ?, last_pos = ?, last_event = ? WHERE stream_no = ?';

export function createLedger(database: Database): Ledger {
  const sessions = new Map<string, SessionHead>();
  const streams = new Map<string, StreamHead>();
  const dirty: (SessionHead | StreamHead)[] = [];
  let written: StoredRecord[] = [];

  function mark(head: SessionHead | StreamHead): void {
    if (head.dirty) return;
    head.dirty = true;
    dirty.push(head);
  }

  function insert(record: StoredRecord, session_no: number, stream_no: number | null): StoredRecord {
    const place = session_no * PLACES_PER_SESSION + record.pos;
    database
      .sql(INSERT)
      .run(place, stream_no, record.seq, record.event, record.json, record.at, checksum(record));
    written.push(record);
    return record;
  }

  const ledger: Ledger = {
    session(session_id) {
      const known = sessions.get(session_id);
      if (known) return known;
      const row: Row | undefined = database
        .sql('SELECT session_no, session_id, owner, head, damaged_pos FROM sessions WHERE session_id = ?')
        .get(session_id);
      if (!row) return null;
      const { session_no, owner, head } = row;
      const fresh = { session_no, session_id, owner, head, damaged: row.damaged_pos !== null, dirty: false };
      sessions.set(session_id, fresh);
      return fresh;
    },

    stream(stream_id) {
      const known = streams.get(stream_id);
      if (known) return known;
      const row = findStream(database, stream_id);
      const session = row && ledger.session(row.session_id);
      if (!row || !session) return null;
      const fresh = streamHead(row, session);
      streams.set(stream_id, fresh);
      return fresh;
    },

    record(session, event, payload, at) {
      const pos = ++session.head;
      mark(session);
      const json = recordJson(pos, at, payload);
      const { session_id, session_no } = session;
      return insert({ session_id, pos, stream_id: null, seq: null, event, json, at }, session_no, null);
    },

    frame(stream, event, payload, at) {
      const { session, stream_id } = stream;
      const pos = ++session.head;
      const seq = ++stream.head;
      if (seq === 1) {
        stream.first_pos = pos;
        stream.changed = true;
      }
      stream.last_pos = pos;
      stream.last_event = event;
      mark(session);
      mark(stream);
      const json = frameJson(stream_id, seq, at, payload);
      const record = { session_id: session.session_id, pos, stream_id, seq, event, json, at };
      return insert(record, session.session_no, stream.stream_no);
    },

    touch(stream) {
      stream.changed = true;
      mark(stream);
    },

    flush() {
      for (const head of dirty) {
        head.dirty = false;
        if ('stream_no' in head) storeStream(database, head);
        else
          database.sql('UPDATE sessions SET head = ? WHERE session_no = ?').run(head.head, head.session_no);
      }
      dirty.length = 0;
    },

    take() {
      const taken = written;
      written = [];
      if (streams.size + sessions.size > HEADS_KEPT) ledger.forgetHeads();
      return taken;
    },

    forget() {
      ledger.forgetHeads();
      written = [];
    },

    forgetHeads() {
      sessions.clear();
      streams.clear();
      dirty.length = 0;
    },
  };
  return ledger;
}

function storeStream(database: Database, stream: StreamHead): void {
  const { epoch, starts, head, first_pos, last_pos, last_event } = stream;
  if (!stream.changed) {
    database.sql(STORE_STREAM_HEAD).run(head, last_pos, last_event, stream.stream_no);
    return;
  }
  stream.changed = false;
  const { terminal_state, terminal_seq, stream_no } = stream;
  const [started, settled] = [stream.started ? 1 : 0, stream.settled ? 1 : 0];
  database
    .sql(STORE_STREAM)
    .run(
      epoch,
      starts,
      head,
      first_pos,
      last_pos,
      last_event,
      started,
      terminal_state,
      terminal_seq,
      settled,
      stream_no,
    );
}
