// What the start found, read from the log before anything else happens.
import type { Database } from './database.ts';
import type { Report } from './port.ts';
import { type Row, STREAM_COLUMNS, STREAM_TABLES, streamOf } from './rows.ts';

export function readReport(database: Database, watermark: number | null): Report {
  const all = (text: string): Row[] => database.sql(text).all();
  const found_commit = Number(database.sql('SELECT commit_no FROM meta').get()?.commit_no);
  const shorter = watermark !== null && watermark > found_commit;
  return {
    unsettled: all(`SELECT ${STREAM_COLUMNS} FROM ${STREAM_TABLES} WHERE settled = 0 ORDER BY stream_no`).map(
      streamOf,
    ),
    with_follow_up: all(`SELECT owner, session_id FROM sessions WHERE queue_length > 0 AND queue_paused = 0
      AND active_stream_id IS NULL AND damaged_pos IS NULL ORDER BY session_no`).map(
      ({ owner, session_id }) => ({ owner, session_id }),
    ),
    damaged: all(`SELECT session_id, damaged_pos, damaged_reason FROM sessions WHERE damaged_pos IS NOT NULL
      ORDER BY session_no`).map(({ session_id, damaged_pos, damaged_reason }) => ({
      session_id,
      pos: damaged_pos,
      reason: damaged_reason,
    })),
    shorter: shorter ? { expected_commit: watermark, found_commit } : null,
  };
}
