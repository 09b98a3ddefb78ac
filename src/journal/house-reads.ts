// Reads across sessions: tasks of the board, attachments, devices. Each is one read transaction of its caller.
import type { Database } from './database.ts';
import type { AttachmentRow, PushRow, TaskRow } from './port.ts';
import { type Row, STREAM_COLUMNS, STREAM_TABLES, streamOf } from './rows.ts';
import type { Reads } from './thread-messages.ts';

type Input<N extends keyof Reads> = Parameters<Reads[N]>;
type Value<N extends keyof Reads> = Awaited<ReturnType<Reads[N]>>;

/** Characters of a message that are read for the board; what it shows of them is one line. */
const MESSAGE_BEGINNING_LENGTH = 1000;

const taskOf = (row: Row): TaskRow => ({
  ...streamOf(row),
  title: row.title,
  message: row.message,
  finished_at: row.finished_at,
  error_type: row.error_type,
});

/** Two index scans: how long it takes depends on what is shown, not on what there is. */
export function listTasks(database: Database, ...[since, limit]: Input<'listTasks'>): Value<'listTasks'> {
  const columns = `${STREAM_COLUMNS}, sessions.title AS title, (
    SELECT substr(json_extract(parts, '$[0].text'), 1, ${MESSAGE_BEGINNING_LENGTH}) FROM messages
    WHERE messages.session_no = streams.session_no AND messages.message_id = streams.user_message_id
  ) AS message`;
  const live = database.sql(`SELECT ${columns} FROM ${STREAM_TABLES} WHERE settled = 0`).all();
  const settled = database
    .sql(`SELECT ${columns} FROM ${STREAM_TABLES} WHERE settled = 1 AND finished_at >= ?
      ORDER BY finished_at DESC, stream_no DESC LIMIT ?`)
    .all(since, limit);
  return [...live, ...settled].map(taskOf);
}

export const listUnsettled = (database: Database): Value<'listUnsettled'> =>
  database
    .sql(`SELECT ${STREAM_COLUMNS} FROM ${STREAM_TABLES} WHERE settled = 0 ORDER BY stream_no`)
    .all()
    .map(streamOf);

export function getAttachment(
  database: Database,
  ...[owner, attachment_id]: Input<'getAttachment'>
): Value<'getAttachment'> {
  const row: Row | undefined = database
    .sql(`SELECT attachment_id, name, type, bytes, hash, created_at FROM attachments
      WHERE attachment_id = ? AND owner = ?`)
    .get(attachment_id, owner);
  return row ? ({ ...row } as AttachmentRow) : null;
}

export const listSubscriptions = (
  database: Database,
  ...[owner]: Input<'listSubscriptions'>
): Value<'listSubscriptions'> =>
  database
    .sql('SELECT * FROM subscriptions WHERE owner = ? ORDER BY created_at, endpoint')
    .all(owner)
    .map(
      (row: Row): PushRow => ({
        owner: row.owner,
        subscription: JSON.parse(row.subscription),
        failures: row.failures,
        created_at: row.created_at,
      }),
    );
