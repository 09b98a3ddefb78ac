// The writer between an agent and the log: what it holds back, and what becomes of frames that the log does not take.
import { expect, test, vi } from 'vitest';
import type { Append, Appended, Journal } from '../../src/journal/port.ts';
import { systemClock } from '../../src/server.ts';
import { createWriter, UNCOMMITTED_FRAMES_MAX } from '../../src/sessions/writer.ts';
import { quietLog } from '../support/server.ts';

interface Pending {
  append: Append;
  resolve(answer: Appended): void;
  reject(bug: Error): void;
}

function open() {
  const pending: Pending[] = [];
  const journal = {
    append: (append: Append) =>
      new Promise<Appended>((resolve, reject) => pending.push({ append, resolve, reject })),
  } as Journal;
  const writer = createWriter({ journal, clock: systemClock, log: quietLog, stream_id: 'r', epoch: 1 });
  const say = (text = 'x') => writer.agentFrame('token', { text });
  return { pending, writer, say };
}

const committed: Appended = { kind: 'committed', seq: 1, pos: 1 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('SE3 a frame that the log rejects as a bug ends its run, never the process', async () => {
  const strays: unknown[] = [];
  const stray = (bug: unknown) => strays.push(bug);
  process.on('unhandledRejection', stray);
  const { pending, writer, say } = open();
  await say();
  pending[0]!.reject(new Error('the log is closed'));
  await turn();
  process.off('unhandledRejection', stray);
  expect(strays).toEqual([]);
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
