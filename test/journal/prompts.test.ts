import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { PENDING_PROMPTS_MAX } from '../../src/protocol/index.ts';
import {
  answerOf,
  approvalEntry,
  askNow,
  askOf,
  clarifyEntry,
  EXPIRED,
  openAsker,
  pendingIds,
  startAsker,
} from './prompt-steps.ts';
import {
  done,
  events,
  finishRun,
  INTERRUPTED,
  OWNER,
  openBench,
  started,
  startRun,
  token,
  until,
  wholeLog,
} from './support.ts';

async function openRun() {
  const bench = await openBench();
  const stream = await openAsker(bench.journal, 's', 'a');
  return { ...bench, stream };
}

const settledRecords = (records: { event: string; json: string }[]) =>
  records.filter(({ event }) => event === 'prompt_settled').map(({ json }) => JSON.parse(json));

test('P7 what is asked is a record and a row, pending, oldest first, both kinds', async () => {
  const { journal, stream, heard } = await openRun();
  const first = await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await askNow(journal, askOf(stream, 'approval', 'a1'));
  await askNow(journal, askOf(stream, 'clarify', 'c2'));
  const entry = clarifyEntry(stream, 'c1');
  const life = { how: null, by: null, settled_at: null, answer: null };
  const ids = { kind: 'clarify', prompt_id: 'c1', session_id: 's', stream_id: 'stream_a' };
  expect(first).toEqual({ ...ids, entry, asked_pos: 3, ...life });
  expect(await journal.getPrompt(OWNER, 's', 'c1')).toEqual(first);
  const opened = await journal.openSession(OWNER, 's');
  expect(opened?.session).toEqual(await journal.getSession(OWNER, 's'));
  expect(opened?.session.head).toBe(5);
  expect(opened?.prompts.map(({ prompt_id, asked_pos }) => [prompt_id, asked_pos])).toEqual([
    ['c1', 3],
    ['a1', 4],
    ['c2', 5],
  ]);
  expect(JSON.parse(heard[2]!.json)).toEqual({ pos: 3, at: 20, kind: 'clarify', entry });
  expect(await wholeLog(journal, 's')).toEqual(heard);
});

test('CQ5 of twenty answers at once one wins; the others hear how it had ended', async () => {
  const { journal, stream, heard } = await openRun();
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      journal.answer(OWNER, answerOf('s', 'clarify', 'c1', { by: `tab${n}`, answer: `{"response":"${n}"}` })),
    ),
  );
  expect(answers.map(({ kind }) => kind)).toEqual(['won', ...Array(19).fill('lost')]);
  const ended = { how: 'answered', by: 'tab0', settled_at: 25, answer: '{"response":"0"}' };
  for (const answer of answers) expect(answer).toMatchObject({ prompt: { prompt_id: 'c1', ...ended } });
  expect(settledRecords(heard)).toEqual([
    {
      pos: 4,
      at: 25,
      kind: 'clarify',
      id: 'c1',
      stream_id: 'stream_a',
      how: 'answered',
      by: 'tab0',
      answer: { response: '0' },
    },
  ]);
  expect(await pendingIds(journal, 's')).toEqual([]);
  expect(await journal.getPrompt(OWNER, 's', 'c1')).toMatchObject(ended);
});

test('CQ5 the winner keeps its answer when the result of its commit was unknown', async () => {
  const { journal, stream, faults, heard } = await openRun();
  for (const fault of ['fail_after_commit', 'fail_before_commit'] as const) {
    const id = `c_${fault}`;
    faults[fault] = 1;
    await askNow(journal, askOf(stream, 'clarify', id));
    faults[fault] = 1;
    expect(await journal.answer(OWNER, answerOf('s', 'clarify', id))).toMatchObject({ kind: 'won' });
  }
  expect(settledRecords(heard).length).toBe(2);
  expect(await wholeLog(journal, 's')).toEqual(heard);
});

