// The facts of one run outside its machines: what the log holds, what is held back on its way there, what the agent is.
// No behaviour.
import type { ClarifyEntry, Outcome } from '../../src/protocol/index.ts';

/** Where the clocks of the tests begin, ms since 1970. */
export const BEGIN_MS = 1_700_000_000_000;
export const STREAM = 'run';
export const SESSION = 'session';
/** The name of the first question. */
export const FIRST = 'q1';

/** What the log holds, what is held back on its way there, and what the agent is. */
export const nothing = () => ({
  /** `stream_started`: not asked for, on its way, in the log, refused */
  started: 'no' as 'no' | 'held' | 'yes' | 'refused',
  starts: 1,
  epoch: 1,
  head: 0,
  terminal: null as Outcome | null,
  terminal_seq: 0,
  settled: false,
  /** it had ended so long ago when the board was told, that it is none of the board's */
  aged: false,
  agent: 'none' as 'none' | 'alive' | 'gone',
  /** no frame of the agent's is taken any more */
  fenced: false,
  /** no question of the agent's is */
  muted: false,
  /** commits on their way, oldest first */
  terminals: [] as Outcome[],
  settles: [] as Outcome[],
  /** when each of these was asked for (ms) */
  settles_at: [] as number[],
  expiries: [] as string[],
  /** the agent was asked for a title and has not answered */
  titling: false,
  asked: 0,
  /** a question on its way into the log */
  asking: null as ClarifyEntry | null,
  /** the first question was asked, and is pending no more */
  ended_first: false,
  damaged: false,
  deleted: false,
  /** the last sign of life that was told */
  sign_at: 0,
  /** the wall watch: when it looks next (elapsed), and the wall time that it expects then; null: it does not run */
  look: null as { due: number; wall: number } | null,
});
export type Facts = ReturnType<typeof nothing>;

/** What a client is pushed of a queue. */
export interface QueueWord {
  question: string | null;
  count: number;
}

/** How often the machines commanded what can be counted outside. */
export const COUNTED = [
  'write.started',
  'call.agent',
  'stop.agent',
  'kill.agent',
  'write.terminal',
  'describe',
  'write.settle',
  'expire',
] as const;
export type Counts = Record<(typeof COUNTED)[number], number>;

export const noCounts = (): Counts => Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts;

export const copyOf = (facts: Facts): Facts => ({
  ...facts,
  terminals: [...facts.terminals],
  settles: [...facts.settles],
  settles_at: [...facts.settles_at],
  expiries: [...facts.expiries],
});

/** What the log holds of a question; its name is its text. `timeout_seconds: 0`: it does not end by itself. */
export function questionOf(id: string, requested_at: number, timeout_seconds: number): ClarifyEntry {
  const expires_at = timeout_seconds === 0 ? null : requested_at + timeout_seconds * 1_000;
  const common = { session_id: SESSION, stream_id: STREAM, choices_offered: [], multiple: false };
  return { clarify_id: id, question: id, requested_at, timeout_seconds, expires_at, ...common };
}
