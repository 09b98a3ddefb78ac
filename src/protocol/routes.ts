// The routes as a table: what each takes and answers. The OpenAPI file and its check are made from it.
import * as z from 'zod/mini';
import { attachmentSchema } from './attachment.ts';
import { uploadSchema } from './attachments.ts';
import { boardSchema } from './board.ts';
import {
  boardFeedSchema,
  chatCancelSchema,
  chatRetrySchema,
  chatStartSchema,
  createSessionSchema,
  editQueuedSchema,
  exportSchema,
  forkSchema,
  getSessionSchema,
  listSessionsSchema,
  loginSchema,
  patchSessionSchema,
  runFramesQuerySchema,
  sessionFeedSchema,
  streamFeedSchema,
  streamIdSchema,
} from './commands.ts';
import { messageSchema, queuedMessageSchema } from './messages.ts';
import { noticeRoutes } from './notice-routes.ts';
import { promptRoutes } from './prompt-routes.ts';
import { PROMPT_KINDS, ruleSchema } from './prompts.ts';
import { receiptSchema } from './receipt.ts';
import { runFramesSchema } from './run-frames.ts';
import { streamStatusSchema } from './runs.ts';
import { storageSchema } from './storage.ts';
import { sessionSchema } from './views.ts';

export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  summary: string;
  query?: z.ZodMiniType;
  body?: z.ZodMiniType;
  /** by status; null: no body; 'sse': an event stream; 'file': bytes */
  answers: Record<number, z.ZodMiniType | 'sse' | 'file' | null>;
}

const text = z.string();
const session = z.object({ session: sessionSchema });
const queue = z.object({ queue: z.array(queuedMessageSchema) });
const started = z.object({ stream_id: text, session_id: text, message_id: text, title: text });
const queued = z.object({ queued: z.literal(true), message_id: text, position: z.int() });
const ok = z.object({ ok: z.literal(true) });
const streamState = streamStatusSchema.shape.state;

