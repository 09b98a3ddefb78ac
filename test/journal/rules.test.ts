import { expect, test } from 'vitest';
import { allow, answerOf, askNow, askOf, openAsker, ruleFor, startAsker } from './prompt-steps.ts';
import { done, OWNER, openBench } from './support.ts';

const HASH = 'hash of ls';

async function openRun() {
  const bench = await openBench();
  const stream = await openAsker(bench.journal, 's', 'a');
  return { ...bench, stream };
}

test('CQ11 a rule is written with the answer that makes it, and says what was shown', async () => {
  const { journal, stream, commits } = await openRun();
  await askNow(journal, askOf(stream, 'approval', 'a1'));
  const before = commits.length;
  expect(await journal.findRule(OWNER, 's', HASH)).toBeNull();
  await journal.answer(OWNER, answerOf('s', 'approval', 'a1', { rule: ruleFor('u1'), at: 27 }));
  const rule = { rule_id: 'u1', scope: 'always', session_id: null, tool: 'shell', command: 'ls', cwd: '/a' };
  const known = { ...rule, effect: 'allow', created_at: 27 };
  expect(commits.length).toBe(before + 1);
  expect(await journal.findRule(OWNER, 's', HASH)).toEqual(known);
  expect(await journal.listRules(OWNER)).toEqual([known]);
});

test('CQ11 an answer that lost, was held or found nothing makes no rule', async () => {
  const { journal, stream } = await openRun();
  for (const id of ['a1', 'a2']) await askNow(journal, askOf(stream, 'approval', id));
  await journal.answer(OWNER, answerOf('s', 'approval', 'a1'));
  const withRule = (id: string) =>
    journal.answer(OWNER, answerOf('s', 'approval', id, { rule: ruleFor('u1') }));
  expect((await withRule('a1')).kind).toBe('lost');
  expect((await withRule('nobody')).kind).toBe('not_found');
  await journal.takeOver(stream.stream_id, 'restart', 30);
  expect((await withRule('a2')).kind).toBe('held');
  expect(await journal.listRules(OWNER)).toEqual([]);
});

test('CQ11 a rule is for exactly its call, its owner and its scope', async () => {
  const { journal, stream } = await openRun();
  const other = await openAsker(journal, 'other', 'o');
  await allow(journal, stream, 'a1', ruleFor('u1', { scope: 'session' }));
  await allow(journal, other, 'a2', ruleFor('u2', { call_hash: 'hash of rm' }));
  expect(await journal.findRule(OWNER, 's', HASH)).toMatchObject({ rule_id: 'u1', session_id: 's' });
  expect(await journal.findRule(OWNER, 'other', HASH)).toBeNull();
  expect(await journal.findRule(OWNER, 'nowhere', HASH)).toBeNull();
  expect(await journal.findRule('somebody', 's', HASH)).toBeNull();
  expect(await journal.findRule(OWNER, 's', 'hash of rm')).toMatchObject({ rule_id: 'u2', session_id: null });
  expect(await journal.listRules('somebody')).toEqual([]);
});

test('CQ11 the same rule again is no second one, and the first stays as it is', async () => {
  const { journal, stream } = await openRun();
  const scopes = ['always', 'session'] as const;
  for (const scope of scopes)
    for (const n of [1, 2])
      await allow(journal, stream, `a_${scope}${n}`, ruleFor(`u_${scope}${n}`, { scope }));
  const ids = (await journal.listRules(OWNER)).map(({ rule_id }) => rule_id);
  expect(ids).toEqual(['u_session1', 'u_always1']);
});

test('CQ11 what rejects beats what allows; of two that say the same, the newest counts', async () => {
  const { journal, stream } = await openRun();
  await allow(journal, stream, 'a1', ruleFor('u1'));
  await allow(journal, stream, 'a2', ruleFor('u2', { scope: 'session' }));
  expect(await journal.findRule(OWNER, 's', HASH)).toMatchObject({ rule_id: 'u2' });
  await allow(journal, stream, 'a3', ruleFor('u3', { effect: 'reject' }));
  await allow(journal, stream, 'a4', ruleFor('u4', { scope: 'session', call_hash: 'another' }));
  expect(await journal.findRule(OWNER, 's', HASH)).toMatchObject({ rule_id: 'u3', effect: 'reject' });
  expect(await journal.deleteRule(OWNER, 'u3')).toEqual({ kind: 'deleted' });
  expect(await journal.findRule(OWNER, 's', HASH)).toMatchObject({ rule_id: 'u2' });
});

test('CQ11 P8 a rule is withdrawn by its owner, once', async () => {
  const { journal, stream } = await openRun();
  await allow(journal, stream, 'a1', ruleFor('u1'));
  expect(await journal.deleteRule('somebody', 'u1')).toEqual({ kind: 'not_found' });
  expect(await journal.deleteRule(OWNER, 'u1')).toEqual({ kind: 'deleted' });
  expect(await journal.deleteRule(OWNER, 'u1')).toEqual({ kind: 'not_found' });
  expect(await journal.findRule(OWNER, 's', HASH)).toBeNull();
});

test('CQ11 a rule of a session goes with it, one for always stays', async () => {
  const { journal, stream } = await openRun();
  await allow(journal, stream, 'a1', ruleFor('u1', { scope: 'session' }));
  await allow(journal, stream, 'a2', ruleFor('u2', { call_hash: 'another' }));
  await journal.terminal(done(stream));
  await journal.settle({ ...stream, at: 40 });
  expect(await journal.deleteSession(OWNER, 's')).toEqual({ kind: 'deleted' });
  expect((await journal.listRules(OWNER)).map(({ rule_id }) => rule_id)).toEqual(['u2']);
});

test('CQ11 a fork has no rule of its origin’s session', async () => {
  const { journal, stream } = await openRun();
  await allow(journal, stream, 'a1', ruleFor('u1', { scope: 'session' }));
  await journal.terminal(done(stream));
  await journal.settle({ ...stream, at: 40 });
  await journal.forkSession(OWNER, 's', 'answer_a', 'f', 50);
  await startAsker(journal, 'f', 'f');
  expect(await journal.findRule(OWNER, 'f', HASH)).toBeNull();
});

test('CQ11 rules are there after the log was opened again', async () => {
  const { journal, folder, stream } = await openRun();
  await allow(journal, stream, 'a1', ruleFor('u1', { scope: 'session' }));
  await allow(journal, stream, 'a2', ruleFor('u2', { command: null, cwd: null }));
  const before = await journal.listRules(OWNER);
  expect(before.length).toBe(2);
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect(await again.listRules(OWNER)).toEqual(before);
});
