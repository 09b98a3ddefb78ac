// What the third version adds to the second: attachments, devices that want to be called, and what the board and retention
// ask of settled runs. That an attachment is named, and a file is not, is counted here and nowhere else.
import { type Database, isCorrupt } from './database.ts';
import type { Row } from './rows.ts';
import { PLACES_PER_SESSION } from './schema.ts';

export const THIRD_SCHEMA = `
-- When it settled, and the type of its \`apperror\`, where it has one.
ALTER TABLE streams ADD COLUMN finished_at INTEGER;
ALTER TABLE streams ADD COLUMN error_type TEXT;
-- Of its frames' JSON, once it has settled; and whether retention has cut them off.
ALTER TABLE streams ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
CREATE INDEX streams_finished ON streams (finished_at, stream_no) WHERE settled = 1;
-- All that retention looks at: no row is read for it.
CREATE INDEX streams_kept ON streams (finished_at, stream_no, session_no, bytes) WHERE settled = 1 AND cut = 0;
-- Retention never cuts what runs, and what is cut stays cut.
CREATE TRIGGER streams_cut_once BEFORE UPDATE OF cut ON streams
WHEN NEW.cut < OLD.cut OR (NEW.cut = 1 AND NEW.settled = 0)
BEGIN SELECT RAISE(ABORT, 'only a settled run is cut, and only once'); END;
CREATE TRIGGER sessions_keep_less BEFORE UPDATE OF kept_from ON sessions WHEN NEW.kept_from < OLD.kept_from
BEGIN SELECT RAISE(ABORT, 'what is cut stays cut'); END;

-- Sessions whose records before kept_from are being removed, a part at a time.
CREATE TABLE trims (session_no INTEGER PRIMARY KEY) STRICT;

-- Newest first within a lineage: whether one is its tip is one look.
DROP INDEX sessions_by_lineage;
CREATE INDEX sessions_by_lineage ON sessions (lineage_root_id, owner, archived, updated_at DESC, session_id DESC);
CREATE INDEX sessions_continued ON sessions (parent_session_id, archived) WHERE relation = 'continuation';

-- Whose a message is that search has found: a fifth of the time that the table of texts itself would take to say so.
CREATE TABLE found_in (message_no INTEGER PRIMARY KEY, session_no INTEGER NOT NULL) STRICT;
INSERT INTO found_in SELECT message_no, session_no FROM messages;
CREATE TRIGGER messages_found AFTER INSERT ON messages
BEGIN INSERT INTO found_in VALUES (NEW.message_no, NEW.session_no); END;
CREATE TRIGGER messages_lost AFTER DELETE ON messages
BEGIN DELETE FROM found_in WHERE message_no = OLD.message_no; END;

-- \`hash\` names the file; several may name one.
CREATE TABLE attachments (
  attachment_no INTEGER PRIMARY KEY AUTOINCREMENT,
  attachment_id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  uses INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0)
) STRICT;
CREATE INDEX attachments_by_hash ON attachments (hash);
CREATE INDEX attachments_unused ON attachments (created_at) WHERE uses = 0;
-- The messages and follow-ups that name it.
CREATE TABLE attachment_uses (
  session_no INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  attachment_no INTEGER NOT NULL,
  PRIMARY KEY (session_no, message_id, attachment_no)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER attachments_used AFTER INSERT ON attachment_uses
BEGIN UPDATE attachments SET uses = uses + 1 WHERE attachment_no = NEW.attachment_no; END;
CREATE TRIGGER attachments_let_go AFTER DELETE ON attachment_uses
BEGIN UPDATE attachments SET uses = uses - 1 WHERE attachment_no = OLD.attachment_no; END;
-- Files that no row names any more, until somebody says that they are gone.
CREATE TABLE nameless (hash TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER attachments_named AFTER INSERT ON attachments
BEGIN DELETE FROM nameless WHERE hash = NEW.hash; END;
CREATE TRIGGER attachments_forgotten AFTER DELETE ON attachments
WHEN NOT EXISTS (SELECT 1 FROM attachments WHERE hash = OLD.hash)
BEGIN INSERT OR IGNORE INTO nameless VALUES (OLD.hash); END;

-- JSON: the attachments of a message that waits.
ALTER TABLE queue ADD COLUMN attachments TEXT;

CREATE TABLE subscriptions (
  endpoint TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  subscription TEXT NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_owner ON subscriptions (owner);
`;

/** What the new columns say of a settled run, as its log has it. */
const OF_LOG = `SELECT sum(octet_length(json)) AS bytes, max(at) FILTER (WHERE event = 'stream_end') AS finished_at,
  max(json ->> '$.type') FILTER (WHERE event = 'apperror' AND json_valid(json)) AS error_type
  FROM records WHERE place BETWEEN ? AND ? AND stream_no = ?`;

/** Fills the new columns for the runs that settled before there were any. A damaged log tells less, and stops nothing. */
export function fillThird(database: Database): void {
  const settled: Row[] = database
    .sql(`SELECT stream_no, session_no, first_pos, last_pos, updated_at FROM streams
      JOIN sessions USING (session_no) WHERE settled = 1`)
    .all();
  for (const { stream_no, session_no, first_pos, last_pos, updated_at } of settled) {
    const base = session_no * PLACES_PER_SESSION;
    const told = readable(() => database.sql(OF_LOG).get(base + first_pos, base + last_pos, stream_no));
    database
      .sql('UPDATE streams SET finished_at = ?, error_type = ?, bytes = ? WHERE stream_no = ?')
      .run(told.finished_at ?? updated_at, told.error_type ?? null, told.bytes ?? 0, stream_no);
  }
}

function readable(read: () => Row | undefined): Row {
  try {
    return read() ?? {};
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return {};
  }
}
