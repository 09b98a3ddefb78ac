// Retention and compaction with threads, files and kill -9: what is cut is decided in retention.test.ts.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Journal, Retained } from '../../src/journal/port.ts';
import { writeOlderLog } from './older-logs.ts';
import {
  createSession,
  finishRun,
  freshFolder,
  OWNER,
  openBench,
  startRun,
  token,
  until,
  wholeLog,
} from './support.ts';

const CHILD = fileURLToPath(new URL('./retain-child.ts', import.meta.url));
const RUNS = ['a', 'b', 'c'];
const FRAMES = 700;
/** No bound but one run. */
const ONE_RUN = { runs: 1, days: 0, bytes: 0 };

/** Session `s` with three settled runs of about a megabyte each, session `live` with a run under way. */
async function writeLog(journal: Journal) {
  for (const id of ['s', 'live']) await createSession(journal, id);
  for (const run of RUNS) {
    const stream = await startRun(journal, 's', run);
    const text = `${run} `.repeat(1500);
    await Promise.all(Array.from({ length: FRAMES }, () => journal.append(token(stream, text))));
    await finishRun(journal, stream, 'the end');
  }
  return startRun(journal, 'live', 'live');
}

/** Records of the first session before this pos, whatever the log says of them. It is closed. */
function countBefore(folder: string, pos: number): unknown {
  const database = new DatabaseSync(`${folder}/log.db`);
  const left = database.prepare('SELECT count(*) AS n FROM records WHERE place < (1 << 28) + ?').get(pos);
  database.close();
  return left?.n;
}

const transcriptOf = async (journal: Journal) =>
  (await journal.getTranscript(OWNER, 's', { limit: 99 }))?.messages;

test('lesson 41 a cut and a compaction go in parts, between which a live run goes on, and the file is small again', async () => {
  const { journal, folder, heard } = await openBench();
  const live = await writeLog(journal);
  const [before, transcript] = [await wholeLog(journal, 's'), await transcriptOf(journal)];
  const retained: Retained[] = [];
  journal.onRetained((told) => retained.push(told));
  let working = true;
  const writing = (async () => {
    let appended = 0;
    for (; working; appended++) expect((await journal.append(token(live, 'x'))).kind).toBe('committed');
    return appended;
  })();
  expect(await journal.retain(ONE_RUN, 1_000)).toEqual({ runs_cut: 2 });
  const { kept_from } = retained.at(-1)!;
  const full = await journal.storage();
  expect(full).toMatchObject({ sessions: 2, runs: 1, runs_cut: 2 });
  expect(full.free_bytes).toBeGreaterThan(1_000_000);
  expect(await journal.compact()).toEqual({ kind: 'compacted' });
  working = false;
  // One part of either is a megabyte: several appends fit between them.
  expect(await writing).toBeGreaterThan(4);
  // What was appended beside is in the write-ahead log: that is given back, too, and is said beforehand.
  const beside = await journal.storage();
  expect(beside.free_bytes).toBeGreaterThan(0);
  expect(await journal.compact()).toEqual({ kind: 'compacted' });
  const small = await journal.storage();
  expect(small.free_bytes).toBe(0);
  expect(beside.log_bytes - small.log_bytes).toBe(beside.free_bytes);
  expect(small.log_bytes).toBeLessThan(full.log_bytes - 1_000_000);
  expect(await wholeLog(journal, 's')).toEqual(before.filter(({ pos }) => pos >= kept_from));
  expect(await transcriptOf(journal)).toEqual(transcript);
  expect(await wholeLog(journal, 'live')).toEqual(heard.filter(({ session_id }) => session_id === 'live'));
  expect(await journal.getStream(OWNER, 'stream_b')).toMatchObject({ kept_from: FRAMES + 5 });
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect(await again.readSession('s', 0, 9999)).toMatchObject({ kept_from });
  expect((await again.deleteSession(OWNER, 's')).kind).toBe('deleted');
}, 60_000);

test('fault 1 lesson 41 kill -9 in the middle of a cut: no half run is read, and the next round finishes it', async () => {
  const { journal, folder } = await openBench();
  await writeLog(journal);
  const [before, transcript] = [await wholeLog(journal, 's'), await transcriptOf(journal)];
  await journal.close();
  // Two commits cut two runs; about five remove their records.
  const child = spawn(process.execPath, [CHILD, folder, '4'], { stdio: 'inherit' });
  expect(await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL');
  const ends = before.filter(({ event }) => event === 'stream_end').map(({ pos }) => pos + 1);
  expect(countBefore(folder, ends[1]!)).toBeGreaterThan(0);
  const { journal: again } = await openBench({ folder });
  const { kept_from } = await again.readSession('s', 0, 1);
  expect(ends).toContain(kept_from);
  expect(await wholeLog(again, 's')).toEqual(before.filter(({ pos }) => pos >= kept_from));
  expect(await transcriptOf(again)).toEqual(transcript);
  await again.retain(ONE_RUN, 1_000);
  expect((await again.readSession('s', 0, 1)).kept_from).toBe(ends[1]);
  await again.close();
  expect(countBefore(folder, ends[1]!)).toBe(0);
}, 60_000);

test('a database of an older version is written anew once, and gives back parts from there', async () => {
  const folder = freshFolder();
  writeOlderLog(folder, 2);
  const { journal } = await openBench({ folder });
  const before = await wholeLog(journal, 'old');
  const orders = () => {
    const database = new DatabaseSync(`${folder}/log.db`, { readOnly: true });
    const order = database.prepare('PRAGMA auto_vacuum').get()?.auto_vacuum;
    database.close();
    return order;
  };
  expect(orders()).toBe(0);
  expect(await journal.compact()).toEqual({ kind: 'compacted' });
  expect(orders()).toBe(2);
  expect(await wholeLog(journal, 'old')).toEqual(before);
  await startRun(journal, 'old', 'next');
  expect(statSync(`${folder}/log.db`).size).toBeGreaterThan(0);
});

test('fault 3 a full disk has room again once old runs are cut and their pages given back', async () => {
  const { journal, faults } = await openBench({ reserve_bytes: 256 * 1024 });
  const live = await writeLog(journal);
  const { log_bytes } = await journal.storage();
  faults.page_limit = Math.ceil(log_bytes / 4096) + 64;
  // The writer takes a limit over when it opens its handle: an I/O error makes it open one.
  faults.fail_before_commit = 1;
  await journal.patchSession(OWNER, 'live', { pinned: true }, 50);
  const chunk = token(live, 'x'.repeat(100_000));
  while ((await journal.append(chunk)).kind === 'committed');
  expect(journal.counts().full).toBe(true);
  expect(await journal.retain(ONE_RUN, 1_000)).toEqual({ runs_cut: 2 });
  expect(await journal.compact()).toEqual({ kind: 'compacted' });
  await until(() => !journal.counts().full);
  expect((await journal.append(chunk)).kind).toBe('committed');
});
