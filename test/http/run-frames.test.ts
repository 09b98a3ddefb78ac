// The frames of a run a page at a time, for whoever holds no connection: the drawer's log.
import { expect, test } from 'vitest';
import { RUN_FRAMES_MAX, type RunFrames } from '../../src/protocol/index.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const pageOf = async (stream_id: string, after_seq: number): Promise<RunFrames> =>
  (await client.get(`/api/chat/log?stream_id=${stream_id}&after_seq=${after_seq}`)).body;

test('wire §4 the frames of a run come a page at a time, and are those of its stream', async () => {
  const stream_id = await client.start(await client.session(), `tokens=${RUN_FRAMES_MAX + 50}`);
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.ended;
  const first = await pageOf(stream_id, 0);
  expect(first.frames).toHaveLength(RUN_FRAMES_MAX);
  const second = await pageOf(stream_id, RUN_FRAMES_MAX);
  const { head } = second;
  expect([first, second]).toMatchObject([
    { head, settled: true },
    { head, settled: true },
  ]);
  const frames = [...first.frames, ...second.frames];
  expect(frames.at(-1)).toMatchObject({ seq: head, event: 'stream_end' });
  expect(frames).toEqual(
    reader.events
      .filter(({ id }) => id !== undefined)
      .map(({ event, data }) => {
        const { seq, at } = JSON.parse(data);
        return { seq, at, event, data: JSON.parse(data) };
      }),
  );
  for (const after of [head, head + 1, 999_999_999])
    expect(await pageOf(stream_id, after)).toEqual({ frames: [], head, settled: true });
});

test('wire §4 of a run that goes on there are the frames so far, and it is not settled', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=2 ask="Which?|a|b"');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(({ event }) => event === 'clarify');
  const { frames, head, settled } = await pageOf(stream_id, 0);
  expect(frames.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, at) => at + 1));
  expect(settled).toBe(false);
  await client.post('/api/chat/cancel', { stream_id });
  await reader.ended;
  const rest = await pageOf(stream_id, head);
  expect(rest.frames[0]!.seq).toBe(head + 1);
  expect(rest).toMatchObject({ settled: true });
});

test('wire §4 a place in a run that is none is refused', async () => {
  const stream_id = await client.start(await client.session(), 'tokens=1');
  for (const after of ['-1', 'x', '1.5', '']) {
    const { status } = await client.get(`/api/chat/log?stream_id=${stream_id}&after_seq=${after}`);
    expect(status, after).toBe(400);
  }
});
