// What the leader says, for the other tabs: each hears of the sessions that it asked for, and of nothing else that others show.
// Knows no channel.
import { createRelay, type Relay, type RelayPorts } from './relay.ts';
import type { Ask, Said } from './said.ts';

export interface RelaysPorts extends Omit<RelayPorts, 'post' | 'isSeen'> {
  post(to: string, said: Said[]): void;
  /** What each of the others wants, as far as it is known. */
  others: ReadonlyMap<string, Ask>;
}

export interface Relays {
  say(said: Said): void;
  leave(tab: string): void;
  /** What was said until now is posted; nothing after it. */
  close(): void;
}

/** A tab takes nothing that its newest ask does not name (LN3). */
function wants({ sessions, board }: Ask, said: Said): boolean {
  if (said.is !== 'event' || said.of === null) return true;
  return said.of === 'board' ? board !== null : said.of.session_id in sessions;
}

export function createRelays({ post, others, ...ports }: RelaysPorts): Relays {
  const relays = new Map<string, Relay>();

  function relayTo(tab: string): Relay {
    const relay =
      relays.get(tab) ??
      createRelay({
        ...ports,
        isSeen: () => others.get(tab)?.seen ?? false,
        post: (said) => post(tab, said),
      });
    relays.set(tab, relay);
    return relay;
  }

  return {
    say(said) {
      for (const [tab, ask] of others) if (wants(ask, said)) relayTo(tab).say(said);
    },
    leave(tab) {
      relays.get(tab)?.close();
      relays.delete(tab);
    },
    close() {
      for (const relay of relays.values()) relay.flush();
      relays.clear();
    },
  };
}
