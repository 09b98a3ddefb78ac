// A disk that takes nothing at all, not even an end: nobody waits for it without a word, and what waits goes on by itself.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createCatalog } from '../../src/agents/catalog.ts';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal } from '../../src/journal/port.ts';
import { systemClock, systemRandom } from '../../src/server.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { within } from '../support/raw.ts';
import { quietLog, temporaryFolder } from '../support/server.ts';

const OWNER = 'owner';
const ANSWER_MS = 10_000;
const FULL = { kind: 'full' } as const;
const HELD_MS = 60_000;

interface Bench {
  sessions: Sessions;
  journal: Journal;
  disk: { full: boolean };
  clock: ManualClock;
}

/** Sessions over a log whose ends and take-overs are refused while `disk.full`, on a clock that goes on by hand. */
async function open(folder: string, isFull = false): Promise<Bench> {
  const disk = { full: isFull };
  const real = await openJournal({ folder, log: quietLog });
  onTestFinished(() => real.close());
  const refused = <A>(answer: () => Promise<A>) => (disk.full ? Promise.resolve(FULL) : answer());
  const journal: Journal = {
    ...real,
    terminal: (input) => refused(() => real.terminal(input)),
    settle: (input) => refused(() => real.settle(input)),
    takeOver: (...input) => refused(() => real.takeOver(...input)),
    deleteSession: (...input) => refused(() => real.deleteSession(...input)),
  };
  const clock = createManualClock(Date.now());
  const catalog = createCatalog({ default_agent: 'demo' }, { clock: systemClock, log: quietLog });
  const sessions = createSessions({
    journal,
    files: createAttachmentFiles(folder),
    catalog,
    clock,
    random: systemRandom,
    log: quietLog,
    timeout_seconds: { clarify: 0, approval: 0 },
  });
  return { sessions, journal, disk, clock };
}

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A run that hangs, as it is in the log. */
async function hang({ sessions }: Bench): Promise<{ session_id: string; stream_id: string }> {
  const { session_id } = await sessions.create(OWNER, {});
  const started = await sessions.start(OWNER, { session_id, message: 'tokens=2 hang@1' });
  if ('queued' in started) throw new Error('unreachable');
  const { stream_id } = started;
  const head = async () => (await sessions.status(OWNER, stream_id)).journal.last_seq;
  await expect.poll(head, { timeout: ANSWER_MS }).toBe(2);
  return { session_id, stream_id };
}

/** Time goes on until `promise` has an end. */
async function passUntil<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  promise.then(done, done);
  const pass = async () => {
    await clock.advance(100);
    return over;
  };
  await expect.poll(pass, { interval: 1, timeout: ANSWER_MS }).toBe(true);
  return promise;
}

test('ST4 a cancel and a deletion say that they wait for the disk, and go on when it is back', async () => {
  const bench = await open(await newFolder());
  const { sessions, disk, clock, journal } = bench;
  const { session_id, stream_id } = await hang(bench);
  disk.full = true;
  await expect(passUntil(clock, sessions.cancel(OWNER, stream_id))).rejects.toMatchObject({
    code: 'storage_full',
  });
  await expect(passUntil(clock, sessions.remove(OWNER, session_id))).rejects.toMatchObject({
    code: 'storage_full',
  });
  disk.full = false;
  await clock.advance(HELD_MS);
  await expect.poll(() => journal.getSession(OWNER, session_id), { timeout: ANSWER_MS }).toBeNull();
});

test('ST4 a deletion of a session at rest says that it waits for the disk', async () => {
  const { sessions, disk, clock } = await open(await newFolder());
  const { session_id } = await sessions.create(OWNER, {});
  disk.full = true;
  await expect(passUntil(clock, sessions.remove(OWNER, session_id))).rejects.toMatchObject({
    code: 'storage_full',
  });
});

test('wire §7 a deletion that the end of the server cuts off is not told as done', async () => {
  const { sessions, disk } = await open(await newFolder());
  const { session_id } = await sessions.create(OWNER, {});
  disk.full = true;
  const removed = sessions.remove(OWNER, session_id);
  const told = expect(removed).rejects.toMatchObject({ code: 'shutting_down' });
  await expect.poll(() => sessions.counts().session, { timeout: ANSWER_MS }).not.toEqual({});
  await sessions.close();
  await within(ANSWER_MS, 'the answer', told);
  await expect(sessions.hold(OWNER, session_id)).rejects.toMatchObject({ code: 'shutting_down' });
});

test.each(['settle', 'takeOver'] as const)(
  'ST9 a start whose disk refuses %s does not wait for the disk, and the run ends when it is back',
  async (refused) => {
    const folder = await newFolder();
    const first = await open(folder);
    const { session_id, stream_id } = await hang(first);
    await first.journal.close();

    const { sessions, disk, clock, journal } = await open(folder, true);
    if (refused === 'settle') {
      // It fills up just after the run was taken over.
      disk.full = false;
      const { takeOver } = journal;
      journal.takeOver = (...input) =>
        takeOver(...input).finally(() => {
          disk.full = true;
        });
    }
    await passUntil(clock, sessions.recover());
    expect((await sessions.status(OWNER, stream_id)).active).toBe(true);
    disk.full = false;
    const { release } = await sessions.hold(OWNER, session_id);
    release();
    const terminalState = async () => {
      await clock.advance(1_000);
      return (await sessions.status(OWNER, stream_id)).journal.terminal_state;
    };
    await expect.poll(terminalState, { interval: 1, timeout: ANSWER_MS }).toBe('interrupted');
    expect(await journal.getSession(OWNER, session_id)).toMatchObject({ active_stream_id: null });
  },
);
