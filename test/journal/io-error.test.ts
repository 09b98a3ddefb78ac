import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import {
  admission,
  createSession,
  done,
  newSession,
  OWNER,
  openBench,
  startRun,
  token,
  until,
  wholeLog,
} from './support.ts';

async function openRun() {
  const bench = await openBench();
  await createSession(bench.journal, 's');
  const stream = await startRun(bench.journal, 's', 'a');
  return { ...bench, stream };
}

const lossesIn = (told: { text: string }[]) =>
  told.filter(({ text }) => /given up and opened again/.test(text)).length;

test.for([
  ['before', 'fail_before_commit'],
  ['after', 'fail_after_commit'],
] as const)(
  'fault 4 P12 an I/O error %s the commit took effect: every write is there, once',
  async ([, fault]) => {
    const { journal, faults, heard, stream, told } = await openRun();
    faults[fault] = 1;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => journal.append(token(stream, `${n}`))),
    );
    expect(answers).toEqual(
      Array.from({ length: 20 }, (_, n) => ({ kind: 'committed', seq: n + 1, pos: n + 2 })),
    );
    expect(lossesIn(told)).toBe(1);
    expect(await wholeLog(journal, 's')).toEqual(heard);
    expect(heard.length).toBe(21);
    expect(journal.counts().full).toBe(false);
  },
);

test('fault 4 a conditional write whose result was unknown keeps its answer', async () => {
  const { journal, faults, stream, heard } = await openRun();
  faults.fail_after_commit = 1;
  expect(await journal.terminal(done(stream))).toEqual({ kind: 'won', outcome: 'completed', seq: 1 });
  faults.fail_after_commit = 1;
  expect(await journal.settle({ ...stream, at: 40 })).toMatchObject({ kind: 'settled', head: 2 });
  faults.fail_after_commit = 1;
  expect(await journal.admit(OWNER, admission('s', 'b'), 50)).toMatchObject({ kind: 'started' });
  expect(heard.map(({ event }) => event)).toEqual([
    'user_message',
    'done',
    'stream_end',
    'session_updated',
    'user_message',
  ]);
});

test('fault 4 twice kept out of the log: the answer is full, nothing is there, and it goes on', async () => {
  const { journal, faults, stream, heard } = await openRun();
  faults.fail_before_commit = 2;
  const space = new Promise<void>((resolve) => journal.onSpace(resolve));
  expect(await journal.append(token(stream, 'lost'))).toMatchObject({ kind: 'full' });
  await space;
  expect(await journal.append(token(stream, 'kept'))).toEqual({ kind: 'committed', seq: 1, pos: 2 });
  expect(await wholeLog(journal, 's')).toEqual(heard);
});

test('fault 4 a disk that is gone: what is under way waits to hear how it ended, what comes is refused', async () => {
  const { journal, faults, stream, told } = await openRun();
  faults.fail_open = 1_000_000;
  faults.fail_after_commit = 1;
  const unknown = journal.append(token(stream, 'unknown'));
  await until(() => lossesIn(told) > 2);
  expect(await journal.append(token(stream, 'refused'))).toMatchObject({ kind: 'full' });
  expect(await journal.createSession(OWNER, newSession('x'), 1)).toMatchObject({ kind: 'full' });
  expect(journal.counts().full).toBe(true);
  const space = new Promise<void>((resolve) => journal.onSpace(resolve));
  faults.fail_open = 0;
  await space;
  expect(journal.counts().full).toBe(false);
  expect(await unknown).toEqual({ kind: 'committed', seq: 1, pos: 2 });
  expect(await journal.append(token(stream, 'on'))).toEqual({ kind: 'committed', seq: 2, pos: 3 });
});

test('fault 4 closed while the disk is gone: the write is said to be unknown, and nothing hangs', async () => {
  const { journal, faults, stream, told, folder } = await openRun();
  faults.fail_open = 1_000_000;
  faults.fail_after_commit = 1;
  const unknown = journal.append(token(stream, 'unknown')).catch((error: Error) => error.message);
  await until(() => lossesIn(told) > 0);
  await journal.close();
  expect(await unknown).toMatch(/unknown/);
  const { journal: next } = await openBench({ folder });
  expect((await next.readStream(stream.stream_id, 0, 9)).records.length).toBe(1);
});

test('fault 4 reads go on over a reopened handle', async () => {
  const { journal, faults, stream } = await openRun();
  for (let n = 0; n < 5; n++) {
    faults.fail_before_commit = 1;
    const [, page] = await Promise.all([
      journal.append(token(stream, `${n}`)),
      journal.readStream(stream.stream_id, 0, 100),
    ]);
    expect(page.records.length).toBe(page.head);
  }
  expect((await journal.readStream(stream.stream_id, 0, 100)).records.length).toBe(5);
});

test('fault 5 a disk that takes its time never blocks the event loop, nor a read', async () => {
  const { journal, faults, stream } = await openRun();
  faults.commit_ms = 700;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let committed = false;
  const appended = journal.append(token(stream, 'slow')).then(() => {
    committed = true;
  });
  let reads = 0;
  while (!committed) {
    await journal.getSession(OWNER, 's');
    if (!committed) reads += 1;
  }
  await appended;
  delay.disable();
  expect(reads).toBeGreaterThan(5);
  expect(delay.percentile(99) / 1e6).toBeLessThan(100);
  faults.commit_ms = 0;
});

test('a bug in one write rejects that one only, and leaves no hole', async () => {
  const { journal, stream, heard } = await openRun();
  await createSession(journal, 'other');
  const twice = admission('other', 'x', { stream_id: stream.stream_id });
  const [one, bug, two] = await Promise.allSettled([
    journal.append(token(stream, 'one')),
    journal.admit(OWNER, twice, 10),
    journal.append(token(stream, 'two')),
  ]);
  expect(one).toMatchObject({ status: 'fulfilled', value: { seq: 1, pos: 2 } });
  expect(bug).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('UNIQUE') } });
  expect(two).toMatchObject({ status: 'fulfilled', value: { seq: 2, pos: 3 } });
  expect(await wholeLog(journal, 's')).toEqual(heard.filter(({ session_id }) => session_id === 's'));
  expect(await journal.getSession(OWNER, 'other')).toMatchObject({ active_stream_id: null, head: 0 });
});

test('a listener that throws loses nobody’s answer', async () => {
  const { journal, stream, told } = await openRun();
  journal.onCommit(() => {
    throw new Error('not my day');
  });
  expect(await journal.append(token(stream, 'x'))).toMatchObject({ kind: 'committed' });
  expect(told.some(({ text }) => /listener of commits failed/.test(text))).toBe(true);
});
