// Messages on their way: each submission has one id for life, so that sending it again after a broken answer never makes
// two of it (SE5). What was not acknowledged outlives a reload of its tab. Knows no transcript.
import { createStore } from '@xstate/store';
import * as z from 'zod/mini';
import { type Attachment, attachmentSchema } from '../protocol/attachment.ts';
import { createId } from '../protocol/ids.ts';
import type { Random } from '../protocol/ports.ts';
import { ApiError, api, sentenceOf } from './api.ts';
import { tabStorage } from './kept.ts';

/** Waits before a submission whose answer was lost is sent again by itself, with the same id. */
const RESEND_AFTER_MS = [1000, 3000];
const KEY = 'outbox';

const outgoingSchema = z.object({
  client_message_id: z.string(),
  session_id: z.string(),
  text: z.string(),
  attachments: z.optional(z.array(attachmentSchema)),
  at: z.int(),
  state: z.enum(['sending', 'taken', 'failed']),
  /** once taken: the message's id in the log */
  message_id: z.optional(z.string()),
  why: z.optional(z.string()),
});
/** A message that was submitted and is not in the transcript yet, as far as this tab knows. */
export type Outgoing = z.infer<typeof outgoingSchema>;

function keptOutgoing(): Outgoing[] {
  try {
    const parsed = z.safeParse(z.array(outgoingSchema), JSON.parse(tabStorage.kept(KEY) ?? '[]'));
    // Whether the server took it is not known: the person decides, and the id stays.
    return parsed.success ? parsed.data.map((one) => ({ ...one, state: 'failed' as const })) : [];
  } catch {
    return [];
  }
}

export interface OutboxPorts {
  random: Random;
  now(): number;
  wait(ms: number): Promise<void>;
  /** It was refused for good: the text goes back to where it was written. */
  refused(outgoing: Outgoing, why: string): void;
  taken(outgoing: Outgoing, title: string | null): void;
}

export function createOutbox(ports: OutboxPorts) {
  const store = createStore({
    context: { outgoing: keptOutgoing() },
    on: {
      put: (box, { one }: { one: Outgoing }) => ({
        outgoing: [...box.outgoing.filter((o) => o.client_message_id !== one.client_message_id), one],
      }),
      /** News of one that is on its way still. */
      changed: (box, { one }: { one: Outgoing }) => ({
        outgoing: box.outgoing.map((o) => (o.client_message_id === one.client_message_id ? one : o)),
      }),
      /** Given up, or in the log: its record may come before the answer does (lesson 91). */
      dropped: (box, { client_message_id }: { client_message_id: string }) => ({
        outgoing: box.outgoing.filter((one) => one.client_message_id !== client_message_id),
      }),
      /** The log shows these messages: they are no longer on their way. */
      seen: (box, { message_ids }: { message_ids: ReadonlySet<string> }) => {
        const rest = box.outgoing.filter((one) => !one.message_id || !message_ids.has(one.message_id));
        return rest.length === box.outgoing.length ? box : { outgoing: rest };
      },
    },
  });
  store.subscribe(({ context }) => {
    const open = context.outgoing.filter((one) => one.state !== 'taken');
    tabStorage.keep(KEY, open.length === 0 ? null : JSON.stringify(open));
  });

  async function submit(one: Outgoing): Promise<void> {
    const { why: _why, ...fresh } = one;
    store.trigger.put({ one: { ...fresh, state: 'sending' } });
    const { session_id, text: message, client_message_id } = one;
    // With its attachments it is one message: the same id with others would be refused (SE5).
    const attachments = one.attachments?.map(({ attachment_id }) => attachment_id);
    const body = { session_id, message, client_message_id, on_busy: 'queue' as const, attachments };
    for (let attempt = 0; ; attempt += 1) {
      try {
        const started = await api.start(body);
        const taken = { ...fresh, state: 'taken' as const, message_id: started.message_id };
        store.trigger.changed({ one: taken });
        ports.taken(taken, 'title' in started ? started.title : null);
        return;
      } catch (error) {
        const isUnknown = error instanceof ApiError && error.code === 'network';
        const wait = RESEND_AFTER_MS[attempt];
        if (isUnknown && wait !== undefined) {
          await ports.wait(wait);
          continue;
        }
        if (isUnknown) store.trigger.changed({ one: { ...fresh, state: 'failed', why: sentenceOf(error) } });
        else {
          store.trigger.dropped({ client_message_id });
          ports.refused(one, sentenceOf(error));
        }
        return;
      }
    }
  }

  return {
    store,
    send(session_id: string, text: string, attachments: Attachment[] = []): void {
      const client_message_id = createId('c', ports.random);
      const files = attachments.length > 0 ? { attachments } : {};
      void submit({ client_message_id, session_id, text, ...files, at: ports.now(), state: 'sending' });
    },
    again: (one: Outgoing): void => void submit(one),
    discard: (one: Outgoing): void => store.trigger.dropped({ client_message_id: one.client_message_id }),
  };
}
