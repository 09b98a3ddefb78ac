// Rows of the log as tests need them: whole, with what matters changed.
import type { StreamRow } from '../../src/journal/port.ts';

export const streamRow = (more: Partial<StreamRow> = {}): StreamRow => ({
  stream_id: 'r',
  session_id: 's',
  owner: 'owner',
  agent: 'demo',
  model: null,
  user_message_id: 'question',
  message_id: 'answer',
  epoch: 4,
  starts: 1,
  created_at: 1_000,
  head: 0,
  last_pos: 0,
  last_event: null,
  started: false,
  terminal_state: null,
  settled: false,
  kept_from: 1,
  ...more,
});
