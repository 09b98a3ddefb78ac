import { expect, test } from 'vitest';
import { createSession, finishRun, INTERRUPTED, OWNER, openBench, started, startRun } from './support.ts';

test('Q6 tasks are what is not settled and the newest of what is, with when and why it ended', async () => {
  const { journal } = await openBench();
  for (const id of ['s0', 's1', 's2', 's3']) await createSession(journal, id, { title: `title ${id}` });
  for (const [index, id] of ['s0', 's1', 's2'].entries())
    await finishRun(journal, await startRun(journal, id, id), 'text', 100 + index);
  const failed = await startRun(journal, 's3', 's3');
  await journal.settle({ ...failed, at: 200, otherwise: INTERRUPTED });
  const live = await startRun(journal, 's0', 'live', 300);
  await journal.append(started(live));
  const shown = async (since: number, limit: number) =>
    (await journal.listTasks(since, limit)).map((task) => [
      task.stream_id,
      task.title,
      task.finished_at,
      task.terminal_state,
      task.error_type,
      task.message,
    ]);
  const tasks = [
    ['stream_live', 'title s0', null, null, null, 'question live'],
    ['stream_s3', 'title s3', 200, 'interrupted', 'interrupted', 'question s3'],
    ['stream_s2', 'title s2', 102, 'completed', null, 'question s2'],
    ['stream_s1', 'title s1', 101, 'completed', null, 'question s1'],
    ['stream_s0', 'title s0', 100, 'completed', null, 'question s0'],
  ];
  expect(await shown(0, 9)).toEqual(tasks);
  expect(await shown(0, 2)).toEqual(tasks.slice(0, 3));
  expect(await shown(102, 9)).toEqual(tasks.slice(0, 3));
  expect(await journal.listUnsettled()).toEqual([await journal.getStream(OWNER, 'stream_live')]);
});
