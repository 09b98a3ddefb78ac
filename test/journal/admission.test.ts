import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { guessTitle } from '../../src/journal/admission.ts';
import { QUEUE_LENGTH_MAX } from '../../src/protocol/index.ts';
import {
  admission,
  createSession,
  events,
  finishRun,
  OWNER,
  openBench,
  started,
  startRun,
  token,
  wholeLog,
} from './support.ts';

const queued = (run: string, more = {}) => admission('s', run, { on_busy: 'queue', ...more });
const ids = (run: string) => ({ stream_id: `stream_${run}`, message_id: `answer_${run}` });

async function openSession() {
  const bench = await openBench();
  await createSession(bench.journal, 's');
  return bench;
}

test('lesson 45 the message and its stream are in the log when the answer is', async () => {
  const { journal } = await openSession();
  const admitted = await journal.admit(OWNER, admission('s', 'a', { client_message_id: 'c' }), 10);
  expect(admitted).toMatchObject({
    kind: 'started',
    stream: { stream_id: 'stream_a', epoch: 1, starts: 1, head: 0, started: false, settled: false },
    session: {
      active_stream_id: 'stream_a',
      pending_user_message: 'question a',
      title: 'question a',
      updated_at: 10,
    },
  });
  const [record] = await wholeLog(journal, 's');
  expect(JSON.parse(record?.json ?? '')).toEqual({
    pos: 1,
    at: 10,
    message_id: 'user_a',
    stream_id: 'stream_a',
    client_message_id: 'c',
    text: 'question a',
  });
  expect(await journal.getStream(OWNER, 'stream_a')).toEqual(admitted.kind === 'started' && admitted.stream);
});

test('SE1 of many that start at once one starts, the others hear which', async () => {
  const { journal } = await openSession();
  const all = await Promise.all(
    ['a', 'b', 'c', 'd'].map((run) => journal.admit(OWNER, admission('s', run), 10)),
  );
  expect(all.map(({ kind }) => kind)).toEqual(['started', 'busy', 'busy', 'busy']);
  expect(all[3]).toEqual({ kind: 'busy', active_stream_id: 'stream_a' });
});

test('SE1 the database itself refuses a second stream that is not settled', async () => {
  const { journal, folder } = await openSession();
  await startRun(journal, 's', 'a');
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  const second = `INSERT INTO streams (stream_id, session_no, owner, agent, user_message_id, message_id, created_at)
    VALUES ('x', 1, 'owner', 'demo', 'u', 'm', 1)`;
  expect(() => database.exec(second)).toThrow(/UNIQUE/);
  database.close();
});

test('SE5 the same client_message_id and text get the first answer, another text is a mismatch', async () => {
  const { journal } = await openSession();
  const first = admission('s', 'a', { client_message_id: 'c1' });
  const [one, two] = await Promise.all([
    journal.admit(OWNER, first, 10),
    journal.admit(OWNER, { ...first, stream_id: 'other', user_message_id: 'u2', message_id: 'm2' }, 11),
  ]);
  expect(one.kind).toBe('started');
  const answer = { kind: 'started', stream_id: 'stream_a', user_message_id: 'user_a', title: 'question a' };
  expect(two).toEqual({ kind: 'repeated', answer });
  expect(await journal.admit(OWNER, { ...first, text: 'else' }, 12)).toEqual({ kind: 'mismatch' });
  await finishRun(journal, (await journal.getStream(OWNER, 'stream_a'))!, 'text');
  expect(await journal.admit(OWNER, first, 13)).toEqual({ kind: 'repeated', answer });
  expect((await journal.getSession(OWNER, 's'))?.message_count).toBe(2);
});

test('SE5 a refusal is not remembered, and the key of one session means nothing in another', async () => {
  const { journal } = await openSession();
  await createSession(journal, 'other');
  const stream = await startRun(journal, 's', 'a');
  const refused = admission('s', 'b', { client_message_id: 'c1' });
  expect((await journal.admit(OWNER, refused, 11)).kind).toBe('busy');
  const elsewhere = admission('other', 'x', { client_message_id: 'c1', text: 'elsewhere' });
  expect((await journal.admit(OWNER, elsewhere, 11)).kind).toBe('started');
  await finishRun(journal, stream, 'text');
  expect((await journal.admit(OWNER, refused, 12)).kind).toBe('started');
});