test('CQ5 one end is a constraint of the database', async () => {
  const { journal, folder, stream } = await openRun();
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'));
  await askNow(journal, askOf(stream, 'clarify', 'c2', { same_as: 'key' }));
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  const attempt = (text: string) => () => database.exec(text);
  expect(attempt(`UPDATE prompts SET how = NULL WHERE prompt_id = 'c1'`)).toThrow(/CQ5/);
  expect(attempt(`UPDATE prompts SET how = 'expired' WHERE prompt_id = 'c1'`)).toThrow(/CQ5/);
  expect(attempt(`UPDATE prompts SET entry = '{}' WHERE prompt_id = 'c2'`)).toThrow(/CQ11/);
  expect(attempt(`UPDATE prompts SET answer = '{}' WHERE prompt_id = 'c2'`)).toThrow(/CHECK/);
  expect(attempt(`UPDATE streams SET terminal_state = 'completed'`)).toThrow(/ST5/);
  const copy = (
    how: string,
  ) => `INSERT INTO prompts (place, prompt_id, session_no, stream_no, kind, entry, same_as, how)
    SELECT place + 9, 'c3', session_no, stream_no, kind, entry, same_as, ${how} FROM prompts WHERE prompt_id = 'c2'`;
  expect(attempt(copy('NULL'))).toThrow(/UNIQUE/);
  expect(attempt(copy(`'expired'`))).toThrow(/CQ9/);
  database.close();
});

test('CQ6 an answer names its prompt, its queue, its session, its owner; anything else finds nothing', async () => {
  const { journal, stream } = await openRun();
  await openAsker(journal, 'other', 'o');
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  const nothing = { kind: 'not_found' };
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c2'))).toEqual(nothing);
  expect(await journal.answer(OWNER, answerOf('s', 'approval', 'c1'))).toEqual(nothing);
  expect(await journal.answer(OWNER, answerOf('other', 'clarify', 'c1'))).toEqual(nothing);
  expect(await journal.answer('somebody', answerOf('s', 'clarify', 'c1'))).toEqual(nothing);
  expect(await journal.getPrompt('somebody', 's', 'c1')).toBeNull();
  expect(await journal.getPrompt(OWNER, 'other', 'c1')).toBeNull();
  expect(await journal.openSession('somebody', 's')).toBeNull();
  expect(await pendingIds(journal, 's')).toEqual(['c1']);
});

test('CQ7 an expiry is the same conditional write: it wins over a later answer, and loses to an earlier one', async () => {
  const { journal, stream, heard } = await openRun();
  for (const id of ['c1', 'c2']) await askNow(journal, askOf(stream, 'clarify', id));
  const answers = await Promise.all([
    journal.answer(OWNER, answerOf('s', 'clarify', 'c1', EXPIRED)),
    journal.answer(OWNER, answerOf('s', 'clarify', 'c1')),
    journal.answer(OWNER, answerOf('s', 'clarify', 'c2', { how: 'declined', answer: null })),
    journal.answer(OWNER, answerOf('s', 'clarify', 'c2', EXPIRED)),
  ]);
  expect(answers).toMatchObject([
    { kind: 'won', prompt: { how: 'expired', by: null, answer: null } },
    { kind: 'lost', prompt: { how: 'expired', by: null } },
    { kind: 'won', prompt: { how: 'declined', by: 'tab1', answer: null } },
    { kind: 'lost', prompt: { how: 'declined', by: 'tab1' } },
  ]);
  const of = { at: 25, kind: 'clarify', stream_id: 'stream_a' };
  expect(settledRecords(heard)).toEqual([
    { ...of, pos: 5, id: 'c1', how: 'expired' },
    { ...of, pos: 6, id: 'c2', how: 'declined', by: 'tab1' },
  ]);
});

test('CQ7 an entry comes back from the log with its due time, after it was opened again', async () => {
  const { journal, folder, stream } = await openRun();
  const entry = { ...clarifyEntry(stream, 'c1'), timeout_seconds: 60, expires_at: 60_020 };
  const prompt = await askNow(journal, askOf(stream, 'clarify', 'c1', { entry }));
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect((await again.openSession(OWNER, 's'))?.prompts).toEqual([prompt]);
  expect(prompt.entry.expires_at).toBe(60_020);
});

