// What the server tells of a transcript: messages, their parts, and what waits in the queue.
import * as z from 'zod/mini';
import { attachmentSchema } from './attachment.ts';
import { usageSchema } from './frames.ts';
import { PROMPT_ENDS, PROMPT_KINDS } from './prompts.ts';
import { OUTCOMES } from './terminal.ts';

/** The last ms that a Date can say. Source: ECMA-262, "Time Values and Time Range". */
export const TIME_MAX_MS = 8_640_000_000_000_000;

const text = z.string();
const count = z.int();
const time = z.int().check(z.minimum(0), z.maximum(TIME_MAX_MS));

export const partSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('reasoning'), text, started_at: count, ended_at: count }),
  z.object({
    type: z.literal('tool'),
    tid: text,
    name: text,
    preview: text,
    args: z.unknown(),
    status: z.enum(['running', 'completed', 'failed', 'interrupted']),
    output: z.optional(text),
    result: z.optional(z.unknown()),
    duration_ms: z.optional(count),
    truncated: z.optional(z.boolean()),
    full_bytes: z.optional(count),
    started_at: count,
  }),
  z.object({
    type: z.literal('plan'),
    entries: z.array(z.object({ content: text, status: z.optional(text), priority: z.optional(text) })),
  }),
  /** `media_type`: its `type`, which is this part's own word. */
  z.object({
    type: z.literal('attachment'),
    attachment_id: text,
    name: text,
    media_type: text,
    bytes: count,
  }),
  z.object({ type: z.literal('warning'), warning: text, message: text }),
  /** What the agent asked a person. Here is what says it; the whole entry is in the log. */
  z.object({
    type: z.literal('prompt'),
    kind: z.enum(PROMPT_KINDS),
    prompt_id: text,
    asked: z.union([z.object({ question: text }), z.object({ tool: text, command: z.optional(text) })]),
    asked_at: time,
    /** null: it is pending. The rest as `prompt_settled` told it. */
    how: z.nullable(z.enum(PROMPT_ENDS)),
    by: z.optional(text),
    reason: z.optional(text),
    answer: z.optional(z.unknown()),
    settled_at: z.optional(time),
  }),
  z.object({ type: z.literal('error'), error: text, message: text, hint: z.optional(text) }),
]);
export type Part = z.infer<typeof partSchema>;
export type ToolPart = Extract<Part, { type: 'tool' }>;
export type PromptPart = Extract<Part, { type: 'prompt' }>;

export const messageSchema = z.object({
  message_id: text,
  role: z.enum(['user', 'assistant']),
  parts: z.array(partSchema),
  created_at: count,
  stream_id: z.nullable(text),
  /** The last frame that this message has taken in; 0: none. */
  last_seq: count,
  terminal_state: z.nullable(z.enum(OUTCOMES)),
  /** When the run settled (ms); our addition. */
  settled_at: z.optional(count),
  /** Tokens of this run; our addition. */
  usage: z.optional(usageSchema),
  /** The stream that answered the same message again; our addition. */
  superseded_by: z.optional(text),
});
export type Message = z.infer<typeof messageSchema>;

export const queuedMessageSchema = z.object({
  message_id: text,
  text,
  position: count,
  queued_at: count,
  attachments: z.optional(z.array(attachmentSchema)),
});
export type QueuedMessage = z.infer<typeof queuedMessageSchema>;
