// What the server tells of sessions, messages and streams: the shapes of its answers.
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
  usage: z.required(usageSchema),
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
  stream_id: maybeText,
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

export const RUN_STATES = [
  'starting',
  'running',
  'waiting',
  'quiet',
  'draining',
  'stale',
  'settled',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** What the stream's actor says of itself: the `stream_state` event of a session feed; our addition. */
export const streamStateSchema = z.object({
  stream_id: text,
  state: z.enum(['active', 'draining', 'stale', 'settled']),
  run_state: z.enum(RUN_STATES),
  /** The machine's own path, such as `draining.describing`. */
  path: text,
  since: count,
  why: maybeText,
  try: z.optional(count),
  of: z.optional(count),
  epoch: count,
  head: count,
  outcome: z.nullable(z.enum(OUTCOMES)),
});
export type StreamState = z.infer<typeof streamStateSchema>;

/** One step of a run's actor, newest last; at most the last 64 are kept. */
export type Transition = { at: number; path: string; run_state: RunState; why: string | null };

export const streamStatusSchema = z.object({
  active: z.boolean(),
  stream_id: text,
  state: z.enum(['active', 'draining', 'stale', 'settled']),
  epoch: count,
  replay_available: z.boolean(),
  journal: z.object({
    session_id: text,
    run_id: text,
    last_seq: count,
    last_event_id: maybeText,
    last_event: maybeText,
    terminal: z.boolean(),
    terminal_state: z.nullable(z.enum(OUTCOMES)),
  }),
});
export type StreamStatus = z.infer<typeof streamStatusSchema>;
