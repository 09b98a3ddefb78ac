import { describe, expect, test } from 'vitest';
import { createPrompt } from '../../src/agents/openai/prompt.ts';
import { createTools } from '../../src/agents/openai/tools.ts';
import type { Message, Outcome, Part } from '../../src/protocol/index.ts';
import { createManualClock } from '../support/clock.ts';
import { input } from './recorder.ts';

const tools = createTools({ clock: createManualClock() });
let made = 0;

const message = (
  role: 'user' | 'assistant',
  stream_id: string,
  parts: Part[],
  more: Partial<Message> = {},
): Message => ({
  message_id: `msg_${++made}`,
  role,
  parts,
  created_at: 0,
  stream_id,
  last_seq: 1,
  terminal_state: role === 'user' ? null : 'completed',
  ...more,
});
const text = (words: string): Part[] => [{ type: 'text', text: words }];
const turn = (
  stream: string,
  question: string,
  parts: Part[],
  state: Outcome = 'completed',
  more: Partial<Message> = {},
) => [
  message('user', stream, text(question)),
  message('assistant', stream, parts, { terminal_state: state, ...more }),
];
const tool = (name: string, status: 'completed' | 'failed' | 'interrupted'): Part => ({
  type: 'tool',
  tid: 'call_1',
  name,
  preview: '',
  args: { time_zone: 'UTC' },
  status,
  result: { utc: 'now' },
  started_at: 0,
});

/** Short: role and text, calls as `name(id)`, results as `=id`. */
const shape = (history: Message[], more = {}) =>
  createPrompt(input('and now?', { history, stream_id: 'new', ...more }), tools).map((each) => {
    const content = typeof each.content === 'string' ? [] : each.content;
    const words = content.map((part) => {
      if (part.type === 'text') return part.text;
      if (part.type === 'tool-call') return `${part.toolName}(${part.toolCallId})`;
      return part.type === 'tool-result' ? `=${part.toolCallId}` : part.type;
    });
    return `${each.role}: ${words.join('|')}`;
  });

describe('history', () => {
  test('AG9 settled turns become turns, thinking and errors stay out, the new message is last', () => {
    const history = [
      ...turn('s1', 'hi', [{ type: 'reasoning', text: 'hm', started_at: 0, ended_at: 1 }, ...text('hello')]),
      ...turn('s2', 'more', [...text('yes'), { type: 'warning', warning: 'w', message: 'careful' }]),
    ];
    expect(shape(history)).toEqual([
      'user: hi',
      'assistant: hello',
      'user: more',
      'assistant: yes',
      'user: and now?',
    ]);
  });

  test.each([
    ['cancelled', 'stopped by the user'],
    ['interrupted', 'interrupted'],
    ['errored', 'ended by an error'],
  ] as const)(
    'AG9 the partial answer of a run that was %s is sent, and says that it is partial',
    (state, words) => {
      const error: Part = { type: 'error', error: 'model_error', message: 'boom' };
      const lines = shape(turn('s1', 'hi', [...text('hel'), error], state));
      expect(lines).toEqual(['user: hi', expect.stringContaining('assistant: hel|'), 'user: and now?']);
      expect(lines[1]).toContain(words);
      expect(lines[1]).not.toContain('boom');
    },
  );

  test('AG9 a run without an answer leaves one question of two', () => {
    expect(shape(turn('s1', 'hi', [], 'errored'))).toEqual(['user: hi\n\nand now?']);
  });

  test('AG9 a superseded answer is not sent, and its question is sent once', () => {
    const old = turn('s1', 'hi', text('bad'), 'completed', { superseded_by: 's2' });
    expect(shape([...old, ...turn('s2', 'hi', text('good'))])).toEqual([
      'user: hi',
      'assistant: good',
      'user: and now?',
    ]);
    // The answer of the retry stands without a question of its own.
    const answer = message('assistant', 's2', text('good'));
    expect(shape([...old, answer])).toEqual(['user: hi', 'assistant: good', 'user: and now?']);
    // The retry is the run that asks now: it brings the question.
    expect(shape(turn('s1', 'hi', text('bad'), 'completed', { superseded_by: 'new' }))).toEqual([
      'user: and now?',
    ]);
  });

  test('AG9 what was asked of a person is in the result of its call, and is not sent a second time', () => {
    const asked: Part = {
      type: 'prompt',
      kind: 'clarify',
      prompt_id: 'c',
      asked: { question: 'Which?' },
      asked_at: 0,
      how: 'answered',
      by: 'tab1',
      answer: { response: 'this' },
      settled_at: 1,
    };
    expect(shape(turn('s1', 'hi', [...text('hel'), asked, ...text('lo')]))).toEqual([
      'user: hi',
      'assistant: hel|lo',
      'user: and now?',
    ]);
    expect(shape(turn('s1', 'hi', [asked], 'cancelled'))).toEqual(['user: hi\n\nand now?']);
  });

  test('AG9 calls of offered tools are sent with their results, under fresh ids; others are not', () => {
    const parts = [
      ...text('let me see'),
      tool('current_time', 'completed'),
      tool('rm', 'completed'),
      ...text('noon'),
    ];
    expect(
      shape([...turn('s1', 'time?', parts), ...turn('s2', 'again', [tool('current_time', 'failed')])]),
    ).toEqual([
      'user: time?',
      'assistant: let me see|current_time(call00001)',
      'tool: =call00001',
      'assistant: noon',
      'user: again',
      'assistant: current_time(call00002)',
      'tool: =call00002',
      'user: and now?',
    ]);
    expect(shape(turn('s1', 'time?', [tool('current_time', 'interrupted')], 'interrupted'))).toEqual([
      'user: time?\n\nand now?',
    ]);
  });
});
