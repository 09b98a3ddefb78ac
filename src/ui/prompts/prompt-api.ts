// The routes of prompts and rules, typed. Knows no card.
import * as z from 'zod/mini';
import type { PromptReply } from '../../machines/prompt-feed.machine.ts';
import {
  PROMPT_ENDS,
  type PromptEndKind,
  type PromptKind,
  type QueueState,
  queueStateSchema,
  ruleSchema,
} from '../../protocol/prompts.ts';
import { ApiError, request } from '../api.ts';

const answeredSchema = z.object({ answered_by: z.string() });
const rulesSchema = z.object({ rules: z.array(ruleSchema) });
const staleSchema = z.object({
  how: z.optional(z.enum(PROMPT_ENDS)),
  answered_by: z.optional(z.string()),
});
const pendingSchemas = {
  clarify: z.omit(queueStateSchema('clarify'), { session_id: true }),
  approval: z.omit(queueStateSchema('approval'), { session_id: true }),
};

/** What became of an answer; `failed`: nobody knows, or it was not taken. */
export type Responded =
  | { type: 'accepted'; by: string }
  | { type: 'stale'; how: PromptEndKind | null; by: string | null }
  | { type: 'failed'; error: string };

export async function pendingPrompts(
  kind: PromptKind,
  session_id: string,
  signal: AbortSignal,
): Promise<QueueState> {
  const path = `/api/${kind}/pending?session_id=${encodeURIComponent(session_id)}`;
  const answer = await request(pendingSchemas[kind] as z.ZodMiniType<Omit<QueueState, 'session_id'>>, {
    method: 'GET',
    path,
    signal,
  });
  return { ...answer, session_id };
}

/** Posts an answer. Never throws: an end is one of three. */
export async function respond(
  kind: PromptKind,
  of: { session_id: string; prompt_id: string; client: string },
  reply: PromptReply,
): Promise<Responded> {
  const { session_id, prompt_id, client } = of;
  try {
    const { answered_by } = await request(answeredSchema, {
      method: 'POST',
      path: `/api/${kind}/respond`,
      body: { session_id, [`${kind}_id`]: prompt_id, ...reply },
      headers: { 'Weir-Client': client },
    });
    return { type: 'accepted', by: answered_by };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const stale = z.safeParse(staleSchema, error.data);
    // `held`: its run has no owner at the moment. It still waits, and may be answered later.
    if (error.code === 'prompt_stale' && stale.success)
      return { type: 'stale', how: stale.data.how ?? null, by: stale.data.answered_by ?? null };
    return { type: 'failed', error: error.message };
  }
}

export const listRules = async () =>
  (await request(rulesSchema, { method: 'GET', path: '/api/approval/rules' })).rules;

export const withdrawRule = (rule_id: string) =>
  request(z.unknown(), { method: 'DELETE', path: `/api/approval/rules/${encodeURIComponent(rule_id)}` });
