// Password, token and cookie: who gets in, who does not, and what a logout ends.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LOGIN_FAILURES_MAX } from '../../src/protocol/index.ts';
import { type Client, createClient, named } from '../support/client.ts';
import { within } from '../support/raw.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PASSWORD = 'a pass word with "quotes" and ünïcode';
const TOKEN = 't-0123456789abcdef';
let weir: TestServer;
let stranger: Client;
let bearer: Client;
beforeAll(async () => {
  weir = await startTestServer({ password: PASSWORD, token: TOKEN, heartbeat_ms: 50 });
  stranger = createClient(weir.url);
  bearer = createClient(weir.url, { authorization: `Bearer ${TOKEN}` });
});
afterAll(() => weir.close());

async function login(): Promise<{ client: Client; cookie: string; header: string }> {
  const { status, headers } = await stranger.post('/api/login', { password: PASSWORD });
  expect(status).toBe(200);
  const header = headers.get('set-cookie') ?? '';
  const cookie = header.split(';')[0]!;
  return { client: createClient(weir.url, { cookie }), cookie, header };
}

const ROUTES: [string, string][] = [
  ['POST', '/api/sessions'],
  ['GET', '/api/sessions'],
  ['GET', '/api/session?session_id=x'],
  ['PATCH', '/api/sessions/x'],
  ['DELETE', '/api/sessions/x'],
  ['GET', '/api/sessions/x/events'],
  ['GET', '/api/sessions/x/export'],
  ['POST', '/api/sessions/import'],
  ['POST', '/api/sessions/x/fork'],
  ['GET', '/api/sessions/x/queue'],
  ['PATCH', '/api/sessions/x/queue/m'],
  ['DELETE', '/api/sessions/x/queue/m'],
  ['POST', '/api/chat/start'],
  ['POST', '/api/chat/retry'],
  ['POST', '/api/chat/cancel'],
  ['GET', '/api/chat/stream?stream_id=x'],
  ['GET', '/api/chat/stream/status?stream_id=x'],
  ['GET', '/api/live?board=1'],
  ['GET', '/api/events'],
  ['GET', '/api/board'],
  ['POST', '/api/attachments'],
  ['GET', '/api/attachments/x'],
  ['GET', '/api/storage'],
  ['POST', '/api/storage/compact'],
  ['GET', '/api/notify/key'],
  ['POST', '/api/notify/subscriptions'],
  ['DELETE', '/api/notify/subscriptions'],
  ['POST', '/api/notify/test'],
  ['GET', '/api/agents'],
  ['GET', '/metrics'],
  ['GET', '/api/nothing'],
];

test('wire §6 without password or token every route but /health and the login is 401', async () => {
  for (const [method, path] of ROUTES) {
    const body = method === 'POST' || method === 'PATCH' ? {} : undefined;
    const { status, body: answer } = await stranger.request(method, path, body);
    expect([status, answer.code], `${method} ${path}`).toEqual([401, 'unauthorized']);
  }
  expect((await stranger.get('/health')).status).toBe(200);
});

test('wire §6 no other spelling of a path is a way past the login', async () => {
  for (const path of [
    '/API/agents',
    '/Api/agents',
    '/api/agents/',
    '/METRICS',
    '/metrics/',
    '//api/agents',
    '/api%2fagents',
  ]) {
    const { status, body } = await stranger.get(path);
    expect([401, 404], path).toContain(status);
    expect(JSON.stringify(body), path).not.toMatch(/demo|weir_/);
  }
});

test('wire §6 a stranger is told of /health no more than that it is alive', async () => {
  expect(Object.keys((await stranger.get('/health?deep=1')).body).sort()).toEqual([
    'closing',
    'ok',
    'storage',
  ]);
  expect((await bearer.get('/health?deep=1')).body).toMatchObject({ subscribers: 0 });
});