export const ROUTES: Route[] = [
  {
    method: 'post',
    path: '/api/sessions',
    summary: 'Make a session',
    body: createSessionSchema,
    answers: { 201: session },
  },
  {
    method: 'get',
    path: '/api/sessions',
    summary: 'List sessions, newest first; q searches',
    query: listSessionsSchema,
    answers: { 200: z.object({ sessions: z.array(sessionSchema), next: z.optional(text) }) },
  },
  {
    method: 'get',
    path: '/api/session',
    summary: 'One session with its messages, complete up to transcript_pos',
    query: getSessionSchema,
    answers: {
      200: z.object({
        session: z.extend(sessionSchema, {
          messages: z.optional(z.array(messageSchema)),
          transcript_pos: z.optional(z.int()),
          has_more: z.optional(z.boolean()),
          head: z.int(),
        }),
      }),
    },
  },
  {
    method: 'patch',
    path: '/api/sessions/{id}',
    summary: 'Rename, pin, archive, pause the queue',
    body: patchSessionSchema,
    answers: { 200: session },
  },
  {
    method: 'delete',
    path: '/api/sessions/{id}',
    summary: 'Stop its run, then remove every trace',
    answers: { 204: null },
  },
  {
    method: 'get',
    path: '/api/sessions/{id}/events',
    summary: 'The session feed',
    query: sessionFeedSchema,
    answers: { 200: 'sse' },
  },
  {
    method: 'get',
    path: '/api/sessions/{id}/export',
    summary: 'Transcript or log as a file',
    query: exportSchema,
    answers: { 200: 'file' },
  },
  {
    method: 'post',
    path: '/api/sessions/import',
    summary: 'A session from an export or a transcript',
    answers: { 201: session },
  },
  {
    method: 'post',
    path: '/api/sessions/{id}/fork',
    summary: 'A new session up to a message',
    body: forkSchema,
    answers: { 201: session },
  },
  {
    method: 'get',
    path: '/api/sessions/{id}/queue',
    summary: 'The follow-ups that wait',
    answers: { 200: queue },
  },
  {
    method: 'patch',
    path: '/api/sessions/{id}/queue/{message_id}',
    summary: 'Edit a follow-up',
    body: editQueuedSchema,
    answers: { 200: queue },
  },
  {
    method: 'delete',
    path: '/api/sessions/{id}/queue/{message_id}',
    summary: 'Withdraw a follow-up',
    answers: { 204: null },
  },
  {
    method: 'post',
    path: '/api/chat/start',
    summary: 'Start a run, or queue its message',
    body: chatStartSchema,
    answers: { 200: started, 202: queued },
  },
  {
    method: 'post',
    path: '/api/chat/retry',
    summary: 'Answer the last user message again',
    body: chatRetrySchema,
    answers: { 200: started },
  },
  {
    method: 'get',
    path: '/api/chat/stream',
    summary: 'The frames of one stream',
    query: streamFeedSchema,
    answers: { 200: 'sse', 204: null },
  },
  {
    method: 'get',
    path: '/api/chat/stream/status',
    summary: 'What a stream is at',
    query: streamIdSchema,
    answers: { 200: streamStatusSchema },
  },
  {
    method: 'get',
    path: '/api/chat/receipt',
    summary: 'The steps that led a run to where it is, or to its end',
    query: streamIdSchema,
    answers: { 200: receiptSchema },
  },
  {
    method: 'get',
    path: '/api/chat/log',
    summary: 'A page of the frames of a run',
    query: runFramesQuerySchema,
    answers: { 200: runFramesSchema },
  },
  {
    method: 'get',
    path: '/api/chat/export',
    summary: 'A run as a recording: its records and its steps',
    query: streamIdSchema,
    answers: { 200: 'file' },
  },
  {
    method: 'post',
    path: '/api/chat/cancel',
    summary: 'Stop a run; durable, asking twice is the same as once',
    body: chatCancelSchema,
    answers: {
      200: z.object({ ok: z.literal(true), cancelled: z.boolean(), stream_id: text, state: streamState }),
    },
  },
  ...PROMPT_KINDS.flatMap(promptRoutes),
  {
    method: 'get',
    path: '/api/approval/rules',
    summary: 'What answers have settled beforehand',
    answers: { 200: z.object({ rules: z.array(ruleSchema) }) },
  },
  {
    method: 'delete',
    path: '/api/approval/rules/{id}',
    summary: 'Withdraw a rule',
    answers: { 204: null },
  },
  {
    method: 'post',
    path: '/api/attachments',
    summary: 'Upload one file; the body is the file, its type the Content-Type',
    query: uploadSchema,
    answers: { 201: attachmentSchema },
  },
  {
    method: 'get',
    path: '/api/attachments/{id}',
    summary: 'The file again',
    answers: { 200: 'file' },
  },
  {
    method: 'get',
    path: '/api/live',
    summary: 'The feeds of the named sessions and the board in one stream',
    query: z.object({
      session: z.optional(z.array(text)),
      board: z.optional(text),
    }),
    answers: { 200: 'sse' },
  },
  {
    method: 'get',
    path: '/api/events',
    summary: 'The board: a snapshot, then what changes',
    query: boardFeedSchema,
    answers: { 200: 'sse' },
  },
  {
    method: 'get',
    path: '/api/board',
    summary: 'The board, asked for',
    answers: { 200: boardSchema },
  },
  {
    method: 'get',
    path: '/api/storage',
    summary: 'How much room what is kept takes, and the bounds of retention',
    answers: { 200: storageSchema },
  },
  {
    method: 'post',
    path: '/api/storage/compact',
    summary: 'Give free room back to the disk',
    answers: { 200: storageSchema },
  },
  ...noticeRoutes,
  {
    method: 'get',
    path: '/health',
    summary: 'Whether it lives; deep=1 adds counts',
    answers: { 200: z.looseObject({ ok: z.boolean() }) },
  },
  { method: 'get', path: '/metrics', summary: 'Prometheus text', answers: { 200: 'file' } },
  {
    method: 'get',
    path: '/api/agents',
    summary: 'What can be run, and whether it can now',
    answers: {
      200: z.object({
        default: text,
        agents: z.array(
          z.object({
            agent: text,
            title: text,
            note: text,
            is_demo: z.boolean(),
            available: z.boolean(),
            reason: z.optional(text),
            model: z.optional(text),
          }),
        ),
      }),
    },
  },
  {
    method: 'post',
    path: '/api/login',
    summary: 'A cookie for the password',
    body: loginSchema,
    answers: { 200: ok },
  },
  { method: 'post', path: '/api/logout', summary: 'Ends this login and its streams', answers: { 200: ok } },
];
