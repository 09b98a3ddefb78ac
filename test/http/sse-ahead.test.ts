// The log may be a moment ahead of what the server has heard of it: its reader's thread is another than its writer's. A
// client that read a head there (`transcript_pos`, `last_seq`) comes with an honest cursor and is not told that it is ahead.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { createOriginGuard } from '../../src/http/origin.ts';
import { frameJson, type StoredRecord } from '../../src/protocol/index.ts';
import type { LogFeed } from '../../src/sessions/feed.ts';
import { type Client, createClient, named, numbersOf } from '../support/client.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const STREAM = 'r_1';
const IN_THE_LOG = 7;
let heard = 5;
let wakers: (() => void)[] = [];
let over = false;
const recordOf = (seq: number): StoredRecord => ({
  session_id: 's_1',
  pos: seq,
  stream_id: STREAM,
  seq,
  event: 'token',
  json: frameJson(STREAM, seq, seq, '{"text":"x"}'),
  at: seq,
});
/** A stream whose log holds 7 frames, of which 5 were heard of. */
const lagging: LogFeed = {
  kind: 'stream',
  feed_id: STREAM,
  kept_from: 1,
  tail: () => null,
  read: async (after, limit) => ({
    records: Array.from({ length: IN_THE_LOG }, (_, at) => recordOf(at + 1)).slice(after, after + limit),
    head: IN_THE_LOG,
    kept_from: 1,
  }),
  watch(wake) {
    wakers.push(wake);
    return {
      head: () => heard,
      isOver: () => over,
      unwatch: () => {
        wakers = wakers.filter((each) => each !== wake);
      },
    };
  },
};

let weir: TestServer;
let server: Server;
let client: Client;
beforeAll(async () => {
  weir = await startTestServer();
  const { parts } = weir.server;
  const sessions = { ...parts.sessions, streamFeed: async () => lagging };
  const app = createApp({ ...parts, sessions, guard: createOriginGuard([]), page_folder: '/nowhere' });
  server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  server.closeAllConnections();
  await weir.close();
});

const path = (after: number) => `/api/chat/stream?stream_id=${STREAM}&after_seq=${after}`;

test('lesson 10 a cursor that the log knows and we have not heard of yet is no reset; what follows comes once', async () => {
  const [beside, atHead] = [await client.read(path(6)), await client.read(path(IN_THE_LOG))];
  heard = IN_THE_LOG;
  over = true;
  for (const wake of wakers) wake();
  for (const reader of [beside, atHead]) await within(HANDLER_MS, 'the end', reader.ended);
  expect([numbersOf(beside.events), beside.events.some(named('reset'))]).toEqual([[7], false]);
  expect([numbersOf(atHead.events), atHead.events.some(named('reset'))]).toEqual([[], false]);
  expect(wakers).toEqual([]);
});

test('lesson 10 a cursor that the log does not know either is ahead', async () => {
  heard = 5;
  over = false;
  const reader = await client.read(path(IN_THE_LOG + 1));
  const reset = await within(HANDLER_MS, 'the reset', reader.until(named('reset')));
  expect(JSON.parse(reset.data)).toEqual({ reason: 'ahead', head: IN_THE_LOG });
  await reader.until(({ id }) => id === `${STREAM}:5`);
  reader.close();
  await expect.poll(() => wakers, { interval: 5 }).toEqual([]);
});
