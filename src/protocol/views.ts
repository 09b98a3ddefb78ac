// What the server tells of sessions: the shape of its answers. Messages and runs, which a page needs with the first session that
// it opens, are told in files of their own; their types are had from here, too.
import * as z from 'zod/mini';
import { asksSchema } from './asks.ts';
import { usageSchema } from './frames.ts';
import { OUTCOMES } from './terminal.ts';

export type { Message, Part, PromptPart, QueuedMessage, ToolPart } from './messages.ts';
export type { RunState, StreamState, Transition } from './runs.ts';

const text = z.string();
const count = z.int();
const maybeText = z.nullable(text);

export const RELATIONS = ['continuation', 'fork', 'child'] as const;
export type Relation = (typeof RELATIONS)[number];

export const sessionSchema = z.object({
  session_id: text,
  title: text,
  agent: text,
  model: maybeText,
  cwd: maybeText,
  state: z.enum(['idle', 'running', 'waiting', 'stale']),
  created_at: count,
  updated_at: count,
  message_count: count,
  active_stream_id: maybeText,
  /** The text of the message that the active stream answers, until it settles. */
  pending_user_message: maybeText,
  queue_length: count,
  queue_paused: z.boolean(),
  pinned: z.boolean(),
  archived: z.boolean(),
  waiting: z.object({ clarify: count, approval: count }),
  /** The oldest pending prompt, in one line; absent: none is. Our addition. */
  asks: z.optional(asksSchema),
  usage: z.required(usageSchema, {
    input_tokens: true,
    output_tokens: true,
    last_prompt_tokens: true,
    context_length: true,
    context_estimated: true,
  }),
  parent_session_id: maybeText,
  relation: z.nullable(z.enum(RELATIONS)),
  lineage_root_id: text,
  is_cli_session: z.boolean(),
  source_tag: maybeText,
  session_source: maybeText,
  source_label: maybeText,
  /** How the newest settled run ended; our addition. */
  last_outcome: z.nullable(z.enum(OUTCOMES)),
  /** Set when a record of this session failed its checksum: the session is read-only; our addition. */
  damaged: z.optional(z.object({ pos: count, reason: text })),
});
/** The compact session of the wire. */
export type Session = z.infer<typeof sessionSchema>;
