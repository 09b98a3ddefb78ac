// The board over real sockets: what it begins with, its cursors, and who is slow.
import { createParser } from 'eventsource-parser';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { followBoard } from '../../src/http/board-reader.ts';
import type { SseConnection } from '../../src/http/sse-connection.ts';
import {
  BOARD_RING_MAX,
  type Board,
  type BoardEvent,
  boardEventSchemas,
  boardSchema,
  foldBoard,
  type Session,
  SSE_BEHIND_BYTES,
  type Task,
} from '../../src/protocol/index.ts';
import { systemClock } from '../../src/server.ts';
import { createOwnerBoard, type ToldBoard } from '../../src/sessions/board.ts';
import { named, numbersOf, type Reader, type SseEvent } from '../support/client.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { served } from '../support/served.ts';
import { quietLog } from '../support/server.ts';

const weir = served();
const { client } = weir;
let board: ToldBoard;
beforeAll(async () => {
  board = weir.server.parts.sessions.board('owner') as ToldBoard;
});

const open = (query = '', headers = {}): Promise<Reader> => client.read(`/api/events${query}`, headers);
const until = (reader: Reader, what: string, is: (event: SseEvent) => boolean) =>
  within(HANDLER_MS, what, reader.until(is));
const dataOf = (event: SseEvent) => JSON.parse(event.data);
const says = (name: string, part: object) => (event: SseEvent) =>
  event.event === name && Object.entries(part).every(([key, value]) => dataOf(event)[key] === value);
const numbered = (n: number) => (event: SseEvent) => event.id === `${board.boot}:${n}`;
const heads = (reader: Reader) => reader.events.map(({ event }) => event);
/** Something that the board tells of without a run: it costs nothing. */
const rename = (session_id: string, title: string) =>
  board.session(session_id, { session_id, title } as Session);

/** The tasks of whoever has read these. */
function folded(events: SseEvent[]): Task[] {
  let tasks: ReadonlyMap<string, Task> = new Map();
  for (const { event, data } of events)
    if (event === 'snapshot')
      tasks = new Map((JSON.parse(data) as Board).tasks.map((task) => [task.task_id, task]));
    else if (event in boardEventSchemas)
      tasks = foldBoard(tasks, { event, data: JSON.parse(data) } as BoardEvent);
  return [...tasks.values()];
}

test('BR1 BR4 wire §4 another connection hears of a run’s start and end, of a name, a stop and a deletion, and knows the board', async () => {
  const reader = await open();
  expect((await until(reader, 'ready', named('ready'))).id).toBeUndefined();
  const first = await until(reader, 'the snapshot', named('snapshot'));
  expect(first.id).toBe(`${board.boot}:${dataOf(first).n}`);
  expect(heads(reader)).toEqual(['ready', 'snapshot']);
  expect(dataOf(reader.events[0]!)).toEqual({ boot: board.boot, n: dataOf(first).n });

  const session_id = await client.session({ title: 'A' });
  await until(reader, 'its making', says('session.changed', { session_id }));
  const task_id = await client.start(session_id, 'tokens=3000 rate=50');
  await until(reader, 'its run', says('task.created', { task_id, status: 'running' }));
  const renamed = client.request('PATCH', `/api/sessions/${session_id}`, { title: 'B' });
  const isB = (event: SseEvent) =>
    says('session.changed', { session_id })(event) && dataOf(event).session?.title === 'B';
  await until(reader, 'its name', isB);
  await renamed;
  await client.post('/api/chat/cancel', { stream_id: task_id });
  await until(reader, 'its stop', says('task.status', { task_id, status: 'killed', title: 'B' }));
  const other = await client.session({ title: 'C' });
  const failing = await client.start(other, 'tokens=3 rate=900 fail=overloaded@2');
  await until(reader, 'a failure', says('task.status', { task_id: failing, reason: 'overloaded' }));

  const now = (await client.get('/api/board')).body;
  expect(z.safeParse(boardSchema, now).error?.issues ?? []).toEqual([]);
  expect(now.tasks.map((task: Task) => [task.task_id, task.status])).toEqual([
    [task_id, 'killed'],
    [failing, 'error'],
  ]);
  await until(reader, 'all of it', (event) => event.id === `${now.boot}:${now.n}`);
  expect(folded(reader.events)).toEqual(now.tasks);

  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(204);
  const gone = (event: SseEvent) =>
    says('session.changed', { session_id })(event) && dataOf(event).session === null;
  await until(reader, 'its deletion', gone);
  expect(folded(reader.events).map((task) => task.task_id)).toEqual([failing]);

  const events = reader.events.filter(({ event }) => event in boardEventSchemas);
  expect(numbersOf(events)).toEqual(events.map((_, at) => dataOf(first).n + 1 + at));
  for (const { event, data } of events) {
    const schema = boardEventSchemas[event as keyof typeof boardEventSchemas] as z.ZodMiniType;
    expect(z.safeParse(schema, JSON.parse(data)).error?.issues ?? [], event).toEqual([]);
  }
  reader.close();
});

