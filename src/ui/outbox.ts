// Messages on their way: each submission has one id for life, so that sending it again after a broken answer never makes
// two of it (SE5). What nobody acknowledged outlives a reload of its tab, and goes by itself when the line is back, in the
// order in which it was written. Knows no transcript and no line.
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
    // Whether the server took it is not known: it is sent again with the same id.
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
      put: (box, { one }: { one: Outgoing }) => ({ outgoing: [...box.outgoing, one] }),
      /** All that could not be sent, of one session, is on its way again. */
      revived: (box, { session_id }: { session_id: string }) => ({
        outgoing: box.outgoing.map((one) =>
          one.session_id === session_id && one.state === 'failed'
            ? { ...one, state: 'sending' as const }
            : one,
        ),
      }),
      /** What waits behind one that nobody takes is not sent either: it would overtake it. */
      halted: (box, { session_id, why }: { session_id: string; why: string }) => ({
        outgoing: box.outgoing.map((one) =>
          one.session_id === session_id && one.state === 'sending'
            ? { ...one, state: 'failed' as const, why }
            : one,
        ),
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

  /** Sessions whose messages are on their way, one after the other. */
  const busy = new Set<string>();
  /** How often the line has come back: a try that failed before that is no answer to it. */
  let returns = 0;
  const outgoing = () => store.getSnapshot().context.outgoing;
  const nextOf = (session_id: string): Outgoing | undefined =>
    outgoing().find((one) => one.session_id === session_id && one.state === 'sending');

  /** Why nobody answered; null: somebody did. */
  async function submit(one: Outgoing): Promise<string | null> {
    const { why: _why, ...fresh } = one;
    const { session_id, text: message, client_message_id } = one;
    // With its attachments it is one message: the same id with others would be refused (SE5).
    const attachments = one.attachments?.map(({ attachment_id }) => attachment_id);
    const body = { session_id, message, client_message_id, on_busy: 'queue' as const, attachments };
    try {
      const started = await api.start(body);
      const taken = { ...fresh, state: 'taken' as const, message_id: started.message_id };
      store.trigger.changed({ one: taken });
      ports.taken(taken, 'title' in started ? started.title : null);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'network') return sentenceOf(error);
      store.trigger.dropped({ client_message_id });
      ports.refused(one, sentenceOf(error));
    }
    return null;
  }

  async function bring(session_id: string): Promise<void> {
    if (busy.has(session_id)) return;
    busy.add(session_id);
    let tries = 0;
    for (let one = nextOf(session_id); one; one = nextOf(session_id)) {
      const before = returns;
      const why = await submit(one);
      const wait = RESEND_AFTER_MS[tries];
      if (why === null || before !== returns) tries = 0;
      else if (wait === undefined) store.trigger.halted({ session_id, why });
      else {
        tries += 1;
        await ports.wait(wait);
      }
    }
    busy.delete(session_id);
  }

  function revive(session_id: string): void {
    store.trigger.revived({ session_id });
    void bring(session_id);
  }

  return {
    store,
    send(session_id: string, text: string, attachments: Attachment[] = []): void {
      const client_message_id = createId('c', ports.random);
      const files = attachments.length > 0 ? { attachments } : {};
      store.trigger.put({
        one: { client_message_id, session_id, text, ...files, at: ports.now(), state: 'sending' },
      });
      revive(session_id);
    },
    /** It, and what else of its session was not sent, in order. */
    again: ({ session_id }: Outgoing): void => revive(session_id),
    /** The line is back. */
    resume(): void {
      returns += 1;
      const unsent = outgoing().filter((one) => one.state === 'failed');
      for (const session_id of new Set(unsent.map((one) => one.session_id))) revive(session_id);
    },
    discard: (one: Outgoing): void => store.trigger.dropped({ client_message_id: one.client_message_id }),
  };
}
