// What shares a connection with a stream: the requests before it and after it. No byte of one stands in another (lesson 25).
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { chunkOf } from '../../src/http/sse-connection.ts';
import { createSseHub, type SseHub } from '../../src/http/sse-hub.ts';
import { systemClock, systemRandom } from '../../src/server.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const bare: Server[] = [];
afterEach(() => {
  for (const server of bare.splice(0)) server.closeAllConnections();
});

const EVENT = Buffer.from('data: shared\n\n');
const SHARED = { plain: EVENT, chunked: chunkOf(EVENT) };

test('lesson 25 a commit that comes after the end of a response is not written behind its last chunk', async () => {
  const hub: SseHub = createSseHub({
    heartbeat_ms: 60_000,
    lifetime_ms: 60_000,
    clock: systemClock,
    random: systemRandom,
  });
  const server = createServer((request, response) => {
    if (request.url !== '/stream') return void response.end('next');
    const connection = hub.open(response, null, () => {});
    connection.writeShared(SHARED);
    connection.end('data: bye\n\n');
    expect(connection.isClosed).toBe(true);
    connection.writeShared(SHARED);
    connection.write('data: too late\n\n');
  });
  bare.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const raw = openRaw(url, headOf(url, 'GET', '/stream'));
  await within(
    HANDLER_MS,
    'the end',
    raw.until((text) => text.includes('0\r\n\r\n')),
  );
  raw.socket.write(headOf(url, 'GET', '/next'));
  const text = await within(
    HANDLER_MS,
    'the next answer',
    raw.until((now) => now.endsWith('next')),
  );
  expect(text.split('\r\n0\r\n\r\n')[1]).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  raw.socket.destroy();
});

test('lesson 25 a stream that is asked for behind another request on its connection comes after it, whole', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=300 rate=0');
  const raw = openRaw(
    weir.url,
    headOf(weir.url, 'GET', '/health') +
      headOf(weir.url, 'GET', `/api/chat/stream?stream_id=${stream_id}`) +
      headOf(weir.url, 'GET', '/api/agents'),
  );
  const text = await within(
    HANDLER_MS,
    'the third answer',
    raw.until((now) => now.includes('"default":"demo"')),
  );
  const [, health, stream, agents] = text.split('HTTP/1.1 200 OK\r\n');
  expect(health).toContain('"ok":true');
  expect(stream).toContain('event: token');
  expect(stream!.trimEnd()).toMatch(/event: stream_end\ndata: .*\n\n\r\n0$/);
  expect(agents).toContain('"default":"demo"');
  raw.socket.destroy();
  await expect.poll(() => weir.server.parts.hub.size, { interval: 5 }).toBe(0);
});

test('P11 whoever leaves while its stream still waits behind another request is let go', async () => {
  const session_id = await client.session();
  const path = `/api/sessions/${session_id}/events`;
  const raw = openRaw(weir.url, headOf(weir.url, 'GET', path) + headOf(weir.url, 'GET', path));
  await expect.poll(() => weir.server.parts.hub.size, { interval: 5 }).toBe(2);
  raw.socket.resetAndDestroy();
  await expect.poll(() => weir.server.parts.hub.size, { interval: 5 }).toBe(0);
});
