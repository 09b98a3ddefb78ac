// The checker of histories: a good one passes, and each way to be wrong is found. A campaign is worth what this can find.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from './history.ts';
import { checkHistory } from './history-check.ts';

const LENGTH = 6;
const EVENTS = ['stream_started', 'token', 'token', 'token', 'done', 'stream_end'];

/** Frame `n` of a stream of six. */
function frame(connection: number, n: number, stream_id = 'one'): Entry & { what: 'given' } {
  const event = EVENTS[n - 1]!;
  const more = event === 'stream_end' ? { terminal_state: 'completed' } : { text: `${n} ` };
  const data = JSON.stringify({ stream_id, seq: n, at: 7, ...more });
  return { what: 'given', at: 7, connection, id: `${stream_id}:${n}`, event, data };
}

const asked = (connection: number, after = 0, stream_id = 'one'): Entry => ({
  what: 'asked',
  at: 7,
  connection,
  reader: `reader ${connection}`,
  kind: 'stream',
  feed: stream_id,
  cursor: after === 0 ? null : `${stream_id}:${after}`,
});

const from = (connection: number, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => frame(connection, first + at));

/** One that leaves after three and comes back, and one that reads all. */
const GOOD: Entry[] = [
  { what: 'promised', at: 7, stream_id: 'one', outcome: 'completed' },
  asked(1),
  ...from(1, 1, 3),
  asked(2, 3),
  ...from(2, 4, LENGTH),
  asked(3),
  ...from(3, 1, LENGTH),
];

const found = (entries: Entry[]): string => checkHistory(entries).violations[0] ?? 'nothing';

/** GOOD with the entry of frame `n` on `connection` replaced. */
const replacing = (connection: number, n: number, ...by: Entry[]): Entry[] =>
  GOOD.flatMap((entry) =>
    entry.what === 'given' && entry.connection === connection && entry.id === `one:${n}` ? by : [entry],
  );

/** One more frame behind the end of the stream, with bytes of its own. */
function late(connection: number, event: string): Entry {
  const data = JSON.stringify({ stream_id: 'one', seq: LENGTH + 1, at: 7 });
  return { what: 'given', at: 7, connection, id: `one:${LENGTH + 1}`, event, data };
}

test('P2 P3 P4 a history in which nothing is wrong is counted, and nothing is found', () => {
  expect(checkHistory(GOOD)).toEqual({
    violations: [],
    connections: 3,
    given: 12,
    frames: 6,
    streams: 1,
    outcomes: { completed: 1 },
  });
});

const other = (n: number, changes: Partial<Entry & { what: 'given' }>): Entry => ({
  ...frame(2, n),
  ...changes,
});

test.each<[string, RegExp, Entry[]]>([
  ['a hole', /^P3 a hole: one:5 after 3/, replacing(2, 4)],
  ['a hole at the seam', /^P3 a hole: one:5 after 3/, [...GOOD, asked(4, 3), frame(4, 5)]],
  ['a frame twice', /^P3 a frame twice: one:4 after 4/, replacing(2, 4, frame(2, 4), frame(2, 4))],
  ['the frame of the cursor again', /^P3 a frame twice: one:3 after 3/, [...GOOD, asked(4, 3), frame(4, 3)]],
  ['another order', /^P3 a hole: one:5 after 3/, replacing(2, 4, frame(2, 5), frame(2, 4))],
  ['a foreign frame', /^P8 a foreign frame: two:4/, replacing(2, 4, frame(2, 4, 'two'))],
  [
    'a foreign frame under our id',
    /^P8 a foreign frame: two:4 with the id of 4/,
    replacing(2, 4, other(4, { data: frame(2, 4, 'two').data })),
  ],
  [
    'the number of another frame',
    /^P8 a foreign frame: one:5 with the id of 4/,
    replacing(2, 4, other(4, { data: frame(2, 5).data })),
  ],
  [
    'a second terminal',
    /^P4 2 terminals: cancel,done/,
    GOOD.map((entry) =>
      entry.what === 'given' && entry.id === 'one:4' ? { ...entry, event: 'cancel' } : entry,
    ),
  ],
  [
    'no terminal',
    /^P4 0 terminals/,
    GOOD.map((entry) =>
      entry.what === 'given' && entry.id === 'one:5' ? { ...entry, event: 'token' } : entry,
    ),
  ],
  [
    'an end that contradicts its terminal',
    /^P4 cancel is no end as completed/,
    GOOD.map((entry) =>
      entry.what === 'given' && entry.id === 'one:5' ? { ...entry, event: 'cancel' } : entry,
    ),
  ],
  ['something after stream_end', /^P4 something after stream_end: one:7/, [...GOOD, late(3, 'title')]],
  [
    'what was acknowledged lost',
    /^P2 1 frames were given, and the stream ends before them/,
    [...GOOD, asked(4, LENGTH), late(4, 'token')],
  ],
  [
    'other bytes in another reader',
    /^P2 other bytes at 4/,
    replacing(3, 4, { ...frame(3, 4), data: frame(3, 4).data.replace('4 ', 'x ') }),
  ],
  [
    'another event in another reader',
    /^P2 other bytes at 4/,
    replacing(3, 4, { ...frame(3, 4), event: 'reasoning' }),
  ],
  ['a stream without an end', /^Q1 no stream_end/, GOOD.slice(0, 5)],
  [
    'a promised stream that nobody ever saw',
    /^Q1 no stream_end \(two\)/,
    [...GOOD, { ...GOOD[0]!, stream_id: 'two' } as Entry],
  ],
  ['a log that nobody was given from its beginning', /^P2 nobody was given all of it/, GOOD.slice(5, 9)],
  [
    'another end than promised',
    /^ST7 cancelled was promised, it is completed/,
    [...GOOD, { what: 'promised', at: 7, stream_id: 'one', outcome: 'cancelled' }],
  ],
  [
    'an honest cursor that was reset',
    /^P3 an honest cursor was reset/,
    [...GOOD, asked(4, 3), { ...frame(4, 4), id: null, event: 'reset' }],
  ],
])('P2 P3 P4 P8 the checker finds %s', (_what, words, entries) => {
  expect(found(entries)).toMatch(words);
});