test('CQ8 the same question of one stream is one entry while it is pending, and a new one afterwards', async () => {
  const { journal, stream, heard } = await openRun();
  const same_as = 'key';
  const asked = await Promise.all(
    ['c1', 'c2', 'c3'].map((id) => journal.ask(askOf(stream, 'clarify', id, { same_as }))),
  );
  expect(asked).toMatchObject([
    { kind: 'asked', prompt: { prompt_id: 'c1' } },
    { kind: 'merged', prompt: { prompt_id: 'c1' } },
    { kind: 'merged', prompt: { prompt_id: 'c1' } },
  ]);
  expect(events(heard)).toEqual(['user_message', 'stream_started', 'prompt_asked']);
  const other = await journal.ask(askOf(stream, 'clarify', 'c4', { same_as: 'another' }));
  expect(other.kind).toBe('asked');
  await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'));
  expect(await journal.ask(askOf(stream, 'clarify', 'c5', { same_as }))).toMatchObject({
    kind: 'asked',
    prompt: { prompt_id: 'c5' },
  });
  expect(await pendingIds(journal, 's')).toEqual(['c4', 'c5']);
});

test('CQ8 two approvals are never merged, whatever key they come with', async () => {
  const { journal, stream } = await openRun();
  for (const id of ['a1', 'a2'])
    expect(await journal.ask(askOf(stream, 'approval', id, { same_as: 'key' }))).toMatchObject({
      kind: 'asked',
      prompt: { prompt_id: id },
    });
});

test('CQ8 the same question of two streams is two entries', async () => {
  const { journal, stream } = await openRun();
  const other = await openAsker(journal, 'other', 'o');
  const same_as = 'key';
  expect((await journal.ask(askOf(stream, 'clarify', 'c1', { same_as }))).kind).toBe('asked');
  expect((await journal.ask(askOf(other, 'clarify', 'c2', { same_as }))).kind).toBe('asked');
});

test('P10 a queue takes so many and no more; the other queue is not full', async () => {
  const { journal, stream } = await openRun();
  const ask = (kind: 'clarify' | 'approval', n: number, same_as: string | null = null) =>
    journal.ask(askOf(stream, kind, `${kind}${n}`, { same_as }));
  const asked = await Promise.all(
    Array.from({ length: PENDING_PROMPTS_MAX + 1 }, (_, n) => ask('clarify', n, `key${n}`)),
  );
  expect(asked.filter(({ kind }) => kind === 'asked').length).toBe(PENDING_PROMPTS_MAX);
  expect(asked.at(-1)).toEqual({ kind: 'too_many' });
  expect(await ask('clarify', 999, 'key0')).toMatchObject({ kind: 'merged' });
  expect((await ask('approval', 0)).kind).toBe('asked');
  await journal.answer(OWNER, answerOf('s', 'clarify', 'clarify7', EXPIRED));
  expect((await ask('clarify', PENDING_PROMPTS_MAX)).kind).toBe('asked');
});

