// What the leader says, on its way to one other tab: in its order, and many words in one message. What flows may wait a
// moment, so that twenty tabs are not woken for every token; what changes a state goes in the turn in which it was said.
import { passed } from './passed.ts';
import type { Said } from './said.ts';

/** While somebody looks at it, too, as in two windows: a painted frame. */
const SEEN_MS = 16;
/** While nobody does: it is woken seldom. */
const UNSEEN_MS = 250;
const FLOWING = new Set(['token', 'reasoning', 'tool_update', 'metering', 'heartbeat']);

export interface RelayPorts {
  post(said: Said[]): void;
  now(): number;
  /** Calls back in the next turn; of a hidden tab, too, whose timers are slow. */
  nextTurn(callback: () => void): void;
  /** Somebody looks at it. */
  isSeen(): boolean;
}

export interface Relay {
  say(said: Said): void;
  flush(): void;
  /** What was not posted yet is not posted any more. */
  close(): void;
}

export function createRelay(ports: RelayPorts): Relay {
  let waiting: Said[] = [];
  let postedAt = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isTurnAsked = false;

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    const said = waiting;
    waiting = [];
    postedAt = ports.now();
    ports.post(said);
  }

  function askTurn(): void {
    if (isTurnAsked) return;
    isTurnAsked = true;
    ports.nextTurn(() => {
      isTurnAsked = false;
      flush();
    });
  }

  return {
    say(said) {
      waiting.push(said);
      const due_ms = (ports.isSeen() ? SEEN_MS : UNSEEN_MS) - passed(postedAt, ports.now());
      if (said.is !== 'event' || !FLOWING.has(said.event) || due_ms <= 0) askTurn();
      else timer ??= setTimeout(flush, due_ms);
    },
    flush,
    close() {
      if (timer !== null) clearTimeout(timer);
      waiting = [];
    },
  };
}

/** Turns of a channel to oneself: no timer, so nothing slows them in a hidden tab. */
export function createTurns(): Pick<RelayPorts, 'nextTurn'> {
  const { port1, port2 } = new MessageChannel();
  const asked: (() => void)[] = [];
  port1.onmessage = () => asked.shift()?.();
  return {
    nextTurn(callback) {
      asked.push(callback);
      port2.postMessage(null);
    },
  };
}
