// Export, import and fork: what leaves comes back the same, and what is no transcript is refused whole.
import { beforeAll, expect, test, vi } from 'vitest';
import { IMPORT_MESSAGES_MAX, IMPORTS_AT_ONCE_MAX } from '../../src/protocol/index.ts';
import { upTo } from '../support/client.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;
/** A session with a run of every part, a failure, a retry of it, and a run that asked. */
let session_id: string;
beforeAll(async () => {
  session_id = await client.session({
    title: 'To be copied',
    is_cli_session: true,
    source_tag: 'cli',
    session_source: 'terminal',
    source_label: 'Label',
    cwd: '/tmp',
  });
  await runWithAttachment(session_id, 'tokens=4 reasoning=2 tools=2');
  await run(session_id, 'tokens=4 fail=overloaded@2');
  const { body } = await client.post('/api/chat/retry', { session_id });
  await (await client.read(`/api/chat/stream?stream_id=${body.stream_id}`)).ended;
  await runWithPrompts(session_id);
});

async function run(id: string, message: string): Promise<string> {
  const stream_id = await client.start(id, message);
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  return stream_id;
}
async function runWithAttachment(id: string, message: string): Promise<void> {
  const upload = await client.request('POST', '/api/attachments?name=note.txt', 'what I noted', {
    'content-type': 'text/plain',
  });
  const stream_id = await client.start(id, message, { attachments: [upload.body.attachment_id] });
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
}
/** One question answered, one left to the end of the run, and an approval between them. */
async function runWithPrompts(id: string): Promise<void> {
  const stream_id = await client.start(
    id,
    'tokens=2 ask="Which one?|a|b" approve="echo `a` b" ask="And now?"',
  );
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  const pending = async (kind: string, words: string): Promise<Record<string, string>> =>
    JSON.parse((await reader.until(({ event, data }) => event === kind && data.includes(words))).data)
      .pending;
  const { clarify_id } = await pending('clarify', 'Which one?');
  await client.post('/api/clarify/respond', { session_id: id, clarify_id, choices: ['b'] });
  const { approval_id } = await pending('approval', 'echo');
  const leave = { session_id: id, approval_id, choice: 'deny', feedback: 'not\nnow' };
  await client.post('/api/approval/respond', leave);
  await pending('clarify', 'And now?');
  await client.post('/api/chat/cancel', { stream_id });
  await reader.ended;
}
const read = async (id: string) => (await client.get(`/api/session?session_id=${id}`)).body.session;
const exported = (format: string, id = session_id) =>
  client.get(`/api/sessions/${id}/export?format=${format}`);
const importAs = (type: string, body: string) =>
  client.request('POST', '/api/sessions/import', body, { 'content-type': type });
const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson';
type Message = {
  role: string;
  parts: unknown[];
  created_at: number;
  terminal_state: string | null;
  settled_at?: number;
  usage?: object;
};
const said = (messages: Message[]) =>
  messages.map(({ role, parts, created_at }) => ({ role, parts, created_at }));
const SOURCE = {
  title: 'To be copied',
  is_cli_session: true,
  source_tag: 'cli',
  session_source: 'terminal',
  source_label: 'Label',
  cwd: '/tmp',
};