test('CQ9 ST5 the terminal commit closes every prompt of its stream, before its frame, with the reason', async () => {
  const { journal, stream, heard, commits } = await openRun();
  for (const id of ['c1', 'c2']) await askNow(journal, askOf(stream, 'clarify', id));
  await askNow(journal, askOf(stream, 'approval', 'a1'));
  await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'));
  const before = commits.length;
  expect(
    await journal.terminal({ ...done(stream), event: 'cancel', payload: '{"message":"x"}' }),
  ).toMatchObject({ kind: 'won', outcome: 'cancelled', seq: 2 });
  expect(commits.length).toBe(before + 1);
  expect(events(commits[before]!.records)).toEqual(['prompt_settled', 'prompt_settled', 'cancel']);
  const cancelled = { at: 30, stream_id: 'stream_a', how: 'cancelled', reason: 'cancelled' };
  expect(settledRecords(commits[before]!.records)).toEqual([
    { pos: 7, kind: 'clarify', id: 'c2', ...cancelled },
    { pos: 8, kind: 'approval', id: 'a1', ...cancelled },
  ]);
  expect(await pendingIds(journal, 's')).toEqual([]);
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c2'))).toMatchObject({
    kind: 'lost',
    prompt: { how: 'cancelled', by: null, settled_at: 30, answer: null },
  });
  expect(await journal.settle({ ...stream, at: 40 })).toMatchObject({ kind: 'settled' });
  expect(await wholeLog(journal, 's')).toEqual(heard);
});

test('CQ9 nobody asks before the agent is called, after the end, at an old epoch, or for a run that is not there', async () => {
  const { journal, stream } = await openRun();
  const fenced = { kind: 'fenced' };
  expect(await journal.ask({ ...askOf(stream, 'clarify', 'c1'), epoch: 2 })).toEqual(fenced);
  expect(await journal.ask({ ...askOf(stream, 'clarify', 'c1'), stream_id: 'nobody' })).toEqual(fenced);
  await journal.terminal(done(stream));
  expect(await journal.ask(askOf(stream, 'clarify', 'c1'))).toEqual(fenced);
  await journal.settle({ ...stream, at: 40 });
  expect(await journal.ask(askOf(stream, 'clarify', 'c1'))).toEqual(fenced);
  const next = await startRun(journal, 's', 'b');
  expect(await journal.ask(askOf(next, 'clarify', 'c1'))).toEqual(fenced);
  await journal.append(started(next));
  expect(await journal.ask(askOf(next, 'clarify', 'c1'))).toMatchObject({ kind: 'asked' });
});

test('ST5 a recovery without a terminal closes prompts, ends and settles in one transaction', async () => {
  const { journal, stream, commits } = await openRun();
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.takeOver(stream.stream_id, 'restart', 30);
  const before = commits.length;
  await journal.settle({ ...stream, epoch: 2, at: 40, otherwise: INTERRUPTED });
  expect(events(commits[before]!.records)).toEqual([
    'prompt_settled',
    'apperror',
    'stream_end',
    'session_updated',
  ]);
  expect(settledRecords(commits[before]!.records)).toMatchObject([
    { how: 'cancelled', reason: 'interrupted' },
  ]);
  expect(await pendingIds(journal, 's')).toEqual([]);
});

test('ST5 a settle that finds a prompt pending is a bug, and writes nothing', async () => {
  const { journal, folder, stream } = await openRun();
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.terminal(done(stream));
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec('DROP TRIGGER prompts_end_once');
  database.exec('UPDATE prompts SET how = NULL, answered_by = NULL, settled_at = NULL, settled_pos = NULL');
  database.close();
  const { journal: again } = await openBench({ folder });
  await expect(again.settle({ ...stream, at: 40 })).rejects.toThrow(/ST5/);
  expect(await again.getStream(OWNER, stream.stream_id)).toMatchObject({ settled: false });
});

test('CQ5 while nobody owns the run its prompts are held: neither answered nor expired, and nothing is asked', async () => {
  const { journal, stream, heard } = await openRun();
  const prompt = await askNow(journal, askOf(stream, 'clarify', 'c1', { same_as: 'key' }));
  await journal.takeOver(stream.stream_id, 'restart', 30);
  const before = heard.length;
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'))).toEqual({ kind: 'held', prompt });
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c1', EXPIRED))).toEqual({
    kind: 'held',
    prompt,
  });
  expect(await journal.ask({ ...askOf(stream, 'clarify', 'c2'), epoch: 2 })).toEqual({ kind: 'fenced' });
  expect(heard.length).toBe(before);
  expect(await pendingIds(journal, 's')).toEqual(['c1']);
  await journal.settle({ ...stream, epoch: 2, at: 40, otherwise: INTERRUPTED });
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'))).toMatchObject({
    kind: 'lost',
    prompt: { how: 'cancelled' },
  });
});

