// Readers that are slow, or never read: bounded memory here, nothing lost there (lessons 13, 15 and 26, P3, P10).
import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { SSE_UNSENT_BYTES_MAX } from '../../src/protocol/index.ts';
import { createClient, named, numbersOf, type SseEvent, upTo } from '../support/client.ts';
import { headOf, openRaw, type RawConnection, within } from '../support/raw.ts';
import { served } from '../support/served.ts';
import { type Running, startTestServer } from '../support/server.ts';

const weir = served({ heartbeat_ms: 100 });
const { client } = weir;

/** A run that says nothing, so that the test is its writer. */
async function silentRun(
  on: Running = weir,
): Promise<{ session_id: string; stream_id: string; path: string }> {
  const client = createClient(on.url);
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=2 stall=60@1');
  const path = `/api/chat/stream?stream_id=${stream_id}`;
  const reader = await client.read(path);
  await reader.until(named('token'));
  reader.close();
  return { session_id, stream_id, path };
}

const append = (stream_id: string, bytes: number, on: Running = weir) =>
  on.server.parts.journal.append({
    stream_id,
    epoch: 1,
    event: 'token',
    payload: JSON.stringify({ text: 'x'.repeat(bytes) }),
    at: Date.now(),
  });

async function paused(path: string, on: Running = weir): Promise<RawConnection> {
  const raw = openRaw(on.url, headOf(on.url, 'GET', path));
  await raw.until((text) => text.includes('event: token'));
  raw.socket.pause();
  return raw;
}

/** Resolves with the chunk that ends the response. */
function lastChunk({ socket }: RawConnection): Promise<void> {
  let tail = '';
  return new Promise((resolve) => {
    socket.on('data', (part) => {
      tail = (tail + part.subarray(-5).toString('latin1')).slice(-5);
      if (tail === '0\r\n\r\n') resolve();
    });
  });
}

/** The body without its chunk sizes. */
function bodyOf(text: string): string {
  let body = '';
  for (let at = text.indexOf('\r\n\r\n') + 4; at < text.length; ) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
  return body;
}

function eventsOf(raw: RawConnection): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, event = 'message', data }) => events.push({ id, event, data }),
  });
  parser.feed(bodyOf(raw.text()));
  return events;
}

const SAID = 100;
const SAID_BYTES = 200_000;

test('P10 a reader that pauses while 20 MB are said costs at most 1 MiB, and then gets all of it once, in order', async () => {
  const { hub } = weir.server.parts;
  const { stream_id, path } = await silentRun();
  const slow = await paused(path);
  const fast = await client.read(path);
  let most = 0;
  for (let at = 0; at < SAID; at += 1) {
    await append(stream_id, SAID_BYTES);
    most = Math.max(most, hub.unsent);
  }
  // Lesson 26: the fast one is not held up by the slow one.
  await within(
    5_000,
    'the fast one',
    fast.until(({ id }) => id === `${stream_id}:${SAID + 2}`),
  );
  // What is unsent now is the slow one's alone.
  await expect.poll(() => hub.size).toBe(2);
  const held = hub.unsent;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThanOrEqual(SSE_UNSENT_BYTES_MAX);
  expect(most).toBeLessThanOrEqual(2 * SSE_UNSENT_BYTES_MAX);
  expect((await client.post('/api/chat/cancel', { stream_id })).status).toBe(200);
  slow.socket.resume();
  await within(5_000, 'the slow one', lastChunk(slow));
  slow.socket.destroy();
  await fast.ended;
  const slowEvents = eventsOf(slow);
  const framesOf = (events: SseEvent[]) => events.filter(({ id }) => id);
  const replay = await client.read(path);
  await replay.ended;
  expect(numbersOf(replay.events)).toEqual(upTo(SAID + 4));
  expect(numbersOf(slowEvents)).toEqual(upTo(SAID + 4));
  expect(framesOf(slowEvents)).toEqual(framesOf(replay.events));
  expect(framesOf(fast.events)).toEqual(framesOf(replay.events));
});

test('P3 a reader that pauses and resumes at random, live all the while, misses nothing and gets nothing twice', async () => {
  const stream_id = await client.start(await client.session(), 'tokens=20000 rate=0');
  const raw = openRaw(weir.url, headOf(weir.url, 'GET', `/api/chat/stream?stream_id=${stream_id}`));
  let pieces = 0;
  raw.socket.on('data', () => {
    pieces += 1;
    if (pieces % 3 > 0) return;
    raw.socket.pause();
    setImmediate(() => setTimeout(() => raw.socket.resume(), pieces % 20));
  });
  await within(20_000, 'the end', lastChunk(raw));
  raw.socket.destroy();
  const events = eventsOf(raw);
  expect(numbersOf(events)).toEqual(upTo(numbersOf(events).length));
  expect(events.at(-1)!.event).toBe('stream_end');
  const said = events.filter(named('token')).map(({ data }) => JSON.parse(data).text);
  expect(said).toEqual(upTo(20_000).map((n) => `${n} `));
});

const SILENT_MS = 400;

test('lesson 26 a reader that never reads is destroyed with its subscription; the others are not touched', async () => {
  const strict = await startTestServer({ heartbeat_ms: 50 }, { silent_ms: SILENT_MS });
  try {
    const { hub } = strict.server.parts;
    const { stream_id, path, session_id } = await silentRun(strict);
    const dead = await Promise.all([
      paused(path, strict),
      paused(`/api/sessions/${session_id}/events`, strict),
    ]);
    const alive = await createClient(strict.url).read(path);
    expect(hub.size).toBe(3);
    for (let at = 0; at < SAID / 2; at += 1) await append(stream_id, SAID_BYTES, strict);
    await within(20 * SILENT_MS, 'both are let go', expect.poll(() => hub.size, { timeout: 8_000 }).toBe(1));
    expect(hub.unsent).toBe(0);
    await alive.until(({ id }) => id === `${stream_id}:${SAID / 2 + 2}`);
    const beats = alive.events.filter(named('heartbeat')).length;
    let later = 0;
    // An idle reader that has taken everything in is nobody to destroy: it lives on, heartbeat by heartbeat.
    await alive.until(({ event }) => event === 'heartbeat' && ++later > beats + (3 * SILENT_MS) / 50);
    expect(hub.size).toBe(1);
    alive.close();
    for (const { socket } of dead) socket.destroy();
  } finally {
    await strict.close();
  }
});

test('lesson 26 a reader that owes only little is destroyed likewise: heartbeats are no sign of its life', async () => {
  const strict = await startTestServer({ heartbeat_ms: 50 }, { silent_ms: SILENT_MS });
  try {
    const { hub } = strict.server.parts;
    const { stream_id, path } = await silentRun(strict);
    const dead = await paused(path, strict);
    while (hub.unsent === 0) await append(stream_id, 16_000, strict);
    expect(hub.unsent).toBeLessThan(256 * 1024);
    await within(10 * SILENT_MS, 'it is let go', expect.poll(() => hub.size, { timeout: 4_000 }).toBe(0));
    dead.socket.destroy();
  } finally {
    await strict.close();
  }
});

test('wire §7 a reader that takes nothing in does not hold up a shutdown', async () => {
  const own = await startTestServer();
  const { stream_id, path } = await silentRun(own);
  const dead = await paused(path, own);
  while (own.server.parts.hub.unsent === 0) await append(stream_id, SAID_BYTES, own);
  await within(8_000, 'the close', own.close());
  expect(own.server.parts.hub.size).toBe(0);
  dead.socket.destroy();
});
