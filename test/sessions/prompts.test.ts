// What an agent hears of what it asks, with the agent on strings: each end once, whoever else asked, whatever ends the run.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { PASSIVATE_AFTER_MS, QUIET_AFTER_MS } from '../../src/machines/bounds.ts';
import {
  CHOICE_LENGTH_MAX,
  CHOICES_MAX,
  PENDING_PROMPTS_MAX,
  PROMPT_BYTES_MAX,
  QUESTION_LENGTH_MAX,
  Rejection,
  TIMEOUT_SECONDS_MAX,
} from '../../src/protocol/index.ts';
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

async function openRoom(settings: Partial<RoomSettings> = {}) {
  const folder = await temporaryFolder();
  const room = await openPromptRoom({ folder, ...settings });
  onTestFinished(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });
  return room;
}

test('P10 the agent that asks a 65th time hears that it is too many, and asks on when one is answered', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  for (const kind of ['clarify', 'approval'] as const) {
    const ask = (at: number) =>
      outcomeOf<unknown>(
        kind === 'clarify'
          ? call.output.clarify({ question: `Question ${at}?` })
          : call.output.approve({ ...SHELL, args: { at } }),
      );
    const asked = Array.from({ length: PENDING_PROMPTS_MAX }, (_, at) => ask(at));
    const head = await untilPending(room, session_id, kind, PENDING_PROMPTS_MAX);
    const more = ask(PENDING_PROMPTS_MAX);
    expect(await when('its end', () => more.value)).toEqual({ kind: 'too_many' });
    expect(asked.filter(({ value }) => value)).toEqual([]);
    if (kind === 'clarify')
      await room.sessions.respond.clarify(OWNER, { session_id, clarify_id: head, response: 'a' }, 'tab');
    else
      await room.sessions.respond.approval(OWNER, { session_id, approval_id: head, choice: 'once' }, 'tab');
    await untilPending(room, session_id, kind, PENDING_PROMPTS_MAX - 1);
    expect(asked.filter(({ value }) => value)).toHaveLength(1);
    ask(PENDING_PROMPTS_MAX + 1);
    await untilPending(room, session_id, kind, PENDING_PROMPTS_MAX);
  }
  // The whole of it ends with its run.
  call.end({ kind: 'finished' });
  await when('the end', async () =>
    (await pendingIn(room, session_id, 'clarify')).count === 0 ? true : null,
  );
  const ends = (await logOf(room, session_id)).filter(({ event }) => event === 'prompt_settled');
  expect(ends).toHaveLength(2 * PENDING_PROMPTS_MAX + 2);
});

test('P10 an ask over a bound is refused with its reason, nobody is asked, and the run goes on', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  const { clarify, approve } = call.output;
  const x = (letters: number) => 'x'.repeat(letters);
  for (const [field, end] of [
    ['question', clarify({ question: '' })],
    ['question', clarify({ question: x(QUESTION_LENGTH_MAX + 1) })],
    ['choices_offered', clarify({ ...QUESTION, choices_offered: Array(CHOICES_MAX + 1).fill('x') })],
    ['choices_offered.1', clarify({ ...QUESTION, choices_offered: ['x', x(CHOICE_LENGTH_MAX + 1)] })],
    ['timeout_seconds', clarify({ ...QUESTION, timeout_seconds: TIMEOUT_SECONDS_MAX + 1 })],
    ['ask', clarify({ ...QUESTION, requested_schema: { title: x(PROMPT_BYTES_MAX) } })],
    ['tool', approve({ ...SHELL, tool: '' })],
    ['options', approve({ ...SHELL, options: [] })],
    ['ask', approve({ ...SHELL, args: { path: x(PROMPT_BYTES_MAX) } })],
  ] as const)
    expect(await end).toEqual({ kind: 'refused', reason: expect.stringMatching(`^${field}: .`) });
  const most = outcomeOf(clarify({ ...QUESTION, question: x(QUESTION_LENGTH_MAX) }));
  const clarify_id = await untilPending(room, session_id, 'clarify');
  expect((await logOf(room, session_id)).filter(({ event }) => event === 'prompt_asked')).toHaveLength(1);
  await room.sessions.respond.clarify(OWNER, { session_id, clarify_id, choices: ['this'] }, 'tab');
  expect(await when('the answer', () => most.value)).toMatchObject({ kind: 'answered' });
});

