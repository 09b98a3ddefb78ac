// The words of an end: which terminal frame an outcome is, and what it says.
import { expect, test } from 'vitest';
import { type EndingOf, endOf, terminalOf } from '../../src/sessions/ending.ts';
import { streamRow } from './rows.ts';

const nothing: EndingOf = {
  usage: undefined,
  title: undefined,
  lost: undefined,
  error_type: null,
  settled_at: null,
};
const stream = streamRow({ message_id: 'answer', created_at: 1_000 });
const said = (...[of, end, ending, at]: Parameters<typeof terminalOf>) => {
  const { event, payload } = terminalOf(of, end, ending, at);
  return [event, JSON.parse(payload)];
};

test('ST1 a run that finished is `done`, with its answer, and with its usage where there is some', () => {
  expect(said(stream, { outcome: 'completed' }, nothing, 9)).toEqual(['done', { message_id: 'answer' }]);
  const usage = { input_tokens: 3 };
  expect(said(stream, { outcome: 'completed' }, { ...nothing, usage }, 9)).toEqual([
    'done',
    { message_id: 'answer', usage },
  ]);
});

test('ST1 a run that was stopped is `cancel`, and says after how many seconds; never after fewer than none', () => {
  const after = (at: number) => said(stream, { outcome: 'cancelled' }, nothing, at);
  expect(after(3_600)).toEqual(['cancel', { message: 'Stopped after 3 s.' }]);
  expect(after(1_400)).toEqual(['cancel', { message: 'Stopped after 0 s.' }]);
  // The wall clock was set back.
  expect(after(0)).toEqual(['cancel', { message: 'Stopped after 0 s.' }]);
});

test('ST1 a run that failed is `apperror` with its error; without one it says that there is no word', () => {
  const error = { type: 'overloaded', message: 'Too much.', hint: 'Wait.' };
  expect(said(stream, { outcome: 'errored', error }, { ...nothing, lost: 'restart' }, 9)).toEqual([
    'apperror',
    error,
  ]);
  expect(said(stream, { outcome: 'errored' }, nothing, 9)).toEqual([
    'apperror',
    { type: 'errored', message: 'The run ended without a word.' },
  ]);
});

test('ST10 a run that was interrupted says so by its type, whatever the error was, and why nobody owns it', () => {
  const error = { type: 'silent', message: 'Gone.' };
  expect(said(stream, { outcome: 'interrupted', error }, { ...nothing, lost: 'shutdown' }, 9)).toEqual([
    'apperror',
    { type: 'interrupted', message: 'Gone.', reason: 'shutdown' },
  ]);
  expect(said(stream, { outcome: 'interrupted' }, nothing, 9)).toEqual([
    'apperror',
    { type: 'interrupted', message: 'The run ended without a word.' },
  ]);
});

test('ST1 of an agent that failed only what a client may know is told', () => {
  const usage = { input_tokens: 1 };
  expect(endOf({ kind: 'failed', type: 'boom', message: 'It broke.', usage })).toStrictEqual({
    type: 'boom',
    message: 'It broke.',
  });
  expect(endOf({ kind: 'failed', type: 'boom', message: 'It broke.', hint: 'Again.' })).toStrictEqual({
    type: 'boom',
    message: 'It broke.',
    hint: 'Again.',
  });
});
