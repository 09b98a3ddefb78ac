// Every route of the table: that it is there, answers as the table says, and refuses what properties.md §5 lists.
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ROUTES, type Route } from '../../src/protocol/routes.ts';
import { HANDLER_MS, headOf, rawRequest, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;
let session_id: string;
let stream_id: string;
let message_id: string;
beforeAll(async () => {
  session_id = await client.session();
  stream_id = await client.start(session_id, 'tokens=2');
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  message_id = (await read()).messages[0].message_id;
});

const read = async () => (await client.get(`/api/session?session_id=${session_id}`)).body.session;
const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;
const withIds = (path: string, id: string, message = 'm_none') =>
  path
    .replace('{id}', id)
    .replace('{message_id}', message)
    .replace(/\{\w+\}/g, id);

/** What makes each route that is no stream and no file answer well; `null`: not here, another test has it. */
const GOOD: Record<string, { path?: () => string; body?: () => unknown } | null> = {
  'POST /api/sessions': { body: () => ({ title: 'x' }) },
  'GET /api/sessions': {},
  'GET /api/session': { path: () => `/api/session?session_id=${session_id}` },
  'PATCH /api/sessions/{id}': { body: () => ({ pinned: true }) },
  'DELETE /api/sessions/{id}': null,
  'GET /api/sessions/{id}/events': null,
  'GET /api/sessions/{id}/export': {},
  'POST /api/sessions/import': { body: () => ({ messages: [] }) },
  'POST /api/sessions/{id}/fork': { body: () => ({ upto_message_id: message_id }) },
  'GET /api/sessions/{id}/queue': {},
  'PATCH /api/sessions/{id}/queue/{message_id}': null,
  'DELETE /api/sessions/{id}/queue/{message_id}': null,
  'POST /api/chat/start': { body: () => ({ session_id, message: 'tokens=1' }) },
  'POST /api/chat/retry': null,
  'GET /api/chat/stream': null,
  'GET /api/chat/stream/status': { path: () => `/api/chat/stream/status?stream_id=${stream_id}` },
  'GET /api/chat/receipt': { path: () => `/api/chat/receipt?stream_id=${stream_id}` },
  'GET /api/chat/log': { path: () => `/api/chat/log?stream_id=${stream_id}` },
  'GET /api/chat/export': { path: () => `/api/chat/export?stream_id=${stream_id}` },
  'POST /api/chat/cancel': null,
  'GET /api/clarify/stream': null,
  'GET /api/clarify/pending': { path: () => `/api/clarify/pending?session_id=${session_id}` },
  'POST /api/clarify/respond': null,
  'GET /api/approval/stream': null,
  'GET /api/approval/pending': { path: () => `/api/approval/pending?session_id=${session_id}` },
  'POST /api/approval/respond': null,
  'GET /api/approval/rules': {},
  'DELETE /api/approval/rules/{id}': null,
  'POST /api/attachments': null,
  'GET /api/attachments/{id}': null,
  'GET /api/live': null,
  'GET /api/events': null,
  'GET /api/board': {},
  'GET /api/storage': {},
  'POST /api/storage/compact': {},
  'GET /api/notify/key': {},
  'POST /api/notify/subscriptions': {
    body: () => ({
      endpoint: 'https://127.0.0.1/x',
      keys: { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) },
    }),
  },
  'DELETE /api/notify/subscriptions': null,
  'POST /api/notify/test': {},
  'GET /api/agents': {},
  'POST /api/login': { body: () => ({ password: 'x' }) },
  'POST /api/logout': {},
  'GET /health': {},
  'GET /metrics': {},
};

test('wire §4 every route of the table answers as the table says', async () => {
  expect(ROUTES.map(nameOf).sort()).toEqual(Object.keys(GOOD).sort());
  for (const route of ROUTES) {
    const name = nameOf(route);
    const good = GOOD[name];
    if (!good) continue;
    const path = good.path?.() ?? withIds(route.path, session_id);
    const { status, body } = await client.request(route.method.toUpperCase(), path, good.body?.());
    const answer = route.answers[status];
    expect(answer, `${name}: ${status} ${JSON.stringify(body)}`).not.toBeUndefined();
    if (typeof answer !== 'object' || answer === null) continue;
    const parsed = z.safeParse(answer, body);
    expect(parsed.error?.issues ?? [], name).toEqual([]);
  }
});

