import { expect, test } from 'vitest';
import { headlineOf } from '../../src/protocol/asks.ts';
import type { ApprovalEntry, ApprovalOption, OptionKind } from '../../src/protocol/prompts.ts';
import { countdown } from '../../src/ui/format.ts';
import { exactText } from '../../src/ui/prompts/exact-text.ts';
import { argumentsOf, coverageOf, grantButtons } from '../../src/ui/prompts/grants.ts';
import { type EndedPrompt, isLong, isRefused, lineWords } from '../../src/ui/prompts/prompt-line.ts';
import { contentOf, contentOfJson, fieldsOf } from '../../src/ui/prompts/schema-form.ts';
import {
  askedWords,
  noPrompts,
  oldestId,
  pendingWords,
  waitingWords,
  waitsFor,
} from '../../src/ui/prompts/shown-prompts.ts';

test.each([
  [-1, '0:00'],
  [8_100, '0:09'],
  [3_531_000, '58:51'],
  [3_600_000, '1:00:00'],
  [86_400_000 + 7_200_000, '1 d 2 h'],
])('ui %d ms that are left are %s', (ms, text) => {
  expect(countdown(ms)).toBe(text);
});

const options = (...kinds: OptionKind[]): ApprovalOption[] =>
  kinds.map((kind) => ({ option_id: `o-${kind}`, kind, name: `named ${kind}` }));
const approval = (fields: Partial<ApprovalEntry> = {}): ApprovalEntry => ({
  approval_id: 'a1',
  session_id: 's',
  stream_id: 'r',
  requested_at: 5,
  timeout_seconds: 0,
  expires_at: null,
  tool: 'shell',
  command: 'make all',
  description: '',
  args: { command: 'make all' },
  options: options('allow_once', 'allow_session', 'allow_always', 'reject_once'),
  ...fields,
});

test('ui grants stand from least to most, in our words', () => {
  expect(grantButtons(approval().options).map(({ label }) => label)).toEqual([
    'Deny',
    'Always allow',
    'Allow for this session',
    'Allow once',
  ]);
});

test('ui grants of another set keep their own names, in the same order', () => {
  const buttons = grantButtons(options('allow_once', 'reject_always', 'reject_once'));
  expect(buttons.map(({ label }) => label)).toEqual([
    'named reject_once',
    'named reject_always',
    'named allow_once',
  ]);
  expect(buttons.map(({ allows }) => allows)).toEqual([false, false, true]);
});

test('CQ11 the card says what each grant covers, and only of those that are offered', () => {
  expect(coverageOf(approval({ cwd: '/src' })).map(({ scope, text }) => `${scope}: ${text}`)).toEqual([
    'Once: this command, exactly as shown',
    'Session: the same command here, until this session is deleted',
    'Always: the same command in this directory, any session',
  ]);
  const never = coverageOf(approval({ options: options('reject_always'), command: undefined }));
  expect(never).toEqual([
    { kind: 'reject_always', scope: 'Never', text: 'the same call is refused from now on', isRule: true },
  ]);
});

test('CQ11 arguments that the command does not say are shown', () => {
  expect(argumentsOf(approval())).toBeNull();
  expect(argumentsOf(approval({ args: { command: 'make all', timeout: 5 } }))).toBe('{\n  "timeout": 5\n}');
  expect(argumentsOf(approval({ args: { command: 'make other' } }))).toContain('make other');
  expect(argumentsOf(approval({ args: ['a'] }))).toContain('"a"');
});

test('CQ11 nothing in a command hides or turns around a part of it', () => {
  expect(exactText('echo ok\u001b[2K\u0008rm')).toBe('echo ok\u241b[2K\u2408rm');
  expect(exactText('a\u202eb\u200bc\u{e0041}')).toBe('a‹U+202E›b‹U+200B›c‹U+E0041›');
  expect(exactText('two\n\tlines é 日本')).toBe('two\n\tlines é 日本');
});

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Name', description: 'Of the table' },
    rows: { type: 'integer', default: 10 },
    share: { type: 'number' },
    dry: { type: 'boolean' },
    engine: { enum: ['pg', 'lite'], enumNames: ['Postgres', 'SQLite'] },
    mode: { oneOf: [{ const: 'a', title: 'All' }, { const: 'b' }] },
  },
  required: ['name', 'engine'],
};

