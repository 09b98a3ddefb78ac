// What may happen at once to a question: found by reading the wiring with a fresh eye, kept here so that it stays found.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Journal } from '../../src/journal/port.ts';
import { CANCEL_SETTLE_MS } from '../../src/machines/bounds.ts';
import type { Rejection } from '../../src/protocol/index.ts';
import { callHash } from '../../src/sessions/asking.ts';
import {
  logOf,
  openPromptRoom,
  outcomeOf,
  pendingIn,
  type RoomSettings,
  SHELL,
  untilPending,
  when,
} from '../support/prompt-room.ts';
import { OWNER } from '../support/puppet.ts';
import { temporaryFolder } from '../support/server.ts';

const QUESTION = { question: 'Which?', choices_offered: ['this', 'that'] };

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
async function openRoom(settings: Partial<RoomSettings> = {}) {
  const room = await openPromptRoom({ folder: await newFolder(), ...settings });
  onTestFinished(() => room.close());
  return room;
}
const settledOf = async (room: Parameters<typeof logOf>[0], session_id: string) =>
  (await logOf(room, session_id)).filter(({ event }) => event === 'prompt_settled').map(({ data }) => data);
const refusalOf = (act: Promise<unknown>): Promise<Rejection> =>
  act.then(
    () => Promise.reject(new Error('it was taken')),
    (refused) => refused,
  );

test('CQ8 a question that merges while its answer is written hears that answer', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  const first = outcomeOf(call.output.clarify(QUESTION));
  const prompt_id = await untilPending(room, session_id, 'clarify');
  // One commit: the log merges the second question, and takes the answer, before anybody is told of either.
  const second = outcomeOf(call.output.clarify(QUESTION));
  const answer = { how: 'answered', by: 'tab', answer: '{"response":"this"}', rule: null } as const;
  const id = { session_id, prompt_id, prompt_kind: 'clarify' } as const;
  await room.journal.answer(OWNER, { ...id, ...answer, at: room.clock.now() });
  const heard = { kind: 'answered', by: 'tab', answer: { response: 'this' } };
  expect(await when('the first hears', () => first.value)).toEqual(heard);
  expect(await when('the second hears', () => second.value)).toEqual(heard);
});

test('CQ9 a question that its own end overtakes is over at once, not with the settlement', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  const asked = outcomeOf(call.output.clarify(QUESTION));
  // In the same turn: the log takes the question and the cancel in one commit.
  const cancelled = room.sessions.cancel(OWNER, stream_id);
  expect(await when('it hears', () => asked.value)).toEqual({ kind: 'cancelled' });
  await cancelled;
  expect((await room.sessions.status(OWNER, stream_id)).state).toBe('draining');
  expect((await pendingIn(room, session_id, 'clarify')).count).toBe(0);
});

test('CQ11 no rule speaks for a run that was cancelled', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  const first = outcomeOf(call.output.approve(SHELL));
  const approval_id = await untilPending(room, session_id, 'approval');
  await room.sessions.respond.approval(OWNER, { session_id, approval_id, choice: 'always' }, 'tab');
  expect(await when('the answer', () => first.value)).toMatchObject({ kind: 'answered' });
  expect(await call.output.approve(SHELL)).toMatchObject({ kind: 'answered' });
  const atOnce = call.output.approve(SHELL);
  await Promise.all([room.sessions.cancel(OWNER, stream_id), atOnce]);
  expect(await call.output.approve(SHELL)).toEqual({ kind: 'cancelled' });
  expect(await call.output.clarify(QUESTION)).toEqual({ kind: 'cancelled' });
});

test('CQ11 a rule that the disk does not give speaks for nobody: a person is asked', async () => {
  const findRule = () => Promise.reject(new Error('disk I/O error'));
  const room = await openRoom({ between: (journal) => ({ ...journal, findRule }) });
  const { session_id, call } = await room.begin();
  const asked = outcomeOf(call.output.approve(SHELL));
  const approval_id = await untilPending(room, session_id, 'approval');
  await room.sessions.respond.approval(OWNER, { session_id, approval_id, choice: 'once' }, 'tab');
  expect(await when('the answer', () => asked.value)).toMatchObject({ kind: 'answered', by: 'tab' });
});

test('CQ11 a rule is for these arguments: an object is no list of pairs, whatever the order of its keys', () => {
  const hash = (args: unknown) => callHash({ tool: 'shell', args });
  expect(hash({ a: 1, b: { c: 2, d: 3 } })).toBe(hash({ b: { d: 3, c: 2 }, a: 1 }));
  expect(hash({ a: 1 })).not.toBe(hash([['a', 1]]));
  expect(hash({ a: [['b', 1]] })).not.toBe(hash({ a: { b: 1 } }));
  expect(hash({})).not.toBe(hash([]));
  expect(hash(JSON.parse('{"__proto__":1}'))).not.toBe(hash({}));
});