test('SE2 lesson 89 follow-ups run in order, each taken once', async () => {
  const { journal } = await openSession();
  const stream = await startRun(journal, 's', 'a');
  expect(await journal.admit(OWNER, queued('b'), 11)).toMatchObject({ kind: 'queued', position: 1 });
  expect(await journal.admit(OWNER, queued('c'), 12)).toMatchObject({ kind: 'queued', position: 2 });
  expect(await journal.takeFollowUp('s', ids('b'), 13)).toEqual({
    kind: 'busy',
    active_stream_id: 'stream_a',
  });
  await finishRun(journal, stream, 'text');
  const both = await Promise.all([
    journal.takeFollowUp('s', ids('b'), 13),
    journal.takeFollowUp('s', ids('b2'), 13),
  ]);
  expect(both.map(({ kind }) => kind)).toEqual(['started', 'busy']);
  expect(both[0]).toMatchObject({ stream: { user_message_id: 'user_b' }, session: { queue_length: 1 } });
  await finishRun(journal, (await journal.getStream(OWNER, 'stream_b'))!, 'text');
  await journal.takeFollowUp('s', ids('c'), 14);
  await finishRun(journal, (await journal.getStream(OWNER, 'stream_c'))!, 'text');
  expect(await journal.takeFollowUp('s', ids('d'), 15)).toEqual({ kind: 'none' });
  const transcript = await journal.getTranscript(OWNER, 's', { limit: 10 });
  expect(transcript?.messages.map(({ message_id }) => message_id)).toEqual(
    ['a', 'b', 'c'].flatMap((run) => [`user_${run}`, `answer_${run}`]),
  );
});

test('SE2 what may wait does not overtake what waits, what may not wait starts', async () => {
  const { journal } = await openSession();
  const stream = await startRun(journal, 's', 'a');
  await journal.admit(OWNER, queued('b'), 11);
  await finishRun(journal, stream, 'text');
  expect(await journal.admit(OWNER, queued('c'), 12)).toMatchObject({ kind: 'queued', position: 2 });
  expect((await journal.admit(OWNER, admission('s', 'd'), 13)).kind).toBe('started');
});

test('SE2 a paused queue is left alone', async () => {
  const { journal } = await openSession();
  const stream = await startRun(journal, 's', 'a');
  await journal.admit(OWNER, queued('b'), 11);
  await journal.patchSession(OWNER, 's', { queue_paused: true }, 12);
  await finishRun(journal, stream, 'text');
  expect(await journal.takeFollowUp('s', ids('b'), 13)).toEqual({ kind: 'none' });
  await journal.patchSession(OWNER, 's', { queue_paused: false }, 14);
  expect((await journal.takeFollowUp('s', ids('b'), 15)).kind).toBe('started');
});

test('P10 a queue is bounded', async () => {
  const { journal } = await openSession();
  await startRun(journal, 's', 'a');
  const all = await Promise.all(
    Array.from({ length: QUEUE_LENGTH_MAX + 1 }, (_, n) => journal.admit(OWNER, queued(`q${n}`), 11)),
  );
  expect(all.at(-2)?.kind).toBe('queued');
  expect(all.at(-1)).toEqual({ kind: 'queue_full' });
});

