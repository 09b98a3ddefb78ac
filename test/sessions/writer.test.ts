// The writer between an agent and the log: what it holds back, and what becomes of frames that the log does not take.
import { expect, test, vi } from 'vitest';
import type { Append, Appended, Journal } from '../../src/journal/port.ts';
import { FRAME_BYTES_MAX } from '../../src/protocol/index.ts';
import { createWriter, UNCOMMITTED_BYTES_MAX, UNCOMMITTED_FRAMES_MAX } from '../../src/sessions/writer.ts';
import { quietLog } from '../journal/support.ts';
import { createManualClock } from '../support/clock.ts';

interface Pending {
  append: Append;
  resolve(answer: Appended): void;
  reject(bug: Error): void;
}

const AT = 5_000;

function open() {
  const pending: Pending[] = [];
  const journal = {
    append: (append: Append) =>
      new Promise<Appended>((resolve, reject) => pending.push({ append, resolve, reject })),
  } as Journal;
  const { log, lines } = quietLog();
  const writer = createWriter({ journal, clock: createManualClock(AT), log, stream_id: 'r', epoch: 3 });
  const say = (text = 'x') => writer.agentFrame('token', { text });
  return { pending, writer, say, lines };
}

const committed: Appended = { kind: 'committed', seq: 1, pos: 1 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('SE3 a frame that the log rejects as a bug ends its run, never the process', async () => {
  const strays: unknown[] = [];
  const stray = (bug: unknown) => strays.push(bug);
  process.on('unhandledRejection', stray);
  const { pending, writer, say, lines } = open();
  await say();
  pending[0]!.reject(new Error('the log is closed'));
  await turn();
  process.off('unhandledRejection', stray);
  expect(strays).toEqual([]);
  expect(lines).toMatchObject([
    { level: 'error', text: 'a frame could not be written', fields: { stream_id: 'r' } },
  ]);
  expect(await say()).toBe('bug');
  expect(pending.length).toBe(1);
  expect(await writer.drained()).toBe('bug');
});

test.each(['full', 'damaged'] as const)(
  'P2 whoever waits for the last frame hears that it is lost: %s',
  async (kind) => {
    const { pending, writer, say } = open();
    await say();
    const drained = writer.drained();
    pending[0]!.resolve({ kind });
    expect(await drained).toBe(kind);
    expect(await say()).toBe(kind);
  },
);

test('P10 an agent that is faster than the disk waits, and goes on when the disk has caught up or the run is fenced', async () => {
  const { pending, writer, say } = open();
  for (let n = 1; n < UNCOMMITTED_FRAMES_MAX; n += 1) await say();
  const go = vi.fn();
  say().then(go);
  await turn();
  expect(go).not.toHaveBeenCalled();
  pending[0]!.resolve(committed);
  await turn();
  expect(go).toHaveBeenCalledTimes(1);

  say().then(go);
  await turn();
  expect(go).toHaveBeenCalledTimes(1);
  writer.fence();
  await turn();
  expect(go).toHaveBeenCalledTimes(2);
  expect(await say()).toBe(null);
  expect(pending.length).toBe(UNCOMMITTED_FRAMES_MAX + 1);
});

test('P5 every frame is handed to the log once, as this owner’s, encoded and with its time', async () => {
  const { pending, writer, say } = open();
  await say('hello');
  void writer.write('title', { title: 'A day' });
  expect(pending.map(({ append }) => append)).toEqual([
    { stream_id: 'r', epoch: 3, event: 'token', payload: '{"text":"hello"}', at: AT },
    { stream_id: 'r', epoch: 3, event: 'title', payload: '{"title":"A day"}', at: AT },
  ]);
});

test('P2 what is written is told as the log took it, and a bug is the writer’s to hear', async () => {
  const { pending, writer } = open();
  const one = writer.write('stream_started', { agent: 'demo', epoch: 3 });
  pending[0]!.resolve(committed);
  expect(await one).toEqual(committed);
  const other = writer.write('stream_started', { agent: 'demo', epoch: 3 });
  pending[1]!.reject(new Error('closed'));
  await expect(other).rejects.toThrow('closed');
});

test('ST3 a frame of a run that has another owner is no loss; nothing more is taken', async () => {
  const { pending, writer, say } = open();
  await say();
  pending[0]!.resolve({ kind: 'fenced' });
  expect(await writer.drained()).toBe(null);
  expect(await say()).toBe(null);
  expect(pending.length).toBe(1);
});

test('P2 of several losses the first is told', async () => {
  const { pending, writer, say } = open();
  await say();
  await say();
  pending[0]!.resolve({ kind: 'damaged' });
  await turn();
  pending[1]!.resolve({ kind: 'full' });
  expect(await writer.drained()).toBe('damaged');
});

test('P2 drained means that nothing is on its way: not with a frame that the log still has, and at once with none', async () => {
  const { pending, writer, say } = open();
  expect(await writer.drained()).toBe(null);
  await say();
  await say();
  const go = vi.fn();
  writer.drained().then(go);
  pending[0]!.resolve(committed);
  await turn();
  expect(go).not.toHaveBeenCalled();
  pending[1]!.resolve(committed);
  await turn();
  expect(go).toHaveBeenCalledExactlyOnceWith(null);
});

test('P10 bytes count as frames do: what is large fills the way to the disk, and what has arrived leaves it', async () => {
  const { pending, say } = open();
  const large = 'x'.repeat(FRAME_BYTES_MAX / 4);
  const go = vi.fn();
  let sent = 0;
  for (let bytes = 0; bytes + large.length < UNCOMMITTED_BYTES_MAX; bytes += large.length + 11) {
    await say(large);
    sent += 1;
  }
  expect(sent).toBeLessThan(UNCOMMITTED_FRAMES_MAX);
  say(large).then(go);
  await turn();
  expect(go).not.toHaveBeenCalled();
  for (const each of pending) each.resolve(committed);
  await turn();
  expect(go).toHaveBeenCalledTimes(1);
  // All that left has left: as much fits again.
  for (let n = 0; n < sent; n += 1) await say(large);
});

test('P10 whoever waits for room goes on when there is some, not when anything is gone', async () => {
  const { pending, say } = open();
  for (let n = 1; n < UNCOMMITTED_FRAMES_MAX; n += 1) await say();
  const go = vi.fn();
  say().then(go);
  say().then(go);
  pending[0]!.resolve(committed);
  await turn();
  expect(go).not.toHaveBeenCalled();
  pending[1]!.resolve(committed);
  await turn();
  expect(go).toHaveBeenCalledTimes(2);
});

test('ST6 an agent that waits for room hears of a loss, and waits no more', async () => {
  const { pending, say } = open();
  for (let n = 1; n < UNCOMMITTED_FRAMES_MAX; n += 1) await say();
  const waiting = say();
  pending[0]!.resolve({ kind: 'full' });
  expect(await waiting).toBe('full');
});
