// Rows of the tables as the port shows them. Knows how to read them, not how to change them.
import type { Attachment, Message, Outcome, QueuedMessage, Relation } from '../protocol/index.ts';
import type { Database } from './database.ts';
import type { SessionRow, StreamRow } from './port.ts';

// biome-ignore lint/suspicious/noExplicitAny: a row as SQLite gives it; the schema is STRICT
export type Row = Record<string, any>;

export const sessionOf = (row: Row): SessionRow => ({
  session_id: row.session_id,
  title: row.title,
  agent: row.agent,
  model: row.model,
  cwd: row.cwd,
  created_at: row.created_at,
  updated_at: row.updated_at,
  message_count: row.message_count,
  active_stream_id: row.active_stream_id,
  pending_user_message: row.pending_user_message,
  queue_length: row.queue_length,
  queue_paused: row.queue_paused === 1,
  pinned: row.pinned === 1,
  archived: row.archived === 1,
  usage: {
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    last_prompt_tokens: row.last_prompt_tokens,
    context_length: row.context_length,
    context_estimated: row.context_estimated === 1,
    ...(row.cost === null ? {} : { cost: row.cost }),
  },
  parent_session_id: row.parent_session_id,
  relation: row.relation as Relation | null,
  lineage_root_id: row.lineage_root_id,
  is_cli_session: row.is_cli_session === 1,
  source_tag: row.source_tag,
  session_source: row.session_source,
  source_label: row.source_label,
  last_outcome: row.last_outcome as Outcome | null,
  ...(row.damaged_pos === null ? {} : { damaged: { pos: row.damaged_pos, reason: row.damaged_reason } }),
  head: row.head,
  kept_from: row.kept_from,
  title_source: row.title_source,
});

/** What a `session_updated` record tells: the compact session without what is the log's own business. */
export function compactOf(session: SessionRow): object {
  const { head: _head, kept_from: _kept, title_source: _source, ...compact } = session;
  return compact;
}

export const streamOf = (row: Row): StreamRow => ({
  stream_id: row.stream_id,
  session_id: row.session_id,
  owner: row.owner,
  agent: row.agent,
  model: row.model,
  user_message_id: row.user_message_id,
  message_id: row.message_id,
  epoch: row.epoch,
  starts: row.starts,
  created_at: row.created_at,
  head: row.head,
  last_pos: row.last_pos,
  last_event: row.last_event,
  started: row.started === 1,
  terminal_state: row.terminal_state as Outcome | null,
  settled: row.settled === 1,
  kept_from: keptFrom(row),
});

/** A run is kept whole, or not at all. `row`: of a stream. */
export const keptFrom = (row: Row): number => (row.cut === 1 ? row.head + 1 : 1);

export const messageOf = (row: Row): Message => ({
  message_id: row.message_id,
  role: row.role,
  parts: JSON.parse(row.parts),
  created_at: row.created_at,
  stream_id: row.stream_id,
  last_seq: row.last_seq,
  terminal_state: row.terminal_state,
  ...(row.settled_at === null ? {} : { settled_at: row.settled_at }),
  ...(row.usage === null ? {} : { usage: JSON.parse(row.usage) }),
  ...(row.superseded_by === null ? {} : { superseded_by: row.superseded_by }),
});

export const STREAM_COLUMNS = 'streams.*, sessions.session_id AS session_id';
export const STREAM_TABLES = 'streams JOIN sessions ON sessions.session_no = streams.session_no';

/** The row of an owner's session; another principal's does not exist (P8). */
export const findSession = (database: Database, owner: string, session_id: string): Row | undefined =>
  database.sql('SELECT * FROM sessions WHERE session_id = ? AND owner = ?').get(session_id, owner);

export const findStream = (database: Database, stream_id: string): Row | undefined =>
  database.sql(`SELECT ${STREAM_COLUMNS} FROM ${STREAM_TABLES} WHERE streams.stream_id = ?`).get(stream_id);

export const readQueue = (database: Database, session_no: number): QueuedMessage[] =>
  database
    .sql('SELECT message_id, text, attachments, queued_at FROM queue WHERE session_no = ? ORDER BY queue_no')
    .all(session_no)
    .map((row: Row, index) => ({
      message_id: row.message_id,
      text: row.text,
      position: index + 1,
      queued_at: row.queued_at,
      ...(row.attachments === null ? {} : { attachments: listedIn(row) }),
    }));

/** The attachments of a follow-up, as its row keeps them. */
export const listOf = (attachments: Attachment[]): string | null =>
  attachments.length === 0 ? null : JSON.stringify(attachments);
export const listedIn = ({ attachments }: Row): Attachment[] =>
  attachments === null ? [] : JSON.parse(attachments);
