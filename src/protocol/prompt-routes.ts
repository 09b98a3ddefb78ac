// The routes of a prompt queue, for the table of all routes.
import * as z from 'zod/mini';
import { sessionIdSchema } from './commands.ts';
import { approvalRespondSchema, clarifyRespondSchema, type PromptKind, queueStateSchema } from './prompts.ts';
import type { Route } from './routes.ts';

const text = z.string();

/** Two queues, one set of routes. */
export const promptRoutes = (kind: PromptKind): Route[] => [
  {
    method: 'get',
    path: `/api/${kind}/stream`,
    summary: 'What is pending, pushed: initial, then each newer state',
    query: sessionIdSchema,
    answers: { 200: 'sse' },
  },
  {
    method: 'get',
    path: `/api/${kind}/pending`,
    summary: 'What is pending, asked for',
    query: sessionIdSchema,
    answers: { 200: z.omit(queueStateSchema(kind), { session_id: true }) },
  },
  {
    method: 'post',
    path: `/api/${kind}/respond`,
    summary: 'Answer a prompt by its id; of several answers one wins',
    body: kind === 'clarify' ? clarifyRespondSchema : approvalRespondSchema,
    answers: {
      200: z.object({
        ok: z.literal(true),
        [kind === 'clarify' ? 'clarify_id' : 'approval_id']: text,
        answered_by: text,
      }),
    },
  },
];
