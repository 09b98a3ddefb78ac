// Prompts: what an agent asks a person. Clarify and approval are one life with two payloads. These shapes carry ACP's
// elicitation/create (flat JSON Schema forms) and session/request_permission (options with kinds) without loss.
import * as z from 'zod/mini';
import { idSchema } from './ids.ts';
import { LABEL_LENGTH_MAX, PATH_LENGTH_MAX } from './limits.ts';

export const PROMPT_KINDS = ['clarify', 'approval'] as const;
export type PromptKind = (typeof PROMPT_KINDS)[number];

/** pending → one of these, once (CQ5). */
export const PROMPT_ENDS = ['answered', 'declined', 'expired', 'cancelled', 'superseded'] as const;
export type PromptEndKind = (typeof PROMPT_ENDS)[number];

export const OPTION_KINDS = [
  'allow_once',
  'allow_session',
  'allow_always',
  'reject_once',
  'reject_always',
] as const;
export type OptionKind = (typeof OPTION_KINDS)[number];

export const CHOICES_MAX = 50;
export const CHOICE_LENGTH_MAX = 2_000;
export const QUESTION_LENGTH_MAX = 16_384;
export const RESPONSE_LENGTH_MAX = 65_536;
/** All that is asked at once, as JSON: every tab is sent it whole with every change of its queue. */
export const PROMPT_BYTES_MAX = 256 * 1024;
/** What a prompt waits when neither its asker nor the settings say otherwise. */
export const PROMPT_TIMEOUT_SECONDS = 3600;
export const TIMEOUT_SECONDS_MAX = 30 * 24 * 3600;

const text = z.string();
const count = z.int();
const question = text.check(z.minLength(1), z.maxLength(QUESTION_LENGTH_MAX));
const choices = z
  .array(text.check(z.minLength(1), z.maxLength(CHOICE_LENGTH_MAX)))
  .check(z.maxLength(CHOICES_MAX));
const timeout = z.int().check(z.nonnegative(), z.maximum(TIMEOUT_SECONDS_MAX));

export const approvalOptionSchema = z.strictObject({
  option_id: text.check(z.minLength(1), z.maxLength(LABEL_LENGTH_MAX)),
  name: text.check(z.minLength(1), z.maxLength(CHOICE_LENGTH_MAX)),
  kind: z.enum(OPTION_KINDS),
});
export type ApprovalOption = z.infer<typeof approvalOptionSchema>;

/** What an agent asks. `timeout_seconds`: 0 = no end; absent = the setting. */
export const clarifyAskSchema = z.strictObject({
  question,
  choices_offered: z.optional(choices),
  multiple: z.optional(z.boolean()),
  requested_schema: z.optional(z.looseObject({})),
  tool_call_id: z.optional(text),
  timeout_seconds: z.optional(timeout),
});
export type ClarifyAsk = z.infer<typeof clarifyAskSchema>;

export const approvalAskSchema = z.strictObject({
  tool: text.check(z.minLength(1), z.maxLength(LABEL_LENGTH_MAX)),
  command: z.optional(text),
  description: text.check(z.maxLength(QUESTION_LENGTH_MAX)),
  args: z.unknown(),
  cwd: z.optional(text.check(z.maxLength(PATH_LENGTH_MAX))),
  options: z.optional(z.array(approvalOptionSchema).check(z.minLength(1), z.maxLength(CHOICES_MAX))),
  tool_call_id: z.optional(text),
  timeout_seconds: z.optional(timeout),
});
export type ApprovalAsk = z.infer<typeof approvalAskSchema>;

const common = {
  session_id: text,
  stream_id: text,
  tool_call_id: z.optional(text),
  requested_at: count,
  timeout_seconds: count,
  /** ms; null: it does not end by itself */
  expires_at: z.nullable(count),
};
export const clarifyEntrySchema = z.object({
  clarify_id: text,
  ...common,
  question: text,
  choices_offered: z.array(text),
  multiple: z.boolean(),
  requested_schema: z.optional(z.looseObject({})),
});
export type ClarifyEntry = z.infer<typeof clarifyEntrySchema>;

