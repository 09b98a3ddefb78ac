// The log as the model knows it: what is durable, in order, and the writes that the server's log knows, each fenced by the
// epoch like there (`src/journal`). One session, two runs, a follow-up that waits. Knows no actor and no reader.
import type { Outcome, PromptEndKind } from '../../src/protocol/index.ts';

export type StreamNo = 1 | 2;
export const STREAMS: readonly StreamNo[] = [1, 2];
export const streamId = (stream: StreamNo): string => `s${stream}`;

/** `user`: a message that begins its run. Frames have a seq; what is of a prompt has its id. */
export interface Entry {
  kind: 'user' | 'started' | 'token' | 'stale' | 'terminal' | 'end' | 'asked' | 'settled';
  stream: StreamNo;
  /** of whoever wrote it */
  epoch: number;
  seq?: number;
  outcome?: Outcome;
  prompt?: string;
  how?: PromptEndKind;
}

export interface Log {
  entries: readonly Entry[];
  /** of the two runs; 0: it was never admitted */
  epochs: readonly [number, number];
  starts: readonly [number, number];
  /** a follow-up waits in the queue */
  queued: boolean;
}

export type Written = { log: Log; result: string; outcome?: Outcome };

/** Who writes: a run, under the epoch that it believes in. */
export interface Writer {
  stream: StreamNo;
  epoch: number;
}

export const entryKey = ({ kind, stream, epoch, outcome, prompt, how }: Entry): string =>
  [kind, stream, epoch, outcome?.slice(0, 2), prompt, how?.slice(0, 2)].join('');
export const logKey = ({ entries, epochs, starts, queued }: Log): string =>
  [...entries.map(entryKey), ...epochs, ...starts, queued].join();

export const of = (log: Log, stream: StreamNo): Entry[] => log.entries.filter((e) => e.stream === stream);
export const framesOf = (log: Log, stream: StreamNo): Entry[] => of(log, stream).filter((e) => e.seq);
export const terminalOf = (log: Log, stream: StreamNo): Outcome | null =>
  of(log, stream).find(({ kind }) => kind === 'terminal')?.outcome ?? null;
export const has = (log: Log, stream: StreamNo, kind: Entry['kind']): boolean =>
  of(log, stream).some((entry) => entry.kind === kind);
export const isSettled = (log: Log, stream: StreamNo): boolean => has(log, stream, 'end');
export const epochOf = (log: Log, stream: StreamNo): number => log.epochs[stream - 1]!;
/** The run that holds the session; 0: none. */
export const activeOf = (log: Log): 0 | StreamNo =>
  STREAMS.find((stream) => epochOf(log, stream) > 0 && !isSettled(log, stream)) ?? 0;

/** Prompts that were asked and have not ended, oldest first, after the first `upto` records. */
export function pendingOf(log: Log, upto: number): string[] {
  const told = log.entries.slice(0, upto);
  const ended = told.filter(({ kind }) => kind === 'settled').map(({ prompt }) => prompt);
  return told.flatMap(({ kind, prompt }) => (kind === 'asked' && !ended.includes(prompt) ? [prompt!] : []));
}

const isFrame = (kind: Entry['kind']): boolean => !['user', 'asked', 'settled'].includes(kind);

export function add(log: Log, ...entries: Entry[]): Log {
  let next = log;
  for (const entry of entries) {
    const seq = isFrame(entry.kind) ? { seq: framesOf(next, entry.stream).length + 1 } : {};
    next = { ...next, entries: [...next.entries, { ...entry, ...seq }] };
  }
  return next;
}

const isOwner = (log: Log, { stream, epoch }: Writer): boolean => epochOf(log, stream) === epoch;

function append(log: Log, writer: Writer, kind: 'started' | 'token'): Written {
  if (!isOwner(log, writer) || terminalOf(log, writer.stream) !== null) return { log, result: 'fenced' };
  return { log: add(log, { kind, ...writer }), result: 'committed' };
}

/** ST5: the ends of its prompts, then the terminal. */
function closed(log: Log, { stream, epoch }: Writer, outcome: Outcome): Log {
  const cancelled = pendingOf(log, log.entries.length).map(
    (prompt): Entry => ({ kind: 'settled', stream, epoch, prompt, how: 'cancelled' }),
  );
  const ends = stream === 1 ? cancelled : [];
  return add(log, ...ends, { kind: 'terminal', stream, epoch, outcome });
}

function terminal(log: Log, writer: Writer, outcome: Outcome): Written {
  if (!isOwner(log, writer)) return { log, result: 'fenced' };
  const first = terminalOf(log, writer.stream);
  if (first !== null) return { log, result: 'lost', outcome: first };
  return { log: closed(log, writer, outcome), result: 'won', outcome };
}

function settle(log: Log, writer: Writer, otherwise: Outcome): Written {
  const { stream } = writer;
  if (!isOwner(log, writer)) return { log, result: 'fenced' };
  const first = terminalOf(log, stream);
  if (isSettled(log, stream)) return { log, result: 'already', outcome: first! };
  const ended = first === null ? closed(log, writer, otherwise) : log;
  return { log: add(ended, { kind: 'end', ...writer }), result: 'settled', outcome: first ?? otherwise };
}

function ask(log: Log, writer: Writer, prompt: string): Written {
  const { stream } = writer;
  const mayAsk =
    has(log, stream, 'started') && terminalOf(log, stream) === null && !has(log, stream, 'stale');
  if (!isOwner(log, writer) || !mayAsk) return { log, result: 'fenced' };
  return { log: add(log, { kind: 'asked', ...writer, prompt }), result: 'asked' };
}

/** CQ5: the first end counts. Nobody can hear an answer to a run without an owner. */
function answer(log: Log, prompt: string, how: PromptEndKind): Written {
  if (!pendingOf(log, log.entries.length).includes(prompt)) return { log, result: 'lost' };
  if (has(log, 1, 'stale')) return { log, result: 'held' };
  const epoch = epochOf(log, 1);
  return { log: add(log, { kind: 'settled', stream: 1, epoch, prompt, how }), result: 'won' };
}

const withOf = (pair: readonly [number, number], stream: StreamNo, by: number): [number, number] =>
  stream === 1 ? [pair[0] + by, pair[1]] : [pair[0], pair[1] + by];

function takeOver(log: Log, stream: StreamNo): Written {
  if (isSettled(log, stream)) return { log, result: 'settled' };
  const taken = { ...log, epochs: withOf(log.epochs, stream, 1) };
  if (!has(log, stream, 'started'))
    return { log: { ...taken, starts: withOf(log.starts, stream, 1) }, result: 'taken' };
  if (terminalOf(log, stream) !== null) return { log: taken, result: 'taken' };
  return { log: add(taken, { kind: 'stale', stream, epoch: epochOf(taken, stream) }), result: 'taken' };
}

/** SE2: out of the queue and into a run is one write. */
function follow(log: Log): Written {
  if (activeOf(log) !== 0) return { log, result: 'busy' };
  if (!log.queued) return { log, result: 'none' };
  const begun: Log = { ...log, queued: false, epochs: withOf(log.epochs, 2, 1), starts: [log.starts[0], 1] };
  return { log: add(begun, { kind: 'user', stream: 2, epoch: begun.epochs[1] }), result: 'started' };
}

export const journal = { append, terminal, settle, ask, answer, takeOver, follow };
export type Journal = typeof journal;

/** A run was admitted, and a follow-up may wait. */
export const firstLog = (queued: boolean): Log => ({ entries: [], epochs: [1, 0], starts: [1, 0], queued });
