// How the tabs of one browser speak to each other: what is for all in one channel, what is for one in a channel of its own, so
// that no tab is woken for what others show. The names carry the version of what is said: pages of two versions never hear
// each other, and each version has a leader of its own. Knows no line.
import type { Ask, Said } from './said.ts';

/** Grows with every change of what is said below. */
export const LINE_VERSION = 2;
const NAME = `weir.line.${LINE_VERSION}`;

export type Message = { tab: string } & (
  | { type: 'ask'; ask: Ask }
  | { type: 'bye' }
  /** A person doesn't want to wait. */
  | { type: 'retry' }
  | { type: 'ping' }
  | { type: 'beat'; term: number; hidden: boolean }
  /** Whom the leader tells of the source that has opened; who is not named has to ask. */
  | { type: 'known'; term: number; tabs: string[] }
  /** To one tab; counts there as a beat. */
  | { type: 'relay'; to: string; term: number; hidden: boolean; said: Said[] }
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
  /** Nothing is for that tab any more. */
  forget(tab: string): void;
  /** Nothing is heard any more, and nothing piles up. */
  close(): void;
}

/** `tab`: whose it is. One that hears what is for others passes it over. */
export type OpenChannel = (listener: (message: Message) => void, tab: string) => Channel;

/** Inboxes of other tabs, as the one who leads needs them. A channel hears its name, too: none is open that is not needed. */
function createInboxes() {
  const open = new Map<string, BroadcastChannel>();
  const close = (tab: string): void => {
    open.get(tab)?.close();
    open.delete(tab);
  };
  return {
    post(message: Extract<Message, { type: 'relay' }>) {
      const inbox = open.get(message.to) ?? new BroadcastChannel(`${NAME}.${message.to}`);
      open.set(message.to, inbox);
      inbox.postMessage(message);
    },
    close,
    closeAll: () => [...open.keys()].forEach(close),
  };
}

function openBoth(listener: (message: Message) => void, tab: string): Channel {
  const inboxes = createInboxes();
  const [all, mine] = [new BroadcastChannel(NAME), new BroadcastChannel(`${NAME}.${tab}`)];
  mine.onmessage = ({ data }) => {
    if (isMessage(data)) listener(data);
  };
  all.onmessage = ({ data }) => {
    if (!isMessage(data)) return;
    // Another leads.
    if (data.type === 'beat') inboxes.closeAll();
    listener(data);
  };
  return {
    post(message) {
      if (message.type === 'relay') inboxes.post(message);
      else all.postMessage(message);
    },
    forget: inboxes.close,
    close() {
      inboxes.closeAll();
      all.close();
      mine.close();
    },
  };
}

/** null: this browser has none. */
export const openChannel: OpenChannel | null = typeof BroadcastChannel === 'undefined' ? null : openBoth;
