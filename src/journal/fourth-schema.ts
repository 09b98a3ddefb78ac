// What the fourth version adds to the third.

export const FOURTH_SCHEMA = `
-- US dollars, summed over the runs that were told theirs; null: none was.
ALTER TABLE sessions ADD COLUMN cost REAL;

-- Apart from streams, which are read often: a receipt is read when somebody asks for it.
CREATE TABLE receipts (stream_no INTEGER PRIMARY KEY, session_no INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
CREATE INDEX receipts_session ON receipts (session_no);
`;