/** A page's connection: the session's feed, in which the six frames stand behind the message, from place 2 on. */
const page = (connection: number, after = 0, session_id = 'home'): Entry => ({
  ...(asked(connection, after, session_id) as Entry & { what: 'asked' }),
  kind: 'session',
});

function record(connection: number, pos: number, session_id = 'home'): Entry & { what: 'given' } {
  const id = `${session_id}:${pos}`;
  if (pos > 1) return { ...frame(connection, pos - 1), id };
  const data = JSON.stringify({ pos, at: 7, stream_id: 'one', text: 'go' });
  return { what: 'given', at: 7, connection, id, event: 'user_message', data };
}

const records = (connection: number, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => record(connection, first + at));

const PAGE: Entry[] = [...GOOD, page(7), ...records(7, 1, 4), page(8, 4), ...records(8, 5, 7)];

test('P3 the frames of a session’s feed are those of its run, byte for byte', () => {
  expect(checkHistory(PAGE)).toMatchObject({ violations: [], given: 19, frames: 6, streams: 1 });
});

test.each<[string, RegExp, Entry[]]>([
  ['a hole', /^P3 a hole: home:6 after 4/, [...PAGE, page(9, 4), record(9, 6)]],
  ['a record twice', /^P3 a frame twice: home:4 after 4/, [...PAGE, page(9, 4), record(9, 4)]],
  [
    'a record of another session',
    /^P8 a foreign frame: other:5/,
    [...PAGE, page(9, 4), record(9, 5, 'other')],
  ],
  [
    'a run in two sessions',
    /^P8 a frame of another session: one/,
    [...PAGE, page(9, 1, 'other'), record(9, 2, 'other')],
  ],
  [
    'other bytes than in the run’s own feed',
    /^P2 other bytes at 4/,
    [...GOOD, page(7, 4), { ...record(7, 5), event: 'reasoning' }],
  ],
  [
    'other bytes in another page',
    /^P2 other bytes at 1/,
    [...PAGE, page(9), { ...record(9, 1), data: record(9, 1).data.replace('go', 'no') }],
  ],
  [
    'the place of another record',
    /^P8 a foreign record: 1 with the id of 2/,
    [...GOOD, page(7, 1), { ...record(7, 1), id: 'home:2' }],
  ],
  [
    'a cursor that was reset',
    /^P3 an honest cursor was reset/,
    [...PAGE, page(9, 4), { ...record(9, 4), id: null, event: 'reset' }],
  ],
])('P2 P3 P8 the checker finds %s in a session’s feed', (_what, words, entries) => {
  expect(found(entries)).toMatch(words);
});

test('P3 whatever one frame of one connection is turned into, it is found', () => {
  const places = GOOD.flatMap((entry, at) => (entry.what === 'given' ? [at] : []));
  const change = fc.constantFrom('dropped', 'doubled', 'swapped', 'changed', 'moved to another connection');
  fc.assert(
    fc.property(fc.constantFrom(...places), change, (at, how) => {
      const entry = GOOD[at] as Entry & { what: 'given' };
      const entries = [...GOOD];
      if (how === 'dropped') entries.splice(at, 1);
      else if (how === 'doubled') entries.splice(at, 0, entry);
      else if (how === 'changed') entries[at] = { ...entry, data: entry.data.replace('"at":7', '"at":8') };
      else if (how === 'swapped') entries.splice(at - 1, 2, entry, entries[at - 1]!);
      else entries[at] = { ...entry, connection: (entry.connection % 3) + 1 };
      // One that leaves a frame earlier has been given less, and nothing wrong; the last one shows that all was readable.
      const isLast = !GOOD.slice(at + 1).some(
        (later) => later.what === 'given' && later.connection === entry.connection,
      );
      fc.pre(!(how === 'dropped' && isLast && entry.connection < 3));
      let isFound: boolean;
      try {
        isFound = checkHistory(entries).violations.length > 0;
      } catch {
        isFound = true;
      }
      expect(isFound).toBe(true);
    }),
    { numRuns: 200 },
  );
});
