import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Journal, StreamRow } from '../../src/journal/port.ts';
import { openDesk } from './desk.ts';
import { answerOf, approvalEntry, askNow, askOf, ruleFor } from './prompt-steps.ts';
import {
  admission,
  createSession,
  done,
  newSession,
  OWNER,
  openBench,
  started,
  startRun,
  token,
  wholeLog,
} from './support.ts';

const SECRET = 'Xylophonkonzert';

/** How often each file of the folder says it. The log is closed: reading its files would free its locks. */
function traces(folder: string, text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const file of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, file)).toString('latin1').toLowerCase();
    const count = bytes.split(text.toLowerCase()).length - 1;
    if (count > 0) found[file] = count;
  }
  return found;
}

async function writeSecrets() {
  const bench = await openBench();
  const { journal } = bench;
  for (const id of ['gone', 'kept']) await createSession(journal, id);
  const stream = await startRun(journal, 'gone', 'a');
  await journal.append(started(stream));
  await Promise.all(Array.from({ length: 300 }, () => journal.append(token(stream, `${SECRET} `))));
  await journal.admit(
    OWNER,
    admission('gone', 'q', { text: `${SECRET} waits`, on_busy: 'queue', client_message_id: 'c' }),
    11,
  );
  await journal.patchSession(OWNER, 'gone', { title: `${SECRET} title` }, 12);
  await askSecrets(journal, stream);
  await journal.terminal(done(stream));
  const step = { at: 40, path: 'settled', run_state: 'settled', why: SECRET } as const;
  await journal.settle({ ...stream, at: 40, receipt: { transitions: [step], dropped: 0 } });
  await startRun(journal, 'kept', 'k');
  return { ...bench, stream };
}

/** Answered, with a rule for the session; declined; and one that the end of the run closes. */
async function askSecrets(journal: Journal, stream: StreamRow): Promise<void> {
  const { session_id } = stream;
  const args = { path: SECRET.repeat(2000) };
  for (const id of ['a1', 'a2', 'a3'])
    await askNow(journal, askOf(stream, 'approval', id, { entry: approvalEntry(stream, id, args) }));
  const rule = ruleFor('u1', { scope: 'session', command: SECRET, call_hash: `hash ${SECRET}` });
  const answer = `{"option_id":"once","option_kind":"allow_once","feedback":"${SECRET}"}`;
  await journal.answer(OWNER, answerOf(session_id, 'approval', 'a1', { by: SECRET, answer, rule }));
  await journal.answer(OWNER, answerOf(session_id, 'approval', 'a2', { how: 'declined', answer: null }));
}

test('lesson 40 a deleted session leaves no byte in the folder, not even in the write-ahead log', async () => {
  const { journal, folder } = await writeSecrets();
  expect(await journal.deleteSession(OWNER, 'gone')).toEqual({ kind: 'deleted' });
  await journal.close();
  expect(traces(folder, SECRET)).toEqual({});
  expect(traces(folder, 'stream_a')).toEqual({});
  expect(Object.keys(traces(folder, 'stream_k'))).toContain('log.db');
});

test('lesson 40 the test above would see it: before deletion the bytes are there', async () => {
  const { journal, folder } = await writeSecrets();
  await journal.close();
  expect(traces(folder, SECRET)['log.db']).toBeGreaterThan(300);
});

test('lesson 40 a session that grew between others leaves no byte either, whatever its sizes', async () => {
  const { journal, folder } = await openBench();
  const ids = ['kept1', 'gone', 'kept2'];
  for (const id of ids) await createSession(journal, id);
  const runs = await Promise.all(ids.map((id) => startRun(journal, id, id)));
  for (let n = 0; n < 200; n++) {
    const repeated = 1 + ((n * 7) % (n % 50 === 0 ? 500 : 9));
    const appended = runs.map((run) => {
      const text = run.stream_id === 'stream_gone' ? `${SECRET}${n}${SECRET} ` : 'plain ';
      return journal.append(token(run, text.repeat(repeated)));
    });
    await Promise.all(appended);
  }
  const gone = runs[1]!;
  await journal.terminal(done(gone));
  await journal.settle({ ...gone, at: 40 });
  await journal.deleteSession(OWNER, 'gone');
  await journal.close();
  expect(traces(folder, SECRET)).toEqual({});
  expect(traces(folder, 'stream_gone')).toEqual({});
});

