// Frames: the events of one stream, as schemas. What an agent may say is a subset of what a stream may hold.
import * as z from 'zod/mini';

const text = z.string();
const count = z.int().check(z.nonnegative());

export const usageSchema = z.object({
  input_tokens: z.optional(count),
  output_tokens: z.optional(count),
  last_prompt_tokens: z.optional(count),
  context_length: z.optional(count),
  context_estimated: z.optional(z.boolean()),
  /** US dollars, as the agent was told; nobody told any: absent. */
  cost: z.optional(z.number().check(z.nonnegative(), z.maximum(Number.MAX_SAFE_INTEGER))),
});
export type Usage = z.infer<typeof usageSchema>;

/** Of figures that others told: as much as a schema, a database and a page can hold. */
export const sumOf = (one: number, other: number): number => Math.min(one + other, Number.MAX_SAFE_INTEGER);

/** What an agent may say while it runs. Sizes in bytes are checked by the writer (`cutFrame`). */
export const agentFrameSchemas = {
  token: z.object({ text }),
  reasoning: z.object({ text }),
  tool: z.object({ tid: text, name: text, preview: text, args: z.unknown() }),
  tool_update: z.looseObject({ tid: text, preview: z.optional(text), output: z.optional(text) }),
  tool_complete: z.object({
    tid: text,
    name: text,
    is_error: z.boolean(),
    result: z.unknown(),
    duration_ms: count,
    truncated: z.optional(z.boolean()),
    full_bytes: z.optional(count),
  }),
  plan: z.object({
    entries: z.array(z.object({ content: text, status: z.optional(text), priority: z.optional(text) })),
  }),
  metering: z.object({ usage: usageSchema }),
  warning: z.object({ type: text, message: text }),
};
export type AgentEvent = keyof typeof agentFrameSchemas;
export type AgentFrame = {
  [E in AgentEvent]: { event: E; data: z.infer<(typeof agentFrameSchemas)[E]> };
}[AgentEvent];

export const frameSchemas = {
  ...agentFrameSchemas,
  stream_started: z.object({ agent: text, model: z.optional(text), epoch: count }),
  stale: z.object({ reason: text, epoch: count }),
  resumed: z.object({ epoch: count }),
  done: z.object({ message_id: text, usage: z.optional(usageSchema) }),
  cancel: z.object({ message: text }),
  /** `reason`: why the run was interrupted, such as `restart` or `shutdown`. */
  apperror: z.object({ type: text, message: text, hint: z.optional(text), reason: z.optional(text) }),
  title_status: z.object({ status: text }),
  title: z.object({ title: text }),
  stream_end: z.object({ terminal_state: text }),
};
export type FrameEvent = keyof typeof frameSchemas;
export type FrameData<E extends FrameEvent = FrameEvent> = z.infer<(typeof frameSchemas)[E]>;
