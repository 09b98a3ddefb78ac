// One reader on a log, with a socket that drains when it likes, pages that come when they like, and others that write on
// the same connection: whatever the order, it gets what is above its cursor, once, in order, in whole events (P3, P10).
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogReader } from '../../src/http/log-reader.ts';
import { createSseBytes, PAGE_COST_BYTES, PAGES_BYTES_MAX } from '../../src/http/sse-bytes.ts';
import type { SseConnection } from '../../src/http/sse-connection.ts';
import {
  encodeHeartbeat,
  FRAME_BYTES_MAX,
  frameJson,
  SSE_UNSENT_BYTES_MAX,
  type StoredRecord,
} from '../../src/protocol/index.ts';
import type { LogFeed, Tail } from '../../src/sessions/feed.ts';

const FEED = 'r_1';
const recordOf = (seq: number, bytes: number): StoredRecord => ({
  session_id: 's_1',
  pos: seq,
  stream_id: FEED,
  seq,
  event: 'token',
  json: frameJson(FEED, seq, seq, JSON.stringify({ text: `${seq}\n${'x'.repeat(bytes)}` })),
  at: seq,
});

/** A log in memory; its pages come when `deliver` is called. Like the real one, a page holds at most about 1 MiB. */
function createLog() {
  const log: StoredRecord[] = [];
  let tail: Tail | null = null;
  let reads: (() => void)[] = [];
  let over = false;
  /** Commits that are in the log, and that we have not heard of: the reader's thread may be faster than the writer's word. */
  const unheard: Tail[] = [];
  let heard = 0;
  const feed: LogFeed = {
    kind: 'stream',
    feed_id: FEED,
    kept_from: 1,
    tail: () => tail,
    read: (after, limit) =>
      new Promise((resolve) =>
        reads.push(() => {
          const records: StoredRecord[] = [];
          let bytes = 0;
          for (const record of log.slice(after, after + limit)) {
            if (records.length > 0 && bytes > SSE_UNSENT_BYTES_MAX) break;
            bytes += record.json.length;
            records.push(record);
          }
          resolve({ records, head: log.length, kept_from: 1 });
        }),
      ),
    watch: () => ({ head: () => heard, isOver: () => over, unwatch: () => {} }),
  };
  return {
    feed,
    log,
    get reading() {
      return reads.length;
    },
    get heard() {
      return heard;
    },
    write(sizes: number[]) {
      const records = sizes.map((bytes, at) => recordOf(log.length + at + 1, bytes));
      log.push(...records);
      unheard.push({ first: records[0]!.seq!, last: records.at(-1)!.seq!, records });
    },
    hear() {
      tail = unheard.shift() ?? tail;
      heard = tail?.last ?? 0;
    },
    commit(sizes: number[]) {
      this.write(sizes);
      this.hear();
    },
    end() {
      over = true;
    },
    async deliver() {
      const due = reads;
      reads = [];
      for (const read of due) read();
      // The page passes through a few promises on its way.
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    },
  };
}

/** A connection whose peer takes bytes when `drain` is called. */
function createPeer() {
  const written: string[] = [];
  let unsent = 0;
  let most = 0;
  let then: (() => void) | undefined;
  let ended = false;
  const take = (bytes: Buffer | string) => {
    written.push(bytes.toString());
    unsent += bytes.length;
    most = Math.max(most, unsent);
  };
  const connection: SseConnection = {
    get isClosed() {
      return ended;
    },
    get unsent() {
      return unsent;
    },
    write: take,
    writeShared: (shared) => take(shared.plain),
    whenDrained(next) {
      then = next;
    },
    end() {
      ended = true;
    },
    destroy() {
      ended = true;
    },
  };
  return {
    connection,
    text: () => written.join(''),
    get most() {
      return most;
    },
    get isWaiting() {
      return then !== undefined;
    },
    get isEnded() {
      return ended;
    },
    drain() {
      unsent = 0;
      const next = then;
      then = undefined;
      next?.();
    },
  };
}

