import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import {
  createSession,
  done,
  events,
  finishRun,
  frame,
  INTERRUPTED,
  OWNER,
  openBench,
  started,
  startRun,
  token,
  wholeLog,
} from './support.ts';

async function openRun() {
  const bench = await openBench();
  await createSession(bench.journal, 's');
  const stream = await startRun(bench.journal, 's', 'a');
  return { ...bench, stream, owner: { stream_id: stream.stream_id, epoch: stream.epoch } };
}

test('P1 seq and pos are contiguous, whatever is fenced in between', async () => {
  const { journal, stream } = await openRun();
  const old = { ...stream, epoch: stream.epoch - 1 };
  const answers = await Promise.all([
    journal.append(started(stream)),
    journal.append(token(old, 'late')),
    journal.append(token(stream, 'one')),
    journal.append(token({ stream_id: 'nobody', epoch: 1 }, 'lost')),
    journal.append(token(stream, 'two')),
  ]);
  expect(answers.map(({ kind }) => kind)).toEqual([
    'committed',
    'fenced',
    'committed',
    'fenced',
    'committed',
  ]);
  const records = await wholeLog(journal, 's');
  expect(records.map(({ pos }) => pos)).toEqual([1, 2, 3, 4]);
  expect(records.map(({ seq }) => seq)).toEqual([null, 1, 2, 3]);
  expect(records[2]?.json).toBe('{"stream_id":"stream_a","seq":2,"at":20,"text":"one"}');
});

test('P2 what a commit told is what is read, byte for byte, by stream and by session', async () => {
  const { journal, stream, heard } = await openRun();
  await finishRun(journal, stream, 'sünße 漢字 \u2028 "quoted"');
  expect(await wholeLog(journal, 's')).toEqual(heard);
  const page = await journal.readStream(stream.stream_id, 0, 100);
  expect(page.records).toEqual(heard.filter(({ stream_id }) => stream_id !== null));
  expect(page.head).toBe(4);
});

test('P2 a commit is told before its promises resolve, and commits are told in order', async () => {
  const { journal, stream, heard } = await openRun();
  const seen: number[] = [];
  const appended = Array.from({ length: 50 }, async (_, n) => {
    const answer = await journal.append(token(stream, `${n}`));
    seen.push(heard.findIndex(({ seq }) => answer.kind === 'committed' && seq === answer.seq));
  });
  await Promise.all(appended);
  expect(seen.every((index) => index >= 0)).toBe(true);
  const poses = heard.map(({ pos }) => pos);
  expect(poses).toEqual([...poses].sort((a, b) => a - b));
});

test('P3 a walk continues after its cursor, in pages of any size', async () => {
  const { journal, stream } = await openRun();
  await journal.append(started(stream));
  await Promise.all(Array.from({ length: 30 }, (_, n) => journal.append(token(stream, `${n}`))));
  for (const limit of [1, 7, 31, 100]) {
    const seqs: (number | null)[] = [];
    for (let after = 0; ; ) {
      const { records, head } = await journal.readStream(stream.stream_id, after, limit);
      expect(head).toBe(31);
      if (records.length === 0) break;
      seqs.push(...records.map(({ seq }) => seq));
      after = seqs.at(-1) ?? head;
    }
    expect(seqs).toEqual(Array.from({ length: 31 }, (_, n) => n + 1));
  }
  expect((await journal.readStream(stream.stream_id, 31, 10)).records).toEqual([]);
  expect((await journal.readStream(stream.stream_id, 99, 10)).records).toEqual([]);
});

test('P10 a page of large frames ends at about 1 MiB', async () => {
  const { journal, stream } = await openRun();
  const text = 'x'.repeat(200_000);
  await Promise.all(Array.from({ length: 12 }, () => journal.append(token(stream, text))));
  const page = await journal.readStream(stream.stream_id, 0, 1000);
  expect(page.records.length).toBe(6);
  expect((await journal.readStream(stream.stream_id, 6, 1000)).records.length).toBe(6);
});

test('ST1 the first terminal stands, a second one is told which it was', async () => {
  const { journal, stream, owner } = await openRun();
  await journal.append(started(stream));
  const cancel = { ...owner, event: 'cancel', payload: '{"message":"stopped"}', at: 31 } as const;
  const [first, second] = await Promise.all([journal.terminal(done(stream)), journal.terminal(cancel)]);
  expect(first).toEqual({ kind: 'won', outcome: 'completed', seq: 2 });
  expect(second).toEqual({ kind: 'lost', outcome: 'completed', seq: 2 });
});