test('ui a flat schema is a form, with what is required and what is preset', () => {
  const fields = fieldsOf(schema)!;
  expect(fields.map(({ name, type, required }) => [name, type, required])).toEqual([
    ['name', 'string', true],
    ['rows', 'integer', false],
    ['share', 'number', false],
    ['dry', 'boolean', false],
    ['engine', 'enum', true],
    ['mode', 'enum', false],
  ]);
  expect(fields[0]).toMatchObject({ label: 'Name', note: 'Of the table' });
  expect(fields[1]!.fallback).toBe('10');
  expect(fields[4]!.options).toEqual([
    { value: 'pg', label: 'Postgres' },
    { value: 'lite', label: 'SQLite' },
  ]);
  expect(fields[5]!.options.map(({ label }) => label)).toEqual(['All', 'b']);
});

test.each([
  [{}],
  [{ properties: {} }],
  [{ properties: { deep: { type: 'object', properties: {} } } }],
  [{ properties: { list: { type: 'array' } } }],
])('ui what is no flat form is asked for as JSON: %j', (other) => {
  expect(fieldsOf(other)).toBeNull();
});

test('ui a form that is filled in is its content; what is left empty is left out', () => {
  const fields = fieldsOf(schema)!;
  expect(contentOf(fields, { name: 'invoices', share: ' 0.5 ', dry: 'true', engine: 'pg' })).toEqual({
    content: { name: 'invoices', rows: 10, share: 0.5, dry: true, engine: 'pg' },
    problems: {},
  });
});

test('ui a form says which field is wrong, and is not sent', () => {
  const { content, problems } = contentOf(fieldsOf(schema)!, { name: ' ', rows: '1.5', share: 'many' });
  expect(content).toBeNull();
  expect(Object.keys(problems)).toEqual(['name', 'rows', 'share', 'engine']);
});

test('ui JSON that is no object is named before it is sent', () => {
  expect(contentOfJson('{"a":1}')).toEqual({ content: { a: 1 } });
  expect(contentOfJson('[1]')).toHaveProperty('problem');
  expect(contentOfJson('{')).toHaveProperty('problem');
});

const ended = (fields: Partial<EndedPrompt> = {}): EndedPrompt => ({
  type: 'prompt',
  kind: 'clarify',
  prompt_id: 'c1',
  asked: { question: 'Which database?' },
  asked_at: 5,
  how: 'answered',
  by: 'tab-1',
  answer: { choices: ['Postgres'] },
  settled_at: 9,
  ...fields,
});

