// The tables of prompts and rules: what the second version adds to the first. That a prompt ends once, and no later than
// its stream, is a constraint here as well (CQ5, ST5).
import { PLACES_PER_SESSION } from './schema.ts';

export const PROMPTS_SCHEMA = `
-- Nobody owns it: taken over after it had started, as its frame \`stale\` says. Its prompts are held.
ALTER TABLE streams ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;

-- A prompt's place is the place of its \`prompt_asked\`: its pos, and the order of its queue.
CREATE TABLE prompts (
  place INTEGER PRIMARY KEY,
  prompt_id TEXT NOT NULL UNIQUE,
  session_no INTEGER NOT NULL,
  stream_no INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('clarify', 'approval')),
  entry TEXT NOT NULL,
  same_as TEXT,
  how TEXT CHECK (how IN ('answered', 'declined', 'expired', 'cancelled', 'superseded')),
  answered_by TEXT,
  answer TEXT,
  settled_at INTEGER,
  settled_pos INTEGER,
  CHECK (place / ${PLACES_PER_SESSION} = session_no),
  -- CQ8: two approvals are never merged.
  CHECK (same_as IS NULL OR kind = 'clarify'),
  CHECK (how IS NOT NULL OR coalesce(answered_by, answer, settled_at, settled_pos) IS NULL),
  CHECK (answer IS NULL OR how = 'answered')
) STRICT;
-- CQ1: the oldest first.
CREATE INDEX prompts_pending ON prompts (session_no, kind, place) WHERE how IS NULL;
-- CQ8: the same question is pending once.
CREATE UNIQUE INDEX prompts_same ON prompts (stream_no, same_as) WHERE how IS NULL AND same_as IS NOT NULL;
-- CQ5: one end.
CREATE TRIGGER prompts_end_once BEFORE UPDATE ON prompts WHEN OLD.how IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'CQ5: a prompt ends once'); END;
-- CQ11: what is answered is what was shown.
CREATE TRIGGER prompts_stand BEFORE UPDATE OF place, prompt_id, session_no, stream_no, kind, entry, same_as ON prompts
BEGIN SELECT RAISE(ABORT, 'CQ11: what was asked stays what it is'); END;
CREATE TRIGGER prompts_of_a_run BEFORE INSERT ON prompts
WHEN NEW.how IS NOT NULL
  OR EXISTS (SELECT 1 FROM streams WHERE stream_no = NEW.stream_no AND terminal_state IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'CQ9: nothing is asked after the end'); END;
-- ST5: the end of a stream has closed its prompts.
CREATE TRIGGER streams_close_prompts BEFORE UPDATE OF terminal_state, settled ON streams
WHEN NEW.terminal_state IS NOT NULL AND EXISTS (
  SELECT 1 FROM prompts WHERE session_no = NEW.session_no AND stream_no = NEW.stream_no AND how IS NULL)
BEGIN SELECT RAISE(ABORT, 'ST5: a prompt of an ended stream is pending'); END;

CREATE TABLE rules (
  rule_no INTEGER PRIMARY KEY AUTOINCREMENT,
  rule_id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('session', 'always')),
  session_no INTEGER,
  tool TEXT NOT NULL,
  command TEXT,
  cwd TEXT,
  effect TEXT NOT NULL CHECK (effect IN ('allow', 'reject')),
  call_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CHECK ((scope = 'session') = (session_no IS NOT NULL))
) STRICT;
-- The same rule is there once. Rows of no session have 0 here: an index takes two NULLs for two values.
CREATE UNIQUE INDEX rules_once ON rules (owner, call_hash, effect, coalesce(session_no, 0));
CREATE INDEX rules_by_session ON rules (session_no) WHERE session_no IS NOT NULL;
`;
