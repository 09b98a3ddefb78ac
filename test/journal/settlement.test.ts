// The settle commit over tables in memory: what it refuses, what it writes, and what is left of the run afterwards.
import { expect, test } from 'vitest';
import { listTasks } from '../../src/journal/house-reads.ts';
import { createLedger } from '../../src/journal/ledger.ts';
import { getTranscript } from '../../src/journal/log-reads.ts';
import type { Input } from '../../src/journal/operations.ts';
import { findSession, findStream, sessionOf } from '../../src/journal/rows.ts';
import { foldStream } from '../../src/journal/settlement.ts';
import type { StreamPlace } from '../../src/journal/walk.ts';
import { perform } from '../../src/journal/writes.ts';
import { usageSchema } from '../../src/protocol/index.ts';
import { type Desk, openDesk } from './desk.ts';
import { answerOf, clarifyEntry } from './prompt-steps.ts';
import { admission, INTERRUPTED, newSession, OWNER, started, token } from './support.ts';

const A = { stream_id: 'stream_a', epoch: 1 };
const frame = (of: typeof A, event: string, data: object) => ({
  ...of,
  event,
  payload: JSON.stringify(data),
  at: 20,
});

/** A session with a run that has said something. */
function open(): Desk {
  const desk = openDesk();
  desk.write('create', { owner: OWNER, session: newSession('s'), at: 1 });
  begin(desk, 'a', 'Hello');
  return desk;
}
function begin({ write }: Desk, run: string, word: string): void {
  write('admit', { owner: OWNER, admission: admission('s', run), at: 10 });
  const stream = { stream_id: `stream_${run}`, epoch: 1 };
  write('append', started(stream));
  write('append', token(stream, word));
}
const end = ({ write }: Desk, of = A, more: object = {}) =>
  write('terminal', { ...of, event: 'done', payload: JSON.stringify({ message_id: 'm', ...more }), at: 30 });
const settle = ({ write }: Desk, more: Partial<Input<'settle'>> = {}) =>
  write('settle', { ...A, at: 40, ...more });
const sessionIn = ({ database }: Desk) => sessionOf(findSession(database, OWNER, 's')!);
const answerIn = ({ database }: Desk) => getTranscript(database, OWNER, 's', { limit: 9 })!.messages.at(-1)!;
const rowOf = ({ database }: Desk, id = 'stream_a') => findStream(database, id)!;
const countOf = ({ database }: Desk) => Number(database.sql('SELECT count(*) AS n FROM records').get()?.n);

test('ST2 a settled run has its end in the log, its answer in the transcript, and its session free, at once', () => {
  const desk = open();
  end(desk, A, { usage: { output_tokens: 2 } });
  const settled = settle(desk);
  expect(settled).toMatchObject({ kind: 'settled', outcome: 'completed', head: 4 });
  expect(answerIn(desk)).toMatchObject({
    parts: [{ type: 'text', text: 'Hello' }],
    last_seq: 4,
    terminal_state: 'completed',
    settled_at: 40,
    usage: { output_tokens: 2 },
  });
  const session = sessionIn(desk);
  expect(session).toMatchObject({
    active_stream_id: null,
    pending_user_message: null,
    last_outcome: 'completed',
    updated_at: 40,
  });
  expect('session' in settled && settled.session).toEqual(session);
  const log = desk.database.sql('SELECT event, json FROM records ORDER BY place DESC LIMIT 3').all();
  expect(log.map(({ event }) => event)).toEqual(['session_updated', 'stream_end', 'done']);
  expect(JSON.parse(String(log[1]?.json))).toMatchObject({ terminal_state: 'completed', seq: 4 });
  expect(rowOf(desk)).toMatchObject({ settled: 1, head: 4, last_event: 'stream_end' });
  const stored = desk.database.sql(`SELECT parts, folded FROM messages WHERE message_id = 'answer_a'`).get();
  expect(stored).toEqual({ folded: 1, parts: JSON.stringify(answerIn(desk).parts) });
});

test('ST2 a run without usage has none, not an empty one', () => {
  const desk = open();
  end(desk);
  settle(desk);
  expect(answerIn(desk)).not.toHaveProperty('usage');
});