test('CQ8 the same words with another form are another question', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  void call.output.clarify({
    question: 'Who?',
    requested_schema: { type: 'object', properties: { name: {} } },
  });
  void call.output.clarify({
    question: 'Who?',
    requested_schema: { type: 'object', properties: { age: {} } },
  });
  void call.output.clarify({ question: 'Who?' });
  await untilPending(room, session_id, 'clarify', 3);
});

test('CQ9 P8 a prompt that was overdue when the server died is cancelled with its run, and not expired beside it', async () => {
  const folder = await newFolder();
  const first = await openPromptRoom({ folder });
  const { session_id, call } = await first.begin();
  void call.output.clarify({ ...QUESTION, timeout_seconds: 60 });
  await untilPending(first, session_id, 'clarify');
  await first.die();
  const written: string[] = [];
  const between = (journal: Journal): Journal => ({
    ...journal,
    answer: (owner, answer) => {
      written.push(answer.how);
      return journal.answer(owner, answer);
    },
  });
  first.clock.jump(3_600_000);
  const second = await openRoom({ folder, clock: first.clock, between });
  expect(await settledOf(second, session_id)).toMatchObject([{ how: 'cancelled', reason: 'interrupted' }]);
  expect(written).toEqual([]);
  expect(await pendingIn(second, session_id, 'clarify')).toMatchObject({ head: null, count: 0 });
});

test('CQ7 a due time is of the wall clock: after a computer has slept, it has come within ten seconds', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  const asked = outcomeOf(call.output.clarify({ ...QUESTION, timeout_seconds: 600 }));
  await untilPending(room, session_id, 'clarify');
  room.clock.jump(700_000);
  await room.clock.advance(10_000);
  expect(await when('the expiry', () => asked.value)).toEqual({ kind: 'expired' });
  call.end({ kind: 'finished' });
});

test('CQ7 P11 the wall clock is looked at only while something waits for it', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  void call.output.clarify(QUESTION);
  const endless = await untilPending(room, session_id, 'clarify');
  const before = room.clock.pending();
  void call.output.approve({ ...SHELL, timeout_seconds: 600 });
  const approval_id = await untilPending(room, session_id, 'approval');
  expect(room.clock.pending()).toBe(before + 2);
  await room.clock.advance(60_000);
  await room.sessions.respond.approval(OWNER, { session_id, approval_id, choice: 'deny' }, 'tab');
  expect(room.clock.pending()).toBe(before);
  expect(await untilPending(room, session_id, 'clarify')).toBe(endless);
});

test('CQ9 ST4 a run whose end the disk refuses holds its question: no answer is taken that nobody would hear', async () => {
  const disk = { full: false };
  const between = (journal: Journal): Journal => ({
    ...journal,
    terminal: (input) => (disk.full ? Promise.resolve({ kind: 'full' }) : journal.terminal(input)),
    settle: (input) => (disk.full ? Promise.resolve({ kind: 'full' }) : journal.settle(input)),
  });
  const room = await openRoom({ between });
  const { session_id, stream_id, call } = await room.begin();
  void call.output.clarify({ ...QUESTION, timeout_seconds: 20 });
  const clarify_id = await untilPending(room, session_id, 'clarify');
  disk.full = true;
  const cancelled = outcomeOf(room.sessions.cancel(OWNER, stream_id));
  call.end({ kind: 'stopped' });
  const answer = () =>
    refusalOf(room.sessions.respond.clarify(OWNER, { session_id, clarify_id, response: 'x' }, 'tab'));
  // Between two tries of its end a run is no nearer to being answered.
  await room.clock.advance(50);
  expect(await answer()).toMatchObject({ code: 'prompt_stale', data: { how: 'held' } });
  await room.clock.advance(60_000);
  await when('the cancel is refused', () => cancelled.error);
  expect(await answer()).toMatchObject({ code: 'prompt_stale', data: { how: 'held' } });
  expect((await pendingIn(room, session_id, 'clarify')).count).toBe(1);
  disk.full = false;
  await room.clock.advance(60_000);
  await when('the end', async () => (await room.sessions.status(OWNER, stream_id)).journal.terminal_state);
  expect(await settledOf(room, session_id)).toMatchObject([{ how: 'cancelled' }]);
  expect(await answer()).toMatchObject({ code: 'prompt_stale', data: { how: 'cancelled' } });
});

