// A session out of a file: a `jsonl` export of ours, folded again by the one fold, or a transcript. Nothing is half taken.
import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { ImportedMessage } from '../journal/port.ts';
import {
  type Answer,
  type Attachment,
  answeredStream,
  attachmentPart,
  badField,
  createSessionSchema,
  emptyAnswer,
  foldRecord,
  frameSchemas,
  IMPORT_BYTES_MAX,
  IMPORT_MESSAGES_MAX,
  IMPORTS_AT_ONCE_MAX,
  messageSchema,
  type Part,
  parseCommand,
  partSchema,
  type RecordEvent,
  Rejection,
  recordSchemas,
  type Session,
  TIME_MAX_MS,
} from '../protocol/index.ts';
import { decodeText, readBytes, refuseLarge, requireType } from './body.ts';
import type { Parts } from './context.ts';
import { parseJson } from './json-text.ts';
import { createTurns } from './turns.ts';

const timeSchema = z.int().check(z.minimum(0), z.maximum(TIME_MAX_MS));
/** An export says more of a message: ids and places, which are new here. */
const importedMessageSchema = z.object({
  role: messageSchema.shape.role,
  parts: z.array(partSchema),
  created_at: z.optional(timeSchema),
  terminal_state: z.optional(messageSchema.shape.terminal_state),
  settled_at: z.optional(timeSchema),
  usage: messageSchema.shape.usage,
});
const transcriptSchema = z.strictObject({
  session: z.optional(z.looseObject({})),
  messages: z.array(importedMessageSchema),
});
const headerSchema = z.strictObject({ weir_export: z.literal(1), session: z.looseObject({}) });
const lineSchema = z.object({ pos: z.int(), event: z.string(), data: z.looseObject({ at: timeSchema }) });
/** What an export says of runs whose records are no more. */
const snapshotSchema = z.object({
  pos: z.int(),
  event: z.literal('snapshot'),
  data: z.object({ messages: z.array(z.extend(importedMessageSchema, { created_at: timeSchema })) }),
});
const frameSchema = z.looseObject({ stream_id: z.string(), seq: z.int().check(z.positive()) });

const LINES_PER_TURN_MAX = 1_000;

type Imported = {
  session: Record<string, unknown>;
  messages: ImportedMessage[];
};

/** An answer while its log is read, and the message that it becomes. */
type Answered = { answer: Answer; message: ImportedMessage };

export type Importer = (owner: string, request: IncomingMessage) => Promise<Session>;

export function createImporter(parts: Parts): Importer {
  // P10: a body is in memory several times over until it is a session.
  const inTurn = createTurns(IMPORTS_AT_ONCE_MAX);
  return async (owner, request) => {
    requireType(request, 'application/json', 'application/x-ndjson', 'application/jsonl', 'text/plain');
    refuseLarge(request, IMPORT_BYTES_MAX);
    return inTurn(() => takeIn(parts, owner, request));
  };
}

async function takeIn(parts: Parts, owner: string, request: IncomingMessage): Promise<Session> {
  const text = decodeText(await readBytes(request, IMPORT_BYTES_MAX, parts.pace)).trim();
  if (text === '') throw badField('body', 'is missing');
  const isLog = /^\{\s*"weir_export"/.test(text);
  const imported = isLog ? await fromLog(text) : fromTranscript(text, parts.clock.now());
  return parts.sessions.importSession(owner, sessionFields(imported.session), imported.messages);
}

function refuseLength(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length <= IMPORT_MESSAGES_MAX) return;
  throw new Rejection('too_large', `One import holds at most ${IMPORT_MESSAGES_MAX} messages.`, {
    messages_max: IMPORT_MESSAGES_MAX,
  });
}

/** Of a session's fields those that a new session takes. The rest is what the log knows better. */
function sessionFields(session: Record<string, unknown>) {
  const { title, model, cwd, is_cli_session, source_tag, session_source, source_label } = session;
  const given = { title, model, cwd, is_cli_session, source_tag, session_source, source_label };
  const known = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
  return parseCommand(createSessionSchema, known, 'session');
}

function fromTranscript(text: string, now: number): Imported {
  const value = parseJson(text);
  refuseLength((value as { messages?: unknown } | null)?.messages);
  const { session = {}, messages } = parseCommand(transcriptSchema, value, 'body');
  return {
    session,
    messages: messages.map((message) => ({ ...message, created_at: message.created_at ?? now })),
  };
}

async function fromLog(text: string): Promise<Imported> {
  const messages: Imported['messages'] = [];
  const answers = new Map<string, Answered>();
  let session: Imported['session'] = {};
  let count = 0;
  for (const { line, where } of linesOf(text)) {
    // Everybody else gets a turn: a log may have a million lines.
    if (++count % LINES_PER_TURN_MAX === 0) await nextTurn();
    if (where === 'line 1') {
      session = parseCommand(headerSchema, parseJson(line, where), where).session;
      continue;
    }
    const value = parseJson(line, where);
    if ((value as { event?: unknown } | null)?.event === 'snapshot') {
      for (const message of parseCommand(snapshotSchema, value, where).data.messages) messages.push(message);
      refuseLength(messages);
      continue;
    }
    const { event, data } = parseCommand(lineSchema, value, where);
    checkRecord(event, data, where);
    if (event === 'user_message') {
      addTurn(messages, answers, data);
      refuseLength(messages);
    } else {
      const answered = answers.get(String(answeredStream({ event, data })));
      if (answered) foldRecord(answered.answer, { event, data });
    }
  }
  for (const { answer, message } of answers.values()) Object.assign(message, outcomeOf(answer));
  return { session, messages };
}

/** The lines that are not blank, one by one: a body may be nothing but line ends, and there is no list of those. */
function* linesOf(text: string): Generator<{ line: string; where: string }> {
  for (let from = 0, number = 1; from < text.length; number += 1) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    const line = to > from ? text.slice(from, to) : '';
    if (line.trim() !== '') yield { line, where: `line ${number}` };
    from = to + 1;
  }
}

/** What the fold is given must be what a log of ours would hold. Events that we don't know, it leaves alone. */
function checkRecord(event: string, data: unknown, where: string): void {
  if (!Object.hasOwn(recordSchemas, event)) return;
  parseCommand<unknown>(recordSchemas[event as RecordEvent], data, where);
  if (Object.hasOwn(frameSchemas, event)) parseCommand(frameSchema, data, where);
}

function addTurn(
  messages: Imported['messages'],
  answers: Map<string, Answered>,
  data: Record<string, unknown> & { at: number },
): void {
  if (data.retry_of === undefined) {
    const attached = (data.attachments ?? []) as Attachment[];
    const parts: Part[] = [{ type: 'text', text: String(data.text) }, ...attached.map(attachmentPart)];
    messages.push({ role: 'user', parts, created_at: data.at });
  }
  const message: ImportedMessage = { role: 'assistant', parts: [], created_at: data.at };
  answers.set(String(data.stream_id), { answer: emptyAnswer(), message });
  messages.push(message);
}

/** What a log came to: a run that it does not see the end of has no outcome. */
const outcomeOf = ({ parts, terminal_state, settled_at, usage }: Answer): Partial<ImportedMessage> => ({
  parts,
  terminal_state,
  ...(settled_at === null ? {} : { settled_at }),
  ...(Object.keys(usage).length === 0 ? {} : { usage }),
});