test('ST1 after the terminal only bookkeeping, after stream_end nothing', async () => {
  const { journal, stream, owner } = await openRun();
  await journal.append(started(stream));
  await journal.terminal(done(stream));
  expect(await journal.append(token(stream, 'late'))).toEqual({ kind: 'fenced' });
  expect((await journal.append(frame(stream, 'title', { title: 'A name' }))).kind).toBe('committed');
  await journal.settle({ ...owner, at: 40 });
  for (const event of ['token', 'title', 'metering'])
    expect(await journal.append(frame(stream, event, {}))).toEqual({ kind: 'fenced' });
  expect(events((await journal.readStream(stream.stream_id, 0, 100)).records)).toEqual([
    'stream_started',
    'done',
    'title',
    'stream_end',
  ]);
});

test('ST1 no append can end a stream by the way', async () => {
  const { journal, stream } = await openRun();
  for (const event of ['done', 'cancel', 'apperror', 'stream_end'])
    await expect(journal.append(frame(stream, event, {}))).rejects.toThrow(TypeError);
});

test('ST1 the database itself refuses a second terminal, a second end, and a frame after the end', async () => {
  const { journal, folder, stream } = await openRun();
  await finishRun(journal, stream, 'text');
  await journal.close();
  const database = new DatabaseSync(`${folder}/log.db`);
  const insert = (event: string) => () =>
    database.prepare(`INSERT INTO records VALUES (9e6, 1, 9, ?, '{}', 0, 0)`).run(event);
  expect(insert('token')).toThrow(/ST1/);
  database.exec(`DELETE FROM records WHERE event = 'stream_end'`);
  expect(insert('cancel')).toThrow(/UNIQUE/);
  insert('stream_end')();
  expect(() => database.exec('UPDATE streams SET epoch = 0')).toThrow(/P5/);
  expect(() => database.exec(`UPDATE streams SET terminal_state = 'errored'`)).toThrow(/P5/);
  database.close();
});

test('ST2 the settle commit is one: transcript, usage, stream_end, release', async () => {
  const { journal, stream, owner, commits } = await openRun();
  await journal.append(started(stream));
  await journal.append(token(stream, 'Hello '));
  await journal.append(frame(stream, 'tool', { tid: 't1', name: 'read', preview: 'a file', args: {} }));
  await journal.append(token(stream, 'there'));
  await journal.terminal(done(stream, { input_tokens: 10, output_tokens: 4, last_prompt_tokens: 10 }));
  await journal.append(frame(stream, 'title', { title: 'Greetings' }));
  const before = commits.length;
  const settled = await journal.settle({ ...owner, at: 50 });
  expect(commits.length).toBe(before + 1);
  expect(events(commits[before]?.records ?? [])).toEqual(['stream_end', 'session_updated']);
  const session = await journal.getSession(OWNER, 's');
  expect(settled).toEqual({ kind: 'settled', outcome: 'completed', head: 7, session });
  expect(session).toMatchObject({
    active_stream_id: null,
    pending_user_message: null,
    message_count: 2,
    title: 'Greetings',
    title_source: 'agent',
    last_outcome: 'completed',
    updated_at: 50,
    usage: { input_tokens: 10, output_tokens: 4, last_prompt_tokens: 10 },
  });
  const told = JSON.parse(commits[before]?.records[1]?.json ?? '');
  expect(told.session).toMatchObject({ session_id: 's', title: 'Greetings', active_stream_id: null });
  const transcript = await journal.getTranscript(OWNER, 's', { limit: 10 });
  expect(transcript?.transcript_pos).toBe(session?.head);
  expect(transcript?.messages[1]).toMatchObject({
    role: 'assistant',
    terminal_state: 'completed',
    last_seq: 7,
    settled_at: 50,
    parts: [{ text: 'Hello ' }, { type: 'tool', status: 'interrupted' }, { text: 'there' }],
  });
});

test('ST2 settling again writes nothing and says the same', async () => {
  const { journal, stream, owner, heard } = await openRun();
  await finishRun(journal, stream, 'text');
  const count = heard.length;
  expect(await journal.settle({ ...owner, at: 99 })).toMatchObject({
    kind: 'already',
    outcome: 'completed',
    head: 4,
    session: { updated_at: 40 },
  });
  expect(heard.length).toBe(count);
});

test('ST5 a stream without a terminal is not settled, unless the settle brings one', async () => {
  const { journal, stream, owner } = await openRun();
  await journal.append(started(stream));
  expect(await journal.settle({ ...owner, at: 40 })).toEqual({ kind: 'no_terminal' });
  expect(await journal.settle({ ...owner, at: 41, otherwise: INTERRUPTED })).toMatchObject({
    kind: 'settled',
    outcome: 'interrupted',
  });
});