test('CQ9 lesson 45 what a dead server asked is not answered while its run can’t be taken over', async () => {
  const folder = await newFolder();
  const first = await openPromptRoom({ folder });
  const { session_id, call } = await first.begin();
  void call.output.clarify(QUESTION);
  const clarify_id = await untilPending(first, session_id, 'clarify');
  await first.die();
  const disk = { full: true };
  const between = (journal: Journal): Journal => ({
    ...journal,
    takeOver: (...input) => (disk.full ? Promise.resolve({ kind: 'full' }) : journal.takeOver(...input)),
  });
  const second = await openRoom({ folder, between });
  const answer = () =>
    refusalOf(second.sessions.respond.clarify(OWNER, { session_id, clarify_id, response: 'x' }, 'tab'));
  expect(await answer()).toMatchObject({ code: 'storage_full' });
  disk.full = false;
  expect((await answer()).code).toBe('prompt_stale');
  await when('the end', async () => (await settledOf(second, session_id))[0]);
  expect(await answer()).toMatchObject({ code: 'prompt_stale', data: { how: 'cancelled' } });
});

test('CQ9 a damaged session shows no question of a run that is over, and its agent is not left waiting', async () => {
  const damaged = { is: false };
  const between = (journal: Journal): Journal => ({
    ...journal,
    terminal: (input) => (damaged.is ? Promise.resolve({ kind: 'damaged' }) : journal.terminal(input)),
    settle: (input) => (damaged.is ? Promise.resolve({ kind: 'damaged' }) : journal.settle(input)),
    getStream: async (owner, stream_id) => {
      const row = await journal.getStream(owner, stream_id);
      return row && damaged.is ? { ...row, settled: true } : row;
    },
    getSession: async (owner, session_id) => {
      const row = await journal.getSession(owner, session_id);
      return row && damaged.is ? { ...row, active_stream_id: null } : row;
    },
  });
  const room = await openRoom({ between });
  const { session_id, stream_id, call } = await room.begin();
  const asked = outcomeOf(call.output.clarify({ ...QUESTION, timeout_seconds: 60 }));
  await untilPending(room, session_id, 'clarify');
  const { cell, release } = await room.sessions.hold(OWNER, session_id);
  const before = cell.prompts.state('clarify').version;
  damaged.is = true;
  await room.sessions.cancel(OWNER, stream_id).catch(() => {});
  expect(await when('the agent hears', () => asked.value)).toEqual({ kind: 'cancelled' });
  await when('the run is over', () => (cell.run() === null ? true : undefined));
  const now = cell.prompts.state('clarify');
  expect(now).toMatchObject({ pending: null, pending_count: 0 });
  expect(now.version).toBeGreaterThan(before);
  expect(cell.session()).toMatchObject({ state: 'idle', waiting: { clarify: 0, approval: 0 } });
  release();
});

test('P11 shutting down leaves no timer and nobody waiting', async () => {
  const room = await openPromptRoom({ folder: await newFolder() });
  const { session_id, call } = await room.begin();
  const ends = [
    outcomeOf(call.output.clarify({ ...QUESTION, timeout_seconds: 60 })),
    outcomeOf(call.output.clarify({ ...QUESTION, timeout_seconds: 60 })),
    outcomeOf(call.output.approve({ ...SHELL, timeout_seconds: 60 })),
  ];
  await untilPending(room, session_id, 'approval');
  const { cell } = await room.sessions.hold(OWNER, session_id);
  let woken = 0;
  const watch = cell.prompts.watch('clarify', () => {
    woken += 1;
  });
  const late = room.sessions.close();
  ends.push(outcomeOf(call.output.clarify({ question: 'Now?' })));
  call.end({ kind: 'stopped' });
  await late;
  await when('all hear', () => (ends.every(({ value }) => value) ? true : undefined));
  expect(ends.map(({ value }) => value)).toEqual(Array(4).fill({ kind: 'cancelled' }));
  expect(watch.state()).toMatchObject({ pending: null, pending_count: 0 });
  expect(woken).toBeGreaterThan(0);
  expect(room.clock.pending()).toBe(0);
  expect(await call.output.approve(SHELL)).toEqual({ kind: 'cancelled' });
  const refused = { session_id, clarify_id: 'c', response: 'x' };
  expect(await refusalOf(room.sessions.respond.clarify(OWNER, refused, 'tab'))).toMatchObject({
    code: 'shutting_down',
  });
  await room.journal.close();
});

test('ST7 a cancel of a run that asks is not held up by its question', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  const asked = outcomeOf(call.output.clarify(QUESTION));
  await untilPending(room, session_id, 'clarify');
  await room.sessions.cancel(OWNER, stream_id);
  expect(await when('it hears', () => asked.value)).toEqual({ kind: 'cancelled' });
  await room.clock.advance(CANCEL_SETTLE_MS);
  await when(
    'settled',
    async () => (await room.sessions.status(OWNER, stream_id)).state === 'settled' || undefined,
  );
});