type Log = ReturnType<typeof createLog>;
type Peer = ReturnType<typeof createPeer>;

function attach(log: Log, peer: Peer, after: number, bytes = createSseBytes()) {
  const watched = log.feed.watch(() => {});
  return createLogReader({
    feed: log.feed,
    connection: peer.connection,
    bytes,
    after,
    head: watched.head,
    isOver: watched.isOver,
    onEnd: () => peer.connection.end(),
    onFault: (bug) => {
      throw bug;
    },
  });
}

function idsIn(text: string): { ids: number[]; wrong: string[] } {
  const ids: number[] = [];
  const wrong: string[] = [];
  const parser = createParser({
    onEvent({ id, event, data }) {
      if (event === 'heartbeat') return;
      const { seq, text: said } = JSON.parse(data);
      if (id !== `${FEED}:${seq}` || !said.startsWith(`${seq}\n`)) wrong.push(data.slice(0, 80));
      ids.push(seq);
    },
    onError: (error) => wrong.push(error.message),
  });
  parser.feed(text);
  return { ids, wrong };
}

type Step = { do: 'write'; sizes: number[] } | { do: 'hear' | 'drain' | 'deliver' | 'beat' | 'wake' };

const size = fc.oneof(
  { weight: 6, arbitrary: fc.nat(200) },
  { weight: 2, arbitrary: fc.nat(40_000) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: FRAME_BYTES_MAX - 200 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), sizes: fc.array(size, { minLength: 1, maxLength: 12 }) }),
  fc.record({
    do: fc.constantFrom(
      'hear' as const,
      'drain' as const,
      'deliver' as const,
      'beat' as const,
      'wake' as const,
    ),
  }),
);

test('P3 P10 whatever the order of commits, drains, pages and heartbeats: 1 … n once, in order, bounded', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 30 }),
      fc.nat(30),
      fc.array(step, { maxLength: 60 }),
      async (first, cursor, steps) => {
        const log = createLog();
        log.commit(first);
        const after = Math.min(cursor, first.length);
        const peer = createPeer();
        const reader = attach(log, peer, after);
        reader.wake();
        for (const each of steps) {
          if (each.do === 'write') log.write(each.sizes);
          else if (each.do === 'hear') {
            log.hear();
            reader.wake();
          } else if (each.do === 'drain') peer.drain();
          else if (each.do === 'deliver') await log.deliver();
          else if (each.do === 'beat') peer.connection.write(encodeHeartbeat(1));
          else reader.wake();
          // Nobody is shown what we have not heard of: an honest cursor would be ahead of us.
          expect(reader.cursor).toBeLessThanOrEqual(Math.max(after, log.heard));
        }
        while (log.heard < log.log.length) {
          log.hear();
          reader.wake();
        }
        log.end();
        reader.wake();
        // Liveness: a peer that takes all and pages that come bring it to the end (Q2).
        for (let turn = 0; turn < 400 && !peer.isEnded; turn += 1) {
          peer.connection.write(encodeHeartbeat(1));
          peer.drain();
          await log.deliver();
        }
        expect(peer.isEnded).toBe(true);
        const { ids, wrong } = idsIn(peer.text());
        expect(wrong).toEqual([]);
        expect(ids).toEqual(log.log.slice(after).map(({ seq }) => seq));
        expect(peer.most).toBeLessThanOrEqual(SSE_UNSENT_BYTES_MAX + 10_000);
      },
    ),
    { numRuns: 150 },
  );
});

test('P10 a reader that is behind asks for nothing until it has drained, however often it is woken', () => {
  const log = createLog();
  const peer = createPeer();
  const reader = attach(log, peer, 0);
  for (let at = 0; at < 200; at += 1) {
    log.commit([20_000]);
    reader.wake();
  }
  expect(peer.isWaiting).toBe(true);
  expect(log.reading).toBe(0);
  expect(peer.most).toBeLessThanOrEqual(SSE_UNSENT_BYTES_MAX);
});

