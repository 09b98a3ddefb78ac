// Copies of a session: as a file, out of a file, and as a fork. What comes of them is a session like any other; knows no view.
import { IMPORT_BYTES_MAX } from '../protocol/limits.ts';
import type { Message, Session } from '../protocol/views.ts';
import { ApiError, oneSchema, request, sentenceOf } from './api.ts';
import { openSession } from './open-session.ts';
import { plainText } from './renderer/plain.ts';
import { enDialogs } from './text/en-dialogs.ts';

/** A long file is read record by record before the server answers. */
const IMPORT_ANSWER_MS = 120_000;
const MIB = 1024 * 1024;

const pathOf = (session_id: string, rest: string): string =>
  `/api/sessions/${encodeURIComponent(session_id)}/${rest}`;

export const exportPath = (session_id: string, format: string): string =>
  pathOf(session_id, `export?format=${format}`);

/** What a recording begins with: `RECORDING_FORMAT`, without the schemas that stand beside it. */
const RECORDING = /^\s*\{\s*"format"\s*:\s*"weir-recording"/;
/** As much of a file as tells a recording. */
const HEAD_BYTES = 200;
/** A name in a file may be as long as the file. */
const REASON_LENGTH_MAX = 300;

/** Whether a file is a log or a transcript the server sees by itself. @throws ApiError */
export async function importFile(file: File): Promise<Session> {
  // A refusal that comes in the middle of a body is no answer to a browser.
  if (file.size > IMPORT_BYTES_MAX)
    throw new ApiError('too_large', 413, enDialogs.importTooLarge(`${IMPORT_BYTES_MAX / MIB} MiB`));
  if (RECORDING.test(await file.slice(0, HEAD_BYTES).text()))
    throw new ApiError('recording', 0, enDialogs.importRecording);
  const answer = await request(oneSchema, {
    method: 'POST',
    path: '/api/sessions/import',
    body: file,
    headers: { 'Content-Type': 'text/plain' },
    answer_ms: IMPORT_ANSWER_MS,
  });
  return answer.session;
}

/** Why a file could not be imported, for who chose it; what is wrong with its fields, in the server's words. */
export function refusalOf({ name }: File, error: unknown): string {
  if (!(error instanceof ApiError) || error.code !== 'bad_request')
    return enDialogs.importFailed(name, sentenceOf(error));
  const { field } = error.data;
  const line = typeof field === 'string' ? /^line \d+/.exec(field) : null;
  return enDialogs.importRefused(
    name,
    line?.[0] ?? null,
    plainText(error.message).slice(0, REASON_LENGTH_MAX),
  );
}

/** The server's id of a message. An answer that began before this tab's eyes has none here until it is loaded again. */
async function idOf(session_id: string, { message_id, stream_id, role }: Message): Promise<string> {
  if (message_id !== '') return message_id;
  const { messages } = await openSession(session_id);
  const known = messages.findLast((one) => one.role === role && one.stream_id === stream_id);
  return known?.message_id ?? message_id;
}

/** A new session with everything up to this message. @throws ApiError */
export async function forkAt(session_id: string, message: Message): Promise<Session> {
  const body = { upto_message_id: await idOf(session_id, message) };
  return (await request(oneSchema, { method: 'POST', path: pathOf(session_id, 'fork'), body })).session;
}