test('ui the line of what was denied or declined has no tick', () => {
  const refused = (how: EndedPrompt['how'], option_kind?: string) =>
    isRefused({ how, answer: { option_kind } });
  expect([refused('answered', 'reject_once'), refused('answered', 'reject_always')]).toEqual([true, true]);
  expect([refused('declined'), refused('answered', 'allow_once'), refused('answered')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('ui the line of a prompt says how it ended, and where', () => {
  const said = (fields: Partial<EndedPrompt>) => {
    const { text, quote, command, where } = lineWords(ended(fields), 'tab-1');
    return [text, command, quote, where].filter((part) => part !== null).join(' · ');
  };
  const nobody = { by: undefined, answer: undefined };
  expect(said({})).toBe('You answered: · Postgres · this tab');
  expect(said({ by: 'tab-2' })).toBe('Answered: · Postgres · on another tab');
  expect(said({ by: 'connection-x', answer: { response: 'no' } })).toBe('Answered: · no · elsewhere');
  expect(said({ how: 'declined', answer: undefined })).toBe('You declined to answer · this tab');
  expect(said({ ...nobody, how: 'expired' })).toMatch(/^This question expired/);
  expect(said({ ...nobody, how: 'cancelled', reason: 'cancelled' })).toBe(
    'This question was withdrawn · the run was stopped',
  );
  const denied = { option_id: 'deny', option_kind: 'reject_once', feedback: 'not now' };
  const call = { kind: 'approval', asked: { tool: 'shell', command: 'make all' }, answer: denied } as const;
  expect(said(call)).toBe('Denied · make all · not now · this tab');
  expect(said({ ...call, asked: { tool: 'shell' } })).toBe('Denied · shell · not now · this tab');
  expect(said({ answer: { content: { rows: 2, name: 'x' } } })).toContain('rows: 2 · name: x');
});

test('ui the line of a prompt says what was asked: a question in its own words, an approval by its call', () => {
  const { question, command } = lineWords(ended({ how: 'declined' }), 'tab-1');
  expect([question, command]).toEqual(['Which database?', null]);
  const approval = ended({ kind: 'approval', asked: { tool: 'shell' } });
  expect(lineWords(approval, 'tab-1')).toMatchObject({ question: null, command: 'shell' });
});

test('ui a prompt that a copy brought along unanswered is told as asked, with no card', () => {
  const copied = { how: null, by: undefined, answer: undefined, settled_at: undefined };
  expect(lineWords({ ...ended(), ...copied }, 'tab-1')).toEqual({
    question: 'Which database?',
    text: 'Asked; not answered in this copy',
    quote: null,
    command: null,
    where: null,
  });
  const approval = {
    ...ended({ kind: 'approval', asked: { tool: 'shell', command: 'make all' } }),
    ...copied,
  };
  expect(lineWords(approval, 'tab-1')).toMatchObject({
    text: 'Asked; not decided in this copy',
    command: 'make all',
  });
});

test('ui a question of many letters or many lines is cut in its line until somebody wants all of it', () => {
  expect(['Which database?', 'a '.repeat(200), 'Which?\n1\n2\n3\n4'].map(isLong)).toEqual([
    false,
    true,
    true,
  ]);
});

const clarify = {
  clarify_id: 'c7',
  session_id: 's',
  stream_id: 'r',
  requested_at: 3,
  timeout_seconds: 0,
  expires_at: null,
  question: 'Which\n  one?',
  choices_offered: [],
  multiple: false,
};
const shown = (entry: typeof clarify | ApprovalEntry, pending_count = 1) => ({
  ...noPrompts,
  pending_count,
  current: {
    prompt_id: 'x',
    entry,
    state: 'pending' as const,
    since: 0,
    reply: null,
    try: 0,
    how: null,
    by: null,
    mine: false,
    error: null,
    dismissed: false,
  },
});

test('ui the list, the drawer and a screen reader hear of what waits longest', () => {
  const both = { clarify: shown(clarify, 2), approval: shown(approval()) };
  expect(waitsFor(both)).toBe('Question · Which one?');
  expect(askedWords(both)).toBe('Waiting for you: question, 1 of 2, Which one?');
  expect(oldestId(both)).toBe('c7');
  expect(waitsFor({ clarify: noPrompts, approval: shown(approval()) })).toBe('Approval · make all');
  expect(waitsFor({ clarify: noPrompts, approval: noPrompts })).toBeNull();
  expect(pendingWords({ clarify: 1, approval: 2 })).toBe('1 question and 2 approvals are pending');
  expect(pendingWords({ clarify: 1, approval: 0 })).toBe('1 question is pending');
  expect(pendingWords({ clarify: 0, approval: 0 })).toBeNull();
  expect(headlineOf(approval({ command: undefined }))).toBe('shell');
});

test('ui a session that this tab does not show says in the list what it asks; how much, where that is not told', () => {
  const waiting = { clarify: 0, approval: 1 };
  const asks = { kind: 'approval', text: 'rm -rf build', since: 1 } as const;
  expect(waitingWords({ waiting, asks })).toBe('Approval · rm -rf build');
  expect(waitingWords({ waiting })).toBe('1 approval is pending');
  expect(waitingWords({ waiting: { clarify: 0, approval: 0 } })).toBeNull();
});
