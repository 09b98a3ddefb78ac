// How the tabs of one browser speak to each other. Its name carries the version of what is said: pages of two versions never
// hear each other, and each version has a leader of its own. Knows no line.
import * as z from 'zod/mini';
import type { Ask, Said } from './said.ts';

/** Grows with every change of what is said below. */
export const LINE_VERSION = 1;
const NAME = `weir.line.${LINE_VERSION}`;

export type Message = { tab: string } & (
  | { type: 'ask'; ask: Ask }
  | { type: 'bye' }
  /** A person doesn't want to wait. */
  | { type: 'retry' }
  | { type: 'ping' }
  | { type: 'beat'; term: number; hidden: boolean }
  /** Counts as a beat. */
  | { type: 'relay'; term: number; hidden: boolean; said: Said[] }
);

const text = z.string();
const count = z.int();
const tab = text;
const askSchema = z.object({
  n: count,
  sessions: z.record(text, count),
  board: z.nullable(text),
  seen: z.boolean(),
  notices: z.boolean(),
});
const beat = { tab, term: count, hidden: z.boolean() };
// What is relayed is checked where it is read, as what comes from the server is.
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ask'), tab, ask: askSchema }),
  z.object({ type: z.literal('bye'), tab }),
  z.object({ type: z.literal('retry'), tab }),
  z.object({ type: z.literal('ping'), tab }),
  z.object({ type: z.literal('beat'), ...beat }),
  z.object({ type: z.literal('relay'), ...beat, said: z.array(z.looseObject({ is: text })) }),
]);

export interface Channel {
  post(message: Message): void;
  /** Nothing is heard any more, and nothing piles up. */
  close(): void;
}

export type OpenChannel = (listener: (message: Message) => void) => Channel;

/** null: this browser has none. */
export const openChannel: OpenChannel | null =
  typeof BroadcastChannel === 'undefined'
    ? null
    : (listener) => {
        const channel = new BroadcastChannel(NAME);
        channel.onmessage = ({ data }) => {
          const parsed = z.safeParse(messageSchema, data);
          if (parsed.success) listener(parsed.data as unknown as Message);
        };
        return { post: (message) => channel.postMessage(message), close: () => channel.close() };
      };
