// What the line says of one session, read: records of the log, and the states that go with them. Knows no connection and no
// state of the page.
import * as z from 'zod/mini';
import { queuedMessageSchema } from '../protocol/messages.ts';
import type { PromptKind } from '../protocol/prompts.ts';
import { streamStateSchema, transitionSchema } from '../protocol/runs.ts';
import { sessionSchema } from '../protocol/views.ts';
import type { Heard } from './line/said.ts';

/** One record of the log, frames included. */
export interface FeedRecord {
  pos: number;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: one shape per event; the log holds only what its writer checked
  data: any;
}

const text = z.string();
const activeSchema = z.extend(streamStateSchema, {
  user_message_id: z.optional(z.nullable(text)),
  message_id: text,
  started_at: z.int(),
  transitions: z.array(transitionSchema),
});
const snapshotSchema = z.object({
  session: sessionSchema,
  active_stream: z.nullable(activeSchema),
  queue: z.optional(z.array(queuedMessageSchema)),
  /** queue states, for the desk to check */
  clarify: z.optional(z.unknown()),
  approval: z.optional(z.unknown()),
  head: z.int(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

type StreamStateEvent = z.infer<typeof streamStateSchema>;

export interface FeedListener {
  record(record: FeedRecord): void;
  snapshot(snapshot: Snapshot): void;
  streamState(state: StreamStateEvent): void;
  /** The state of a queue, unchecked. */
  prompts(kind: PromptKind, state: unknown): void;
  /** `reason`: why the cursor was none. */
  reset(reason: string): void;
  /** There is no such session, or not any more. */
  gone(): void;
}

function parsed<T>(schema: z.ZodMiniType<T>, json: string): T | null {
  try {
    const result = z.safeParse(schema, JSON.parse(json));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

/** Reads what the line says of one session. What it does not know of is passed over. */
export function readFeed({ event, pos, data }: Heard, listener: FeedListener): void {
  if (pos !== null) {
    listener.record({ pos, event, data: JSON.parse(data) });
    return;
  }
  switch (event) {
    case 'snapshot': {
      const snapshot = parsed(snapshotSchema, data);
      if (snapshot) listener.snapshot(snapshot);
      break;
    }
    case 'stream_state': {
      const state = parsed(streamStateSchema, data);
      if (state) listener.streamState(state);
      break;
    }
    case 'clarify':
    case 'approval':
      listener.prompts(event, JSON.parse(data));
      break;
    case 'reset':
      listener.reset(JSON.parse(data).reason);
      break;
    case 'gone':
      listener.gone();
  }
}
