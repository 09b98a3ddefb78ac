import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { Journal, StreamRow } from '../../src/journal/port.ts';
import {
  admission,
  type Bench,
  createSession,
  done,
  finishRun,
  INTERRUPTED,
  newSession,
  OWNER,
  openBench,
  startRun,
  token,
  until,
  wholeLog,
} from './support.ts';

const FULL = { kind: 'full' };
/** Of the system, not of this project: the test is skipped, in words, where they can't be used. */
const MOUNT = 'mount';
const UNMOUNT = 'umount';
const chunk = 'x'.repeat(20_000);

/** Two runs, one follow-up, one session at rest; then the disk is filled by the first run. */
async function fillDisk(bench: Bench): Promise<{ a: StreamRow; b: StreamRow; written: number }> {
  const { journal, faults, folder } = bench;
  for (const id of ['a', 'b', 'rest']) await createSession(journal, id);
  const [a, b] = [await startRun(journal, 'a', 'a'), await startRun(journal, 'b', 'b')];
  await journal.admit(OWNER, admission('a', 'q', { on_busy: 'queue' }), 11);
  faults.page_limit = pagesOf(folder) + 40;
  await limitNow(bench);
  return { a, b, written: await appendUntilFull(journal, a) };
}

/** The writer takes a limit over when it opens its handle: an I/O error makes it open one. */
async function limitNow({ journal, faults }: Bench): Promise<void> {
  faults.fail_before_commit = 1;
  await journal.patchSession(OWNER, 'rest', { pinned: true }, 12);
}

function pagesOf(folder: string): number {
  const database = new DatabaseSync(`${folder}/log.db`, { readOnly: true });
  const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
  database.close();
  return pages;
}

async function appendUntilFull(journal: Journal, stream: StreamRow): Promise<number> {
  let written = 0;
  for (;;) {
    const answers = await Promise.all(Array.from({ length: 4 }, () => journal.append(token(stream, chunk))));
    written += answers.filter(({ kind }) => kind === 'committed').length;
    if (answers.some(({ kind }) => kind === 'full')) return written;
  }
}

test('fault 3 a full disk refuses what begins and takes what ends, out of the reserve', async () => {
  const bench = await openBench();
  const { journal, folder, told } = bench;
  const { a, b, written } = await fillDisk(bench);
  expect(written).toBeGreaterThan(0);
  expect(journal.counts().full).toBe(true);
  expect(existsSync(`${folder}/reserve`)).toBe(false);
  expect(told.some(({ level, text }) => level === 'error' && /takes no more/.test(text))).toBe(true);

  expect(await journal.append(token(b, 'x'))).toEqual(FULL);
  expect(await journal.admit(OWNER, admission('rest', 'r'), 20)).toEqual(FULL);
  expect(await journal.admit(OWNER, admission('a', 'r', { on_busy: 'queue' }), 20)).toEqual(FULL);
  expect(await journal.createSession(OWNER, newSession('new'), 20)).toEqual(FULL);
  expect(await journal.patchSession(OWNER, 'rest', { title: 'x' }, 20)).toEqual(FULL);
  expect(await journal.editQueued(OWNER, 'a', 'user_q', 'x', 20)).toEqual(FULL);
  expect(await journal.forkSession(OWNER, 'a', 'user_a', 'f', 20)).toEqual(FULL);
  expect(await journal.importSession(OWNER, newSession('i'), [], 20)).toEqual(FULL);

  expect((await wholeLog(journal, 'a')).length).toBe(written + 2);
  expect(await journal.terminal(done(a))).toMatchObject({ kind: 'won' });
  expect(await journal.settle({ ...a, at: 21 })).toMatchObject({ kind: 'settled' });
  expect(await journal.takeOver(b.stream_id, 'restart', 21)).toMatchObject({ kind: 'taken' });
  expect(await journal.settle({ ...b, epoch: 2, at: 22, otherwise: INTERRUPTED })).toMatchObject({
    kind: 'settled',
  });
  expect(await journal.takeFollowUp('a', { stream_id: 'x', message_id: 'y' }, 23)).toEqual(FULL);
  expect(await journal.withdrawQueued(OWNER, 'a', 'user_q', 24)).toMatchObject({ kind: 'changed' });
  expect(await journal.deleteSession(OWNER, 'rest')).toEqual({ kind: 'deleted' });
});

test('fault 3 P1 what was refused leaves no hole, and writing goes on when space returns', async () => {
  const bench = await openBench();
  const { journal, faults, folder } = bench;
  const { a, written } = await fillDisk(bench);
  const space = new Promise<void>((resolve) => journal.onSpace(resolve));
  faults.page_limit = 0;
  await space;
  expect(journal.counts().full).toBe(false);
  expect(existsSync(`${folder}/reserve`)).toBe(true);
  expect(await journal.append(token(a, 'on we go'))).toMatchObject({ kind: 'committed', seq: written + 1 });
  const records = await wholeLog(journal, 'a');
  expect(records.map(({ pos }) => pos)).toEqual(records.map((_, index) => index + 1));
});

