// The fold: frames to an answer. The settle commit and the page use it, so it must be one function of the log.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Answer,
  answeredStream,
  emptyAnswer,
  foldRecord,
  type LogRecord,
  type Part,
  PROMPT_ENDS,
  type PromptPart,
  type ToolPart,
} from '../../src/protocol/index.ts';

type Told = [string, object];
const PROMPT_EVENTS = ['prompt_asked', 'prompt_settled'];
/** A session's log with one stream in it: frames have a number of their own, prompts between them have none. */
function log(...told: Told[]): LogRecord[] {
  let seq = 0;
  return told.map(([event, data], at) => ({
    event,
    data: PROMPT_EVENTS.includes(event)
      ? { pos: at + 1, at: 1000 + at, ...data }
      : { stream_id: 'r', seq: ++seq, at: 1000 + at, ...data },
  }));
}
const fold = (records: LogRecord[], into: Answer = emptyAnswer()): Answer => records.reduce(foldRecord, into);
const tool = (tid: string): Told => ['tool', { tid, name: 'count', preview: 'to 3', args: { to: 3 } }];
const toolEnd = (tid: string, is_error = false): Told => [
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
  for (const frame of frames) foldRecord(answer, frame);
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

const of = { session_id: 's', stream_id: 'r', requested_at: 1, timeout_seconds: 0, expires_at: null };
const asks = (id: string): Told => [
  'prompt_asked',
  {
    kind: 'clarify',
    entry: { clarify_id: id, ...of, question: `${id}?`, choices_offered: [], multiple: false },
  },
];
const wants = (id: string, command?: string): Told => [
  'prompt_asked',
  {
    kind: 'approval',
    entry: { approval_id: id, ...of, tool: 'shell', command, description: '', options: [] },
  },
];
const ends = (id: string, how: string, more: object = {}): Told => [
  'prompt_settled',
  { kind: 'clarify', id, stream_id: 'r', how, ...more },
];
const done: Told = ['done', { message_id: 'm' }];
const streamEnd: Told = ['stream_end', { terminal_state: 'completed' }];

test('lesson 92 a prompt is a part where it was asked, and says in its place how it ended', () => {
  const answer = fold(
    log(
      ['token', { text: 'a' }],
      asks('c1'),
      ['token', { text: 'b' }],
      wants('a1', 'make all'),
      ends('c1', 'answered', { by: 'tab', answer: { choices: ['x'] } }),
      ends('a1', 'expired'),
      ['token', { text: 'c' }],
    ),
  );
  const asked = {
    type: 'prompt',
    kind: 'clarify',
    prompt_id: 'c1',
    asked: { question: 'c1?' },
    asked_at: 1001,
  };
  const call = { ...asked, kind: 'approval', prompt_id: 'a1', asked: { tool: 'shell', command: 'make all' } };
  expect(answer.parts).toEqual([
    { type: 'text', text: 'a' },
    { ...asked, how: 'answered', settled_at: 1004, by: 'tab', answer: { choices: ['x'] } },
    { type: 'text', text: 'b' },
    { ...call, asked_at: 1003, how: 'expired', settled_at: 1005 },
    { type: 'text', text: 'c' },
  ]);
  expect(answer.last_seq).toBe(3);
  expect(fold(log(wants('a2'))).parts).toMatchObject([{ asked: { tool: 'shell' }, how: null }]);
});

test('CQ5 a prompt ends once: what is told of it again, or of one that nobody asked, changes nothing', () => {
  const answer = fold(log(asks('c1'), ends('c1', 'declined', { by: 'tab' })));
  const before = structuredClone(answer);
  fold(log(ends('c1', 'cancelled', { reason: 'errored' }), asks('c1'), ends('c2', 'expired')), answer);
  expect(answer).toEqual(before);
});

test('CQ9 no prompt is pending in an answer that has ended, whatever its log lacks', () => {
  const answer = fold(log(asks('c1'), asks('c2'), ends('c1', 'expired'), ['cancel', { message: 'x' }]));
  expect(answer.parts).toMatchObject([
    { how: 'expired', settled_at: 1002 },
    { how: 'cancelled', reason: 'cancelled', settled_at: 1003 },
  ]);
});

test('CQ6 every record names the stream whose answer it is folded into', () => {
  expect(log(asks('c1'), ends('c1', 'expired'), done).map(answeredStream)).toEqual(['r', 'r', 'r']);
});

const promptId = fc.constantFrom('c1', 'c2', '__proto__');
const anyFrame: fc.Arbitrary<Told> = fc.oneof(
  fc.string().map((text): Told => ['token', { text }]),
  fc.string().map((text): Told => ['reasoning', { text }]),
  fc.constantFrom('t1', 't2', '__proto__').map(tool),
  fc.constantFrom('t1', 't2', '__proto__').map((tid) => toolEnd(tid)),
  fc.string().map((message): Told => ['warning', { type: 'w', message }]),
  fc.string().map((content): Told => ['plan', { entries: [{ content }] }]),
  promptId.map(asks),
  fc.tuple(promptId, fc.constantFrom(...PROMPT_ENDS)).map(([id, how]) => ends(id, how)),
);

const isPrompt = (part: Part): part is PromptPart => part.type === 'prompt';

/** What the records say of prompts, without the fold: each in the order of its first asking, with its first end after it. */
function promptsOf(records: Told[]): [string, string | null][] {
  const told = new Map<string, string | null>();
  for (const [event, data] of records) {
    const { entry, id, how } = data as { entry?: { clarify_id: string }; id?: string; how?: string };
    if (event === 'prompt_asked' && !told.has(entry!.clarify_id)) told.set(entry!.clarify_id, null);
    if (event === 'prompt_settled' && told.get(id!) === null) told.set(id!, how!);
  }
  return [...told];
}

/** As a log holds them: asked once, and ended once, afterwards. */
const asLogged = (told: Told[]): Told[] =>
  told.filter(([event], at) => {
    if (!PROMPT_EVENTS.includes(event)) return true;
    return String(promptsOf(told.slice(0, at))) !== String(promptsOf(told.slice(0, at + 1)));
  });

test('P3 folding a log with repeats, from any cut, gives the same answer as folding it once', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 30 }), fc.nat(30), fc.nat(30), (entries, cut, back) => {
      const records = log(...asLogged(entries), done, streamEnd);
      const once = fold(records);
      const first = fold(records.slice(0, cut));
      const again = fold(records.slice(Math.max(0, cut - back)), first);
      expect(again).toEqual(once);
      const said = entries
        .filter(([event]) => event === 'token')
        .map(([, data]) => (data as { text: string }).text);
      expect(once.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe(said.join(''));
    }),
  );
});