test('CQ8 who asks the same hears the same answer; two approvals are never one', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  const asked = [QUESTION, QUESTION, QUESTION].map((ask) => outcomeOf(call.output.clarify(ask)));
  const others = [
    { ...QUESTION, multiple: true },
    { ...QUESTION, tool_call_id: 't1' },
    { ...QUESTION, choices_offered: ['that', 'this'] },
  ].map((ask) => outcomeOf(call.output.clarify(ask)));
  const clarify_id = await untilPending(room, session_id, 'clarify', 4);
  await room.sessions.respond.clarify(OWNER, { session_id, clarify_id, choices: ['that'] }, 'tab');
  await untilPending(room, session_id, 'clarify', 3);
  const answer = { kind: 'answered', by: 'tab', answer: { choices: ['that'] } };
  await when('all three hear', () => (asked.every(({ value }) => value) ? true : null));
  expect(asked.map(({ value }) => value)).toEqual([answer, answer, answer]);
  expect(others.filter(({ value }) => value)).toEqual([]);
  // Once it is answered, the same words are a new question.
  const again = outcomeOf(call.output.clarify(QUESTION));
  await untilPending(room, session_id, 'clarify', 4);
  expect(again.value).toBeUndefined();
  for (let each = 0; each < 2; each += 1) void call.output.approve(SHELL);
  await untilPending(room, session_id, 'approval', 2);
});

test('CQ12 a run that waits for a person is never silent; answered, it is running again', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  const { cell, release } = await room.sessions.hold(OWNER, session_id);
  await call.output.frame('token', { text: 'a' });
  void call.output.clarify(QUESTION);
  const clarify_id = await untilPending(room, session_id, 'clarify');
  expect(cell.session()).toMatchObject({ state: 'waiting', waiting: { clarify: 1, approval: 0 } });
  for (let passed = 0; passed < 1_200_000; passed += 10 * QUIET_AFTER_MS)
    await room.clock.advance(10 * QUIET_AFTER_MS);
  expect(cell.activeStream()).toMatchObject({ run_state: 'waiting', state: 'active' });
  await room.sessions.respond.clarify(OWNER, { session_id, clarify_id, response: 'a' }, 'tab');
  expect(cell.activeStream()?.run_state).toBe('running');
  expect(cell.session()).toMatchObject({ state: 'running', waiting: { clarify: 0, approval: 0 } });
  release();
  await room.clock.advance(2 * PASSIVATE_AFTER_MS);
  expect((await room.sessions.status(OWNER, stream_id)).active).toBe(true);
});

test('P8 another principal finds no question, gives no answer, has no rule', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  const leave = outcomeOf(call.output.approve(SHELL));
  void call.output.clarify(QUESTION);
  const approval_id = await untilPending(room, session_id, 'approval');
  const clarify_id = await untilPending(room, session_id, 'clarify');
  const { respond } = room.sessions;
  const codeOf = (act: Promise<unknown>) =>
    act.then(
      () => 'taken',
      (failure) => (failure instanceof Rejection ? failure.code : String(failure)),
    );
  const ben = 'ben';
  expect(await codeOf(respond.clarify(ben, { session_id, clarify_id, response: 'x' }, 'tab'))).toBe(
    'not_found',
  );
  expect(await codeOf(respond.approval(ben, { session_id, approval_id, choice: 'always' }, 'tab'))).toBe(
    'not_found',
  );
  expect(await codeOf(room.sessions.hold(ben, session_id))).toBe('not_found');
  await respond.approval(OWNER, { session_id, approval_id, choice: 'always' }, 'tab');
  expect(await when('the leave', () => leave.value)).toMatchObject({ kind: 'answered' });
  const [rule] = await respond.rules(OWNER);
  expect(await respond.rules(ben)).toEqual([]);
  expect(await codeOf(respond.withdrawRule(ben, rule!.rule_id))).toBe('not_found');
  expect(await call.output.approve(SHELL)).toMatchObject({ kind: 'answered', by: `rule ${rule!.rule_id}` });
  const { count } = await pendingIn(room, session_id, 'clarify');
  expect(count).toBe(1);
});

test('CQ9 P8 a question of a run that a shutdown ends is closed with it, and the next start has none', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await openPromptRoom({ folder });
  const { session_id, call } = await first.begin();
  const asked = outcomeOf(call.output.clarify(QUESTION));
  const before = await untilPending(first, session_id, 'clarify').then(() =>
    pendingIn(first, session_id, 'clarify'),
  );
  await first.close();
  expect(asked.value).toEqual({ kind: 'cancelled' });
  const second = await openPromptRoom({ folder });
  const after = await pendingIn(second, session_id, 'clarify');
  expect(after).toMatchObject({ head: null, count: 0 });
  expect(after.version).toBeGreaterThan(before.version);
  await second.close();
});
