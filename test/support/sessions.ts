// A compact session as the server tells of it, for tests of those who are told.
import type { Session } from '../../src/protocol/index.ts';

/** An idle session without a past; `fields`: what is other. */
export const compactSession = (session_id: string, fields: Partial<Session> = {}): Session => ({
  session_id,
  title: session_id,
  agent: 'demo',
  model: null,
  cwd: null,
  state: 'idle',
  created_at: 1,
  updated_at: 1,
  message_count: 0,
  active_stream_id: null,
  pending_user_message: null,
  queue_length: 0,
  queue_paused: false,
  pinned: false,
  archived: false,
  waiting: { clarify: 0, approval: 0 },
  usage: {
    input_tokens: 0,
    output_tokens: 0,
    last_prompt_tokens: 0,
    context_length: 0,
    context_estimated: false,
  },
  parent_session_id: null,
  relation: null,
  lineage_root_id: session_id,
  is_cli_session: false,
  source_tag: null,
  session_source: null,
  source_label: null,
  last_outcome: null,
  ...fields,
});
