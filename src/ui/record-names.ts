// The names of the records of a session feed: an EventSource hears only what it is asked for by name.
import { frameSchemas } from '../protocol/frames.ts';
import type { sessionRecordSchemas } from '../protocol/records.ts';

export const FRAME_NAMES: readonly string[] = Object.keys(frameSchemas);
/** By name only: the schemas behind them are the server's, and no part of the first load. */
const SESSION_RECORDS: Record<keyof typeof sessionRecordSchemas, true> = {
  user_message: true,
  message_queued: true,
  message_edited: true,
  message_withdrawn: true,
  prompt_asked: true,
  prompt_settled: true,
  session_updated: true,
};
export const SESSION_RECORD_NAMES: readonly string[] = Object.keys(SESSION_RECORDS);
