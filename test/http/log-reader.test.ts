// The reader alone, on a socket that takes what it is told to take.
import { expect, test } from 'vitest';
import { createLogReader } from '../../src/http/log-reader.ts';
import { createSseBytes } from '../../src/http/sse-bytes.ts';
import type { SseConnection } from '../../src/http/sse-connection.ts';
import { frameJson, type StoredRecord } from '../../src/protocol/index.ts';
import type { LogFeed } from '../../src/sessions/feed.ts';

const FRAMES = 40;
const FRAME_BYTES = 30_000;

const record = (seq: number): StoredRecord => ({
  session_id: 's',
  pos: seq,
  stream_id: 'r',
  seq,
  event: 'token',
  json: frameJson('r', seq, 0, JSON.stringify({ text: String(seq).padEnd(FRAME_BYTES, 'x') })),
  at: 0,
});

test('P3 what a reader that is behind is given ends with a whole event, so that a heartbeat may follow', async () => {
  const records = Array.from({ length: FRAMES }, (_, at) => record(at + 1));
  const feed: LogFeed = {
    kind: 'stream',
    feed_id: 'r',
    kept_from: 1,
    tail: () => null,
    read: async (after, limit) => ({ records: records.slice(after, after + limit), head: FRAMES }),
    watch: () => ({ head: () => FRAMES, isOver: () => true, unwatch: () => {} }),
  };
  const writes: string[] = [];
  let unsent = 0;
  let drain: () => void = () => {};
  const connection = {
    isClosed: false,
    get unsent() {
      return unsent;
    },
    write(bytes: Buffer | string) {
      writes.push(bytes.toString());
      unsent += bytes.length;
    },
    whenDrained(then: () => void) {
      drain = then;
      // The socket takes everything a turn later.
      setImmediate(() => {
        unsent = 0;
        drain();
      });
    },
  } as unknown as SseConnection;
  await new Promise<void>((onEnd, onFault) => {
    const reader = createLogReader({
      feed,
      connection,
      bytes: createSseBytes(),
      after: 0,
      head: () => FRAMES,
      isOver: () => true,
      onEnd,
      onFault,
    });
    reader.wake();
  });
  expect(writes.length).toBeGreaterThan(2);
  expect(writes.filter((write) => !write.endsWith('\n\n'))).toEqual([]);
  expect(writes.join('').match(/^id: r:\d+$/gm)?.length).toBe(FRAMES);
});
