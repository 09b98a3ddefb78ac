// Being called: a whole server, real runs, and a push service on this machine that opens and verifies what it gets.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PUSH_SUBSCRIPTIONS_MAX } from '../../src/protocol/index.ts';
import { type Client, createClient } from '../support/client.ts';
import { createDevice, type PushService, startPushService } from '../support/push-service.ts';
import { within } from '../support/raw.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const CALLED_MS = 10_000;

let service: PushService;
let weir: TestServer;
let client: Client;
beforeAll(async () => {
  service = await startPushService();
  const push = { ca: service.ca, mayReach: () => true };
  weir = await startTestServer({ allowed_hosts: ['weir.example'] }, { push });
  client = createClient(weir.url);
});
afterAll(() => Promise.all([weir.close(), service.close()]));
const subscribed: string[] = [];
afterEach(async () => {
  await Promise.all(subscribed.splice(0).map(unsubscribe));
  service.pushes.length = 0;
});

const unsubscribe = (endpoint: string) => client.request('DELETE', '/api/notify/subscriptions', { endpoint });

async function subscribe(name: string, fields = {}): Promise<string> {
  const subscription = service.device(name, fields);
  const { status } = await client.post('/api/notify/subscriptions', subscription);
  expect(status).toBe(201);
  subscribed.push(subscription.endpoint);
  return subscription.endpoint;
}

/** Of this run: those of other tests may still end. */
const came = (tag: string, count: number) => within(CALLED_MS, `push ${count}`, service.came(count, tag));

test('wire §4 nobody looks, the agent asks: the device is called, the card is one click away, the answer takes it back', async () => {
  await subscribe('laptop');
  const session_id = await client.session({ title: 'Schema' });
  const stream_id = await client.start(session_id, 'tokens=2 ask="Which database?|Postgres|SQLite"');
  const [push] = await came(stream_id, 1);
  const { pending } = (await client.get(`/api/clarify/pending?session_id=${session_id}`)).body;
  expect(push?.notice).toEqual({
    type: 'show',
    tag: stream_id,
    about: pending.clarify_id,
    topic: 'clarify',
    title: 'Schema',
    body: 'Which database?',
    path: `/s/${session_id}?prompt=${pending.clarify_id}`,
  });
  const { key } = (await client.get('/api/notify/key')).body;
  expect(push?.key).toBe(key);
  expect(push?.claims).toMatchObject({ aud: service.origin, sub: 'https://weir.example' });
  // Until the question expires, an hour after it was asked.
  expect(Number(push?.headers.ttl)).toBeGreaterThan(3500);
  expect(Number(push?.headers.ttl)).toBeLessThanOrEqual(3600);
  await client.post('/api/clarify/respond', {
    session_id,
    clarify_id: pending.clarify_id,
    choices: ['SQLite'],
  });
  expect((await came(stream_id, 2))[1]?.notice).toEqual({ type: 'withdraw', tag: stream_id });
});

test('wire §4 each device is called for what it wants, and a stopped run takes its question back', async () => {
  await subscribe('waits');
  await subscribe('ends', { kinds: ['completed', 'error', 'killed'] });
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=2 approve="rm -rf build"');
  expect((await came(stream_id, 1))[0]).toMatchObject({
    path: '/waits',
    notice: { topic: 'approval', body: 'rm -rf build' },
  });
  await client.post('/api/chat/cancel', { stream_id });
  const [, ...later] = await came(stream_id, 3);
  expect(later.map(({ path, notice }) => [path, notice]).sort()).toEqual([
    ['/ends', expect.objectContaining({ type: 'show', tag: stream_id, topic: 'killed' })],
    ['/waits', { type: 'withdraw', tag: stream_id }],
  ]);
});

test('wire §4 a test calls every device, and says how many took it; one that is gone is forgotten', async () => {
  await subscribe('one');
  const gone = await subscribe('two');
  service.answers.push({ status: 201 }, { status: 410 });
  expect((await client.post('/api/notify/test', undefined)).body).toEqual({ sent: 1, failed: 1 });
  expect(service.pushes.map(({ notice }) => notice.type === 'show' && notice.topic)).toEqual([
    'test',
    'test',
  ]);
  const answers = await Promise.all([
    unsubscribe(`${service.origin}/one`),
    unsubscribe(`${service.origin}/two`),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
  expect(gone).toContain('/two');
  expect((await client.post('/api/notify/test', undefined)).body).toEqual({ sent: 0, failed: 0 });
});

test('wire §4 a device that subscribes again is one device, with what it said last', async () => {
  await subscribe('again');
  await subscribe('again', { kinds: ['completed'] });
  expect((await client.post('/api/notify/test', undefined)).body).toEqual({ sent: 1, failed: 0 });
  const stream_id = await client.start(await client.session(), 'tokens=1');
  expect((await came(stream_id, 1))[0]?.notice).toMatchObject({ topic: 'completed' });
});

test('wire §4 what is no subscription is refused by name, and no more devices are kept than a person has', async () => {
  const { subscription } = createDevice('https://push.example/x');
  for (const [field, wrong] of [
    ['endpoint', { ...subscription, endpoint: 'http://push.example/x' }],
    ['endpoint', { ...subscription, endpoint: `https://push.example/${'x'.repeat(3000)}` }],
    ['keys.auth', { ...subscription, keys: { ...subscription.keys, auth: 'no!' } }],
    ['kinds.0', { ...subscription, kinds: ['everything'] }],
  ] as const) {
    const { status, body } = await client.post('/api/notify/subscriptions', wrong);
    expect([status, body.field]).toEqual([400, field]);
  }
  await Promise.all(Array.from({ length: PUSH_SUBSCRIPTIONS_MAX }, (_, n) => subscribe(`d${n}`)));
  const { status, body } = await client.post('/api/notify/subscriptions', subscription);
  expect([status, body.code]).toEqual([429, 'too_many']);
});

test('wire §6 the keys lie in the data folder, for its owner alone, and are the same after a restart', async () => {
  const path = join(weir.folder, 'push-keys.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const data = weir.folder;
  const { key } = (await client.get('/api/notify/key')).body;
  await weir.server.close();
  const again = await startTestServer({ data }, { push: { ca: service.ca, mayReach: () => true } });
  expect((await createClient(again.url).get('/api/notify/key')).body.key).toBe(key);
  await again.close();
});