test('wire §6 a bearer gets in with token or password, and with nothing that is nearly one', async () => {
  expect((await bearer.get('/api/sessions')).status).toBe(200);
  for (const authorization of [
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    'Bearer ',
    'Bearer',
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${'x'.repeat(5_000)}`,
    'Bearer undefined',
  ])
    expect(
      (await stranger.request('GET', '/api/sessions', undefined, { authorization })).status,
      authorization,
    ).toBe(401);
});

test('wire §6 a token in a URL opens nothing', async () => {
  for (const name of ['token', 'access_token', 'authorization', 'password'])
    expect((await stranger.get(`/api/sessions?${name}=${TOKEN}`)).status).toBe(401);
});

test('wire §6 a login gives a cookie that no script reads and no other site sends', async () => {
  const { client, header } = await login();
  expect(header).toMatch(/^weir_login=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect((await client.get('/api/sessions')).status).toBe(200);
  const tls = await stranger.request(
    'POST',
    '/api/login',
    { password: PASSWORD },
    { 'x-forwarded-proto': 'https' },
  );
  expect(tls.headers.get('set-cookie')).toMatch(/; Secure/);
});

test('wire §6 a made-up, changed or logged-out cookie opens nothing', async () => {
  const { client, cookie } = await login();
  for (const wrong of ['weir_login=', `weir_login=${'A'.repeat(43)}`, `${cookie}x`, `x${cookie}`])
    expect((await stranger.request('GET', '/api/sessions', undefined, { cookie: wrong })).status).toBe(401);
  expect(
    (await client.request('GET', '/api/sessions', undefined, { cookie: `a=b; ${cookie}; c=d` })).status,
  ).toBe(200);
  const out = await client.request('POST', '/api/logout');
  expect(out.headers.get('set-cookie')).toMatch(/^weir_login=; .*Max-Age=0/);
  expect((await client.get('/api/sessions')).status).toBe(401);
});

test('wire §6 a revoked login ends its open streams within 5 s, and no others', async () => {
  const [mine, other] = [await login(), await login()];
  const session_id = await mine.client.session();
  const path = `/api/sessions/${session_id}/events`;
  const readers = await Promise.all([mine, other].map(({ client }) => client.read(path)));
  const byToken = await bearer.read(path);
  await Promise.all([...readers, byToken].map((reader) => reader.until(named('snapshot'))));
  await mine.client.request('POST', '/api/logout');
  await within(5_000, 'the end of the revoked one', readers[0]!.ended);
  expect(readers[0]!.events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"unauthorized"}' });
  for (const reader of [readers[1]!, byToken]) {
    const beats = reader.events.filter(named('heartbeat')).length;
    let seen = 0;
    await reader.until(({ event }) => event === 'heartbeat' && ++seen > beats);
    expect(reader.events.some(named('end'))).toBe(false);
    reader.close();
  }
});

test('wire §6 wrong passwords are 401, and too many of them 429 with Retry-After', async () => {
  const own = await startTestServer({ password: PASSWORD });
  const client = createClient(own.url);
  const statuses: number[] = [];
  for (let at = 0; at < 11; at += 1)
    statuses.push((await client.post('/api/login', { password: 'wrong' })).status);
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
  expect(statuses[10]).toBe(429);
  const right = await client.post('/api/login', { password: PASSWORD });
  expect([right.status, right.body.code]).toEqual([429, 'too_many']);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
  await own.close();
});

test('wire §6 a login with an unknown field or a wrong type is refused by name', async () => {
  expect((await stranger.post('/api/login', { password: 3 })).body).toMatchObject({ field: 'password' });
  expect((await stranger.post('/api/login', { password: 'x', user: 'root' })).body).toMatchObject({
    field: 'user',
  });
  expect((await stranger.request('POST', '/api/login')).status).toBe(400);
});

test('wire §6 guesses are counted, as a bearer too; who is logged in already goes on', async () => {
  const own = await startTestServer({ token: TOKEN });
  try {
    const { headers } = await createClient(own.url).post('/api/login', { password: TOKEN });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    const statuses: number[] = [];
    for (let at = 0; at < LOGIN_FAILURES_MAX + 2; at += 1) {
      const guess = createClient(own.url, { authorization: `Bearer wrong-${at}` });
      statuses.push((await guess.get('/api/sessions')).status);
    }
    expect(statuses).toEqual([...Array(LOGIN_FAILURES_MAX).fill(401), 429, 429]);
    expect((await createClient(own.url, { cookie }).get('/api/sessions')).status).toBe(200);
  } finally {
    await own.close();
  }
});

test('wire §6 a login that is revoked while its stream is made ready opens none', async () => {
  const { client } = await login();
  const session_id = await client.session();
  const { sessions } = weir.server.parts;
  const asked = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const hold = sessions.hold;
  const held = vi.spyOn(sessions, 'hold').mockImplementation(async (...input) => {
    asked.resolve();
    await ready.promise;
    return hold(...input);
  });
  const opening = client.read(`/api/live?session=${session_id}`);
  await asked.promise;
  await client.post('/api/logout', {});
  ready.resolve();
  const reader = await opening;
  held.mockRestore();
  reader.close();
  expect(reader.status).toBe(401);
});
