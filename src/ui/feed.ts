// The session feed as an EventSource gives it. It opens, tells and closes; it never reconnects by itself: that is the
// line machine's to decide. Knows no state of the page.
import * as z from 'zod/mini';
import type { PromptKind } from '../protocol/prompts.ts';
import { queuedMessageSchema, RUN_STATES, sessionSchema, streamStateSchema } from '../protocol/views.ts';
import { FRAME_NAMES, SESSION_RECORD_NAMES } from './record-names.ts';

/** One record of the log, frames included. */
export interface FeedRecord {
  pos: number;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: one shape per event; the log holds only what its writer checked
  data: any;
}

const text = z.string();
const transitionSchema = z.object({
  at: z.int(),
  path: text,
  run_state: z.enum(RUN_STATES),
  why: z.nullable(text),
});
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
  opened(): void;
  /** Every event, heartbeats included, before it is told as what it is. */
  heard(): void;
  record(record: FeedRecord): void;
  snapshot(snapshot: Snapshot): void;
  streamState(state: StreamStateEvent): void;
  /** The state of a queue, unchecked. */
  prompts(kind: PromptKind, state: unknown): void;
  reset(): void;
  ended(reason: string): void;
  failed(): void;
}

function parsed<T>(schema: z.ZodMiniType<T>, json: string): T | null {
  try {
    const result = z.safeParse(schema, JSON.parse(json));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

const endSchema = z.object({ reason: text });

/** Opens the feed of a session after `pos`. What is returned closes it; closing twice is the same as once. */
export function openFeed(session_id: string, after: number, listener: FeedListener): () => void {
  const source = new EventSource(`/api/sessions/${encodeURIComponent(session_id)}/events?after=${after}`);
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
    source.close();
  };
  const on = (name: string, take: (event: MessageEvent<string>) => void): void => {
    source.addEventListener(name, (event) => {
      // A closed source may still hold events in its queue: they are no longer ours.
      if (!isOpen) return;
      listener.heard();
      take(event as MessageEvent<string>);
    });
  };
  const takeRecord = (event: MessageEvent<string>): void => {
    const pos = Number(event.lastEventId.slice(event.lastEventId.lastIndexOf(':') + 1));
    if (Number.isSafeInteger(pos)) listener.record({ pos, event: event.type, data: JSON.parse(event.data) });
  };
  source.addEventListener('open', () => isOpen && listener.opened());
  source.addEventListener('error', () => {
    if (!isOpen) return;
    close();
    listener.failed();
  });
  for (const name of [...FRAME_NAMES, ...SESSION_RECORD_NAMES]) on(name, takeRecord);
  on('heartbeat', () => {});
  on('snapshot', (event) => {
    const snapshot = parsed(snapshotSchema, event.data);
    if (snapshot) listener.snapshot(snapshot);
  });
  on('stream_state', (event) => {
    const state = parsed(streamStateSchema, event.data);
    if (state) listener.streamState(state);
  });
  on('clarify', (event) => listener.prompts('clarify', JSON.parse(event.data)));
  on('approval', (event) => listener.prompts('approval', JSON.parse(event.data)));
  on('reset', () => listener.reset());
  on('end', (event) => {
    close();
    listener.ended(parsed(endSchema, event.data)?.reason ?? '');
  });
  return close;
}
