import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../src/journal/migrations.ts';
import { openJournal } from '../../src/journal/open.ts';
import { FolderRefusal, JournalRefusal } from '../../src/journal/port.ts';
import { RESERVE_BYTES } from '../../src/journal/reserve.ts';
import {
  createSession,
  finishRun,
  freshFolder,
  OWNER,
  openBench,
  quietLog,
  startRun,
  token,
  wholeLog,
} from './support.ts';

const open = (folder: string) => openJournal({ folder, log: quietLog().log, reserve_bytes: 65536 });

test('one process: a second open is refused in words that name the folder', async () => {
  const { journal, folder } = await openBench();
  await expect(open(folder)).rejects.toThrow(JournalRefusal);
  await expect(open(folder)).rejects.toThrow(folder);
  await expect(open(folder)).rejects.toThrow(/in use by another server/);
  await journal.close();
  const again = await open(folder);
  await again.close();
});

test('one process: another process is refused while we live', async () => {
  const { folder } = await openBench();
  const script = `
    const { openJournal } = await import(${JSON.stringify(new URL('../../src/journal/open.ts', import.meta.url).href)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    await openJournal({ folder: ${JSON.stringify(folder)}, log }).then(
      () => process.stdout.write('opened'), (error) => process.stdout.write(error.name));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(said).toBe('JournalRefusal');
});

test('the folder is made, and is its owner’s alone', async () => {
  const folder = `${freshFolder()}/a/b`;
  await openBench({ folder });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('the reserve is 16 MiB of real blocks', async () => {
  const folder = freshFolder();
  await openBench({ folder, reserve_bytes: RESERVE_BYTES });
  const { size, blocks } = statSync(`${folder}/reserve`);
  expect(size).toBe(16 * 1024 * 1024);
  expect(blocks * 512).toBeGreaterThanOrEqual(size);
});

test('a newer schema is refused in words, and left as it is', async () => {
  const { journal, folder } = await openBench();
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec(`PRAGMA user_version=${SCHEMA_VERSION + 1}`);
  database.close();
  await expect(open(folder)).rejects.toThrow(JournalRefusal);
  await expect(open(folder)).rejects.toThrow(/newer version/);
});

test('a database that is not ours is refused, and left as it is', async () => {
  const folder = freshFolder();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
  database.close();
  await expect(open(folder)).rejects.toThrow(/not one of ours/);
  const after = new DatabaseSync(`${folder}/log.db`);
  expect(after.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n).toBe(1);
  after.close();
});

test('a file that is no database at all is refused in words', async () => {
  const folder = freshFolder();
  writeFileSync(`${folder}/log.db`, 'x'.repeat(8192));
  await expect(open(folder)).rejects.toThrow(JournalRefusal);
});

test('a folder that can’t be made is said, and nothing is held', async () => {
  const folder = `${freshFolder()}/file`;
  writeFileSync(folder, '');
  await expect(open(folder)).rejects.toThrow(FolderRefusal);
  await expect(open(`${folder}/a/b`)).rejects.toThrow(`${folder} is no folder`);
});

test('a folder of somebody else’s is refused and left as it is; an empty one, and one of ours, is taken', async () => {
  const folder = freshFolder();
  writeFileSync(`${folder}/letters.txt`, '');
  const before = statSync(folder).mode;
  await expect(open(folder)).rejects.toThrow('it holds something else');
  expect([statSync(folder).mode, readdirSync(folder)]).toEqual([before, ['letters.txt']]);
  const disk = freshFolder();
  mkdirSync(`${disk}/lost+found`);
  writeFileSync(`${disk}/push-keys.json`, '{}');
  await (await open(disk)).close();
  writeFileSync(`${disk}/letters.txt`, '');
  await (await open(disk)).close();
});

test('a log that can’t be opened is refused in words, and nothing is held', async () => {
  const folder = freshFolder();
  mkdirSync(`${folder}/log.db`);
  for (let time = 0; time < 2; time += 1) await expect(open(folder)).rejects.toThrow(JournalRefusal);
});

test('fault 2b a log that ends before the watermark is reported as shorter', async () => {
  const { journal, folder } = await openBench();
  await createSession(journal, 's');
  await journal.close();
  const kept = readFileSync(`${folder}/log.db`);
  const { journal: second } = await openBench({ folder });
  for (const run of ['a', 'b']) await finishRun(second, await startRun(second, 's', run), 'text');
  const { commits } = second.counts();
  await second.close();
  writeFileSync(`${folder}/log.db`, kept);
  const { journal: third, told } = await openBench({ folder });
  expect(third.report.shorter).toEqual({ expected_commit: commits, found_commit: 1 });
  expect(told.some(({ level, text }) => level === 'error' && /shorter/.test(text))).toBe(true);
  expect(await third.getSession(OWNER, 's')).toMatchObject({ head: 0 });
  await third.close();
  const { journal: fourth } = await openBench({ folder });
  expect(fourth.report.shorter).toBeNull();
});

test('a watermark that can’t be believed says nothing', async () => {
  const { journal, folder } = await openBench();
  await createSession(journal, 's');
  await journal.close();
  for (const text of ['', 'garbage', '0000000000000099 00000000\n']) {
    writeFileSync(`${folder}/watermark`, text);
    const again = await open(folder);
    expect(again.report.shorter).toBeNull();
    await again.close();
  }
});

test('close writes what is pending, twice is the same as once, and nothing is taken afterwards', async () => {
  const { journal, folder } = await openBench();
  await createSession(journal, 's');
  const stream = await startRun(journal, 's', 'a');
  const appended = Array.from({ length: 200 }, (_, n) => journal.append(token(stream, `${n}`)));
  await Promise.all([journal.close(), journal.close()]);
  expect((await Promise.all(appended)).every(({ kind }) => kind === 'committed')).toBe(true);
  await expect(journal.append(token(stream, 'late'))).rejects.toThrow(/closed/);
  await expect(journal.getSession(OWNER, 's')).rejects.toThrow(/closed/);
  const { journal: next } = await openBench({ folder });
  expect((await wholeLog(next, 's')).length).toBe(201);
});

test('P11 nothing keeps the process alive after close', () => {
  const folder = `${freshFolder()}/p11`;
  mkdirSync(folder);
  const script = `
    const { openJournal } = await import(${JSON.stringify(new URL('../../src/journal/open.ts', import.meta.url).href)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const journal = await openJournal({ folder: ${JSON.stringify(folder)}, log, reserve_bytes: 65536 });
    await journal.getSession('a', 'b');
    await journal.close();
    process.stdout.write(process.getActiveResourcesInfo().join());`;
  const left = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(left.split(',').filter((kind) => !/^(|PipeWrap|TTYWrap|CloseReq)$/.test(kind))).toEqual([]);
});
