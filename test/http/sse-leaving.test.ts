// Every way out of a stream: whoever leaves, is cut, or was gone before it began, leaves nothing behind (P11, lesson 26).
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createSseHub, type SseHub } from '../../src/http/sse-hub.ts';
import { systemClock, systemRandom } from '../../src/server.ts';
import { createClient, named } from '../support/client.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { served } from '../support/served.ts';
import { startTestServer } from '../support/server.ts';

const weir = served();
const { client } = weir;

const { parse } = JSON;
const bare: Server[] = [];
afterEach(() => {
  for (const server of bare.splice(0)) server.closeAllConnections();
});

const newHub = (): SseHub =>
  createSseHub({ heartbeat_ms: 60_000, lifetime_ms: 60_000, clock: systemClock, random: systemRandom });

/** A server of one handler, and its URL. */
async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  bare.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How many read this session now, this look not counted. */
async function readersOf(session_id: string): Promise<number> {
  const { cell, release } = await weir.server.parts.sessions.hold('owner', session_id);
  const { readers } = cell.actor.getSnapshot().context;
  release();
  return readers - 1;
}
const nobodyReads = (session_id: string) =>
  expect
    .poll(async () => [weir.server.parts.hub.size, await readersOf(session_id)], { interval: 5 })
    .toEqual([0, 0]);

test('lesson 28 a reader that was gone before its stream began is not kept', async () => {
  const hub = newHub();
  let closed = 0;
  const opened = new Promise<void>((resolve) => {
    serve((response) => {
      response.once('close', () => {
        hub.open(response, null, () => {
          closed += 1;
        });
        resolve();
      });
    }).then((url) => {
      const raw = openRaw(url, headOf(url, 'GET', '/'));
      raw.socket.once('connect', () => setImmediate(() => raw.socket.destroy()));
    });
  });
  await within(HANDLER_MS, 'the late open', opened);
  await expect.poll(() => [hub.size, closed], { interval: 5 }).toEqual([0, 1]);
});

test('P11 streams one after another on one connection leave no listener and no timer on its socket', async () => {
  const hub = newHub();
  const sockets = new Set<Socket>();
  const listeners = (socket: Socket) =>
    Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
  const counts: object[] = [];
  const url = await serve((response) => {
    sockets.add(response.socket!);
    counts.push(listeners(response.socket!));
    hub.open(response, null, () => {}).end('data: x\n\n');
  });
  const { Agent } = await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let at = 0; at < 12; at += 1)
    await new Promise<void>((resolve) =>
      get(url, { agent }, (response) => response.resume().on('end', () => setImmediate(resolve))),
    );
  agent.destroy();
  expect(sockets.size).toBe(1);
  expect(counts.at(-1)).toEqual(counts[1]);
  expect(hub.size).toBe(0);
});

test('lesson 35 ending an ended stream, or destroying it twice, is nothing', async () => {
  const hub = newHub();
  let closed = 0;
  const url = await serve((response) => {
    const connection = hub.open(response, null, () => {
      closed += 1;
    });
    connection.end('data: bye\n\n');
    connection.end('data: again\n\n');
    connection.write('data: too late\n\n');
    connection.writeShared({ plain: Buffer.from('x'), chunked: Buffer.from('1\r\nx\r\n') });
    response.on('close', () => {
      connection.end();
      connection.destroy();
      connection.destroy();
    });
  });
  const text = await (await fetch(url)).text();
  expect(text).toMatch(/^retry: \d+\n\ndata: bye\n\n$/);
  await expect.poll(() => closed, { interval: 5 }).toBe(1);
  expect(hub.size).toBe(0);
});

test('lesson 26 twenty readers that vanish without a word are unsubscribed', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'stall=60@3');
  const paths = [`/api/sessions/${session_id}/events`, `/api/chat/stream?stream_id=${stream_id}`];
  const readers = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const raw = openRaw(weir.url, headOf(weir.url, 'GET', paths[at % 2]!));
      await raw.until((text) => text.includes('event: token'));
      return raw;
    }),
  );
  expect(weir.server.parts.hub.size).toBe(20);
  expect(await readersOf(session_id)).toBe(10);
  for (const { socket } of readers) socket.resetAndDestroy();
  await nobodyReads(session_id);
  // ST8: and the run never noticed.
  expect((await client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body.state).toBe('active');
  await client.post('/api/chat/cancel', { stream_id });
});

test('P11 requests cut in the moment of opening leave nothing behind', async () => {
  const session_id = await client.session();
  await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      const raw = openRaw(weir.url, headOf(weir.url, 'GET', `/api/sessions/${session_id}/events`));
      raw.socket.once('connect', () =>
        at % 2 ? setImmediate(() => raw.socket.destroy()) : raw.socket.destroy(),
      );
      await raw.closed;
    }),
  );
  // The server has taken in all of them once it answers one that came after.
  await client.get('/health');
  await nobodyReads(session_id);
});

test('lesson 18 every terminal lets its readers go: done, cancel, apperror', async () => {
  for (const message of ['tokens=2', 'fail=overloaded@1', 'stall=60@1']) {
    const session_id = await client.session();
    const stream_id = await client.start(session_id, message);
    const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
    await reader.until(named('token'));
    if (message.startsWith('stall')) await client.post('/api/chat/cancel', { stream_id });
    await within(8_000, `the end of ${message}`, reader.ended);
    expect(reader.events.at(-1)!.event).toBe('stream_end');
    await nobodyReads(session_id);
  }
});

test('wire §4 a deleted session tells its readers so and lets them go, behind or not', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'stall=60@3');
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  const stream = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  const slow = openRaw(weir.url, headOf(weir.url, 'GET', `/api/sessions/${session_id}/events`));
  await feed.until(named('token'));
  await slow.until((text) => text.includes('event: token'));
  slow.socket.pause();
  const { journal, hub } = weir.server.parts;
  const payload = JSON.stringify({ text: 'x'.repeat(200_000) });
  for (let at = 0; at < 100; at += 1)
    await journal.append({ stream_id, epoch: 1, event: 'token', payload, at: Date.now() });
  expect(hub.size).toBe(3);
  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(204);
  await within(HANDLER_MS, 'the readers let go', Promise.all([feed.ended, stream.ended]));
  expect(feed.events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"deleted"}' });
  expect(stream.events.at(-1)!.event).toBe('stream_end');
  slow.socket.resume();
  await within(
    HANDLER_MS,
    'the slow one',
    slow.until((text) => text.includes('event: end\n')),
  );
  await within(HANDLER_MS, 'the slow one let go', expect.poll(() => hub.size, { interval: 5 }).toBe(0));
  slow.socket.destroy();
});

test('wire §2 a server that stops tells every reader and lets it go', async () => {
  const own = await startTestServer();
  const theirs = createClient(own.url);
  const session_id = await theirs.session();
  const stream_id = await theirs.start(session_id, 'tokens=1000 rate=50');
  const readers = await Promise.all([
    theirs.read(`/api/sessions/${session_id}/events`),
    theirs.read(`/api/chat/stream?stream_id=${stream_id}`),
  ]);
  await readers[0].until(named('token'));
  await within(HANDLER_MS, 'the close', own.server.close());
  for (const reader of readers) {
    await reader.ended;
    expect(reader.events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"shutdown"}' });
    expect(parse(reader.events.find(named('token'))!.data).seq).toBe(2);
  }
  expect(own.server.parts.hub.size).toBe(0);
  await own.close();
});
