// This tab among the others of its browser: it leads or follows as the tab-leader machine says (LN2), passes on what is asked
// of the line, and hears what the leader says. Knows no pane and no event of the line.
import type { TabLeaderCommand, TabLeaderEvent } from '../../machines/tab-leader.machine.ts';
import { startTabLeader, type TabLeaderActor } from '../actors.ts';
import type { watchPage } from '../page-facts.ts';
import type { Channel, Message, OpenChannel } from './channel.ts';
import { createLeader, type Leader, type LeaderPorts } from './leader.ts';
import type { Locks, OpenLocks } from './locks.ts';
import type { RelayPorts } from './relay.ts';
import { createRelays, type Relays } from './relays.ts';
import type { Ask, Said } from './said.ts';

/** A tab that crashed is missed by the leader after this. */
const SWEEP_EVERY_MS = 15_000;

export interface TabsPorts extends Omit<LeaderPorts, 'say'> {
  /** this page's own, while it lives; no other page has it */
  tab: string;
  openChannel: OpenChannel | null;
  openLocks: OpenLocks | null;
  nextTurn: RelayPorts['nextTurn'];
  watchPage: typeof watchPage;
  isHidden(): boolean;
  /** The highest term that this browser remembers. */
  term: { kept(): number; keep(term: number): void };
}

export interface TabsListener {
  /** Of whoever leads, in order. */
  take(said: Said): void;
  /** Another leads now, or does not know this tab: it has to be told what is wanted here, and from where. */
  led(): void;
  seen(isSeen: boolean): void;
}

export interface Tabs {
  ask(ask: Ask): void;
  retry(): void;
  close(): void;
}

export function createTabs(ports: TabsPorts, listener: TabsListener): Tabs {
  const { tab, now } = ports;
  /** tabs that are known to live, and what they want */
  const others = new Map<string, Ask>();
  let isShared = ports.openChannel !== null && ports.openLocks !== null;
  let channel: Channel | null = null;
  let locks: Locks | null = null;
  let leader: Leader | null = null;
  let relays: Relays | null = null;
  let leading_tab: string | null = null;
  let sweeping: ReturnType<typeof setInterval> | null = null;
  let actor: TabLeaderActor | null = null;
  const post = (message: Message): void => channel?.post(message);
  const tell = (event: TabLeaderEvent): void => actor?.send(event);

  function receive(message: Message): void {
    switch (message.type) {
      case 'ask':
        others.set(message.tab, message.ask);
        leader?.ask(message.tab, message.ask);
        break;
      case 'bye':
        forget(message.tab);
        break;
      case 'retry':
        leader?.retry();
        break;
      case 'ping':
        tell({ type: 'ping.heard', at: now() });
        break;
      case 'known':
        if (isCurrent(message.term) && !message.tabs.includes(tab)) listener.led();
        break;
      default:
        if (message.type === 'beat' || message.to === tab) hear(message);
    }
  }

  /** What an older leader still says is over. */
  const isCurrent = (term: number): boolean =>
    !leader && actor !== null && term >= actor.getSnapshot().context.term;

  function hear(message: Extract<Message, { type: 'beat' | 'relay' }>): void {
    const { term, hidden } = message;
    tell({ type: 'beat.heard', term, hidden, at: now() });
    if (!isCurrent(term)) return;
    leading_tab = message.tab;
    if (message.type === 'relay') for (const said of message.said) listener.take(said);
  }

  function forget(of: string): void {
    others.delete(of);
    channel?.forget(of);
    relays?.leave(of);
    leader?.leave(of);
  }

  async function sweep(term: number): Promise<void> {
    const known = [...others.keys()];
    const alive = await locks?.alive();
    // A browser that shows not even this tab shows none.
    const gone = alive?.has(tab) ? known.filter((of) => !alive.has(of)) : [];
    if (gone.length === 0) return;
    for (const of of gone) forget(of);
    // One that lives nevertheless asks again.
    tellKnown(term);
  }

  const tellKnown = (term: number): void => post({ type: 'known', tab, term, tabs: [...others.keys()] });

  function openChannel(): void {
    if (isShared) channel ??= ports.openChannel?.(receive, tab) ?? null;
  }

  function closeChannel(): void {
    post({ type: 'bye', tab });
    channel?.close();
    channel = null;
  }

  function lead(term: number): void {
    stopLeading();
    openChannel();
    ports.term.keep(term);
    if (leading_tab !== null) others.delete(leading_tab);
    leading_tab = null;
    const out = createRelays({
      now,
      nextTurn: ports.nextTurn,
      others,
      post: (to, said) => post({ type: 'relay', to, tab, term, hidden: ports.isHidden(), said }),
    });
    relays = out;
    leader = createLeader(others.keys(), {
      ...ports,
      say(said) {
        if (said.is === 'source') tellKnown(term);
        out.say(said);
        listener.take(said);
      },
    });
    if (isShared) sweeping = setInterval(sweep, SWEEP_EVERY_MS, term);
    listener.led();
  }

  function stopLeading(): void {
    if (sweeping !== null) clearInterval(sweeping);
    sweeping = null;
    // What was said here was said to all.
    relays?.close();
    relays = null;
    leader?.close();
    leader = null;
  }

  function perform(command: TabLeaderCommand): void {
    switch (command.type) {
      case 'request.lock':
        locks?.request();
        break;
      case 'steal.lock':
        locks?.steal();
        break;
      case 'release.lock':
        locks?.release();
        break;
      case 'beat':
        post({ ...command, tab });
        break;
      case 'ping':
        post({ type: 'ping', tab });
        break;
      case 'lead':
        lead(command.term);
        break;
      case 'follow':
        stopLeading();
        openChannel();
        listener.led();
        break;
      case 'rest':
        stopLeading();
        closeChannel();
        locks?.rest();
    }
  }

  const unwatchPage = ports.watchPage(now, (fact) => {
    if (fact.type === 'network.lost' || fact.type === 'network.returned') {
      leader?.network(fact.type === 'network.returned');
      return;
    }
    tell(fact);
    if (fact.type === 'page.hidden' || fact.type === 'page.shown') listener.seen(fact.type === 'page.shown');
  });
  if (isShared && ports.openLocks)
    locks = ports.openLocks(tab, {
      granted: () => tell({ type: 'lock.granted', term: ports.term.kept(), at: now() }),
      lost: () => tell({ type: 'lock.lost', at: now() }),
      refused() {
        isShared = false;
        closeChannel();
        tell({ type: 'lock.refused', at: now() });
      },
    });
  actor = startTabLeader(
    { seed: ports.seed(), shared: isShared, term: ports.term.kept(), hidden: ports.isHidden(), at: now() },
    { perform, changed: () => {}, broken: ports.broken },
  );

  return {
    ask(ask) {
      if (leader) leader.ask(tab, ask);
      else post({ type: 'ask', tab, ask });
    },
    retry() {
      if (leader) leader.retry();
      else post({ type: 'retry', tab });
    },
    close() {
      unwatchPage();
      tell({ type: 'close', at: now() });
      actor?.stop();
    },
  };
}
