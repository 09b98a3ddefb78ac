// Prompts as parts of their run's answer: in the transcript while it runs, in what is settled, in what is read later.
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { answerOf, askNow, askOf, openAsker, startAsker } from './prompt-steps.ts';
import { done, OWNER, openBench, token } from './support.ts';

test('ST2 P3 prompts stand in the transcript as far as they have come, and in the settled answer, over a restart', async () => {
  const { journal, folder } = await openBench();
  const stream = await openAsker(journal, 's', 'a');
  const answer = async (log = journal) =>
    (await log.getTranscript(OWNER, 's', { limit: 9 }))!.messages.at(-1)!.parts;
  await journal.append(token(stream, 'before '));
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  const asked = { type: 'prompt', kind: 'clarify', prompt_id: 'c1', asked_at: 20 };
  const question = { ...asked, asked: { question: 'which c1?' } };
  // It stands behind the last frame: nobody speaks while the agent waits.
  expect(await answer()).toEqual([
    { type: 'text', text: 'before ' },
    { ...question, how: null },
  ]);
  await askNow(journal, askOf(stream, 'approval', 'a1'));
  await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'));
  await journal.append(token(stream, 'after'));
  const said = { how: 'answered', by: 'tab1', answer: { response: 'this' }, settled_at: 25 };
  const leave = { ...asked, kind: 'approval', prompt_id: 'a1', asked: { tool: 'shell' } };
  const [first, last] = [
    { type: 'text', text: 'before ' },
    { type: 'text', text: 'after' },
  ];
  expect(await answer()).toEqual([first, { ...question, ...said }, { ...leave, how: null }, last]);
  await journal.terminal(done(stream));
  const over = { how: 'cancelled', reason: 'completed', settled_at: 30 };
  const whole = [first, { ...question, ...said }, { ...leave, ...over }, last];
  expect(await answer()).toEqual(whole);
  await journal.settle({ ...stream, at: 40 });
  expect(await answer()).toEqual(whole);
  const upto = (await journal.getTranscript(OWNER, 's', { limit: 9 }))!.messages.at(-1)!.message_id;
  await journal.forkSession(OWNER, 's', upto, 'f', 50);
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect(await answer(again)).toEqual(whole);
  expect((await again.getTranscript(OWNER, 'f', { limit: 9 }))!.messages.at(-1)!.parts).toEqual(whole);
});

test('ST2 an answer that is still in the log only has its prompts, and none of the next run', async () => {
  const { journal, folder } = await openBench();
  const stream = await openAsker(journal, 's', 'a');
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.terminal(done(stream));
  await journal.settle({ ...stream, at: 40 });
  const next = await startAsker(journal, 's', 'b');
  await askNow(journal, askOf(next, 'clarify', 'c2'));
  const before = (await journal.getTranscript(OWNER, 's', { limit: 9 }))!.messages;
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec(`UPDATE messages SET folded = 0, parts = '[]' WHERE role = 'assistant'`);
  database.close();
  const { journal: again } = await openBench({ folder });
  const after = (await again.getTranscript(OWNER, 's', { limit: 9 }))!.messages;
  expect(after).toEqual(before);
  expect(after.flatMap(({ parts }) => parts)).toMatchObject([
    { type: 'text' },
    { prompt_id: 'c1', how: 'cancelled' },
    { type: 'text' },
    { prompt_id: 'c2', how: null },
  ]);
});
