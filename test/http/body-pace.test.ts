// How slowly a body may come, by a clock that is moved: nobody waits here.
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BODY_PACE, readBytes } from '../../src/http/body.ts';
import { ATTACHMENT_BYTES_MAX, BODY_BYTES_MAX } from '../../src/protocol/index.ts';

const { silent_ms, bytes_per_second_min } = BODY_PACE;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A body of which parts of `part` bytes come every `every_ms`, until it is whole or given up: how it ended, and when. */
async function come(bytes: number, part: number, every_ms: number, announced = true) {
  const headers = announced ? { 'content-length': String(bytes) } : {};
  const request = Object.assign(new PassThrough(), { headers });
  let how: string | null = null;
  readBytes(request as unknown as IncomingMessage, Math.max(bytes, BODY_BYTES_MAX)).then(
    (body) => {
      how = `${body.length}`;
    },
    (failure) => {
      how = failure.code;
    },
  );
  let ms = 0;
  for (let sent = 0; how === null; ms += every_ms) {
    await vi.advanceTimersByTimeAsync(every_ms);
    const now = Math.min(part, bytes - sent);
    sent += now;
    if (how === null && now > 0) request.write(Buffer.alloc(now));
    if (sent === bytes) request.end();
    await new Promise(setImmediate);
  }
  request.destroy();
  await new Promise(setImmediate);
  expect(vi.getTimerCount()).toBe(0);
  return { how, ms };
}

test('wire §4 a slow line brings the largest attachment: 256 kbit/s are enough', async () => {
  const every_ms = 10_000;
  const part = (bytes_per_second_min * every_ms) / 1000;
  const { how, ms } = await come(ATTACHMENT_BYTES_MAX, part, every_ms);
  expect(how).toBe(`${ATTACHMENT_BYTES_MAX}`);
  expect(ms).toBeGreaterThan(8 * 60_000);
});

test('wire §4 a body is given up that is silent for 30 s, and one that trickles, in a time that its size gives', async () => {
  expect(await come(100, 1, silent_ms)).toEqual({ how: 'too_slow', ms: silent_ms });
  expect((await come(100, 1, silent_ms - 1)).how).toBe('too_slow');
  const trickle = await come(60 * bytes_per_second_min, 1, 10_000);
  expect(trickle).toEqual({ how: 'too_slow', ms: silent_ms + 60_000 });
  // One that does not say how long it is may be as long as any.
  const unannounced = await come(1000, 1, 10_000, false);
  expect(unannounced.how).toBe('too_slow');
  expect(unannounced.ms).toBeGreaterThan(silent_ms + 30_000);
  expect((await come(9, 3, 1000, false)).how).toBe('9');
});
