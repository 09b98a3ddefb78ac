// Judges a history: what every client was given must be one log, whatever broke in between. Pure: entries in, violations out.
import type { Entry } from './history.ts';

const STATES_OF: Record<string, readonly string[]> = {
  done: ['completed'],
  cancel: ['cancelled'],
  apperror: ['errored', 'interrupted'],
};

export interface Verdict {
  /** in the order in which they were met; each begins with the rule that is broken */
  violations: string[];
  connections: number;
  /** frames that were given, each as often as it was */
  given: number;
  /** different frames */
  frames: number;
  streams: number;
  /** how many streams came to which end */
  outcomes: Record<string, number>;
}

interface Stream {
  /** what stands at each number: event and bytes */
  bytes: Map<number, string>;
  terminals: Map<number, string>;
  /** the number of `stream_end` and the outcome that it names */
  end: { at: number; outcome: string } | null;
  /** somebody read it from its beginning to its end */
  isWhole: boolean;
  promised: Set<string | null>;
}

interface Connection {
  name: string;
  stream_id: string;
  stream: Stream;
  isFromBeginning: boolean;
  last: number;
  seen: Set<number>;
  isOver: boolean;
}

type Given = Extract<Entry, { what: 'given' }>;

/** The number behind the last colon, and what stands before it. */
function partsOf(id: string): { of: string; n: number } {
  const colon = id.lastIndexOf(':');
  return { of: id.slice(0, colon), n: Number(id.slice(colon + 1)) };
}

export function checkHistory(entries: readonly Entry[]): Verdict {
  const violations: string[] = [];
  const streams = new Map<string, Stream>();
  const connections = new Map<number, Connection>();
  let given = 0;

  function streamOf(stream_id: string): Stream {
    const known = streams.get(stream_id);
    if (known) return known;
    const stream = { bytes: new Map(), terminals: new Map(), end: null, isWhole: false, promised: new Set() };
    streams.set(stream_id, stream as Stream);
    return stream as Stream;
  }

  for (const entry of entries) {
    if (entry.what === 'promised') streamOf(entry.stream_id).promised.add(entry.outcome);
    else if (entry.what === 'asked') {
      const { connection, reader, stream_id, cursor } = entry;
      connections.set(connection, {
        name: `${stream_id}, ${reader}, connection ${connection}`,
        stream_id,
        stream: streamOf(stream_id),
        isFromBeginning: cursor === null,
        last: cursor === null ? 0 : partsOf(cursor).n,
        seen: new Set(),
        isOver: false,
      });
    } else {
      const connection = connections.get(entry.connection);
      if (!connection)
        throw new Error(`connection ${entry.connection} was given something and asked nothing`);
      if (entry.id !== null) given += 1;
      violations.push(...wrongIn(entry, connection));
    }
  }
  for (const [stream_id, stream] of streams)
    violations.push(...wrongWith(stream).map((what) => `${what} (${stream_id})`));
  return {
    violations,
    connections: connections.size,
    given,
    frames: [...streams.values()].reduce((sum, { bytes }) => sum + bytes.size, 0),
    streams: streams.size,
    outcomes: outcomesOf(streams.values()),
  };
}

function outcomesOf(streams: Iterable<Stream>): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const { end } of streams) if (end) outcomes[end.outcome] = (outcomes[end.outcome] ?? 0) + 1;
  return outcomes;
}

/** What is wrong with one event where it came. */
function wrongIn({ id, event, data }: Given, connection: Connection): string[] {
  const { name, stream } = connection;
  if (id === null) return event === 'reset' ? [`P3 an honest cursor was reset (${name})`] : [];
  const where = `${id} after ${connection.last} (${name})`;
  const { of, n } = partsOf(id);
  if (of !== connection.stream_id) return [`P8 a foreign frame: ${where}`];
  const wrong: string[] = [];
  if (connection.isOver) wrong.push(`P4 something after stream_end: ${where}`);
  if (connection.seen.has(n) || (n <= connection.last && connection.seen.size === 0))
    wrong.push(`P3 a frame twice: ${where}`);
  else if (n <= connection.last) wrong.push(`P3 frames in another order: ${where}`);
  else if (n > connection.last + 1) wrong.push(`P3 a hole: ${where}`);
  connection.seen.add(n);
  connection.last = Math.max(connection.last, n);
  if (event === 'stream_end') {
    connection.isOver = true;
    stream.isWhole ||= connection.isFromBeginning && connection.seen.size === n;
  }
  return [...wrong, ...wrongAt(stream, n, event, data, connection)];
}

/** What one reader was given at a number, everybody is; and it is what its id says. */
function wrongAt(stream: Stream, n: number, event: string, data: string, { name, stream_id }: Connection) {
  const bytes = `${event}\n${data}`;
  const known = stream.bytes.get(n);
  if (known === bytes) return [];
  if (known !== undefined) return [`P2 other bytes at ${n} than somebody was given before (${name})`];
  stream.bytes.set(n, bytes);
  const said = JSON.parse(data);
  if (event in STATES_OF) stream.terminals.set(n, event);
  if (event === 'stream_end') stream.end ??= { at: n, outcome: said.terminal_state };
  if (said.stream_id === stream_id && said.seq === n) return [];
  return [`P8 a foreign frame: ${said.stream_id}:${said.seq} with the id of ${n} (${name})`];
}

/** What is wrong with a stream when all is over. */
function wrongWith({ bytes, terminals, end, isWhole, promised }: Stream): string[] {
  if (!end) return ['Q1 no stream_end'];
  const wrong: string[] = [];
  const last = [...bytes.keys()].reduce((most, n) => Math.max(most, n), 0);
  if (last > end.at) wrong.push(`P2 ${last - end.at} frames were given, and the stream ends before them`);
  if (!isWhole) wrong.push('P2 nobody was given all of it');
  const kinds = [...terminals.values()];
  if (kinds.length !== 1) wrong.push(`P4 ${kinds.length} terminals: ${kinds}`);
  else if (!STATES_OF[kinds[0]!]!.includes(end.outcome))
    wrong.push(`P4 ${kinds[0]} is no end as ${end.outcome}`);
  for (const outcome of promised)
    if (outcome !== null && outcome !== end.outcome)
      wrong.push(`ST7 ${outcome} was promised, it is ${end.outcome}`);
  return wrong;
}