test('fault 3 a small write in the group that found the disk full is not lost by a large one', async () => {
  const bench = await openBench();
  const { journal, faults, folder } = bench;
  await createSession(journal, 'rest');
  await createSession(journal, 'a');
  const a = await startRun(journal, 'a', 'a');
  faults.page_limit = pagesOf(folder) + 4;
  await limitNow(bench);
  const [large, end] = await Promise.all([
    journal.append(token(a, 'x'.repeat(100_000))),
    journal.terminal(done(a)),
  ]);
  expect(large).toEqual(FULL);
  expect(end).toEqual({ kind: 'won', outcome: 'completed', seq: 1 });
});

test('fault 3 an answer larger than the reserve is settled too, read from the log, and stored when space returns', async () => {
  const bench = await openBench({ reserve_bytes: 256 * 1024 });
  const { journal, faults, folder } = bench;
  await createSession(journal, 'rest');
  await createSession(journal, 'a');
  const a = await startRun(journal, 'a', 'a');
  faults.page_limit = pagesOf(folder) + 400;
  await limitNow(bench);
  await journal.append(token(a, 'zebra '));
  const written = await appendUntilFull(journal, a);
  expect(written * chunk.length).toBeGreaterThan(1_000_000);
  expect(await journal.terminal(done(a))).toMatchObject({ kind: 'won' });
  expect(await journal.settle({ ...a, at: 21 })).toMatchObject({
    kind: 'settled',
    session: { active_stream_id: null },
  });
  const answer = async () => (await journal.getTranscript(OWNER, 'a', { limit: 9 }))?.messages[1];
  const before = await answer();
  expect(before).toMatchObject({ terminal_state: 'completed', settled_at: 21 });
  expect(JSON.stringify(before?.parts).length).toBeGreaterThan(written * chunk.length);
  expect((await journal.listSessions(OWNER, { limit: 9, q: 'zebra' })).sessions).toEqual([]);
  const space = new Promise<void>((resolve) => journal.onSpace(resolve));
  faults.page_limit = 0;
  await space;
  expect(await answer()).toEqual(before);
  expect((await journal.listSessions(OWNER, { limit: 9, q: 'zebra' })).sessions.length).toBe(1);
});

test('fault 3 an answer that is still in the log only is stored by the next start', async () => {
  const { journal, folder } = await openBench();
  await createSession(journal, 'a');
  await finishRun(journal, await startRun(journal, 'a', 'a'), 'about zebras');
  const before = await journal.getTranscript(OWNER, 'a', { limit: 9 });
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec(`UPDATE messages SET folded = 0, parts = '[]' WHERE role = 'assistant'; DELETE FROM search`);
  database.close();
  const { journal: next } = await openBench({ folder });
  expect(await next.getTranscript(OWNER, 'a', { limit: 9 })).toEqual(before);
  expect((await next.listSessions(OWNER, { limit: 9, q: 'zebra' })).sessions.length).toBe(1);
});

test('fault 3 a session larger than the reserve is deleted out of it', async () => {
  const bench = await openBench({ reserve_bytes: 512 * 1024 });
  const { journal } = bench;
  const { a } = await fillDisk(bench);
  await journal.terminal(done(a));
  await journal.settle({ ...a, at: 21 });
  expect(await journal.deleteSession(OWNER, 'a')).toEqual({ kind: 'deleted' });
  expect(await journal.readSession('a', 0, 9)).toEqual({ records: [], head: 0, kept_from: 1 });
});

/** A file system of `bytes` of its own, or why there can't be one. */
function mountSmall(bytes: number): string | { why: string } {
  const folder = mkdtempSync(join(tmpdir(), 'weir-small-'));
  try {
    execFileSync(MOUNT, ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    return {
      why: `a small file system can't be mounted here: ${error instanceof Error ? error.message : error}`,
    };
  }
  onTestFinished(() => {
    execFileSync(UNMOUNT, [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('fault 3 a file system that is really full: a typed end out of the reserve, then on', async (context) => {
  const mounted = mountSmall(12 * 1024 * 1024);
  if (typeof mounted !== 'string') return context.skip(mounted.why);
  const folder = join(mounted, 'log');
  const { journal } = await openBench({ folder, reserve_bytes: 2 * 1024 * 1024 });
  await createSession(journal, 'a');
  const a = await startRun(journal, 'a', 'a');
  const ballast = join(mounted, 'ballast');
  writeFileSync(ballast, Buffer.alloc(6 * 1024 * 1024));
  const written = await appendUntilFull(journal, a);
  expect(written).toBeGreaterThan(0);
  expect(await journal.terminal(done(a))).toMatchObject({ kind: 'won' });
  expect(await journal.settle({ ...a, at: 21 })).toMatchObject({ kind: 'settled' });
  expect((await wholeLog(journal, 'a')).length).toBe(written + 4);
  rmSync(ballast);
  await until(() => !journal.counts().full);
  await startRun(journal, 'a', 'b');
  await journal.close();
  const { journal: next } = await openBench({ folder, reserve_bytes: 2 * 1024 * 1024 });
  expect((await wholeLog(next, 'a')).length).toBe(written + 5);
  expect(next.report.shorter).toBeNull();
});
