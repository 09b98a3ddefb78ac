// Cursors over real sockets: what each asks for, and what each kind of wrong is answered with.
import { beforeAll, expect, test } from 'vitest';
import { named, numbersOf, type Reader, upTo } from '../support/client.ts';
import { HANDLER_MS, headOf, rawRequest, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;
let session_id: string;
/** A settled stream of 10 tokens, and another stream of the same session. */
let stream_id: string;
let other_id: string;
let head: number;
let pos_head: number;

beforeAll(async () => {
  session_id = await client.session();
  stream_id = await client.start(session_id, 'tokens=10');
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  other_id = await client.start(session_id, 'tokens=2');
  await (await client.read(`/api/chat/stream?stream_id=${other_id}`)).ended;
  head = (await status(stream_id)).journal.last_seq;
  pos_head = (await client.get(`/api/session?session_id=${session_id}`)).body.session.head;
});

const status = async (id: string) => (await client.get(`/api/chat/stream/status?stream_id=${id}`)).body;
const after = (n: number, upto: number) => upTo(upto).slice(n);

async function readAll(query: string, headers: Record<string, string> = {}): Promise<Reader> {
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}${query}`, headers);
  await within(HANDLER_MS, `the end of ${query}`, reader.ended);
  return reader;
}
const resetOf = (reader: Reader) => {
  const [reset] = reader.events.filter(named('reset'));
  return reset && JSON.parse(reset.data);
};

test('wire §3 each cursor gives what is above it, in order, once', async () => {
  expect(numbersOf((await readAll('')).events)).toEqual(upTo(head));
  for (const n of [0, 1, 7, head - 1]) {
    const id = `${stream_id}:${n}`;
    const readers = [
      await readAll(`&after_seq=${n}`),
      await readAll(`&after_event_id=${id}`),
      await readAll('', { 'last-event-id': id }),
    ];
    for (const reader of readers) {
      expect(numbersOf(reader.events)).toEqual(after(n, head));
      expect(resetOf(reader)).toBeUndefined();
    }
  }
});

test('lesson 11 header and queries together: the greater wins', async () => {
  const id = (n: number) => `${stream_id}:${n}`;
  const query = (text: string, header: number) => readAll(text, { 'last-event-id': id(header) });
  expect(numbersOf((await query(`&after_event_id=${id(3)}`, 8)).events)).toEqual(after(8, head));
  expect(numbersOf((await query(`&after_event_id=${id(8)}`, 3)).events)).toEqual(after(8, head));
  expect(numbersOf((await query(`&after_event_id=${id(2)}&after_seq=9`, 3)).events)).toEqual(after(9, head));
});

test('wire §3 a settled stream at its tail, or without replay: 204 and nothing else', async () => {
  const tails = [
    readAll(`&after_seq=${head}`),
    readAll('', { 'last-event-id': `${stream_id}:${head}` }),
    readAll('&replay=0'),
  ];
  for (const reader of await Promise.all(tails)) {
    expect(reader.status).toBe(204);
    expect(reader.events).toEqual([]);
  }
});

const INVALID: [string, string][] = [
  ['after_seq=-1', 'malformed'],
  ['after_seq=9007199254740993', 'malformed'],
  ['after_seq=1e1', 'malformed'],
  ['after_seq=', 'malformed'],
  ['after_seq=99999', 'ahead'],
  ['after_event_id=nonsense', 'malformed'],
  ['after_event_id=never-was:3', 'foreign'],
  ['after_event_id=..%2f..%2fetc:3', 'malformed'],
];

test('lesson 10 an invalid cursor is told why, and everything follows', async () => {
  for (const [query, reason] of INVALID) {
    const reader = await readAll(`&${query}`);
    expect(resetOf(reader), query).toEqual({ reason, head });
    expect(reader.events[0]).toMatchObject({ event: 'reset', id: undefined });
    expect(numbersOf(reader.events), query).toEqual(upTo(head));
  }
});

test('lesson 6 a cursor of another stream, or of the session, never filters this one', async () => {
  for (const foreign of [`${other_id}:3`, `${session_id}:3`]) {
    const byHeader = await readAll('', { 'last-event-id': foreign });
    expect(resetOf(byHeader)).toEqual({ reason: 'foreign', head });
    expect(numbersOf(byHeader.events)).toEqual(upTo(head));
    expect(resetOf(await readAll(`&after_event_id=${foreign}`)).reason).toBe('foreign');
  }
});

test('wire §3 a bad cursor at the settled tail is still told so, with replay=0 as well', async () => {
  const reader = await readAll('&replay=0&after_seq=-1');
  expect(resetOf(reader)).toEqual({ reason: 'malformed', head });
  expect(numbersOf(reader.events)).toEqual(upTo(head));
});

test('wire §3 a cursor over 1 KiB or with control characters is 400', async () => {
  const long = '1'.repeat(1025);
  const queries = [
    `after_seq=${long}`,
    `after_event_id=${stream_id}:${long}`,
    'after_seq=%00',
    'after_event_id=a%0Ab:1',
  ];
  for (const query of queries) {
    const { status, body } = await client.get(`/api/chat/stream?stream_id=${stream_id}&${query}`);
    expect([status, body.code], query).toEqual([400, 'bad_request']);
  }
  const header = headOf(weir.url, 'GET', `/api/chat/stream?stream_id=${stream_id}`, `Last-Event-ID: ${long}`);
  expect((await rawRequest(weir.url, header)).status).toBe(400);
});

test('wire §3 a cursor of a megabyte is 400 in words, in the query and in the header', async () => {
  const huge = '1'.repeat(1024 * 1024);
  const path = `/api/chat/stream?stream_id=${stream_id}`;
  for (const bytes of [
    headOf(weir.url, 'GET', `${path}&after_seq=${huge}`),
    headOf(weir.url, 'GET', path, `Last-Event-ID: ${huge}`),
  ]) {
    const { status, headers, body } = await rawRequest(weir.url, bytes);
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/json/);
    expect(JSON.parse(body)).toMatchObject({ code: 'bad_request' });
  }
});

test('wire §3 a NUL in the header is refused', async () => {
  const bytes = headOf(weir.url, 'GET', `/api/chat/stream?stream_id=${stream_id}`, 'Last-Event-ID: a\0:1');
  expect((await rawRequest(weir.url, bytes)).status).toBe(400);
});

test('wire §3 a cursor twice, or a parameter nobody knows, is refused by name', async () => {
  const path = `/api/chat/stream?stream_id=${stream_id}`;
  expect((await client.get(`${path}&after_seq=1&after_seq=2`)).body).toMatchObject({ field: 'after_seq' });
  expect((await client.get(`${path}&after=1`)).body).toMatchObject({ code: 'bad_request', field: 'after' });
  expect((await client.get(`${path}&replay=2`)).body).toMatchObject({ field: 'replay' });
  expect((await client.get(`/api/sessions/${session_id}/events?after_seq=1`)).body).toMatchObject({
    field: 'after_seq',
  });
});

async function readFeed(
  query: string,
  upto: (reader: Reader) => Promise<unknown>,
  header?: string,
): Promise<Reader> {
  const path = `/api/sessions/${session_id}/events?${query}`;
  const reader = await client.read(path, header ? { 'last-event-id': header } : {});
  await within(HANDLER_MS, `the feed of ${query}`, upto(reader));
  reader.close();
  await reader.ended;
  return reader;
}
const toHead = (reader: Reader) => reader.until(({ id }) => id === `${session_id}:${pos_head}`);

test('wire §3 the session feed walks from its cursors likewise, and resets likewise', async () => {
  for (const [query, header, n] of [
    ['', undefined, 0],
    ['after=5', undefined, 5],
    [`after_event_id=${session_id}:7`, undefined, 7],
    ['after=3', `${session_id}:9`, 9],
  ] as const)
    expect(numbersOf((await readFeed(query, toHead, header)).events), query).toEqual(after(n, pos_head));
  for (const [query, reason] of [
    ['after=-1', 'malformed'],
    ['after=99999', 'ahead'],
    [`after_event_id=${stream_id}:1`, 'foreign'],
  ]) {
    const reader = await readFeed(query!, toHead);
    expect(resetOf(reader)).toEqual({ reason, head: pos_head });
    expect(reader.events.findIndex(named('snapshot'))).toBe(0);
    expect(numbersOf(reader.events)).toEqual(upTo(pos_head));
  }
});

test('lesson 12 a cursor at the head of a live feed sends nothing until something new comes', async () => {
  const idle = await client.session();
  const { head: at } = (await client.get(`/api/session?session_id=${idle}`)).body.session;
  const tail = await client.read(`/api/sessions/${idle}/events?after=${at}`);
  const live = await client.read(`/api/sessions/${idle}/events?replay=0`);
  const run_id = await client.start(idle, 'tokens=3');
  for (const reader of [tail, live]) {
    await within(HANDLER_MS, 'the end of the run', reader.until(named('stream_end')));
    reader.close();
    expect(numbersOf(reader.events)[0]).toBe(at + 1);
    expect(numbersOf(reader.events)).toEqual(after(at, at + numbersOf(reader.events).length));
    expect(reader.events.find(({ id }) => id)).toMatchObject({ event: 'user_message' });
  }
  expect((await status(run_id)).state).toBe('settled');
});

test('wire §3 a live stream with replay=0 gives what comes from now on, without a hole', async () => {
  const run_id = await client.start(await client.session(), 'tokens=100 rate=400');
  const first = await client.read(`/api/chat/stream?stream_id=${run_id}`);
  await first.until(({ id }) => id === `${run_id}:20`);
  const live = await client.read(`/api/chat/stream?stream_id=${run_id}&replay=0`);
  await within(HANDLER_MS, 'the end', Promise.all([live.ended, first.ended]));
  const numbers = numbersOf(live.events);
  expect(numbers[0]).toBeGreaterThan(19);
  expect(numbers).toEqual(after(numbers[0]! - 1, numbers.at(-1)!));
  expect(live.events.at(-1)!.event).toBe('stream_end');
});

test('wire §3 an EventSource that reconnects with replay=0 in its old URL misses nothing', async () => {
  const reader = await readAll('&replay=0', { 'last-event-id': `${stream_id}:4` });
  expect(numbersOf(reader.events)).toEqual(after(4, head));
});

test('wire §4 an unknown stream or session is 404 before anything is opened', async () => {
  for (const path of [
    '/api/chat/stream?stream_id=r_none',
    '/api/chat/stream/status?stream_id=__proto__',
    '/api/sessions/constructor/events',
  ]) {
    const { status, body } = await client.get(path);
    expect([status, body.code]).toEqual([404, 'not_found']);
  }
});