test('lesson 9 the last frame of a settled log is sent before the end, to one that stands right before it', async () => {
  const log = createLog();
  log.commit([1, 1, 1]);
  log.end();
  const peer = createPeer();
  attach(log, peer, 2).wake();
  await log.deliver();
  expect(idsIn(peer.text()).ids).toEqual([3]);
  expect(peer.isEnded).toBe(true);
});

test('P10 a thousand readers that come back at once cost one read of the log per page', async () => {
  const log = createLog();
  log.commit(Array(600).fill(10));
  log.end();
  const bytes = createSseBytes();
  const peers = Array.from({ length: 1_000 }, () => createPeer());
  for (const [at, peer] of peers.entries()) attach(log, peer, at % 250, bytes).wake();
  const reads: number[] = [];
  while (log.reading > 0) {
    reads.push(log.reading);
    await log.deliver();
  }
  expect(reads).toEqual([1, 1, 1]);
  expect(peers.filter((peer) => !peer.isEnded)).toEqual([]);
  for (const at of [0, 1, 249, 250, 999]) {
    const { ids } = idsIn(peers[at]!.text());
    expect([ids[0], ids.length]).toEqual([(at % 250) + 1, 600 - (at % 250)]);
  }
});

test('P10 readers that come back one after the other cost one read of the log per page as well, also of the last', async () => {
  const log = createLog();
  log.commit(Array(600).fill(10));
  log.end();
  const bytes = createSseBytes();
  let reads = 0;
  for (const after of [0, 599, 1, 255, 256, 500, 598]) {
    const peer = createPeer();
    attach(log, peer, after, bytes).wake();
    for (let turn = 0; turn < 6; turn += 1, await log.deliver()) reads += log.reading;
    expect(peer.isEnded).toBe(true);
    expect(idsIn(peer.text()).ids).toEqual(log.log.slice(after).map(({ seq }) => seq));
  }
  expect(reads).toBe(3);
});

test('P10 pages of next to nothing are bounded by what they cost, not by their bytes', async () => {
  const bytes = createSseBytes();
  let reads = 0;
  const feedOf = (id: number) =>
    ({
      kind: 'stream',
      feed_id: `r_${id}`,
      read: async () => {
        reads += 1;
        return { records: [recordOf(1, 1)], head: 1, kept_from: 1 };
      },
    }) as unknown as LogFeed;
  const FEEDS = Math.ceil(PAGES_BYTES_MAX / PAGE_COST_BYTES) + 1;
  for (let id = 0; id < FEEDS; id += 1) await bytes.ofLog(feedOf(id), 0, 1);
  for (const id of [FEEDS - 1, 0]) await bytes.ofLog(feedOf(id), 0, 1);
  // The newest is still there, the first is not.
  expect(reads).toBe(FEEDS + 1);
});

test('P3 the last page of a log that grows is read again for whoever comes after', async () => {
  const log = createLog();
  const bytes = createSseBytes();
  log.commit([10]);
  for (let more = 0; more < 4; more += 1) {
    log.write([10, 10]);
    log.hear();
    // In the log, and not told yet: what a page shows of it is not kept.
    log.write([10]);
    const peer = createPeer();
    attach(log, peer, 0, bytes).wake();
    expect(log.reading).toBe(1);
    await log.deliver();
    expect(idsIn(peer.text()).ids).toEqual(log.log.slice(0, log.heard).map(({ seq }) => seq));
    log.hear();
  }
});

test('P11 a reader that was closed writes nothing more, not even what was on its way', async () => {
  const log = createLog();
  log.commit([10]);
  log.commit([10]);
  const peer = createPeer();
  const reader = attach(log, peer, 0);
  reader.wake();
  expect(log.reading).toBe(1);
  reader.close();
  await log.deliver();
  log.commit([10]);
  reader.wake();
  expect(peer.text()).toBe('');
});