/** Ids and what they are as a path segment. */
const HOSTILE = [
  '..',
  '../',
  '%2e%2e%2f',
  '..%2f..%2fetc',
  'a%00b',
  'a%0ab',
  'a%20b',
  'a.b',
  '%ff',
  'x'.repeat(5_120),
];

test('wire §1 no id that is none goes past any route: 400, or no such route, and never a 500', async () => {
  for (const route of ROUTES)
    for (const id of route.path.includes('{') ? HOSTILE : []) {
      const head = headOf(
        weir.url,
        route.method.toUpperCase(),
        withIds(route.path, id, id),
        'Content-Length: 0',
      );
      const { status } = await within(HANDLER_MS, nameOf(route), rawRequest(weir.url, head));
      expect([400, 404], `${nameOf(route)} ${id.slice(0, 20)}: ${status}`).toContain(status);
      if (!id.includes('.')) expect(status, `${nameOf(route)} ${id.slice(0, 20)}`).toBe(400);
    }
});

test('wire §4 a well-formed id of nothing is 404 not_found, names that mean something to JavaScript too', async () => {
  const bodies: Record<string, unknown> = {
    'PATCH /api/sessions/{id}': { pinned: true },
    'POST /api/sessions/{id}/fork': { upto_message_id: 'm_none' },
    'PATCH /api/sessions/{id}/queue/{message_id}': { message: 'x' },
  };
  for (const route of ROUTES.filter(({ path }) => path.includes('{')))
    for (const id of ['s_none', '__proto__', 'constructor', 'toString', 'import', 'null', stream_id]) {
      const body = bodies[nameOf(route)];
      const answer = await client.request(route.method.toUpperCase(), withIds(route.path, id), body);
      expect([answer.status, answer.body.code], `${nameOf(route)} ${id}`).toEqual([404, 'not_found']);
    }
  for (const path of [
    '/api/session?session_id=',
    '/api/chat/stream?stream_id=',
    '/api/chat/stream/status?stream_id=',
    '/api/chat/receipt?stream_id=',
    '/api/chat/log?stream_id=',
    '/api/chat/export?stream_id=',
  ])
    for (const id of ['s_none', '__proto__', 'constructor'])
      expect((await client.get(path + id)).status).toBe(404);
});

test('wire §4 a body that is missing, no object, or knows too much is refused by every route that takes one', async () => {
  const takers = ROUTES.filter(({ body }) => body);
  expect(takers.length).toBeGreaterThan(6);
  for (const route of takers) {
    const path = withIds(route.path, session_id, message_id);
    const ask = (body?: unknown) => client.request(route.method.toUpperCase(), path, body);
    for (const body of [
      undefined,
      '',
      'null',
      '[]',
      '"x"',
      '7',
      '{',
      '{"surprise":1}',
      '{"__proto__":1}',
      '{"constructor":{}}',
    ]) {
      const answer = await ask(body);
      expect([answer.status, answer.body.code], `${nameOf(route)} ${body}`).toEqual([400, 'bad_request']);
      expect(answer.body.error, nameOf(route)).toMatch(/^\S/);
    }
    const asText = await client.request(route.method.toUpperCase(), path, '{}', {
      'content-type': 'text/plain',
    });
    expect([asText.status, asText.body.code], nameOf(route)).toEqual([415, 'unsupported_media_type']);
  }
});

test('wire §4 a query that knows too much is refused by every route that takes one', async () => {
  for (const route of ROUTES.filter(({ query }) => query)) {
    const path = withIds(route.path, session_id);
    for (const name of ['surprise', '__proto__', 'constructor']) {
      const given = { session_id, stream_id };
      const shape = (route.query as unknown as { shape: Record<string, unknown> }).shape;
      const needed = Object.entries(given).filter(([key]) => key in shape);
      const query = new URLSearchParams([...needed, [name, '1']]);
      const { status, body } = await client.request(route.method.toUpperCase(), `${path}?${query}`);
      expect([status, body.field], `${nameOf(route)} ${name}`).toEqual([400, name]);
    }
  }
});

test('P12 no refusal of all these has changed anything', async () => {
  const session = await read();
  expect(session.title).not.toBe('x');
  expect(session.messages[0].message_id).toBe(message_id);
  expect((await client.get('/health')).body.ok).toBe(true);
});