test('ST3 P5 nobody but the owner settles, and nothing is written for anybody else', () => {
  const desk = open();
  end(desk);
  const before = countOf(desk);
  expect(settle(desk, { epoch: 0 })).toEqual({ kind: 'fenced' });
  expect(settle(desk, { epoch: 2 })).toEqual({ kind: 'fenced' });
  expect(settle(desk, { stream_id: 'stream_x' })).toEqual({ kind: 'fenced' });
  expect(countOf(desk)).toBe(before);
});

test('P12 a run that is settled is settled once: what is said is what the log holds', () => {
  const desk = open();
  end(desk);
  const first = settle(desk);
  const before = countOf(desk);
  const again = settle(desk, { at: 99, otherwise: { ...INTERRUPTED } });
  expect(again).toEqual({ ...first, kind: 'already' });
  expect(countOf(desk)).toBe(before);
  expect(sessionIn(desk).updated_at).toBe(40);
});

test('ST5 a run without an end is not settled, unless the end comes with it', () => {
  const desk = open();
  const before = countOf(desk);
  expect(settle(desk)).toEqual({ kind: 'no_terminal' });
  expect(countOf(desk)).toBe(before);
  expect(settle(desk, { otherwise: { ...INTERRUPTED } })).toMatchObject({
    kind: 'settled',
    outcome: 'interrupted',
  });
  expect(answerIn(desk)).toMatchObject({ terminal_state: 'interrupted' });
  expect(rowOf(desk)).toMatchObject({ error_type: 'interrupted', terminal_seq: 3 });
});

test('ST10 the end that the log holds counts, whatever else is offered', () => {
  const desk = open();
  end(desk);
  expect(settle(desk, { otherwise: { ...INTERRUPTED } })).toMatchObject({ outcome: 'completed', head: 4 });
});

test('Q1 a damaged session takes no settle commit', () => {
  const desk = open();
  end(desk);
  const { database } = desk;
  database.exec(`UPDATE sessions SET damaged_pos = 1, damaged_reason = 'x'`);
  const writing = { database, ledger: createLedger(database), full: false };
  const settled = perform(writing, { name: 'settle', input: { ...A, at: 40 } });
  expect(settled).toEqual({ kind: 'damaged' });
});

test('ST2 the transcript is what every reader saw: frames and prompts of this run, in the order of the log', () => {
  const desk = open();
  const entry = clarifyEntry({ ...A, session_id: 's' }, 'c1');
  const ask = {
    ...A,
    kind: 'clarify',
    prompt_id: 'c1',
    entry: JSON.stringify(entry),
    same_as: null,
    at: 21,
  } as const;
  desk.write('ask', ask);
  desk.write('answer', { ...answerOf('s', 'clarify', 'c1', { at: 22 }), owner: OWNER });
  desk.write('append', frame(A, 'token', { text: 'More', seq: 77, at: 1, stream_id: 'x' }));
  end(desk);
  settle(desk);
  const { parts } = answerIn(desk);
  expect(parts).toMatchObject([
    { type: 'text', text: 'Hello' },
    { type: 'prompt', prompt_id: 'c1', how: 'answered', asked_at: 21, settled_at: 22 },
    { type: 'text', text: 'More' },
  ]);
  // The run after it has nothing of it, nor it of the run after it.
  begin(desk, 'b', 'Second');
  const B = { stream_id: 'stream_b', epoch: 1 };
  const other = { ...clarifyEntry({ ...B, session_id: 's' }, 'c2') };
  desk.write('ask', { ...ask, ...B, prompt_id: 'c2', entry: JSON.stringify(other) });
  const place = { kept_from: 1, ...rowOf(desk) } as unknown as StreamPlace;
  expect(foldStream(desk.database, place, sessionIn(desk).head).parts).toHaveLength(parts.length);
  desk.write('answer', { ...answerOf('s', 'clarify', 'c2', { at: 23 }), owner: OWNER });
  end(desk, B);
  settle(desk, B);
  expect(answerIn(desk).parts).toMatchObject([{ text: 'Second' }, { prompt_id: 'c2' }]);
});

