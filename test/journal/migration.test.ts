import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openWritable } from '../../src/journal/database.ts';
import { SCHEMA_VERSION } from '../../src/journal/migrations.ts';
import { writeOlderLog } from './older-logs.ts';
import { answerOf, askNow, askOf, pendingIds } from './prompt-steps.ts';
import { events, freshFolder, INTERRUPTED, OWNER, openBench, wholeLog } from './support.ts';

const versionOf = (folder: string): number => {
  const database = openWritable(`${folder}/log.db`);
  const version = Number(database.sql('PRAGMA user_version').get()?.user_version);
  database.close();
  return version;
};

test('a log of the first version is taken on, with all that is in it, and takes prompts from there', async () => {
  const folder = freshFolder();
  writeOlderLog(folder, 1);
  expect(versionOf(folder)).toBe(1);
  const { journal } = await openBench({ folder });
  expect(journal.report.unsettled).toMatchObject([
    { stream_id: 'stream_a', epoch: 1, started: true, head: 2 },
  ]);
  const records = await wholeLog(journal, 's');
  expect(events(records)).toEqual(['user_message', 'message_queued', 'stream_started', 'token']);
  expect(await journal.openSession(OWNER, 's')).toMatchObject({ prompts: [], session: { queue_length: 1 } });
  expect(await journal.listRules(OWNER)).toEqual([]);
  const stream = (await journal.getStream(OWNER, 'stream_a'))!;
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await askNow(journal, askOf(stream, 'clarify', 'c2'));
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'))).toMatchObject({ kind: 'won' });
  await journal.takeOver('stream_a', 'restart', 50);
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c2'))).toMatchObject({ kind: 'held' });
  const settled = await journal.settle({ ...stream, epoch: 2, at: 51, otherwise: INTERRUPTED });
  expect(settled).toMatchObject({ kind: 'settled', outcome: 'interrupted' });
  await journal.close();
  expect(versionOf(folder)).toBe(SCHEMA_VERSION);
  const { journal: again } = await openBench({ folder });
  expect(await pendingIds(again, 's')).toEqual([]);
  expect(again.report.with_follow_up).toEqual([{ owner: OWNER, session_id: 's' }]);
});

test('a log of the second version knows of its settled runs what the third asks, and its session goes on', async () => {
  const folder = freshFolder();
  writeOlderLog(folder, 2);
  const { journal } = await openBench({ folder });
  expect(await journal.listTasks(0, 9)).toMatchObject([
    { stream_id: 'stream_a', finished_at: null, error_type: null },
    { stream_id: 'stream_old', finished_at: 5, error_type: 'overloaded', title: 'title' },
  ]);
  expect(await journal.listQueue(OWNER, 's')).toEqual([
    { message_id: 'user_q', text: 'question q', position: 1, queued_at: 3 },
  ]);
});

test('a log of the third version knows of no costs and no receipts, and its next run has both', async () => {
  const folder = freshFolder();
  writeOlderLog(folder, 3);
  expect(versionOf(folder)).toBe(3);
  const { journal } = await openBench({ folder });
  const receiptOf = async (id: string) => (await journal.getReceipt(OWNER, id))?.receipt;
  expect((await journal.getSession(OWNER, 'old'))?.usage).not.toHaveProperty('cost');
  expect(await receiptOf('stream_old')).toBeNull();
  const stream = (await journal.getStream(OWNER, 'stream_a'))!;
  const usage = JSON.stringify({ message_id: stream.message_id, usage: { cost: 0.5 } });
  await journal.terminal({ ...stream, at: 50, event: 'done', payload: usage });
  const receipt = { transitions: [], dropped: 7 };
  expect(await journal.settle({ ...stream, at: 51, receipt })).toMatchObject({
    kind: 'settled',
    session: { usage: { cost: 0.5 } },
  });
  expect(await receiptOf('stream_a')).toEqual(receipt);
});

test('fault 2 what of an older log is damaged keeps no other session from being taken on', async () => {
  const folder = freshFolder();
  writeOlderLog(folder, 2);
  openWritable(`${folder}/log.db`).close();
  const bytes = readFileSync(`${folder}/log.db`);
  const at = bytes.indexOf('"type":"overloaded"');
  bytes[at] = 0x78;
  writeFileSync(`${folder}/log.db`, bytes);
  const { journal } = await openBench({ folder });
  expect(await journal.listTasks(0, 9)).toMatchObject([
    { stream_id: 'stream_a', finished_at: null },
    { stream_id: 'stream_old', finished_at: 5, error_type: null },
  ]);
});