test('P3 at every place of a log an answer holds each prompt once, as far as it has come', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 30 }), (entries) => {
      const answer = emptyAnswer();
      log(...entries).forEach((record, at) => {
        const parts = foldRecord(answer, record).parts.filter(isPrompt);
        expect(parts.map(({ prompt_id, how }) => [prompt_id, how])).toEqual(
          promptsOf(entries.slice(0, at + 1)),
        );
      });
      fold([{ event: 'done', data: { seq: 99, at: 99, message_id: 'm' } }], answer);
      expect(answer.parts.filter(isPrompt).every(({ how }) => how !== null)).toBe(true);
    }),
  );
});

test('P3 a part that was handed out is never changed afterwards', () => {
  const records = log(
    ['token', { text: 'a' }],
    tool('t1'),
    asks('c1'),
    ['token', { text: 'b' }],
    toolEnd('t1'),
    ends('c1', 'answered'),
    asks('c2'),
    ['token', { text: 'c' }],
    done,
  );
  const answer = emptyAnswer();
  const seen: [unknown, unknown][] = [];
  for (const record of records) {
    foldRecord(answer, record);
    for (const part of answer.parts) seen.push([part, structuredClone(part)]);
  }
  for (const [part, then] of seen) expect(part).toEqual(then);
});