test('BR4 wire §3 who comes back with its last id gets what it missed and no snapshot; the greater of two counts', async () => {
  const from = board.head();
  for (let at = 0; at < 300; at += 1) rename(`s_${at % 3}`, `title ${at}`);
  const head = board.head();
  const reader = await open('', { 'last-event-id': `${board.boot}:${from}` });
  await until(reader, 'the newest', numbered(head));
  // All of it, though it is more than may wait: who was away was not slow.
  expect(numbersOf(reader.events)).toEqual(Array.from({ length: 300 }, (_, at) => from + 1 + at));
  expect(heads(reader)).not.toContain('snapshot');
  reader.close();

  const greater = await open(`?after_event_id=${board.boot}:${head - 2}`, {
    'last-event-id': `${board.boot}:${from}`,
  });
  await until(greater, 'the newest', numbered(head));
  expect(numbersOf(greater.events)).toEqual([head - 1, head]);
  // At the tail there is nothing to say until something comes.
  const tail = await open(`?after_event_id=${board.boot}:${head}`);
  rename('s_0', 'one more');
  await until(tail, 'the next', numbered(head + 1));
  expect(heads(tail)).toEqual(['ready', 'session.changed']);
  greater.close();
  tail.close();
});

test('BR4 wire §3 a cursor of another start, of the future or of nothing is reset, and a snapshot follows', async () => {
  const head = board.head();
  const cases: [cursor: string, reason: string][] = [
    ['b_elsewhere:3', 'foreign'],
    [`${board.boot}:${head + 1}`, 'ahead'],
    [`${board.boot}:x`, 'malformed'],
    ['nothing', 'malformed'],
  ];
  for (const [cursor, reason] of cases) {
    const reader = await open('', { 'last-event-id': cursor });
    const snapshot = await until(reader, 'the snapshot', named('snapshot'));
    expect(heads(reader), cursor).toEqual(['ready', 'reset', 'snapshot']);
    expect([reader.events[1]!.id, dataOf(reader.events[1]!)]).toEqual([
      undefined,
      { reason, head, boot: board.boot },
    ]);
    expect(snapshot.id).toBe(`${board.boot}:${head}`);
    reader.close();
  }
  const hostile = await client.get(`/api/events?after_event_id=${'x'.repeat(2_000)}`);
  expect([hostile.status, hostile.body.code]).toEqual([400, 'bad_request']);
});

test('BR3 wire §4 what the ring has no more is a gap, whose snapshot has the id that counts', async () => {
  const from = board.head();
  for (let at = 0; at < BOARD_RING_MAX + 1; at += 1) rename('s_ring', `title ${at}`);
  const head = board.head();
  const reader = await open('', { 'last-event-id': `${board.boot}:${from}` });
  const snapshot = await until(reader, 'the snapshot', named('snapshot'));
  expect(heads(reader)).toEqual(['ready', 'gap', 'snapshot']);
  // Who is cut off between the two comes back from where it was.
  expect([reader.events[1]!.id, dataOf(reader.events[1]!)]).toEqual([
    undefined,
    { from: from + 1, to: head },
  ]);
  expect([snapshot.id, dataOf(snapshot).n]).toEqual([`${board.boot}:${head}`, head]);
  reader.close();
  // The oldest that is kept is enough.
  const kept = await open('', { 'last-event-id': `${board.boot}:${head - BOARD_RING_MAX}` });
  await until(kept, 'the newest', numbered(head));
  expect(kept.events.length).toBe(1 + BOARD_RING_MAX);
  kept.close();
});

