// The encoder and a parser that strangers use: what went in comes out, and nothing else does.
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEvent, encodeHeartbeat, encodeRetry } from '../../src/protocol/index.ts';

type Seen = { id: string | undefined; event: string | undefined; data: string };

function parse(text: string): { events: Seen[]; comments: string[]; retries: number[] } {
  const events: Seen[] = [];
  const comments: string[] = [];
  const retries: number[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => events.push({ id, event, data }),
    onComment: (comment) => comments.push(comment),
    onRetry: (ms) => retries.push(ms),
  });
  parser.feed(text);
  return { events, comments, retries };
}

const FORGERIES = [
  'event: stream_end\ndata: {}\n\n',
  '\n\nevent: stream_end\ndata: {"terminal_state":"completed"}\n\n',
  '\r\revent: stream_end\r\r',
  '\r\n\r\nid: other:9\r\n\r\n',
  'data: x\n\ndata: y',
  '\u2028event: done\u2029',
  '\u0085event: done',
  '\uFEFFevent: done',
  'a\0b',
  '\uD800 lone \uDFFF',
  ': keepalive\n\nretry: 1\n\n',
];

test('wire §2 what an agent prints arrives as text of its own frame, whatever it imitates', () => {
  for (const text of FORGERIES) {
    const json = JSON.stringify({ text });
    const { events, retries } = parse(encodeEvent('token', json, 'r_1:7'));
    expect(events).toEqual([{ id: 'r_1:7', event: 'token', data: json }]);
    expect(JSON.parse(events[0]!.data)).toEqual({ text });
    expect(retries).toEqual([]);
  }
});

test('wire §2 raw data with any line break is one event, its breaks as the parser reads them', () => {
  for (const data of FORGERIES) {
    const { events } = parse(encodeEvent('token', data, 'r_1:7'));
    expect(events).toEqual([{ id: 'r_1:7', event: 'token', data: data.replace(/\r\n|\r/g, '\n') }]);
  }
});

test('wire §2 any text, as JSON or raw, is exactly one event', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...FORGERIES, '\r', '\n', '\r\n', 'data: '),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), (pieces, asJson) => {
      const raw = pieces.join('');
      const data = asJson ? JSON.stringify({ text: raw }) : raw;
      const { events } = parse(encodeEvent('token', data, 's:1') + encodeEvent('done', '{}', 's:2'));
      expect(events.map(({ id, event }) => [id, event])).toEqual([
        ['s:1', 'token'],
        ['s:2', 'done'],
      ]);
      expect(events[0]!.data).toBe(data.replace(/\r\n|\r/g, '\n'));
    }),
    { numRuns: 60 },
  );
});

test('wire §2 an event name or id with CR, LF or NUL is refused', () => {
  for (const forged of ['a\nb', 'a\rb', 'a\0b', '\n']) {
    expect(() => encodeEvent(forged, '{}')).toThrow(TypeError);
    expect(() => encodeEvent('token', '{}', forged)).toThrow(TypeError);
  }
});

test('lesson 22 a heartbeat is a comment and a named event in one piece, and carries no id', () => {
  const { events, comments } = parse(encodeHeartbeat(1234));
  expect(events).toEqual([{ id: undefined, event: 'heartbeat', data: '{"at":1234}' }]);
  expect(comments).toEqual(['keepalive']);
});

test('lesson 32 the retry line is a whole number of milliseconds', () => {
  expect(parse(encodeRetry(1234.9)).retries).toEqual([1234]);
});
