// How the tabs of one browser speak to each other. Its name carries the version of what is said: pages of two versions never
// hear each other, and each version has a leader of its own. Knows no line.
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

/** All of one version, and of this origin: what is not of a tab at all is passed over. */
const isMessage = (data: unknown): data is Message =>
  typeof data === 'object' &&
  data !== null &&
  'type' in data &&
  'tab' in data &&
  typeof data.tab === 'string';

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
          if (isMessage(data)) listener(data);
        };
        return { post: (message) => channel.postMessage(message), close: () => channel.close() };
      };
