import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { type Damage, DamagedRecord } from '../../src/journal/port.ts';
import {
  admission,
  createSession,
  done,
  finishRun,
  INTERRUPTED,
  newSession,
  OWNER,
  openBench,
  started,
  startRun,
  token,
  wholeLog,
} from './support.ts';

const MARK = 'heronfishing';

/** Turns one bit of the file where it says `text`. The log is closed. */
function flipBit(folder: string, text: string): void {
  const bytes = readFileSync(`${folder}/log.db`);
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(`${folder}/log.db`, bytes);
}

/** Two sessions: `bad`, whose third record says MARK, settled or running; `good`, settled. All of it on disk. */
async function damagedFolder(hurt: (folder: string) => void, running: boolean): Promise<string> {
  const { journal, folder } = await openBench();
  for (const id of ['bad', 'good']) await createSession(journal, id);
  await finishRun(journal, await startRun(journal, 'good', 'g'), 'fine');
  const stream = await startRun(journal, 'bad', 'b');
  if (running) {
    await journal.append(started(stream));
    await journal.append(token(stream, MARK));
    await journal.append(token(stream, 'more'));
  } else await finishRun(journal, stream, MARK);
  await journal.close();
  hurt(folder);
  return folder;
}

const flip = (folder: string) => flipBit(folder, `"text":"${MARK}`);

test('fault 2 a flipped bit is found by the read, the session is damaged, others go on', async () => {
  const { journal, heard, told } = await openBench({ folder: await damagedFolder(flip, false) });
  const damage: Damage[] = [];
  journal.onDamage((found) => damage.push(found));
  expect(journal.report.damaged).toEqual([]);
  await expect(wholeLog(journal, 'bad')).rejects.toMatchObject({
    name: 'DamagedRecord',
    session_id: 'bad',
    pos: 3,
  });
  await expect(journal.readStream('stream_b', 0, 9)).rejects.toThrow(DamagedRecord);
  expect(damage).toEqual([{ session_id: 'bad', pos: 3, reason: expect.stringContaining('checksum') }]);
  expect(told.filter(({ level, text }) => level === 'error' && /damaged/.test(text)).length).toBe(1);
  expect(await journal.getSession(OWNER, 'bad')).toMatchObject({ damaged: { pos: 3 } });
  const refused = { kind: 'damaged' };
  expect(await journal.admit(OWNER, admission('bad', 'x'), 50)).toEqual(refused);
  expect(await journal.admitRetry(OWNER, { session_id: 'bad', stream_id: 'x', message_id: 'y' }, 50)).toEqual(
    refused,
  );
  expect(await journal.takeFollowUp('bad', { stream_id: 'x', message_id: 'y' }, 50)).toEqual(refused);
  expect(await journal.patchSession(OWNER, 'bad', { title: 'x' }, 50)).toEqual(refused);
  expect(await journal.forkSession(OWNER, 'bad', 'user_b', 'f', 50)).toEqual(refused);
  expect(heard).toEqual([]);
  expect((await wholeLog(journal, 'good')).length).toBe(6);
  await startRun(journal, 'good', 'next');
  expect((await journal.getTranscript(OWNER, 'bad', { limit: 9 }))?.session.damaged).toBeDefined();
});

test('fault 2 what is before the damage is still read', async () => {
  const { journal } = await openBench({ folder: await damagedFolder(flip, false) });
  expect((await journal.readSession('bad', 0, 2)).records.length).toBe(2);
  expect((await journal.readSession('bad', 3, 9)).records.length).toBe(3);
});