test('a queued message is edited and withdrawn until it runs', async () => {
  const { journal } = await openSession();
  const stream = await startRun(journal, 's', 'a');
  await journal.admit(OWNER, queued('b'), 11);
  await journal.admit(OWNER, queued('c'), 12);
  expect(await journal.editQueued(OWNER, 's', 'user_c', 'better', 13)).toMatchObject({
    kind: 'changed',
    queue: [
      { message_id: 'user_b', position: 1, text: 'question b' },
      { message_id: 'user_c', position: 2, text: 'better' },
    ],
  });
  expect(await journal.withdrawQueued(OWNER, 's', 'user_b', 14)).toMatchObject({
    kind: 'changed',
    session: { queue_length: 1 },
    queue: [{ message_id: 'user_c', position: 1 }],
  });
  expect(await journal.withdrawQueued(OWNER, 's', 'user_b', 15)).toEqual({ kind: 'not_found' });
  await finishRun(journal, stream, 'text');
  await journal.takeFollowUp('s', ids('c'), 16);
  expect(await journal.editQueued(OWNER, 's', 'user_c', 'late', 17)).toEqual({ kind: 'message_started' });
  expect(await journal.listQueue(OWNER, 's')).toEqual([]);
  expect(events(await wholeLog(journal, 's')).filter((event) => event.startsWith('message_'))).toEqual([
    'message_queued',
    'message_queued',
    'message_edited',
    'message_withdrawn',
  ]);
  expect((await journal.getSession(OWNER, 's'))?.pending_user_message).toBe('better');
});

test('lesson 54 a retry runs the same message again and marks the earlier answer', async () => {
  const { journal } = await openSession();
  const none = await journal.admitRetry(OWNER, { session_id: 's', ...ids('r') }, 5);
  expect(none).toEqual({ kind: 'no_message' });
  const stream = await startRun(journal, 's', 'a');
  expect((await journal.admitRetry(OWNER, { session_id: 's', ...ids('r') }, 11)).kind).toBe('busy');
  await finishRun(journal, stream, 'first');
  const again = await journal.admitRetry(OWNER, { session_id: 's', ...ids('r') }, 12);
  expect(again).toMatchObject({
    kind: 'started',
    stream: { user_message_id: 'user_a', message_id: 'answer_r' },
  });
  if (again.kind === 'started') await finishRun(journal, again.stream, 'second');
  const transcript = await journal.getTranscript(OWNER, 's', { limit: 10 });
  expect(transcript?.messages.map(({ message_id, superseded_by }) => [message_id, superseded_by])).toEqual([
    ['user_a', undefined],
    ['answer_a', 'stream_r'],
    ['answer_r', undefined],
  ]);
  const record = (await wholeLog(journal, 's')).findLast(({ event }) => event === 'user_message');
  expect(JSON.parse(record?.json ?? '')).toMatchObject({
    message_id: 'user_a',
    retry_of: 'stream_a',
    text: 'question a',
  });
});

test('ST9 ST10 ST11 the start reports what is not settled: started, ended, never started', async () => {
  const { journal, folder } = await openBench();
  for (const id of ['s1', 's2', 's3', 's4']) await createSession(journal, id);
  const [running, ended, fresh, settled] = [
    await startRun(journal, 's1', 'running'),
    await startRun(journal, 's2', 'ended'),
    await startRun(journal, 's3', 'fresh'),
    await startRun(journal, 's4', 'settled'),
  ];
  await journal.append(started(running));
  await journal.append(token(running, 'partial'));
  await journal.append(started(ended));
  await journal.terminal({ ...ended, event: 'cancel', payload: '{"message":"stopped"}', at: 20 });
  await journal.admit(OWNER, admission('s4', 'follow', { on_busy: 'queue' }), 21);
  await finishRun(journal, settled, 'text');
  await journal.close();

  const { journal: next } = await openBench({ folder });
  expect(next.report.unsettled.map((row) => [row.stream_id, row.started, row.terminal_state])).toEqual([
    ['stream_running', true, null],
    ['stream_ended', true, 'cancelled'],
    ['stream_fresh', false, null],
  ]);
  expect(next.report.with_follow_up).toEqual([{ owner: OWNER, session_id: 's4' }]);
  expect(next.report.shorter).toBeNull();
  expect(next.report.damaged).toEqual([]);

  // ST9: stale is said in the log, what was there stays.
  expect(await next.takeOver('stream_running', 'restart', 30)).toMatchObject({
    stream: { last_event: 'stale' },
  });
  // ST10: nothing may follow its terminal; the outcome is the one in the log.
  expect(await next.takeOver('stream_ended', 'restart', 30)).toMatchObject({
    stream: { last_event: 'cancel', epoch: 2 },
  });
  const settle = { stream_id: 'stream_ended', epoch: 2, at: 31 };
  expect(await next.settle(settle)).toMatchObject({ kind: 'settled', outcome: 'cancelled' });
  // ST11: one that never started counts its tries instead.
  expect(await next.takeOver('stream_fresh', 'restart', 30)).toMatchObject({
    stream: { starts: 2, head: 0, epoch: 2 },
  });
  expect(await next.takeOver('stream_fresh', 'restart', 31)).toMatchObject({
    stream: { starts: 3, epoch: 3 },
  });
  expect(await next.takeOver('stream_settled', 'restart', 32)).toEqual({ kind: 'settled' });
  expect(fresh.starts).toBe(1);
});

