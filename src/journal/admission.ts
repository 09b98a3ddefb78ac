// How a run begins: a user's message, a retry, a follow-up from the queue. The message and the stream are one write, and
// the same submission never makes two (SE1, SE2, SE5).

import { attachmentPart } from '../protocol/attachment-part.ts';
import type { Attachment, Message } from '../protocol/index.ts';
import { QUEUE_LENGTH_MAX } from '../protocol/limits.ts';
import { attachmentsIn, namedRows, nameIn } from './attachment-writes.ts';
import type { SessionHead } from './ledger.ts';
import { type Answer, DAMAGED, FULL, type Input, NOT_FOUND } from './operations.ts';
import type { Admitted } from './port.ts';
import { listedIn, listOf, messageOf, type Row } from './rows.ts';
import {
  hashOf,
  index,
  ownedSession,
  rawSession,
  sessionRow,
  setTitle,
  streamRow,
  type Writing,
} from './writing.ts';

const TITLE_GUESS_LENGTH = 60;

/** The first line that says something, cut at a word where one ends near enough. */
export function guessTitle(text: string): string {
  const line =
    text
      .split('\n')
      .find((candidate) => candidate.trim() !== '')
      ?.trim()
      .replace(/\s+/g, ' ') ?? '';
  const characters = [...line];
  if (characters.length <= TITLE_GUESS_LENGTH) return line;
  const cut = characters.slice(0, TITLE_GUESS_LENGTH - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > TITLE_GUESS_LENGTH / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

type Started = Extract<Admitted, { kind: 'started' }>;

/** What a run needs to begin. `message_no`: the user's message is there already (a retry). */
interface Start {
  stream_id: string;
  user_message_id: string;
  message_id: string;
  client_message_id: string | null;
  text: string;
  attachments: Attachment[];
  retry_of?: string | null;
  again: boolean;
}

export function admit(writing: Writing, { owner, admission, at }: Input<'admit'>): Admitted {
  const session = ownedSession(writing, owner, admission.session_id);
  if (!session) return NOT_FOUND;
  const before = firstAnswer(writing, session, admission);
  if (before) return before;
  if (session.damaged) return DAMAGED;
  const named = namedRows(writing, owner, admission.attachment_ids ?? []);
  if ('missing' in named) return { kind: 'no_attachment', attachment_id: named.missing };
  const submitted = { ...admission, attachments: named.rows.map(told) };
  const row = rawSession(writing, session.session_no);
  // A message that may wait goes behind those that wait already.
  const waits = row.active_stream_id !== null || (row.queue_length > 0 && row.queue_paused === 0);
  if (waits && admission.on_busy === 'queue') return enqueue(writing, session, row, submitted, at);
  if (row.active_stream_id !== null) return { kind: 'busy', active_stream_id: row.active_stream_id };
  if (writing.full) return FULL;
  const started = start(writing, session, row, { ...submitted, again: false }, at);
  const { stream_id, user_message_id } = admission;
  const answer = { kind: 'started', stream_id, user_message_id, title: started.session.title } as const;
  remember(writing, session, admission, answer);
  return started;
}

type Submission = Pick<Input<'admit'>['admission'], 'client_message_id' | 'text' | 'attachment_ids'>;
type Submitted = Input<'admit'>['admission'] & { attachments: Attachment[] };

/** Of a row, what messages and records say of it. */
const told = ({ attachment_id, name, type, bytes }: Attachment): Attachment => ({
  attachment_id,
  name,
  type,
  bytes,
});

/** What makes two submissions the same: the text, and what was sent with it, in its order. */
const sameness = ({ text, attachment_ids = [] }: Submission): string =>
  [hashOf(text), ...attachment_ids].join(':');

/** SE5: what the same client_message_id was answered before. A refusal is not remembered. */
function firstAnswer(
  { database }: Writing,
  { session_no }: SessionHead,
  submission: Submission,
): Admitted | null {
  const { client_message_id } = submission;
  if (client_message_id === null) return null;
  const known: Row | undefined = database
    .sql('SELECT text_hash, answer FROM submissions WHERE session_no = ? AND client_message_id = ?')
    .get(session_no, client_message_id);
  if (!known) return null;
  if (known.text_hash !== sameness(submission)) return { kind: 'mismatch' };
  return { kind: 'repeated', answer: JSON.parse(known.answer) };
}

function remember(
  { database }: Writing,
  { session_no }: SessionHead,
  submission: Submission,
  answer: Extract<Admitted, { kind: 'repeated' }>['answer'],
): void {
  const { client_message_id } = submission;
  if (client_message_id === null) return;
  database
    .sql('INSERT INTO submissions (session_no, client_message_id, text_hash, answer) VALUES (?, ?, ?, ?)')
    .run(session_no, client_message_id, sameness(submission), JSON.stringify(answer));
}

function enqueue(
  writing: Writing,
  session: SessionHead,
  row: Row,
  submitted: Submitted,
  at: number,
): Admitted {
  const { user_message_id, client_message_id, text, attachments } = submitted;
  if (row.queue_length >= QUEUE_LENGTH_MAX) return { kind: 'queue_full' };
  if (writing.full) return FULL;
  const { session_no } = session;
  writing.database
    .sql(
      `INSERT INTO queue (session_no, message_id, client_message_id, text, attachments, queued_at)
        VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(session_no, user_message_id, client_message_id, text, listOf(attachments), at);
  nameIn(writing, session_no, user_message_id, attachments);
  writing.database
    .sql('UPDATE sessions SET queue_length = queue_length + 1, updated_at = ? WHERE session_no = ?')
    .run(at, session_no);
  const payload = {
    message_id: user_message_id,
    ...(client_message_id === null ? {} : { client_message_id }),
    text,
    ...(attachments.length === 0 ? {} : { attachments }),
  };
  writing.ledger.record(session, 'message_queued', JSON.stringify(payload), at);
  const position = row.queue_length + 1;
  remember(writing, session, submitted, { kind: 'queued', user_message_id, position });
  return { kind: 'queued', user_message_id, position, session: sessionRow(writing, session_no) };
}

export function retry(writing: Writing, { owner, admission, at }: Input<'retry'>): Admitted {
  const { database } = writing;
  const session = ownedSession(writing, owner, admission.session_id);
  if (!session) return NOT_FOUND;
  if (session.damaged) return DAMAGED;
  const row = rawSession(writing, session.session_no);
  if (row.active_stream_id !== null) return { kind: 'busy', active_stream_id: row.active_stream_id };
  const last: Row | undefined = database
    .sql(`SELECT * FROM messages WHERE session_no = ? AND role = 'user' ORDER BY message_no DESC LIMIT 1`)
    .get(session.session_no);
  if (!last) return { kind: 'no_message' };
  if (writing.full) return FULL;
  const earlier: Row | undefined = database
    .sql(`SELECT * FROM messages WHERE session_no = ? AND role = 'assistant' AND message_no > ?
      ORDER BY message_no DESC LIMIT 1`)
    .get(session.session_no, last.message_no);
  database
    .sql(`UPDATE messages SET superseded_by = ? WHERE session_no = ? AND role = 'assistant' AND message_no > ?
      AND superseded_by IS NULL`)
    .run(admission.stream_id, session.session_no, last.message_no);
  const { parts } = messageOf(last);
  const start_of = {
    ...admission,
    user_message_id: last.message_id as string,
    client_message_id: null,
    text: textOf(parts),
    attachments: attachmentsIn(parts),
    retry_of: earlier?.stream_id ?? null,
    again: true,
  };
  return start(writing, session, row, start_of, at);
}

/** The text parts of a message, as one text. */
export const textOf = (parts: Message['parts']): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

/** SE2: taking it from the queue and making its stream is this one write. */
export function follow(writing: Writing, { session_id, ids, at }: Input<'follow'>): Answer<'follow'> {
  const session = writing.ledger.session(session_id);
  if (!session) return NOT_FOUND;
  if (session.damaged) return DAMAGED;
  const row = rawSession(writing, session.session_no);
  if (row.active_stream_id !== null) return { kind: 'busy', active_stream_id: row.active_stream_id };
  if (row.queue_paused === 1) return { kind: 'none' };
  const next: Row | undefined = writing.database
    .sql('SELECT * FROM queue WHERE session_no = ? ORDER BY queue_no LIMIT 1')
    .get(session.session_no);
  if (!next) return { kind: 'none' };
  if (writing.full) return FULL;
  writing.database.sql('DELETE FROM queue WHERE queue_no = ?').run(next.queue_no);
  writing.database
    .sql('UPDATE sessions SET queue_length = queue_length - 1 WHERE session_no = ?')
    .run(session.session_no);
  const { message_id: user_message_id, client_message_id, text } = next;
  const attachments = listedIn(next);
  const start_of = { ...ids, user_message_id, client_message_id, text, attachments, again: false };
  return start(writing, session, row, start_of, at);
}

function start(writing: Writing, session: SessionHead, row: Row, run: Start, at: number): Started {
  const { database, ledger } = writing;
  const { session_no, session_id, owner } = session;
  const { stream_id, user_message_id, message_id, client_message_id, text, attachments } = run;
  database
    .sql(`INSERT INTO streams (stream_id, session_no, owner, agent, model, user_message_id, message_id, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(stream_id, session_no, owner, row.agent, row.model, user_message_id, message_id, at);
  if (!run.again) {
    const parts: Message['parts'] = [{ type: 'text', text }, ...attachments.map(attachmentPart)];
    addMessage(writing, session_no, {
      message_id: user_message_id,
      role: 'user',
      parts,
      stream_id,
      created_at: at,
    });
  }
  // A run is two messages from its birth: the answer's place in the transcript is fixed, whatever settles when.
  addMessage(writing, session_no, { message_id, role: 'assistant', parts: [], stream_id, created_at: at });
  if (row.title_source === 'none') setTitle(writing, session_no, guessTitle(text), 'guess');
  database
    .sql(`UPDATE sessions SET active_stream_id = ?, pending_user_message = ?, message_count = message_count + ?,
      updated_at = ? WHERE session_no = ?`)
    .run(stream_id, text, run.again ? 1 : 2, at, session_no);
  const payload = {
    message_id: user_message_id,
    stream_id,
    ...(client_message_id === null ? {} : { client_message_id }),
    text,
    ...(attachments.length === 0 ? {} : { attachments }),
    ...(run.retry_of ? { retry_of: run.retry_of } : {}),
  };
  ledger.record(session, 'user_message', JSON.stringify(payload), at);
  const stream = streamRow(writing, stream_id);
  return { kind: 'started', stream: { ...stream, session_id }, session: sessionRow(writing, session_no) };
}

/** A new last row of the transcript; found by search from here on. */
export function addMessage(
  writing: Writing,
  session_no: number,
  message: Pick<Message, 'message_id' | 'role' | 'parts' | 'created_at' | 'stream_id'> & Partial<Message>,
): void {
  const { database } = writing;
  const { message_id, role, parts, created_at, stream_id } = message;
  const { lastInsertRowid } = database
    .sql(`INSERT INTO messages (session_no, message_id, role, parts, created_at, stream_id, terminal_state,
      settled_at, usage) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      session_no,
      message_id,
      role,
      JSON.stringify(parts),
      created_at,
      stream_id,
      message.terminal_state ?? null,
      message.settled_at ?? null,
      message.usage ? JSON.stringify(message.usage) : null,
    );
  index(database, Number(lastInsertRowid), session_no, textOf(parts));
  nameIn(writing, session_no, message_id, attachmentsIn(parts));
}