test('ST3 P5 P6 after a takeover the old owner writes nothing, ends nothing, clears nothing', async () => {
  const { journal, stream, owner } = await openRun();
  await journal.append(started(stream));
  const taken = await journal.takeOver(stream.stream_id, 'restart', 60);
  expect(taken).toMatchObject({
    kind: 'taken',
    stream: { epoch: 2, head: 2, last_event: 'stale', starts: 1 },
  });
  expect(await journal.append(token(stream, 'late'))).toEqual({ kind: 'fenced' });
  expect(await journal.terminal(done(stream))).toEqual({ kind: 'fenced' });
  expect(await journal.settle({ ...owner, at: 61, otherwise: INTERRUPTED })).toEqual({ kind: 'fenced' });
  expect((await journal.getSession(OWNER, 's'))?.active_stream_id).toBe(stream.stream_id);
});

test('ST6 lesson 64 a cancelled run keeps the partial text and the question', async () => {
  const { journal, stream, owner } = await openRun();
  await journal.append(started(stream));
  await journal.append(token(stream, 'partial'));
  await journal.terminal({ ...owner, event: 'cancel', payload: '{"message":"stopped"}', at: 30 });
  await journal.settle({ ...owner, at: 31 });
  const transcript = await journal.getTranscript(OWNER, 's', { limit: 10 });
  expect(transcript?.messages.map(({ role, parts }) => [role, parts])).toEqual([
    ['user', [{ type: 'text', text: 'question a' }]],
    ['assistant', [{ type: 'text', text: 'partial' }]],
  ]);
});

test('lesson 94 tokens and costs are summed over runs, the window stays the last that was known', async () => {
  const { journal } = await openRun();
  const runs = [
    { input_tokens: 5, output_tokens: 1, context_length: 1000, context_estimated: true },
    { input_tokens: 7, cost: 0.5 },
    { cost: 0.25 },
  ];
  for (const [index, usage] of runs.entries()) {
    const row = await journal.getSession(OWNER, 's');
    // What nobody told is not there, instead of nothing.
    expect(row?.usage.cost).toBe([undefined, undefined, 0.5][index]);
    const stream = row?.active_stream_id
      ? await journal.getStream(OWNER, row.active_stream_id)
      : await startRun(journal, 's', `next${index}`);
    await journal.terminal(done(stream!, usage));
    await journal.settle({ stream_id: stream!.stream_id, epoch: 1, at: 50 });
  }
  expect((await journal.getSession(OWNER, 's'))?.usage).toEqual({
    input_tokens: 12,
    output_tokens: 1,
    last_prompt_tokens: 0,
    context_length: 1000,
    context_estimated: true,
    cost: 0.75,
  });
});

test('lesson 47 a running answer is in the transcript as far as it is, and only grows', async () => {
  const { journal, stream } = await openRun();
  await journal.append(started(stream));
  await journal.append(token(stream, 'so '));
  const early = await journal.getTranscript(OWNER, 's', { limit: 10 });
  expect(early?.messages[1]).toMatchObject({ last_seq: 2, parts: [{ text: 'so ' }], terminal_state: null });
  await journal.append(token(stream, 'far'));
  const later = await journal.getTranscript(OWNER, 's', { limit: 10 });
  expect(later?.messages[1]).toMatchObject({ last_seq: 3, parts: [{ text: 'so far' }] });
  expect(later?.transcript_pos).toBe(later?.session.head);
});

test('a payload that brings its own seq, at and stream_id changes no number of the log', async () => {
  const { journal, stream, owner } = await openRun();
  await journal.append(started(stream));
  await journal.append(frame(stream, 'tool_update', { tid: 't', seq: 0, at: -1, stream_id: 'other' }));
  await journal.append(token(stream, 'text'));
  await journal.terminal(done(stream));
  expect(await journal.settle({ ...owner, at: 50 })).toMatchObject({ kind: 'settled', head: 5 });
  const transcript = await journal.getTranscript(OWNER, 's', { limit: 9 });
  expect(transcript?.messages[1]).toMatchObject({ last_seq: 5, settled_at: 50, parts: [{ text: 'text' }] });
});

test('P10 the write-ahead log stays small, however much is written', async () => {
  const { journal, folder, stream } = await openRun();
  const text = 'x'.repeat(10_000);
  for (let n = 0; n < 20; n++)
    await Promise.all(Array.from({ length: 100 }, () => journal.append(token(stream, text))));
  expect(statSync(`${folder}/log.db`).size).toBeGreaterThan(12_000_000);
  expect(statSync(`${folder}/log.db-wal`).size).toBeLessThan(11_000_000);
});