test('a title is guessed once, given by the agent, and kept when a person gave it', async () => {
  const { journal } = await openSession();
  const titled = async (run: string, title: string) => {
    const stream = await startRun(journal, 's', run);
    await journal.append(started(stream));
    await journal.append({ ...stream, event: 'title', payload: JSON.stringify({ title }), at: 20 });
    await journal.terminal({ ...stream, event: 'done', payload: `{"message_id":"m"}`, at: 21 });
    await journal.settle({ ...stream, at: 22 });
    return (await journal.getSession(OWNER, 's'))?.title;
  };
  expect(await titled('a', 'From the agent')).toBe('From the agent');
  await journal.patchSession(OWNER, 's', { title: 'Mine' }, 30);
  expect(await titled('b', 'Something else')).toBe('Mine');
  expect(guessTitle('\n\n  Fix   the build  \nplease')).toBe('Fix the build');
  expect(guessTitle(`${'word '.repeat(20)}`)).toBe(`${'word '.repeat(11).trim()}…`);
  expect([...guessTitle('漢'.repeat(100))].length).toBe(60);
});

test('lesson 49 bookkeeping never changes updated_at', async () => {
  const { journal } = await openSession();
  const at = async () => (await journal.getSession(OWNER, 's'))?.updated_at;
  await journal.patchSession(OWNER, 's', { pinned: true, archived: true, queue_paused: true }, 99);
  await journal.patchSession(OWNER, 's', { pinned: false, archived: false, queue_paused: false }, 100);
  expect(await at()).toBe(1);
  const stream = await startRun(journal, 's', 'a', 10);
  expect(await at()).toBe(10);
  await journal.takeOver(stream.stream_id, 'restart', 70);
  expect(await at()).toBe(10);
  await journal.settle({
    stream_id: stream.stream_id,
    epoch: 2,
    at: 80,
    otherwise: { event: 'cancel', payload: '{"message":""}' },
  });
  expect(await at()).toBe(80);
  await journal.patchSession(OWNER, 's', { title: 'Mine' }, 90);
  expect(await at()).toBe(90);
});

test('P8 nothing of a session exists for another principal', async () => {
  const { journal } = await openSession();
  const stream = await startRun(journal, 's', 'a');
  const not_found = { kind: 'not_found' };
  expect(await journal.getSession('mallory', 's')).toBeNull();
  expect(await journal.getTranscript('mallory', 's', { limit: 1 })).toBeNull();
  expect(await journal.listQueue('mallory', 's')).toBeNull();
  expect(await journal.getStream('mallory', stream.stream_id)).toBeNull();
  expect(await journal.listSessions('mallory', { limit: 10, q: 'question' })).toEqual({ sessions: [] });
  expect(await journal.admit('mallory', admission('s', 'b'), 1)).toEqual(not_found);
  expect(await journal.admitRetry('mallory', { session_id: 's', ...ids('b') }, 1)).toEqual(not_found);
  expect(await journal.patchSession('mallory', 's', { title: 'x' }, 1)).toEqual(not_found);
  expect(await journal.deleteSession('mallory', 's')).toEqual(not_found);
  expect(await journal.editQueued('mallory', 's', 'user_a', 'x', 1)).toEqual(not_found);
  expect(await journal.withdrawQueued('mallory', 's', 'user_a', 1)).toEqual(not_found);
  expect(await journal.forkSession('mallory', 's', 'user_a', 'f', 1)).toEqual(not_found);
});
