// A real log with a hand on the writes that end, begin or decide something: each waits until it is let through or refused.
// It counts what is under way, so that a test can wait until nothing is. Knows no run.
import type { Journal, PromptAnswer } from '../../src/journal/port.ts';

export const HELD = ['started', 'terminal', 'settle', 'expiry', 'question'] as const;
export type Held = (typeof HELD)[number];

interface Write {
  go(): Promise<unknown>;
  refuse(): void;
}

export interface HeldLog {
  /** what the sessions are handed */
  journal: Journal;
  /** writes that were asked for so far, by kind */
  readonly counts: Record<Held, number>;
  /** Questions wait as well. */
  slow: boolean;
  /** The oldest one of the kind goes its way. Resolves when its promise has. */
  release(kind: Held): Promise<void>;
  /** The oldest one of the kind hears that the disk is full. */
  refuse(kind: Held): void;
  /** Whatever is still held goes its way. */
  releaseAll(): Promise<void>;
  /** Operations that are under way and not held. */
  busy(): number;
  /** The disk takes writes again, as the log would say it. */
  returnSpace(): void;
  /** A record of a session failed its checksum, as the log would say it. */
  damage(session_id: string): void;
}

const FULL = { kind: 'full', reason: 'a test refused it' } as const;
/** Not promises. */
const PLAIN = new Set(['onCommit', 'onSpace', 'onDamage', 'onRetained', 'counts', 'close']);

export function holdLog(real: Journal): HeldLog {
  const waiting: Record<Held, Write[]> = { started: [], terminal: [], settle: [], expiry: [], question: [] };
  const counts: Record<Held, number> = { started: 0, terminal: 0, settle: 0, expiry: 0, question: 0 };
  let under_way = 0;
  let onSpace = () => {};
  let onDamage: Parameters<Journal['onDamage']>[0] = () => {};
  const held = { slow: false };

  async function track<T>(work: Promise<T>): Promise<T> {
    under_way += 1;
    try {
      return await work;
    } finally {
      under_way -= 1;
    }
  }

  function hold<T>(kind: Held, write: () => Promise<T>): Promise<T> {
    counts[kind] += 1;
    return new Promise<T>((resolve, reject) => {
      const go = () => track(write()).then(resolve, reject);
      waiting[kind].push({ go, refuse: () => resolve(FULL as T) });
    });
  }

  const next = (kind: Held): Write => {
    const write = waiting[kind].shift();
    if (!write) throw new Error(`no ${kind} is under way`);
    return write;
  };

  const tracked = Object.fromEntries(
    Object.entries(real).map(([name, value]) => [
      name,
      typeof value === 'function' && !PLAIN.has(name)
        ? (...given: unknown[]) => track(value(...given))
        : value,
    ]),
  ) as unknown as Journal;

  const journal: Journal = {
    ...tracked,
    onSpace(listener) {
      onSpace = listener;
      real.onSpace(listener);
    },
    onDamage(listener) {
      onDamage = listener;
      real.onDamage(listener);
    },
    append: (input) =>
      input.event === 'stream_started' ? hold('started', () => real.append(input)) : tracked.append(input),
    terminal: (input) => hold('terminal', () => real.terminal(input)),
    settle: (input) => hold('settle', () => real.settle(input)),
    ask: (input) => (held.slow ? hold('question', () => real.ask(input)) : tracked.ask(input)),
    answer: (owner: string, input: PromptAnswer) =>
      input.how === 'expired'
        ? hold('expiry', () => real.answer(owner, input))
        : tracked.answer(owner, input),
  };

  return Object.assign(held, {
    journal,
    counts,
    release: async (kind: Held) => void (await next(kind).go()),
    refuse: (kind: Held) => next(kind).refuse(),
    async releaseAll() {
      for (const kind of HELD) while (waiting[kind].length > 0) await next(kind).go();
    },
    busy: () => under_way,
    returnSpace: () => onSpace(),
    damage: (session_id: string) => onDamage({ session_id, pos: 1, reason: 'a test says so' }),
  });
}
