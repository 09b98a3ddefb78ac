// A frame is never larger than its bound, says what was cut, and stays of its schema.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRAME_BYTES_MAX, type FrameEvent, frameJson, frameSchemas } from '../../src/protocol/index.ts';
import { encodeFrame } from '../../src/sessions/frame-encoding.ts';

const ID = 'r'.repeat(64);
const bytesOf = (payload: string) =>
  Buffer.byteLength(frameJson(ID, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, payload));
const LARGE = '𝄞"\\\n'.repeat(100_000);

const large: [FrameEvent, object][] = [
  ['token', { text: LARGE }],
  ['reasoning', { text: LARGE }],
  ['tool', { tid: 't', name: 'n', preview: 'p', args: { deep: [LARGE] } }],
  ['tool_update', { tid: 't', output: LARGE }],
  ['tool_complete', { tid: 't', name: 'n', is_error: false, result: { out: LARGE }, duration_ms: 1 }],
  ['plan', { entries: Array.from({ length: 50_000 }, (_, at) => ({ content: `step ${at}` })) }],
  ['plan', { entries: [{ content: LARGE }] }],
  ['warning', { type: 'w', message: LARGE }],
  ['apperror', { type: 'e', message: LARGE }],
];

describe('wire §5', () => {
  test.each(large)('a %s that is too large is cut, says so, and is still one', (event, data) => {
    const payload = encodeFrame(event, data, FRAME_BYTES_MAX);
    expect(bytesOf(payload)).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    const kept = JSON.parse(payload);
    expect(kept).toMatchObject({ truncated: true, full_bytes: Buffer.byteLength(JSON.stringify(data)) });
    expect(frameSchemas[event].safeParse(kept).success).toBe(true);
  });

  test('a frame that fits is what it was, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(encodeFrame('token', { text }, FRAME_BYTES_MAX))).toEqual({ text });
      }),
    );
  });

  test('no cut ends in half a character', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), (shift) => {
        const payload = encodeFrame(
          'token',
          { text: 'x'.repeat(shift) + '𝄞'.repeat(70_000) },
          FRAME_BYTES_MAX,
        );
        expect(JSON.parse(payload).text.isWellFormed()).toBe(true);
      }),
    );
  });
});
