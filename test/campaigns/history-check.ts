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
  /** records that were given, each as often as it was */
  given: number;
  /** different frames */
  frames: number;
  streams: number;
  /** how many streams came to which end */
  outcomes: Record<string, number>;
}

interface Stream {
  /** the session in whose feed it was seen */
  home: string | null;
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
  kind: 'stream' | 'session';
  feed: string;
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

/** What was given so far, over all connections. */
interface Known {
  streams: Map<string, Stream>;
  /** what stands at each place of a session's feed */
  sessions: Map<string, Map<number, string>>;
}

export function checkHistory(entries: readonly Entry[]): Verdict {
  const violations: string[] = [];
  const known: Known = { streams: new Map(), sessions: new Map() };
  const connections = new Map<number, Connection>();
  let given = 0;
  for (const entry of entries) {
    if (entry.what === 'promised') streamOf(known, entry.stream_id).promised.add(entry.outcome);
    else if (entry.what === 'asked') {
      const { connection, reader, kind, feed, cursor } = entry;
      if (kind === 'stream') streamOf(known, feed);
      connections.set(connection, {
        name: `${feed}, ${reader}, connection ${connection}`,
        kind,
        feed,
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
      violations.push(...wrongIn(entry, connection, known));
    }
  }
  const streams = [...known.streams];
  for (const [stream_id, stream] of streams)
    violations.push(...wrongWith(stream).map((what) => `${what} (${stream_id})`));
  return {
    violations,
    connections: connections.size,
    given,
    frames: streams.reduce((sum, [, { bytes }]) => sum + bytes.size, 0),
    streams: streams.length,
    outcomes: outcomesOf(known.streams.values()),
  };
}

function streamOf({ streams }: Known, stream_id: string): Stream {
  const stream = streams.get(stream_id) ?? {
    home: null,
    bytes: new Map(),
    terminals: new Map(),
    end: null,
    isWhole: false,
    promised: new Set(),
  };
  streams.set(stream_id, stream);
  return stream;
}

function outcomesOf(streams: Iterable<Stream>): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const { end } of streams) if (end) outcomes[end.outcome] = (outcomes[end.outcome] ?? 0) + 1;
  return outcomes;
}

/** What is wrong with one event where it came. */
function wrongIn({ id, event, data }: Given, connection: Connection, known: Known): string[] {
  const { name, kind, feed } = connection;
  // The board's own reset carries its boot: nobody asked it from a cursor here.
  if (id === null)
    return event === 'reset' && !('boot' in JSON.parse(data))
      ? [`P3 an honest cursor was reset (${name})`]
      : [];
  const where = `${id} after ${connection.last} (${name})`;
  const { of, n } = partsOf(id);
  if (of !== feed) return [`P8 a foreign frame: ${where}`];
  const wrong: string[] = [];
  if (connection.isOver) wrong.push(`P4 something after stream_end: ${where}`);
  if (connection.seen.has(n) || (n <= connection.last && connection.seen.size === 0))
    wrong.push(`P3 a frame twice: ${where}`);
  else if (n <= connection.last) wrong.push(`P3 frames in another order: ${where}`);
  else if (n > connection.last + 1) wrong.push(`P3 a hole: ${where}`);
  connection.seen.add(n);
  connection.last = Math.max(connection.last, n);
  if (kind === 'session') return [...wrong, ...wrongRecord(known, connection, n, event, data)];
  const stream = streamOf(known, feed);
  if (event === 'stream_end') {
    connection.isOver = true;
    stream.isWhole ||= connection.isFromBeginning && connection.seen.size === n;
  }
  return [...wrong, ...wrongFrame(stream, { stream_id: feed, seq: n }, event, data, name)];
}

/** What one page was given at a place of its session's feed, all are; a frame in it is the same bytes as in its own feed. */
function wrongRecord(
  known: Known,
  { feed, name }: Connection,
  n: number,
  event: string,
  data: string,
): string[] {
  const places = known.sessions.get(feed) ?? new Map<number, string>();
  known.sessions.set(feed, places);
  const bytes = `${event}\n${data}`;
  if (places.get(n) === bytes) return [];
  if (places.has(n)) return [`P2 other bytes at ${n} than somebody was given before (${name})`];
  places.set(n, bytes);
  const { stream_id, seq, pos } = JSON.parse(data);
  if (seq === undefined)
    return pos === n ? [] : [`P8 a foreign record: ${pos} with the id of ${n} (${name})`];
  const stream = streamOf(known, stream_id);
  stream.home ??= feed;
  if (stream.home !== feed) return [`P8 a frame of another session: ${stream_id} (${name})`];
  return wrongFrame(stream, { stream_id, seq }, event, data, name);
}

/** What one reader was given at a number, everybody is; and it is what its id says. */
function wrongFrame(
  stream: Stream,
  is: { stream_id: string; seq: number },
  event: string,
  data: string,
  name: string,
): string[] {
  const bytes = `${event}\n${data}`;
  const known = stream.bytes.get(is.seq);
  if (known === bytes) return [];
  if (known !== undefined) return [`P2 other bytes at ${is.seq} than somebody was given before (${name})`];
  stream.bytes.set(is.seq, bytes);
  const said = JSON.parse(data);
  if (event in STATES_OF) stream.terminals.set(is.seq, event);
  if (event === 'stream_end') stream.end ??= { at: is.seq, outcome: said.terminal_state };
  if (said.stream_id === is.stream_id && said.seq === is.seq) return [];
  return [`P8 a foreign frame: ${said.stream_id}:${said.seq} with the id of ${is.seq} (${name})`];
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
