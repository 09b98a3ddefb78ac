import { expect, test } from 'vitest';
import { createFaults } from '../../src/journal/faults.ts';
import { allow, answerOf, askNow, askOf, EXPIRED, openAsker, pendingIds, ruleFor } from './prompt-steps.ts';
import { done, events, OWNER, openBench, token, wholeLog } from './support.ts';

const PAGE_BYTES = 4096;
const chunk = 'x'.repeat(20_000);

/** A run with prompts of both kinds, a rule, and a disk that its frames have filled. */
async function fillDisk() {
  const { journal: before, folder } = await openBench();
  const stream = await openAsker(before, 's', 'a');
  for (const id of ['c1', 'c2', 'c3', 'c4'])
    await askNow(before, askOf(stream, 'clarify', id, { same_as: `key of ${id}` }));
  await askNow(before, askOf(stream, 'approval', 'a1'));
  await allow(before, stream, 'a0', ruleFor('u0', { call_hash: 'another' }));
  const { bytes } = before.counts();
  await before.close();
  const faults = createFaults();
  faults.page_limit = bytes / PAGE_BYTES + 20;
  const bench = await openBench({ folder, faults });
  while ((await bench.journal.append(token(stream, chunk))).kind !== 'full');
  return { ...bench, stream };
}

test('fault 3 CQ9 a full disk takes no question, and every end of one, out of the reserve', async () => {
  const { journal, stream } = await fillDisk();
  const full = { kind: 'full' };
  expect(await journal.ask(askOf(stream, 'clarify', 'c9'))).toEqual(full);
  expect(await journal.ask(askOf(stream, 'approval', 'a9'))).toEqual(full);
  // Nothing is written for it.
  const same_as = 'key of c1';
  expect(await journal.ask(askOf(stream, 'clarify', 'c9', { same_as }))).toMatchObject({ kind: 'merged' });

  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'))).toMatchObject({ kind: 'won' });
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c2', EXPIRED))).toMatchObject({ kind: 'won' });
  const declined = { how: 'declined', answer: null } as const;
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c3', declined))).toMatchObject({
    kind: 'won',
  });
  const rule = ruleFor('u1');
  expect(await journal.answer(OWNER, answerOf('s', 'approval', 'a1', { rule }))).toMatchObject({
    kind: 'won',
  });
  expect(await journal.findRule(OWNER, 's', rule.call_hash)).toMatchObject({ rule_id: 'u1' });
  expect(await journal.deleteRule(OWNER, 'u0')).toEqual({ kind: 'deleted' });
  expect(await pendingIds(journal, 's')).toEqual(['c4']);
  expect(journal.counts().full).toBe(true);
  expect(await journal.terminal(done(stream))).toMatchObject({ kind: 'won' });
  expect(await pendingIds(journal, 's')).toEqual([]);
  expect(await journal.settle({ ...stream, at: 40 })).toMatchObject({ kind: 'settled' });
  const log = await wholeLog(journal, 's');
  expect(log.map(({ pos }) => pos)).toEqual(log.map((_, index) => index + 1));
  expect(events(log).filter((event) => event === 'prompt_settled').length).toBe(6);
});

test('fault 3 questions are taken again when space returns', async () => {
  const { journal, faults, stream } = await fillDisk();
  const space = new Promise<void>((resolve) => journal.onSpace(resolve));
  faults.page_limit = 0;
  await space;
  expect(await journal.ask(askOf(stream, 'clarify', 'c9'))).toMatchObject({ kind: 'asked' });
});

test('fault 3 a session with many large prompts is deleted out of the reserve', async () => {
  const { journal, stream } = await fillDisk();
  await journal.terminal(done(stream));
  await journal.settle({ ...stream, at: 40 });
  expect(await journal.deleteSession(OWNER, 's')).toEqual({ kind: 'deleted' });
  expect(await journal.getPrompt(OWNER, 's', 'c1')).toBeNull();
});
