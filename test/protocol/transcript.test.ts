// The fold: frames to an answer. The settle commit and the page use it, so it must be one function of the log.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Answer,
  emptyAnswer,
  foldFrame,
  type LogFrame,
  type ToolPart,
} from '../../src/protocol/index.ts';

const log = (...frames: [string, object][]): LogFrame[] =>
  frames.map(([event, data], at) => ({
    event,
    data: { stream_id: 'r', seq: at + 1, at: 1000 + at, ...data },
  }));
const fold = (frames: LogFrame[], into: Answer = emptyAnswer()): Answer => frames.reduce(foldFrame, into);
const tool = (tid: string): [string, object] => [
  'tool',
  { tid, name: 'count', preview: 'to 3', args: { to: 3 } },
];
const toolEnd = (tid: string, is_error = false): [string, object] => [
  'tool_complete',
  { tid, name: 'count', is_error, result: { counted: 3 }, duration_ms: 5 },
];

test('AT11 a frame whose number is not above the last one changes nothing', () => {
  const frames = log(
    ['stream_started', { agent: 'demo', epoch: 1 }],
    ['token', { text: 'a' }],
    ['token', { text: 'b' }],
  );
  const answer = fold(frames);
  const before = structuredClone(answer);
  for (const frame of frames) foldFrame(answer, frame);
  expect(answer).toEqual(before);
  expect(answer.parts).toEqual([{ type: 'text', text: 'ab' }]);
});

test('lesson 92 parts stand in the order of the log', () => {
  const answer = fold(
    log(
      ['reasoning', { text: 'hm' }],
      ['token', { text: 'a' }],
      tool('t1'),
      ['token', { text: 'b' }],
      toolEnd('t1'),
      ['token', { text: 'c' }],
    ),
  );
  expect(answer.parts.map((part) => part.type)).toEqual(['reasoning', 'text', 'tool', 'text']);
  expect(answer.parts[3]).toEqual({ type: 'text', text: 'bc' });
});

test('ST6 a cancel keeps text, reasoning and tools; what was open is interrupted', () => {
  const answer = fold(
    log(['reasoning', { text: 'hm' }], ['token', { text: 'a' }], tool('t1'), toolEnd('t1'), tool('t2'), [
      'cancel',
      { message: 'Stopped.' },
    ]),
  );
  expect(answer.terminal_state).toBe('cancelled');
  expect(
    answer.parts.filter((part) => part.type === 'tool').map((part) => (part as ToolPart).status),
  ).toEqual(['completed', 'interrupted']);
  expect(answer.parts.slice(0, 2).map((part) => part.type)).toEqual(['reasoning', 'text']);
});

test('ST1 each terminal frame stands for its outcome; an apperror is a part of the answer', () => {
  expect(fold(log(['done', { message_id: 'm' }])).terminal_state).toBe('completed');
  expect(fold(log(['apperror', { type: 'overloaded', message: 'x' }])).terminal_state).toBe('errored');
  const interrupted = fold(
    log(['token', { text: 'half' }], ['apperror', { type: 'interrupted', message: 'x' }]),
  );
  expect(interrupted.terminal_state).toBe('interrupted');
  expect(interrupted.parts).toEqual([
    { type: 'text', text: 'half' },
    { type: 'error', error: 'interrupted', message: 'x' },
  ]);
});

test('lesson 57 control frames are never text of the answer', () => {
  const answer = fold(
    log(
      ['stream_started', { agent: 'demo', epoch: 1 }],
      ['stale', { reason: 'restart', epoch: 2 }],
      ['resumed', { epoch: 2 }],
      ['title_status', { status: 'given' }],
      ['unheard_of', { text: 'from a newer server' }],
    ),
  );
  expect(answer.parts).toEqual([]);
  expect(answer.last_seq).toBe(5);
});

test('lesson 94 metering keeps what an earlier one knew', () => {
  const answer = fold(
    log(
      ['metering', { usage: { context_length: 8192, input_tokens: 1 } }],
      ['metering', { usage: { input_tokens: 2 } }],
    ),
  );
  expect(answer.usage).toEqual({ context_length: 8192, input_tokens: 2 });
});

test('wire §5 tool_update of an unknown tool and a second plan make no new card', () => {
  const answer = fold(
    log(
      tool('t1'),
      ['tool_update', { tid: 't1', output: 'a' }],
      ['tool_update', { tid: 'ghost', output: 'b' }],
      ['tool_update', { tid: 't1', output: 'c', preview: 'now' }],
      ['plan', { entries: [{ content: 'one' }] }],
      ['plan', { entries: [{ content: 'two' }] }],
    ),
  );
  expect(answer.parts).toHaveLength(2);
  expect(answer.parts[0]).toMatchObject({ output: 'ac', preview: 'now' });
  expect(answer.parts[1]).toEqual({ type: 'plan', entries: [{ content: 'two' }] });
});

const anyFrame: fc.Arbitrary<[string, object]> = fc.oneof(
  fc.string().map((text): [string, object] => ['token', { text }]),
  fc.string().map((text): [string, object] => ['reasoning', { text }]),
  fc.constantFrom('t1', 't2', '__proto__').map(tool),
  fc.constantFrom('t1', 't2', '__proto__').map((tid) => toolEnd(tid)),
  fc.string().map((message): [string, object] => ['warning', { type: 'w', message }]),
  fc.string().map((content): [string, object] => ['plan', { entries: [{ content }] }]),
);

test('P3 folding a log with repeats, from any cut, gives the same answer as folding it once', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 30 }), fc.nat(30), fc.nat(30), (entries, cut, back) => {
      const frames = log(
        ...entries,
        ['done', { message_id: 'm' }],
        ['stream_end', { terminal_state: 'completed' }],
      );
      const once = fold(frames);
      const first = fold(frames.slice(0, cut));
      const again = fold(frames.slice(Math.max(0, cut - back)), first);
      expect(again).toEqual(once);
      const said = entries
        .filter(([event]) => event === 'token')
        .map(([, data]) => (data as { text: string }).text);
      expect(once.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe(said.join(''));
    }),
  );
});

test('P3 a part that was handed out is never changed afterwards', () => {
  const frames = log(['token', { text: 'a' }], tool('t1'), ['token', { text: 'b' }], toolEnd('t1'), [
    'token',
    { text: 'c' },
  ]);
  const answer = emptyAnswer();
  const seen: [unknown, unknown][] = [];
  for (const frame of frames) {
    foldFrame(answer, frame);
    for (const part of answer.parts) seen.push([part, structuredClone(part)]);
  }
  for (const [part, then] of seen) expect(part).toEqual(then);
});