test('wire §4 an export is a file with a name that is safe, in each format', async () => {
  for (const [format, type, extension] of [
    ['json', 'application/json', 'json'],
    ['markdown', 'text/markdown', 'md'],
    ['jsonl', 'application/x-ndjson', 'jsonl'],
  ]) {
    const { status, headers } = await exported(format!);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain(type);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="To-be-copied-${session_id}.${extension}"; filename*=UTF-8''To-be-copied-${session_id}.${extension}`,
    );
  }
  expect((await exported('pdf')).body).toMatchObject({ code: 'bad_request', field: 'format' });
  expect((await exported('json', 's_none')).status).toBe(404);
});

test('wire §4 the name of an export says the session, in any script, and nothing that a disk or a header stumbles over', async () => {
  for (const [title, plain, encoded] of [
    ['a/../"b"\\c\r\n: d; dé', 'a-b-c-d-d-', 'a-b-c-d-d%C3%A9-'],
    ['Überblick 日本', 'berblick-', '%C3%9Cberblick-%E6%97%A5%E6%9C%AC-'],
    ['…', '', ''],
    ['x'.repeat(200), `${'x'.repeat(60)}-`, `${'x'.repeat(60)}-`],
  ] as const) {
    const id = await client.session({ title });
    const { headers } = await exported('json', id);
    expect(headers.get('content-disposition'), title).toBe(
      `attachment; filename="${plain}${id}.json"; filename*=UTF-8''${encoded}${id}.json`,
    );
  }
});

test('wire §4 jsonl is the log, record by record, the same bytes as the feed', async () => {
  const { body } = await exported('jsonl');
  const [header, ...lines] = body.trim().split('\n');
  expect(JSON.parse(header)).toMatchObject({ weir_export: 1, session: { session_id } });
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  await feed.until(({ id }) => id === `${session_id}:${lines.length}`);
  feed.close();
  const records = feed.events.filter(({ id }) => id);
  expect(lines).toEqual(
    records.map(({ event, data }, at) => `{"pos":${at + 1},"event":"${event}","data":${data}}`),
  );
});

test('wire §4 an attachment comes back with each form, as a part of its message', async () => {
  const attached = expect.objectContaining({ type: 'attachment', name: 'note.txt', bytes: 12 });
  const before = (await read(session_id)).messages[0].parts;
  expect(before).toContainEqual(attached);
  for (const [format, type] of [
    ['json', JSON_TYPE],
    ['jsonl', LINES_TYPE],
  ] as const) {
    const { body } = await exported(format);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { session_id: copy } = (await importAs(type, text)).body.session;
    expect((await read(copy)).messages[0].parts).toEqual(before);
  }
});

test('wire §4 a json export comes back with the same transcript and its source fields', async () => {
  const { body } = await exported('json');
  const answer = await importAs(JSON_TYPE, JSON.stringify(body));
  expect(answer.status).toBe(201);
  const copy = await read(answer.body.session.session_id);
  expect(copy).toMatchObject({ ...SOURCE, state: 'idle', message_count: body.messages.length });
  expect(copy.session_id).not.toBe(session_id);
  expect(said(copy.messages)).toEqual(said(body.messages));
});

test('wire §4 a jsonl export comes back with the transcript that its log folds to', async () => {
  const { body } = await exported('jsonl');
  const answer = await importAs(LINES_TYPE, body);
  expect(answer.status).toBe(201);
  const copy = await read(answer.body.session.session_id);
  expect(copy).toMatchObject(SOURCE);
  const { messages } = await read(session_id);
  expect(said(copy.messages).map(({ parts }) => parts)).toEqual(said(messages).map(({ parts }) => parts));
});

const ends = (messages: Message[]) =>
  messages.map(({ terminal_state, settled_at, usage }) => ({ terminal_state, settled_at, usage }));

test('wire §4 how each run ended, when, and what it used comes back with each form', async () => {
  const before = await read(session_id);
  const outcomes = before.messages.map((message: Message) => message.terminal_state);
  expect(outcomes).toEqual([null, 'completed', null, 'errored', 'errored', null, 'cancelled']);
  for (const [format, type] of [
    ['json', JSON_TYPE],
    ['jsonl', LINES_TYPE],
  ] as const) {
    const { body } = await exported(format);
    const answer = await importAs(type, typeof body === 'string' ? body : JSON.stringify(body));
    const copy = await read(answer.body.session.session_id);
    expect(ends(copy.messages), format).toEqual(ends(before.messages));
    expect(copy.last_outcome).toBe('cancelled');
    expect(copy.usage).toEqual(before.usage);
  }
});

test('wire §4 an answer of which nobody says how it ended has no outcome', async () => {
  const messages = [
    { role: 'user', parts: [text('x')], terminal_state: 'errored' },
    { role: 'assistant', parts: [text('y')] },
  ];
  const json = await importAs(JSON_TYPE, JSON.stringify({ messages }));
  const token = line('token', { stream_id: 'r', seq: 1, text: 'half' }, 2);
  const log = await importAs(LINES_TYPE, [header, asked, token].join('\n'));
  for (const { body } of [json, log]) {
    const copy = await read(body.session.session_id);
    expect(ends(copy.messages)).toEqual([{ terminal_state: null }, { terminal_state: null }]);
    expect(copy.last_outcome).toBeNull();
  }
});

test('wire §4 an export of a session in the middle of a run is whole up to its head', async () => {
  const id = await client.session();
  const stream_id = await client.start(id, 'tokens=500 rate=1000');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(({ id: at }) => at === `${stream_id}:50`);
  const lines = (await exported('jsonl', id)).body.trim().split('\n').slice(1);
  expect(lines.map((line: string) => JSON.parse(line).pos)).toEqual(
    lines.map((_: string, at: number) => at + 1),
  );
  expect(lines.length).toBeGreaterThan(50);
  await client.post('/api/chat/cancel', { stream_id });
  await within(HANDLER_MS, 'the end', reader.ended);
});

test('wire §4 an imported session is talked to like any other', async () => {
  const messages = [{ role: 'user', parts: [{ type: 'text', text: 'earlier kingfisher' }] }];
  const { body } = await importAs(JSON_TYPE, JSON.stringify({ messages }));
  const id = body.session.session_id;
  await run(id, 'tokens=1');
  expect((await read(id)).messages.map(({ role }: Message) => role)).toEqual(['user', 'user', 'assistant']);
  expect((await client.get('/api/sessions?q=kingfisher')).body.sessions[0].session_id).toBe(id);
});

const text = (value: unknown) => ({ type: 'text', text: value });
const prompt = (fields: object) => ({
  ...{ type: 'prompt', kind: 'clarify', prompt_id: 'c', asked: { question: 'x' }, asked_at: 1, how: null },
  ...fields,
});
const REFUSED: [string, unknown][] = [
  ['no messages', {}],
  ['messages that are none', { messages: 'many' }],
  ['an unknown role', { messages: [{ role: 'system', parts: [] }] }],
  ['an unknown part', { messages: [{ role: 'user', parts: [{ type: 'script', text: 'x' }] }] }],
  ['text that is none', { messages: [{ role: 'user', parts: [text({ a: 1 })] }] }],
  ['a prompt that asks nothing', { messages: [{ role: 'assistant', parts: [prompt({ asked: {} })] }] }],
  ['a prompt whose end is none', { messages: [{ role: 'assistant', parts: [prompt({ how: 'lost' })] }] }],
  ['a prompt of no time', { messages: [{ role: 'assistant', parts: [prompt({ asked_at: 9e15 })] }] }],
  ['a time that is none', { messages: [{ role: 'user', parts: [text('x')], created_at: 'now' }] }],
  ['an end that is none', { messages: [{ role: 'assistant', parts: [], terminal_state: 'lost' }] }],
  ['a title that is none', { session: { title: 7 }, messages: [] }],
  ['a title that is too long', { session: { title: 'x'.repeat(300) }, messages: [] }],
];

test('wire §4 an import with a field that is not known is refused by its name; what an export says besides is left out', async () => {
  for (const [type, body, field] of [
    [JSON_TYPE, '{"messages":[],"evil":1}', 'evil'],
    [JSON_TYPE, '{"messages":[],"__proto__":{}}', '__proto__'],
    [LINES_TYPE, '{"weir_export":1,"session":{},"evil":1}', 'evil'],
  ] as const)
    expect((await importAs(type, body)).body, body).toMatchObject({ code: 'bad_request', field });
  const [message] = (await exported('json')).body.messages;
  expect(message).toHaveProperty('message_id');
  const { status, body } = await importAs(JSON_TYPE, JSON.stringify({ messages: [message] }));
  expect([status, (await read(body.session.session_id)).message_count]).toEqual([201, 1]);
});

test('wire §4 what is no transcript is refused, and nothing is half taken', async () => {
  const before = (await client.get('/api/sessions?limit=200')).body.sessions.length;
  for (const [what, body] of REFUSED)
    expect((await importAs(JSON_TYPE, JSON.stringify(body))).body.code, what).toBe('bad_request');
  for (const body of ['', 'null', '[]', '{"messages":[', '{"messages":[],"messages":[]}'])
    expect((await importAs(JSON_TYPE, body)).status, body).toBe(400);
  expect((await importAs('application/xml', '<x/>')).status).toBe(415);
  expect((await client.get('/api/sessions?limit=200')).body.sessions).toHaveLength(before);
});

const header = JSON.stringify({ weir_export: 1, session: {} });
const line = (event: string, data: object, pos = 1) =>
  JSON.stringify({ pos, event, data: { at: 1, ...data } });
const entry = {
  clarify_id: 'c',
  session_id: 's',
  stream_id: 'r',
  requested_at: 1,
  timeout_seconds: 0,
  expires_at: null,
  question: 'Which?',
  choices_offered: [],
  multiple: false,
};
const asked = line('user_message', { message_id: 'm', stream_id: 'r', text: 'hi' });

test('wire §4 a jsonl with a record that no log of ours would hold is refused whole', async () => {
  const before = (await client.get('/api/sessions?limit=200')).body.sessions.length;
  for (const [what, lines] of [
    ['another version', [JSON.stringify({ weir_export: 99, session: {} })]],
    ['a line that is no JSON', [header, asked, '{"pos":']],
    ['a line without data', [header, '{"pos":1,"event":"token"}']],
    ['a message without text', [header, line('user_message', { message_id: 'm', stream_id: 'r' })]],
    [
      'a message whose text is none',
      [header, line('user_message', { message_id: 'm', stream_id: 'r', text: { a: 1 } })],
    ],
    ['a token without text', [header, asked, line('token', { stream_id: 'r', seq: 1 })]],
    ['a token whose text is none', [header, asked, line('token', { stream_id: 'r', seq: 1, text: [1] })]],
    ['a frame without a number', [header, asked, line('token', { stream_id: 'r', text: 'x' })]],
    [
      'a frame whose number is none',
      [header, asked, line('token', { stream_id: 'r', seq: 'one', text: 'x' })],
    ],
    ['a plan without entries', [header, asked, line('plan', { stream_id: 'r', seq: 1 })]],
    ['a tool without a name', [header, asked, line('tool', { stream_id: 'r', seq: 1, tid: 't' })]],
    ['a prompt of another kind', [header, asked, line('prompt_asked', { kind: 'approval', entry })]],
    ['a prompt without its question', [header, asked, line('prompt_asked', { kind: 'clarify', entry: {} })]],
  ] as const)
    expect((await importAs(LINES_TYPE, lines.join('\n'))).body.code, what).toBe('bad_request');
  const cut = await importAs(LINES_TYPE, [header, asked, '{"pos":'].join('\n'));
  expect(cut.body).toMatchObject({ field: 'line 3', error: 'line 3: is not JSON' });
  expect((await client.get('/api/sessions?limit=200')).body.sessions).toHaveLength(before);
});

test('P10 an import of more messages than one transaction should hold is 413 in words, in both forms', async () => {
  const short = { role: 'user', parts: [] };
  const messages = Array(IMPORT_MESSAGES_MAX + 1).fill(short);
  const turns = Array.from({ length: IMPORT_MESSAGES_MAX / 2 + 1 }, (_, at) =>
    line('user_message', { message_id: `m${at}`, stream_id: `r${at}`, text: 'x' }),
  );
  for (const [type, body] of [
    [JSON_TYPE, JSON.stringify({ messages })],
    [LINES_TYPE, [header, ...turns].join('\n')],
  ] as const) {
    const answer = await importAs(type, body);
    expect([answer.status, answer.body.code, answer.body.messages_max]).toEqual([
      413,
      'too_large',
      IMPORT_MESSAGES_MAX,
    ]);
  }
});

test('wire §4 a long log is taken in without holding everybody else up', async () => {
  const tokens = Array.from({ length: 60_000 }, (_, at) =>
    line('token', { stream_id: 'r', seq: at + 1, text: 'x' }, at + 2),
  );
  const body = [header, asked, ...tokens].join('\n');
  let longest = 0;
  let seen = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - seen);
    seen = performance.now();
  });
  const begun = performance.now();
  const answer = await importAs(LINES_TYPE, body);
  const passed = performance.now() - begun;
  clearInterval(watch);
  expect(answer.status).toBe(201);
  expect((await read(answer.body.session.session_id)).messages[1].parts[0].text).toBe('x'.repeat(60_000));
  expect(longest).toBeLessThan(passed / 3);
});

test('wire §6 keys such as __proto__ in the arguments of a tool come back as data', async () => {
  const args = '{"__proto__":{"x":1},"constructor":2}';
  const part = `{"type":"tool","tid":"t","name":"n","preview":"","args":${args},"status":"completed","started_at":1}`;
  const { body } = await importAs(JSON_TYPE, `{"messages":[{"role":"assistant","parts":[${part}]}]}`);
  const raw = await fetch(`${weir.url}/api/session?session_id=${body.session.session_id}`);
  expect(await raw.text()).toContain(`"args":${args}`);
});

test('wire §4 markdown fences cannot be broken out of, and a heading says who spoke', async () => {
  const result = '```\n# forged\n````\nmore';
  const part = {
    type: 'tool',
    tid: 't',
    name: 'n',
    preview: '',
    args: {},
    status: 'completed',
    result,
    started_at: 1,
  };
  const { body } = await importAs(
    JSON_TYPE,
    JSON.stringify({ messages: [{ role: 'assistant', parts: [part] }] }),
  );
  const markdown = (await exported('markdown', body.session.session_id)).body;
  expect(markdown).toContain(`\`\`\`\`\`\n${result}\n\`\`\`\`\``);
  expect((await exported('markdown')).body).toMatch(/^# To be copied\n\n## You · /);
});

test('wire §4 what was asked, and how it ended, is a part of the answer, and a line of the markdown', async () => {
  const parts = (await read(session_id)).messages.at(-1).parts.slice(1);
  const end = { settled_at: expect.any(Number) };
  const [question, leave, last] = parts.filter(({ type }: { type: string }) => type === 'prompt');
  expect(question).toMatchObject({
    ...{ kind: 'clarify', asked: { question: 'Which one?' }, how: 'answered', answer: { choices: ['b'] } },
    ...end,
  });
  const denied = { option_kind: 'reject_once', feedback: 'not\nnow' };
  expect(leave).toMatchObject({
    ...{ kind: 'approval', asked: { tool: 'shell', command: 'echo `a` b' }, how: 'answered', answer: denied },
    ...end,
  });
  expect(last).toMatchObject({
    asked: { question: 'And now?' },
    how: 'cancelled',
    reason: 'cancelled',
    ...end,
  });
  const markdown = (await exported('markdown')).body;
  for (const words of [
    '> Question: Which one? (answered: b)',
    '> Approval: `` echo `a` b `` (answered: reject_once · not now)',
    '> Question: And now? (cancelled: cancelled)',
  ])
    expect(markdown).toContain(`\n\n${words}\n`);
});

test('P10 of many imports at once only a few are taken in, and the others have their turn', async () => {
  const taken = vi.spyOn(weir.server.parts.sessions, 'importSession');
  const begin = async (bytes: number, said: string) => {
    const more = [`Content-Type: ${JSON_TYPE}`, `Content-Length: ${bytes}`, 'Expect: 100-continue'];
    const connection = openRaw(weir.url, headOf(weir.url, 'POST', '/api/sessions/import', ...more));
    await connection.until((text) => text.startsWith('HTTP/1.1 100'));
    connection.socket.write(said);
    return connection;
  };
  const whole = '{"messages":[]}';
  const slow = await Promise.all(upTo(IMPORTS_AT_ONCE_MAX).map(() => begin(9, 'half')));
  const patient = await begin(whole.length, whole);
  for (const _ of slow) await client.get('/api/storage');
  expect(taken).not.toHaveBeenCalled();
  slow[0]!.socket.destroy();
  await within(
    HANDLER_MS,
    'a place',
    patient.until((text) => text.includes('HTTP/1.1 201')),
  );
  taken.mockRestore();
  for (const each of [...slow, patient]) each.socket.destroy();
});

test('wire §4 a fork copies what stands up to a message, and is a session of its own', async () => {
  const { messages } = await read(session_id);
  const { status, body } = await client.post(`/api/sessions/${session_id}/fork`, {
    upto_message_id: messages[1].message_id,
  });
  expect(status).toBe(201);
  const fork = await read(body.session.session_id);
  expect(fork).toMatchObject({
    relation: 'fork',
    parent_session_id: session_id,
    lineage_root_id: fork.session_id,
  });
  expect(said(fork.messages)).toEqual(said(messages.slice(0, 2)));
  await run(fork.session_id, 'tokens=1');
  expect((await read(fork.session_id)).messages).toHaveLength(4);
  // What was copied stands in no log of its own, and comes back nevertheless.
  const copied = await importAs(LINES_TYPE, (await exported('jsonl', fork.session_id)).body);
  expect(said((await read(copied.body.session.session_id)).messages).map(({ parts }) => parts)).toEqual(
    said((await read(fork.session_id)).messages).map(({ parts }) => parts),
  );
  expect((await read(session_id)).messages).toHaveLength(messages.length);
  expect((await client.request('DELETE', `/api/sessions/${fork.session_id}`)).status).toBe(204);
  expect((await read(session_id)).messages).toHaveLength(messages.length);
});

test('wire §4 a fork at a message of another session, or of none, is 404', async () => {
  const other = await client.session();
  await run(other, 'tokens=1');
  const [{ message_id }] = (await read(other)).messages;
  for (const upto_message_id of [message_id, 'm_none'])
    expect((await client.post(`/api/sessions/${session_id}/fork`, { upto_message_id })).body.code).toBe(
      'not_found',
    );
  expect((await client.post('/api/sessions/s_none/fork', { upto_message_id: message_id })).body.code).toBe(
    'not_found',
  );
});
