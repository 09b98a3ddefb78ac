// One browser of a simulated world: its tabs share locks and a channel, as the real one's do. Tabs open, close, hide, freeze and
// are doubled. Knows what must hold of a tab only as `tab.ts` says it.
import type { Chance } from './chance.ts';
import { JUMP_MS, type Scheduler, type SimNode } from './clock.ts';
import type { Unmet } from './end-check.ts';
import { createLockRoom } from './locks.ts';
import type { Network } from './network.ts';
import { createTab, type Tab, type TabPorts } from './tab.ts';
import type { PageGlobals } from './traps.ts';
import type { Truth, Violate } from './truth.ts';

export interface Browser {
  /** What must hold after every step. */
  check(): void;
  unquiet(): Unmet[];
  /** What a page finds around it; null: the node is no page. */
  pageOf(node: SimNode): PageGlobals | null;
  schedule(tabs: number, times: (count: number, act: () => void, early?: number) => void): void;
  /** Nothing is frozen, hidden or offline any more. */
  calm(): void;
  leave(): void;
  readonly opened: number;
}

export interface BrowserPorts {
  scheduler: Scheduler;
  chance: Chance;
  network: Network;
  truth: Truth;
  violate: Violate;
  trace(what: string, more: object): void;
}

/** Time of a page before its session is there. */
const FIRST_TAB_AFTER_MS = 120;

export function createBrowser(ports: BrowserPorts): Browser {
  const { scheduler, chance, truth } = ports;
  const tabs: Tab[] = [];
  const byNode = new Map<SimNode, Tab>();
  const chaos = scheduler.node('chaos');
  const locks = createLockRoom(scheduler);
  let term = 0;
  let spoken_at = 0;
  let opened = 0;
  let isCalm = false;

  const shared: TabPorts = {
    ...ports,
    locks,
    post(from, message) {
      const text = JSON.stringify(message);
      ports.trace('post', { from: from.node.name, text: text.slice(0, 400) });
      // A channel is in order, and as slow to all.
      spoken_at = Math.max(spoken_at, scheduler.now + chance.between(0, 2));
      for (const tab of tabs)
        if (tab !== from) scheduler.ordered(tab.node, spoken_at - scheduler.now, () => tab.hear(text));
    },
    term: {
      kept: () => term,
      keep(next) {
        term = next;
      },
    },
  };
  const living = (): Tab[] => tabs.filter(({ node }) => node.isAlive);

  function open(): void {
    const sessions = [...truth.sessions.values()].filter(
      ({ isDeleted, owner }) => !isDeleted && owner === 'owner0',
    );
    if (sessions.length === 0) return;
    opened += 1;
    begin(chance.pick(sessions).session_id, `client.${opened}`);
  }

  /** A tab that is doubled takes along the name under which it answers. */
  function begin(session_id: string, client: string): void {
    const tab = createTab({ name: `tab.${opened}`, session_id, client }, shared);
    tabs.push(tab);
    byNode.set(tab.node, tab);
    tab.open();
  }

  function double({ session_id, client }: Tab): void {
    opened += 1;
    begin(session_id, client);
  }

  function close(tab: Tab): void {
    tabs.splice(tabs.indexOf(tab), 1);
    tab.close();
  }

  function meddle(): void {
    const all = living();
    if (isCalm || all.length === 0) return;
    const tab = chance.pick(all);
    const what = chance.fraction();
    ports.trace('meddle', { tab: tab.node.name, what });
    if (what < 0.2) close(tab);
    else if (what < 0.4) tab.show(tab.isHidden());
    else if (what < 0.65) {
      tab.freeze();
      scheduler.at(chaos, chance.between(100, 12_000), () => tab.thaw());
    } else if (what < 0.8) {
      for (const one of all) one.network(false);
      scheduler.at(chaos, chance.between(50, 4_000), () => {
        for (const one of living()) one.network(true);
      });
    } else if (what < 0.85) open();
    else if (what < 0.9) double(tab);
    else if (what < 0.93) {
      // Theirs is one computer.
      const jump_ms = chance.pick([-JUMP_MS, JUMP_MS]);
      for (const { node } of all) node.offset_ms += jump_ms;
    } else tab.answerCards();
  }

  return {
    check() {
      const tab = scheduler.last ? byNode.get(scheduler.last) : undefined;
      if (tab?.node.isAlive) tab.check();
    },
    unquiet: () => living().flatMap((tab) => tab.unquiet()),
    pageOf: (node) => byNode.get(node)?.globals ?? null,
    schedule(count, times) {
      if (count === 0) return;
      times(count, open, FIRST_TAB_AFTER_MS);
      times(count * 2, meddle, FIRST_TAB_AFTER_MS);
    },
    calm() {
      isCalm = true;
      for (const tab of living()) {
        tab.thaw();
        tab.network(true);
        tab.show(true);
      }
    },
    leave() {
      for (const tab of living()) close(tab);
    },
    get opened() {
      return opened;
    },
  };
}
