// The tab that leads: it holds the line for every tab, and says to all of them what comes. The line machine decides when to
// connect, the audience from where; here is only the wiring. Knows no pane and no channel.
import { type LineCommand, lineState } from '../../machines/line.machine.ts';
import { type LineActor, startLine } from '../actors.ts';
import { createAudience } from './audience.ts';
import { passed } from './passed.ts';
import type { Ask, Heard, Said } from './said.ts';
import type { SourceListener } from './source.ts';
import { createSuccession } from './succession.ts';

/** LN3: sources that are opened for a change of what is watched are this far apart. */
const REATTACH_EVERY_MS = 100;
/** How long a new leader waits for what the others want, before it opens without them. */
const GATHER_MS = 100;
const HEARD_EVERY_MS = 1_000;
const BOARD_EVENTS = new Set([
  'ready',
  'gap',
  'task.created',
  'task.status',
  'task.changed',
  'session.changed',
]);

export interface LeaderPorts {
  now(): number;
  seed(): number;
  openSource(path: string, listener: SourceListener): () => void;
  /** To this tab and every other, in order. */
  say(said: Said): void;
  /** An EventSource doesn't say why it failed. The server may: true if it asks who this is (lesson 79). */
  isLockedOut(): Promise<boolean>;
  broken(bug: unknown): void;
}

export interface Leader {
  ask(tab: string, ask: Ask): void;
  leave(tab: string): void;
  readonly tabs: readonly string[];
  retry(): void;
  network(isThere: boolean): void;
  close(): void;
}

interface Words {
  reason?: unknown;
  session_id?: unknown;
  session?: { session_id?: unknown };
  boot?: unknown;
  n?: unknown;
}

const wordsOf = (data: string): Words => {
  try {
    const words: unknown = JSON.parse(data);
    return typeof words === 'object' && words !== null ? words : {};
  } catch {
    return {};
  }
};