test('ST2 a fold of many pages is the fold of all, and a run that has said nothing has an empty one', () => {
  const desk = open();
  for (let n = 0; n < 2_100; n += 1) desk.write('append', token(A, String(n % 10)));
  const place = { kept_from: 1, ...rowOf(desk) } as unknown as StreamPlace;
  const { parts, last_seq } = foldStream(desk.database, place, place.last_pos);
  expect([parts.length, last_seq]).toEqual([1, 2_102]);
  expect(parts[0]).toMatchObject({ text: `Hello${'0123456789'.repeat(210)}` });
  const unborn = foldStream(desk.database, { ...place, head: 0 }, place.last_pos);
  expect([unborn.parts, unborn.last_seq]).toEqual([[], 0]);
});

test('lesson 94 tokens of all runs are summed; of the prompt and the window the last that was known stays', () => {
  const desk = open();
  const usage = {
    input_tokens: 10,
    output_tokens: 5,
    last_prompt_tokens: 10,
    context_length: 100,
    context_estimated: true,
  };
  end(desk, A, { usage });
  settle(desk);
  expect(sessionIn(desk).usage).toEqual(usage);
  begin(desk, 'b', 'Second');
  const B = { stream_id: 'stream_b', epoch: 1 };
  end(desk, B, { usage: { input_tokens: 1, output_tokens: 2 } });
  settle(desk, B);
  expect(sessionIn(desk).usage).toEqual({ ...usage, input_tokens: 11, output_tokens: 7 });
  begin(desk, 'c', 'Third');
  const C = { stream_id: 'stream_c', epoch: 1 };
  end(desk, C, { usage: { last_prompt_tokens: 40, context_length: 200 } });
  settle(desk, C);
  // A window that was told is no estimate.
  expect(sessionIn(desk).usage).toEqual({
    input_tokens: 11,
    output_tokens: 7,
    last_prompt_tokens: 40,
    context_length: 200,
    context_estimated: false,
  });
});

test('lesson 94 what runs cost is summed, and nothing is known of it until one says so', () => {
  const desk = open();
  const costs: unknown[] = [];
  for (const [run, cost] of [
    ['a', undefined],
    ['b', 0.5],
    ['c', undefined],
    ['d', 0.25],
  ] as const) {
    if (run !== 'a') begin(desk, run, 'word');
    const of = { stream_id: `stream_${run}`, epoch: 1 };
    end(desk, of, cost === undefined ? {} : { usage: { cost } });
    settle(desk, of);
    costs.push(sessionIn(desk).usage.cost);
  }
  expect(costs).toEqual([undefined, 0.5, 0.5, 0.75]);
});

test('lesson 94 P3 however much runs say that they used, a session can be read and told of', () => {
  const desk = open();
  const most = Number.MAX_SAFE_INTEGER;
  for (const run of ['a', 'b']) {
    if (run !== 'a') begin(desk, run, 'word');
    const of = { stream_id: `stream_${run}`, epoch: 1 };
    end(desk, of, { usage: { input_tokens: most, output_tokens: most, cost: most } });
    expect(settle(desk, of)).toMatchObject({ kind: 'settled' });
  }
  const told = { input_tokens: most, output_tokens: most, cost: most };
  expect(sessionIn(desk).usage).toMatchObject(told);
  expect(usageSchema.parse(sessionIn(desk).usage)).toMatchObject(told);
});

test('ST2 the receipt of a run is kept with its settle commit, where there is one', () => {
  const desk = open();
  const kept = () => desk.database.sql('SELECT stream_no, session_no, json FROM receipts').all();
  const receipt = { steps: [] } as unknown as NonNullable<Input<'settle'>['receipt']>;
  end(desk);
  settle(desk, { receipt });
  const { stream_no, session_no } = rowOf(desk);
  expect(kept()).toEqual([{ stream_no, session_no, json: JSON.stringify(receipt) }]);
  begin(desk, 'b', 'Second');
  end(desk, { stream_id: 'stream_b', epoch: 1 });
  settle(desk, { stream_id: 'stream_b' });
  expect(kept()).toHaveLength(1);
});