test('ST11 a run that is taken over before it started asks once it has', async () => {
  const { journal } = await openRun();
  await finishRun(journal, (await journal.getStream(OWNER, 'stream_a'))!, 'text');
  const early = await startRun(journal, 's', 'b');
  await journal.takeOver(early.stream_id, 'restart', 50);
  const stream = { ...early, epoch: 2 };
  await journal.append(started(stream));
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  expect(await journal.answer(OWNER, answerOf('s', 'clarify', 'c1'))).toMatchObject({ kind: 'won' });
});

test('CQ11 arguments and answers keep every key that they came with', async () => {
  const { journal, folder, stream, heard } = await openRun();
  const odd = '{"__proto__":{"x":1},"constructor":[1,null],"toString":"\\ud800"}';
  const entry = approvalEntry(stream, 'a1', JSON.parse(odd));
  await askNow(journal, askOf(stream, 'approval', 'a1', { entry }));
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.answer(OWNER, answerOf('s', 'clarify', 'c1', { answer: `{"content":${odd}}` }));
  const argsOf = (prompt: unknown) => JSON.stringify((prompt as { entry: { args: unknown } }).entry.args);
  expect(argsOf(await journal.getPrompt(OWNER, 's', 'a1'))).toBe(odd);
  expect(argsOf(JSON.parse(heard[2]!.json))).toBe(odd);
  expect(heard.at(-1)!.json).toContain(`"answer":{"content":${odd}}`);
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect(argsOf((await again.openSession(OWNER, 's'))?.prompts[0])).toBe(odd);
  expect((await again.getPrompt(OWNER, 's', 'c1'))?.answer).toBe(`{"content":${odd}}`);
});

test('an entry that is no JSON fails alone', async () => {
  const { journal, stream } = await openRun();
  const round: Record<string, unknown> = {};
  round.round = round;
  const asked = journal.ask(askOf(stream, 'approval', 'a1', { entry: approvalEntry(stream, 'a1', round) }));
  const beside = journal.append(token(stream, 'x'));
  await expect(asked).rejects.toThrow(TypeError);
  expect(await beside).toMatchObject({ kind: 'committed' });
});

test('CQ9 a session found damaged has nothing pending any more', async () => {
  const { journal, folder, stream } = await openRun();
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec(`UPDATE records SET crc = crc + 1 WHERE event = 'stream_started'`);
  database.close();
  const { journal: again } = await openBench({ folder });
  const damaged = new Promise<void>((resolve) => again.onDamage(() => resolve()));
  await expect(again.readStream(stream.stream_id, 0, 9)).rejects.toThrow();
  await damaged;
  await until(async () => (await pendingIds(again, 's')).length === 0);
  expect(await again.getPrompt(OWNER, 's', 'c1')).toMatchObject({ how: 'cancelled', settled_at: null });
  expect(await again.answer(OWNER, answerOf('s', 'clarify', 'c1'))).toEqual({ kind: 'damaged' });
  expect(await again.ask(askOf(stream, 'clarify', 'c2'))).toEqual({ kind: 'damaged' });
});

test('P8 a fork has neither prompts nor rules of its origin, and asks its own', async () => {
  const { journal, stream } = await openRun();
  await askNow(journal, askOf(stream, 'clarify', 'c1'));
  await journal.terminal(done(stream));
  await journal.settle({ ...stream, at: 40 });
  await journal.forkSession(OWNER, 's', 'answer_a', 'f', 50);
  expect(await journal.openSession(OWNER, 'f')).toMatchObject({ prompts: [] });
  expect(await journal.getPrompt(OWNER, 'f', 'c1')).toBeNull();
  const own = await startAsker(journal, 'f', 'f');
  expect((await askNow(journal, askOf(own, 'clarify', 'c2'))).session_id).toBe('f');
});