test('fault 2 damage found by the settle commit is kept, told, and lets the session go', async () => {
  const { journal, folder } = await openBench({ folder: await damagedFolder(flip, true) });
  const damage: Damage[] = [];
  journal.onDamage((found) => damage.push(found));
  expect(journal.report.unsettled.map(({ stream_id }) => stream_id)).toEqual(['stream_b']);
  await journal.takeOver('stream_b', 'restart', 50);
  const owner = { stream_id: 'stream_b', epoch: 2 };
  const [settled, other] = await Promise.all([
    journal.settle({ ...owner, at: 51, otherwise: INTERRUPTED }),
    journal.createSession(OWNER, newSession('new'), 51),
  ]);
  expect(settled).toEqual({ kind: 'damaged' });
  expect(other.kind).toBe('created');
  expect(damage).toEqual([{ session_id: 'bad', pos: 3, reason: expect.stringContaining('checksum') }]);
  expect(await journal.append(token(owner, 'more'))).toEqual({ kind: 'damaged' });
  expect(await journal.getSession(OWNER, 'bad')).toMatchObject({
    damaged: { pos: 3 },
    active_stream_id: null,
    last_outcome: 'interrupted',
  });
  expect(await journal.getStream(OWNER, 'stream_b')).toMatchObject({
    settled: true,
    terminal_state: 'interrupted',
  });
  await journal.close();
  const { journal: next } = await openBench({ folder });
  expect(next.report.unsettled).toEqual([]);
  expect(next.report.damaged).toMatchObject([{ session_id: 'bad', pos: 3 }]);
  expect(await next.patchSession(OWNER, 'bad', { pinned: true }, 60)).toEqual({ kind: 'damaged' });
  expect(await next.deleteSession(OWNER, 'bad')).toEqual({ kind: 'deleted' });
});

test('fault 2 a running answer whose log is damaged still gives a transcript, and says so', async () => {
  const { journal } = await openBench({ folder: await damagedFolder(flip, true) });
  const transcript = await journal.getTranscript(OWNER, 'bad', { limit: 9 });
  expect(transcript?.session.damaged).toMatchObject({ pos: 3 });
  expect(transcript?.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
});

test('lesson 13 a record that is missing is damage, never a shorter answer', async () => {
  const without = (pos: number) => (folder: string) => {
    const database = new DatabaseSync(`${folder}/log.db`);
    database.exec(`DELETE FROM records WHERE place = 268435456 + ${pos}`);
    database.close();
  };
  for (const pos of [3, 6]) {
    const { journal } = await openBench({ folder: await damagedFolder(without(pos), false) });
    await expect(wholeLog(journal, 'bad')).rejects.toThrow(DamagedRecord);
    if (pos === 3) await expect(journal.readStream('stream_b', 0, 9)).rejects.toThrow(/missing/);
  }
});

/** From and to of the table's leaf page (its first byte is 13) that says `text`. */
function leafOf(bytes: Buffer, text: string): [number, number] {
  for (let page = 0; page < bytes.length; page += 4096)
    if (bytes[page] === 13 && bytes.subarray(page, page + 4096).includes(text)) return [page, page + 4096];
  throw new Error(`no leaf says ${text}`);
}

test('fault 2 a page that is garbage damages the session that it belongs to', async () => {
  const { journal, folder } = await openBench();
  for (const id of ['bad', 'good']) await createSession(journal, id);
  const [bad, good] = [await startRun(journal, 'bad', 'b'), await startRun(journal, 'good', 'g')];
  for (const stream of [bad, good])
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        journal.append(token(stream, `${MARK}${stream.stream_id}${n} ${'x'.repeat(500)}`)),
      ),
    );
  await journal.close();
  const bytes = readFileSync(`${folder}/log.db`);
  bytes.fill(0xff, ...leafOf(bytes, 'stream_b50 '));
  writeFileSync(`${folder}/log.db`, bytes);
  const { journal: next } = await openBench({ folder });
  await expect(wholeLog(next, 'bad')).rejects.toThrow(DamagedRecord);
  expect(await next.getSession(OWNER, 'bad')).toHaveProperty('damaged');
  expect((await wholeLog(next, 'good')).length).toBe(101);
  expect(await next.terminal(done(good))).toMatchObject({ kind: 'won' });
});