export const approvalEntrySchema = z.object({
  approval_id: text,
  ...common,
  tool: text,
  command: z.optional(text),
  description: text,
  args: z.unknown(),
  cwd: z.optional(text),
  options: z.array(approvalOptionSchema),
});
export type ApprovalEntry = z.infer<typeof approvalEntrySchema>;
export type PromptEntry = ClarifyEntry | ApprovalEntry;

export const promptId = (entry: PromptEntry): string =>
  'clarify_id' in entry ? entry.clarify_id : entry.approval_id;

/** CQ1: what is pushed is what is pending. `version`: the session's pos of the record that last changed the queue. */
export const queueStateSchema = (kind: PromptKind) =>
  z.object({
    session_id: text,
    pending: z.nullable(kind === 'clarify' ? clarifyEntrySchema : approvalEntrySchema),
    pending_count: count,
    version: count,
  });
export interface QueueState {
  session_id: string;
  /** the oldest pending entry */
  pending: PromptEntry | null;
  pending_count: number;
  version: number;
}

/** The four grants of the wire, and the option kind that each chooses. */
export const CHOICE_KINDS = {
  once: 'allow_once',
  session: 'allow_session',
  always: 'allow_always',
  deny: 'reject_once',
} as const satisfies Record<string, OptionKind>;
export type Grant = keyof typeof CHOICE_KINDS;

export const clarifyRespondSchema = z.strictObject({
  session_id: idSchema,
  clarify_id: idSchema,
  response: z.optional(text.check(z.maxLength(RESPONSE_LENGTH_MAX))),
  choices: z.optional(choices),
  content: z.optional(z.looseObject({})),
  action: z.optional(z.literal('decline')),
});
export type ClarifyRespond = z.infer<typeof clarifyRespondSchema>;

export const approvalRespondSchema = z.strictObject({
  session_id: idSchema,
  approval_id: idSchema,
  choice: z.optional(z.enum(['once', 'session', 'always', 'deny'])),
  option_id: z.optional(text.check(z.maxLength(LABEL_LENGTH_MAX))),
  feedback: z.optional(text.check(z.maxLength(RESPONSE_LENGTH_MAX))),
});
export type ApprovalRespond = z.infer<typeof approvalRespondSchema>;

/** What a person said. `clarify`: one of response, choices, content; `approval`: the option. */
export interface ClarifyAnswer {
  response?: string;
  choices?: string[];
  content?: Record<string, unknown>;
}
export interface ApprovalAnswer {
  option_id: string;
  option_kind: OptionKind;
  feedback?: string;
}

/** What a person said, as one text; null: nothing that can be shown. `answer`: of a `prompt_settled`, or of a part. */
export function answerText(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { response, choices, content, feedback } = answer as Record<string, unknown>;
  if (typeof response === 'string') return response;
  if (Array.isArray(choices)) return choices.join(', ');
  if (typeof content === 'object' && content !== null)
    return Object.entries(content)
      .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' · ');
  return typeof feedback === 'string' && feedback !== '' ? feedback : null;
}

/**
 * What the agent hears, once (CQ5). `expired` and `cancelled` carry no answer; `too_many` and `refused` were never asked:
 * too many were pending, and what was asked is over a bound that `reason` names.
 */
export type PromptEnd<A> =
  | { kind: 'answered'; answer: A; by: string }
  | { kind: 'declined'; by: string }
  | { kind: 'expired' }
  | { kind: 'cancelled' }
  | { kind: 'too_many' }
  | { kind: 'refused'; reason: string };

export const ruleSchema = z.object({
  rule_id: text,
  scope: z.enum(['session', 'always']),
  session_id: z.nullable(text),
  tool: text,
  command: z.nullable(text),
  cwd: z.nullable(text),
  effect: z.enum(['allow', 'reject']),
  created_at: count,
});
/** What `session` and `always` have settled beforehand (CQ11): one exact call of one tool. */
export type Rule = z.infer<typeof ruleSchema>;