test('BR3 P10 a reader that takes nothing in is told of the gaps and of the newest of each, and memory stays flat', async () => {
  const { hub } = weir.server.parts;
  const slow = openRaw(weir.url, headOf(weir.url, 'GET', '/api/events'));
  await slow.until((text) => text.includes('event: snapshot'));
  slow.socket.pause();
  const from = board.head();
  const title = 'x'.repeat(3_000);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let most = 0;
  /** Tells of five sessions in turn; each turn of the loop writes what its sockets take. */
  const tell = async (count: number) => {
    for (let at = 0; at < count; at += 1) {
      rename(`s_slow_${at % 5}`, `${at} ${title}`);
      await turn();
      most = Math.max(most, hub.unsent);
    }
  };
  while (hub.unsent <= SSE_BEHIND_BYTES) await tell(50);
  await tell(500);
  const head = board.head();
  slow.socket.resume();
  let isOver = false;
  const over = slow
    .until((text) => text.includes(`"n":${head},`))
    .finally(() => {
      isOver = true;
    });
  const watching = (async () => {
    for (; !isOver; await turn()) most = Math.max(most, hub.unsent);
  })();
  await within(3 * HANDLER_MS, 'the newest', over);
  await watching;
  slow.socket.destroy();
  expect(most).toBeLessThan(2 * SSE_BEHIND_BYTES);

  const events: SseEvent[] = [];
  const parser = createParser({ onEvent: ({ id, event = '', data }) => events.push({ id, event, data }) });
  const text = slow.text();
  // Chunk sizes stand on lines of their own: a field that no parser knows.
  parser.feed(`${text.slice(text.indexOf('event: ready'))}\r\n\r\n`);
  const later = events.filter(({ event }) => event === 'gap' || event === 'session.changed');
  expect(later.some(({ event }) => event === 'gap')).toBe(true);
  let told = from;
  for (const { id, event, data } of later) {
    const { from: first, to } = event === 'gap' ? JSON.parse(data) : { from: numberOf(id), to: numberOf(id) };
    expect([first, numberOf(id)]).toEqual([told + 1, to]);
    told = to;
  }
  expect(told).toBe(head);
});

test('BR3 P10 no more is written than a socket may be behind, and one event; the rest goes when it has drained', () => {
  const own = createOwnerBoard({ boot: 'b_own', clock: systemClock, log: quietLog });
  const title = 'x'.repeat(10_000);
  const tell = (count: number) => {
    for (let at = 0; at < count; at += 1)
      own.session(`s_${at}`, { session_id: `s_${at}`, title: `${at} ${title}` } as Session);
  };
  let drained: () => void = () => {};
  const written: string[] = [];
  const connection = {
    isClosed: false,
    unsent: 0,
    write(bytes: string) {
      written.push(bytes);
      this.unsent += bytes.length;
    },
    writeShared({ plain }: { plain: Buffer }) {
      this.write(plain.toString());
    },
    whenDrained(then: () => void) {
      drained = then;
    },
  };
  tell(150);
  followBoard(connection as unknown as SseConnection, own, 'b_own:0', true);
  for (let rounds = 0; rounds < 20 && connection.unsent > 0; rounds += 1) {
    expect(connection.unsent).toBeLessThan(SSE_BEHIND_BYTES + 2 * title.length);
    connection.unsent = 0;
    drained();
  }
  expect(written).toHaveLength(1 + 150);
});

const numberOf = (id: string | undefined): number => Number(id?.split(':')[1]);