/** `awaited`: the tabs that are known to live, and will say what they want. */
export function createLeader(awaited: Iterable<string>, ports: LeaderPorts): Leader {
  const { now } = ports;
  const audience = createAudience();
  const missing = new Set(awaited);
  let line: LineActor | null = null;
  let openedAt = 0;
  let heardAt = 0;
  let isAway = false;
  let isOver = false;
  let isAskedAgain = false;
  let shown = '';
  let reattaching: ReturnType<typeof setTimeout> | null = null;
  const say = (said: Said): void => {
    if (!isOver) ports.say(said);
  };
  const sources = createSuccession(ports.openSource, {
    opened() {
      line?.send({ type: 'source.opened', at: now() });
      if (isAskedAgain) reattachSoon();
    },
    event: take,
    failed() {
      line?.send({ type: 'source.failed', at: now() });
      void askWhy();
    },
  });
  const gathering = setTimeout(() => {
    missing.clear();
    begin();
  }, GATHER_MS);

  function begin(): void {
    if (isOver || line || missing.size > 0 || audience.tabs.length === 0) return;
    clearTimeout(gathering);
    isAway = false;
    line = startLine({ seed: ports.seed(), at: now() }, { perform, changed, broken: ports.broken });
    changed();
    attend();
  }

  /** AT6: the ladder stands still only when nobody looks at any tab, and nobody wants to be called. */
  function attend(): void {
    if (!line || isAway === audience.isAway) return;
    isAway = audience.isAway;
    line.send({ type: isAway ? 'page.hidden' : 'page.shown', at: now() });
  }

  function reattach(): void {
    reattaching = null;
    if (isOver) return;
    // Closed by a server that did not know who this is: whoever asks now may be known.
    if (line?.getSnapshot().status === 'done') line = null;
    if (line) line.send({ type: 'reattach', at: now() });
    else begin();
  }

  function reattachSoon(): void {
    const wait_ms = REATTACH_EVERY_MS - passed(openedAt, now());
    // What is under way is let come: whoever asks meanwhile is next.
    isAskedAgain = sources.isOpening;
    if (isAskedAgain) return;
    if (!line) begin();
    else if (wait_ms <= 0 && reattaching === null) reattach();
    else reattaching ??= setTimeout(reattach, wait_ms);
  }

  function openSource(): void {
    openedAt = now();
    isAskedAgain = false;
    const plan = audience.plan();
    const began = (): void => {
      audience.begin(plan);
      say({ is: 'source', covers: plan.covers, from: plan.from });
    };
    if (plan.path !== null) sources.open(plan.path, began);
    else {
      sources.close();
      began();
    }
  }

  async function askWhy(): Promise<void> {
    if (await ports.isLockedOut()) say({ is: 'locked' });
  }

  /** LN1: that something comes is news once in a while, and at once where it was doubted. */
  function noteHeard(): void {
    const at = now();
    if (!line || (passed(heardAt, at) < HEARD_EVERY_MS && line.getSnapshot().value === 'open')) return;
    heardAt = at;
    line.send({ type: 'source.heard', at });
  }

  function take(event: string, id: string, data: string): void {
    noteHeard();
    if (event === 'end') end(data);
    else if (id !== '') takeRecord(event, id, data);
    else
      say({ is: 'event', of: event === 'heartbeat' ? null : ownerOf(event, data), event, pos: null, data });
  }

  function takeRecord(event: string, id: string, data: string): void {
    const colon = id.lastIndexOf(':');
    const session_id = id.slice(0, colon);
    const pos = Number(id.slice(colon + 1));
    if (!Number.isSafeInteger(pos)) return;
    audience.advance(session_id, pos);
    say({ is: 'event', of: { session_id }, event, pos, data });
  }

  function ownerOf(event: string, data: string): Heard['of'] {
    const words = wordsOf(data);
    const { boot, n } = words;
    const session_id = words.session_id ?? words.session?.session_id;
    if (!BOARD_EVENTS.has(event) && boot === undefined)
      return typeof session_id === 'string' ? { session_id } : null;
    // Not what is announced, but what was told: who is cut off in between is told again.
    if (event !== 'ready' && typeof n === 'number')
      audience.advanceBoard(typeof boot === 'string' ? boot : null, n);
    return 'board';
  }

  function end(data: string): void {
    const reason = String(wordsOf(data).reason ?? '');
    sources.end();
    // The next one is under way, and says more.
    if (!sources.isOpening) line?.send({ type: 'source.ended', reason, at: now() });
    if (reason === 'unauthorized') say({ is: 'locked' });
  }

  function perform(command: LineCommand): void {
    switch (command.type) {
      case 'open.source':
        openSource();
        break;
      case 'close.source':
        sources.close();
        break;
      case 'poll.sessions':
        say({ is: 'poll' });
        break;
      default:
        say({ is: 'fact', fact: command });
    }
  }

  function changed(): void {
    if (!line) return;
    const { state, since, try: tries } = lineState(line.getSnapshot());
    const word = [state, tries].join(' ');
    if (word === shown) return;
    shown = word;
    say({ is: 'state', view: { state, since, ...(tries === undefined ? {} : { try: tries }) } });
  }

  return {
    ask(tab, ask) {
      missing.delete(tab);
      const isNeeded = audience.ask(tab, ask);
      attend();
      if (isNeeded) reattachSoon();
      else begin();
    },
    leave(tab) {
      missing.delete(tab);
      audience.leave(tab);
      attend();
      begin();
    },
    get tabs() {
      return audience.tabs;
    },
    retry() {
      if (line) line.send({ type: 'retry', at: now() });
      else begin();
    },
    network: (isThere) => line?.send({ type: isThere ? 'network.returned' : 'network.lost', at: now() }),
    close() {
      isOver = true;
      clearTimeout(gathering);
      if (reattaching !== null) clearTimeout(reattaching);
      sources.close();
      line?.send({ type: 'close', at: now() });
      line?.stop();
    },
  };
}
