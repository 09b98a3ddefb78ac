import { expect, test } from 'vitest';
import { openWritable } from '../../src/journal/database.ts';
import { createLedger } from '../../src/journal/ledger.ts';
import { SCHEMA_VERSION } from '../../src/journal/migrations.ts';
import type { Operation } from '../../src/journal/operations.ts';
import { APPLICATION_ID, FIRST_SCHEMA } from '../../src/journal/schema.ts';
import { perform } from '../../src/journal/writes.ts';
import { answerOf, askNow, askOf, pendingIds } from './prompt-steps.ts';
import {
  admission,
  events,
  freshFolder,
  INTERRUPTED,
  newSession,
  OWNER,
  openBench,
  started,
  token,
  wholeLog,
} from './support.ts';

/** A log as the first version left it: one run under way, one follow-up that waits. */
function firstVersion(folder: string): void {
  const database = openWritable(`${folder}/log.db`);
  database.exec(FIRST_SCHEMA);
  database.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=1`);
  const ledger = createLedger(database);
  const stream = { stream_id: 'stream_a', epoch: 1 };
  const operations: Operation[] = [
    { name: 'create', input: { owner: OWNER, session: newSession('s'), at: 1 } },
    { name: 'admit', input: { owner: OWNER, admission: admission('s', 'a'), at: 2 } },
    { name: 'admit', input: { owner: OWNER, admission: admission('s', 'q', { on_busy: 'queue' }), at: 3 } },
    { name: 'append', input: started(stream) },
    { name: 'append', input: token(stream, 'half an answer') },
  ];
  database.exec('BEGIN');
  for (const operation of operations) perform({ database, ledger, full: false }, operation);
  ledger.flush();
  database.exec('UPDATE meta SET commit_no = 1; COMMIT');
  database.close();
}

const versionOf = (folder: string): number => {
  const database = openWritable(`${folder}/log.db`);
  const version = Number(database.sql('PRAGMA user_version').get()?.user_version);
  database.close();
  return version;
};

test('a log of the first version is taken on, with all that is in it, and takes prompts from there', async () => {
  const folder = freshFolder();
  firstVersion(folder);
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
