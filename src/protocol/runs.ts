// What the server tells of a run: its state, the way to it, and where its log stands.
import * as z from 'zod/mini';
import { OUTCOMES } from './terminal.ts';

const text = z.string();
const count = z.int();
const maybeText = z.nullable(text);

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

/** One step of a run's actor. `try`, `of`: which attempt of how many, where it tries. */
export const transitionSchema = z.object({
  at: count,
  path: text,
  run_state: z.enum(RUN_STATES),
  why: maybeText,
  try: z.optional(count),
  of: z.optional(count),
});
export type Transition = z.infer<typeof transitionSchema>;

/** `at`: when it came to this state, or to this try. */
export const stepOf = (state: StreamState, at: number): Transition => ({
  at,
  path: state.path,
  run_state: state.run_state,
  why: state.why,
  ...(state.try !== undefined && { try: state.try, of: state.of }),
});

/** How many of its latest steps a run keeps: for those who watch it, and for its receipt. */
export const TRANSITIONS_MAX = 64;

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
