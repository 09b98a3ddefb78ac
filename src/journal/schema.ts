// The tables, first version. What must never happen is a constraint here, not a hope elsewhere (ST1, SE1, P1).

/**
 * A record's key is its place: session_no · 2^28 + pos. One b-tree in the order of each session's log, so both walks
 * (by pos, and by seq: a stream's frames lie together) are range scans, and an append writes one place only.
 * Measured (100,000 frames of 60 bytes, 50 streams at once, groups of 100; then with 2,000 bytes each), µs of CPU a frame:
 * this 11 and 28, reading by stream 0.9 µs a row · `(session_id, pos)` without rowid 13 and 52, 1.0 · with rowid 9 and 24,
 * but 2.4 · each with an index on `(stream_id, seq)` 4 to 6 more.
 */
export const PLACES_PER_SESSION = 2 ** 28;

/** Marks the file as ours: "weir". */
export const APPLICATION_ID = 0x77656972;

export const FIRST_SCHEMA = `
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  commit_no INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0);

CREATE TABLE sessions (
  session_no INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  title TEXT NOT NULL,
  title_source TEXT NOT NULL CHECK (title_source IN ('none', 'guess', 'agent', 'person')),
  agent TEXT NOT NULL,
  model TEXT,
  cwd TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  message_count INTEGER NOT NULL DEFAULT 0,
  active_stream_id TEXT,
  pending_user_message TEXT,
  queue_length INTEGER NOT NULL DEFAULT 0 CHECK (queue_length >= 0),
  queue_paused INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  last_prompt_tokens INTEGER NOT NULL DEFAULT 0,
  context_length INTEGER NOT NULL DEFAULT 0,
  context_estimated INTEGER NOT NULL DEFAULT 0,
  parent_session_id TEXT,
  relation TEXT CHECK (relation IN ('continuation', 'fork', 'child')),
  lineage_root_id TEXT NOT NULL,
  is_cli_session INTEGER NOT NULL DEFAULT 0,
  source_tag TEXT,
  session_source TEXT,
  source_label TEXT,
  last_outcome TEXT,
  damaged_pos INTEGER,
  damaged_reason TEXT,
  head INTEGER NOT NULL DEFAULT 0,
  kept_from INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX sessions_by_recency ON sessions (owner, archived, updated_at DESC, session_id DESC);
CREATE INDEX sessions_by_lineage ON sessions (lineage_root_id);
CREATE INDEX sessions_by_parent ON sessions (parent_session_id) WHERE parent_session_id IS NOT NULL;
CREATE INDEX sessions_damaged ON sessions (session_no) WHERE damaged_pos IS NOT NULL;
CREATE INDEX sessions_with_queue ON sessions (session_no) WHERE queue_length > 0;

CREATE TABLE streams (
  stream_no INTEGER PRIMARY KEY AUTOINCREMENT,
  stream_id TEXT NOT NULL UNIQUE,
  session_no INTEGER NOT NULL,
  owner TEXT NOT NULL,
  agent TEXT NOT NULL,
  model TEXT,
  user_message_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 1,
  starts INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  head INTEGER NOT NULL DEFAULT 0,
  first_pos INTEGER NOT NULL DEFAULT 0,
  last_pos INTEGER NOT NULL DEFAULT 0,
  last_event TEXT,
  started INTEGER NOT NULL DEFAULT 0,
  terminal_state TEXT,
  terminal_seq INTEGER NOT NULL DEFAULT 0,
  settled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX streams_by_session ON streams (session_no);
-- SE1: at most one stream of a session is not settled.
CREATE UNIQUE INDEX streams_one_live ON streams (session_no) WHERE settled = 0;
-- P1, P5: an epoch never falls, a settled stream stays settled, an outcome stays what it is.
CREATE TRIGGER streams_only_grow BEFORE UPDATE OF epoch, settled, terminal_state ON streams
WHEN NEW.epoch < OLD.epoch OR NEW.settled < OLD.settled OR NEW.head < OLD.head
  OR (OLD.terminal_state IS NOT NULL AND NEW.terminal_state IS NOT OLD.terminal_state)
BEGIN SELECT RAISE(ABORT, 'P5: a stream only grows'); END;

CREATE TABLE records (
  place INTEGER PRIMARY KEY,
  stream_no INTEGER,
  seq INTEGER,
  event TEXT NOT NULL,
  json TEXT NOT NULL,
  at INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
-- ST1: one of done, cancel, apperror per stream; one stream_end; nothing after it.
CREATE UNIQUE INDEX records_one_terminal ON records (stream_no) WHERE event IN ('done', 'cancel', 'apperror');
CREATE UNIQUE INDEX records_one_end ON records (stream_no) WHERE event = 'stream_end';
CREATE TRIGGER records_end_is_last BEFORE INSERT ON records
WHEN NEW.stream_no IS NOT NULL
  AND EXISTS (SELECT 1 FROM records WHERE stream_no = NEW.stream_no AND event = 'stream_end')
BEGIN SELECT RAISE(ABORT, 'ST1: nothing comes after stream_end'); END;

CREATE TABLE messages (
  message_no INTEGER PRIMARY KEY AUTOINCREMENT,
  session_no INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  parts TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  stream_id TEXT,
  last_seq INTEGER NOT NULL DEFAULT 0,
  terminal_state TEXT,
  settled_at INTEGER,
  usage TEXT,
  superseded_by TEXT,
  folded INTEGER NOT NULL DEFAULT 1,
  UNIQUE (session_no, message_id)
) STRICT;
CREATE INDEX messages_in_order ON messages (session_no, message_no);

-- Settled while the disk was full: its parts are still in the log only.
CREATE INDEX messages_unfolded ON messages (message_no) WHERE folded = 0;

-- Sessions that are deleted, and whose records and messages are being removed, a part at a time.
CREATE TABLE purges (session_no INTEGER PRIMARY KEY) STRICT;

CREATE TABLE queue (
  queue_no INTEGER PRIMARY KEY AUTOINCREMENT,
  session_no INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  client_message_id TEXT,
  text TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  UNIQUE (session_no, message_id)
) STRICT;

-- SE5: what was answered to which client_message_id.
CREATE TABLE submissions (
  session_no INTEGER NOT NULL,
  client_message_id TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (session_no, client_message_id)
) STRICT, WITHOUT ROWID;

-- A message's rowid is its message_no, a title's the negative of its session_no.
CREATE VIRTUAL TABLE search USING fts5 (session_no UNINDEXED, text, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
`;