test('wire §1 an agent may name a session, and a person has the last word', () => {
  const desk = open();
  desk.write('append', frame(A, 'title', { title: 'By the agent' }));
  end(desk);
  settle(desk);
  expect(sessionIn(desk)).toMatchObject({ title: 'By the agent', title_source: 'agent' });
  desk.write('patch', { owner: OWNER, session_id: 's', patch: { title: 'By me' }, at: 50 });
  begin(desk, 'b', 'Second');
  const B = { stream_id: 'stream_b', epoch: 1 };
  desk.write('append', frame(B, 'title', { title: 'By the agent again' }));
  end(desk, B);
  settle(desk, B);
  expect(sessionIn(desk)).toMatchObject({ title: 'By me', title_source: 'person' });
});

test('wire §1 a run without a title leaves the session’s as it was', () => {
  const desk = open();
  const { title, title_source } = sessionIn(desk);
  end(desk);
  settle(desk);
  expect(sessionIn(desk)).toMatchObject({ title, title_source });
});

test('BR1 when a run was over, and how much of the log is its own, is known', () => {
  const desk = open();
  end(desk);
  settle(desk);
  const row = rowOf(desk);
  const own = desk.database.sql('SELECT json FROM records WHERE stream_no = ?').all(row.stream_no);
  expect(row.finished_at).toBe(40);
  expect(row.bytes).toBe(own.reduce((sum, { json }) => sum + Buffer.byteLength(String(json)), 0));
  expect(listTasks(desk.database, 40, 9)).toMatchObject([{ stream_id: 'stream_a' }]);
});

test('P2 while the disk is full an answer stays in the log, is read from there, and is stored when there is room', () => {
  const desk = open();
  const { database } = desk;
  end(desk);
  const writing = { database, ledger: createLedger(database), full: true };
  perform(writing, { name: 'settle', input: { ...A, at: 40 } });
  const found = (word: string) =>
    Number(database.sql('SELECT count(*) AS n FROM search WHERE search MATCH ?').get(word)?.n);
  const stored = () => database.sql(`SELECT parts, folded FROM messages WHERE message_id = 'answer_a'`).get();
  expect(stored()).toMatchObject({ folded: 0 });
  expect(found('Hello')).toBe(0);
  const read = answerIn(desk);
  expect(read.parts).toEqual([{ type: 'text', text: 'Hello' }]);
  expect(desk.write('fold', {})).toEqual({ kind: 'folded', more: false });
  expect(stored()).toEqual({ folded: 1, parts: JSON.stringify(read.parts) });
  expect(found('Hello')).toBe(1);
  expect(answerIn(desk)).toEqual(read);
  expect(desk.write('fold', {})).toEqual({ kind: 'folded', more: false });
});

test('P2 what is left in the log is stored one answer a time, the oldest first, and of damaged sessions nothing', () => {
  const desk = open();
  const { database } = desk;
  end(desk);
  settle(desk);
  begin(desk, 'b', 'Second');
  end(desk, { stream_id: 'stream_b', epoch: 1 });
  settle(desk, { stream_id: 'stream_b' });
  const unfold = () => database.exec(`UPDATE messages SET folded = 0, parts = '[]' WHERE role = 'assistant'`);
  const folded = () =>
    database
      .sql(`SELECT folded FROM messages WHERE role = 'assistant' ORDER BY message_no`)
      .all()
      .map((row) => row.folded);
  unfold();
  expect(desk.write('fold', {})).toEqual({ kind: 'folded', more: true });
  expect(folded()).toEqual([1, 0]);
  expect(desk.write('fold', {})).toEqual({ kind: 'folded', more: false });
  expect(folded()).toEqual([1, 1]);
  unfold();
  database.exec('UPDATE sessions SET damaged_pos = 1');
  expect(desk.write('fold', {})).toEqual({ kind: 'folded', more: false });
  expect(folded()).toEqual([0, 0]);
});

test('house a run whose answer has no place is a bug, and says which', () => {
  const desk = open();
  end(desk);
  desk.database.exec(`DELETE FROM messages WHERE message_id = 'answer_a'`);
  expect(() => settle(desk)).toThrow('stream stream_a has no message');
});
