// Commands: every refusal names its field; names that mean something to JavaScript mean nothing here.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  chatCancelSchema,
  chatRetrySchema,
  chatStartSchema,
  createId,
  createSessionSchema,
  editQueuedSchema,
  forkSchema,
  getSessionSchema,
  ID_LENGTH_MAX,
  isId,
  LIST_LIMIT_MAX,
  listSessionsSchema,
  loginSchema,
  MESSAGE_BYTES_MAX,
  parseCommand,
  patchSessionSchema,
  Rejection,
  sessionFeedSchema,
  streamFeedSchema,
} from '../../src/protocol/index.ts';

type Schema = Parameters<typeof parseCommand<unknown>>[0];
const refuse = (schema: Schema, value: unknown): Rejection => {
  try {
    parseCommand(schema, value);
  } catch (failure) {
    if (failure instanceof Rejection) return failure;
    throw failure;
  }
  throw new Error(`taken: ${JSON.stringify(value)?.slice(0, 80)}`);
};
const fieldOf = (schema: Schema, value: unknown) => refuse(schema, value).data.field;

const COMMANDS: Record<string, { schema: Schema; good: Record<string, unknown> }> = {
  'POST /api/sessions': { schema: createSessionSchema, good: {} },
  'PATCH /api/sessions/:id': { schema: patchSessionSchema, good: {} },
  'POST /api/chat/start': { schema: chatStartSchema, good: { session_id: 's', message: 'hi' } },
  'POST /api/chat/retry': { schema: chatRetrySchema, good: { session_id: 's' } },
  'POST /api/chat/cancel': { schema: chatCancelSchema, good: { stream_id: 'r' } },
  'POST fork': { schema: forkSchema, good: { upto_message_id: 'm' } },
  'PATCH queue': { schema: editQueuedSchema, good: { message: 'hi' } },
  'POST /api/login': { schema: loginSchema, good: { password: 'p' } },
  'GET /api/sessions': { schema: listSessionsSchema, good: {} },
  'GET /api/session': { schema: getSessionSchema, good: { session_id: 's' } },
  'GET /api/chat/stream': { schema: streamFeedSchema, good: { stream_id: 'r' } },
  'GET events': { schema: sessionFeedSchema, good: {} },
};

test('wire §4 an unknown field is refused by its name, __proto__ and constructor like any other', () => {
  for (const { schema, good } of Object.values(COMMANDS)) {
    parseCommand(schema, good);
    for (const name of ['surprise', '__proto__', 'constructor', 'toString', '']) {
      const value = JSON.parse(
        `{${JSON.stringify(good).slice(1, -1)}${Object.keys(good).length ? ',' : ''}"${name}":1}`,
      );
      expect(refuse(schema, value).code).toBe('bad_request');
      if (name) expect(fieldOf(schema, value)).toBe(name);
    }
  }
});

test('wire §4 what is no object is refused', () => {
  for (const { schema } of Object.values(COMMANDS))
    for (const value of [null, undefined, 3, 'text', true, [], [{}]])
      expect(refuse(schema, value).status).toBe(400);
});

test('wire §4 a missing or wrongly typed field is named', () => {
  for (const { schema, good } of Object.values(COMMANDS))
    for (const name of Object.keys(good)) {
      const { [name]: _gone, ...without } = good;
      expect(fieldOf(schema, without)).toBe(name);
      for (const wrong of [null, 3, {}, [], true])
        expect(fieldOf(schema, { ...good, [name]: wrong })).toBe(name);
    }
  for (const name of ['title', 'agent', 'model', 'cwd', 'relation', 'is_cli_session', 'source_tag'])
    expect(fieldOf(createSessionSchema, { [name]: { a: 1 } })).toBe(name);
  for (const name of ['title', 'pinned', 'archived', 'queue_paused'])
    expect(fieldOf(patchSessionSchema, { [name]: { a: 1 } })).toBe(name);
});

const HOSTILE_IDS = [
  '',
  '../',
  '..%2f',
  '%2e%2e%2f',
  'a b',
  'a/b',
  'a.b',
  'ä',
  'x\0',
  'x\n',
  'x'.repeat(65),
  'x'.repeat(5120),
];

test('wire §1 what does not match the pattern of ids is refused', () => {
  for (const id of HOSTILE_IDS) {
    expect(isId(id)).toBe(false);
    expect(fieldOf(chatCancelSchema, { stream_id: id })).toBe('stream_id');
    expect(fieldOf(chatStartSchema, { session_id: id, message: 'x' })).toBe('session_id');
  }
  expect(isId('x'.repeat(ID_LENGTH_MAX))).toBe(true);
});

test('wire §1 an id of ours matches, carries at least 120 random bits, and all of them count', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, fc.nat(127), (random, bit) => {
      const flipped = random.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const id = createId('r', { bytes: () => random, fraction: () => 0 });
      expect(isId(id)).toBe(true);
      expect(createId('r', { bytes: () => flipped, fraction: () => 0 })).not.toBe(id);
    }),
  );
});

test('wire §4 a message is at most 256 KiB of UTF-8, and more than white space', () => {
  const start = (message: string) => ({ session_id: 's', message });
  parseCommand(chatStartSchema, start('x'.repeat(MESSAGE_BYTES_MAX)));
  for (const message of [
    '',
    ' \n\t\u00a0',
    'x'.repeat(MESSAGE_BYTES_MAX + 1),
    '€'.repeat(MESSAGE_BYTES_MAX / 2),
  ])
    expect(fieldOf(chatStartSchema, start(message))).toBe('message');
});

test('wire §4 a folder with NUL, an unknown relation and an over-long title are refused', () => {
  expect(fieldOf(createSessionSchema, { cwd: '/home\0/x' })).toBe('cwd');
  expect(fieldOf(createSessionSchema, { relation: 'parent' })).toBe('relation');
  expect(fieldOf(createSessionSchema, { title: 'x'.repeat(201) })).toBe('title');
  expect(fieldOf(createSessionSchema, { title: '' })).toBe('title');
});

test('wire §4 limits in a query are whole numbers, and never above their maximum', () => {
  expect(parseCommand(listSessionsSchema, { limit: '999999' })).toEqual({ limit: LIST_LIMIT_MAX });
  expect(parseCommand(listSessionsSchema, { limit: '01' })).toEqual({ limit: 1 });
  for (const limit of ['0', '000', '-1', '1.5', '1e3', 'many', '', '9'.repeat(20)]) {
    expect(fieldOf(listSessionsSchema, { limit })).toBe('limit');
    expect(fieldOf(getSessionSchema, { session_id: 's', msg_limit: limit })).toBe('msg_limit');
  }
  for (const before of ['x', '12', ':a', '12:../x', `${'1'.repeat(40)}:a`])
    expect(fieldOf(listSessionsSchema, { before })).toBe('before');
  expect(fieldOf(getSessionSchema, { session_id: 's', messages: 'yes' })).toBe('messages');
});

test('wire §4 whatever value is sent, a command is taken or refused with a sentence', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(COMMANDS)),
      fc.anything({ maxDepth: 3 }),
      ({ schema }, value) => {
        try {
          parseCommand(schema, value);
        } catch (failure) {
          expect(failure).toBeInstanceOf(Rejection);
          const { error, code } = (failure as Rejection).body;
          expect(code).toBe('bad_request');
          expect(String(error).length).toBeGreaterThan(5);
        }
      },
    ),
    { numRuns: 300 },
  );
});
