// The names of the records of a session feed: an EventSource hears only what it is asked for by name.
import type { frameSchemas } from '../protocol/frames.ts';
import type { sessionRecordSchemas } from '../protocol/records.ts';

// By name only: the schemas behind them are the server's, and no part of the first load.
const FRAMES: Record<keyof typeof frameSchemas, true> = {
  token: true,
  reasoning: true,
  tool: true,
  tool_update: true,
  tool_complete: true,
  plan: true,
  metering: true,
  warning: true,
  stream_started: true,
  stale: true,
  resumed: true,
  done: true,
  cancel: true,
  apperror: true,
  title_status: true,
  title: true,
  stream_end: true,
};
const SESSION_RECORDS: Record<keyof typeof sessionRecordSchemas, true> = {
  user_message: true,
  message_queued: true,
  message_edited: true,
  message_withdrawn: true,
  prompt_asked: true,
  prompt_settled: true,
  session_updated: true,
};
export const FRAME_NAMES: readonly string[] = Object.keys(FRAMES);
export const SESSION_RECORD_NAMES: readonly string[] = Object.keys(SESSION_RECORDS);