test('lesson 40 no question finds a deleted session, and its neighbour is whole', async () => {
  const { journal, stream } = await writeSecrets();
  const before = await wholeLog(journal, 'kept');
  await journal.deleteSession(OWNER, 'gone');
  expect(await journal.getSession(OWNER, 'gone')).toBeNull();
  expect(await journal.getTranscript(OWNER, 'gone', { limit: 9 })).toBeNull();
  expect(await journal.getStream(OWNER, stream.stream_id)).toBeNull();
  expect(await journal.readStream(stream.stream_id, 0, 9)).toEqual({ records: [], head: 0, kept_from: 1 });
  expect(await journal.readSession('gone', 0, 9)).toEqual({ records: [], head: 0, kept_from: 1 });
  expect(await journal.openSession(OWNER, 'gone')).toBeNull();
  expect(await journal.getPrompt(OWNER, 'gone', 'a1')).toBeNull();
  expect(await journal.listRules(OWNER)).toEqual([]);
  expect(await journal.answer(OWNER, answerOf('gone', 'approval', 'a3'))).toEqual({ kind: 'not_found' });
  expect(await journal.ask(askOf(stream, 'approval', 'a4'))).toEqual({ kind: 'fenced' });
  expect((await journal.listSessions(OWNER, { limit: 9, q: SECRET })).sessions).toEqual([]);
  expect(await journal.append(token(stream, 'late'))).toEqual({ kind: 'fenced' });
  expect(await journal.deleteSession(OWNER, 'gone')).toEqual({ kind: 'not_found' });
  expect(await wholeLog(journal, 'kept')).toEqual(before);
  expect(journal.counts().sessions).toBe(1);
});

test('lesson 39 the same ids may be used again, and nothing of before comes back', async () => {
  const { journal } = await writeSecrets();
  await journal.deleteSession(OWNER, 'gone');
  await createSession(journal, 'gone');
  const stream = await startRun(journal, 'gone', 'a');
  expect(await journal.append(started(stream))).toEqual({ kind: 'committed', seq: 1, pos: 2 });
  expect((await wholeLog(journal, 'gone')).length).toBe(2);
});

test('lesson 40 a deletion that a crash cut in two is finished by the next start', async () => {
  const { journal, folder } = await writeSecrets();
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec(
    `PRAGMA secure_delete=ON; BEGIN; INSERT INTO purges VALUES (1); DELETE FROM search WHERE rowid = -1;`,
  );
  for (const table of ['sessions', 'streams', 'queue', 'submissions', 'rules'])
    database.exec(`DELETE FROM ${table} WHERE session_no = 1`);
  database.exec('COMMIT');
  database.close();
  const { journal: next } = await openBench({ folder });
  expect((await next.listSessions(OWNER, { limit: 9, q: SECRET })).sessions).toEqual([]);
  await next.close();
  expect(traces(folder, SECRET)).toEqual({});
});

test('a running session is not deleted', async () => {
  const { journal } = await writeSecrets();
  expect(await journal.deleteSession(OWNER, 'kept')).toEqual({
    kind: 'running',
    active_stream_id: 'stream_k',
  });
});

test('children outlive their parent, a lineage its root', async () => {
  const { journal } = await openBench();
  await createSession(journal, 'root');
  await createSession(journal, 'next', { parent_session_id: 'root', relation: 'continuation' }, 2);
  await createSession(journal, 'tip', { parent_session_id: 'next', relation: 'continuation' }, 3);
  await journal.deleteSession(OWNER, 'root');
  expect(await journal.getSession(OWNER, 'next')).toMatchObject({
    parent_session_id: null,
    relation: null,
    lineage_root_id: 'next',
  });
  expect(await journal.getSession(OWNER, 'tip')).toMatchObject({
    parent_session_id: 'next',
    lineage_root_id: 'next',
  });
});

test('lesson 40 receipts go in parts, as all that may be much', () => {
  const { database, write } = openDesk();
  write('create', { owner: OWNER, session: newSession('gone'), at: 1 });
  database.exec(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200)
    INSERT INTO receipts SELECT n, (SELECT session_no FROM sessions), '{}' FROM numbers`);
  const left = () => Number(database.sql('SELECT count(*) AS n FROM receipts').get()?.n);
  write('delete', { owner: OWNER, session_id: 'gone' });
  const counts = [left()];
  while (write('purge', {}).more) counts.push(left());
  expect(counts[0]).toBe(1_200);
  expect(counts.at(-1)).toBe(0);
  expect(Math.max(...counts.map((count, at) => (counts[at - 1] ?? count) - count))).toBe(500);
});
