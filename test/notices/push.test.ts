// What leaves for a push service: sealed, signed, bounded, and only to where it may go.
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/notices/address.ts';
import { createAttempt } from '../../src/notices/attempt.ts';
import { openKeys, type PushKeys } from '../../src/notices/keys.ts';
import { NOTICE_TEXT_LENGTH_MAX, type Notice, noticeText } from '../../src/protocol/index.ts';
import { createDevice, type PushService, startPushService } from '../support/push-service.ts';
import { quietLog, temporaryFolder } from '../support/server.ts';

let service: PushService;
let folder: string;
let keys: PushKeys;
beforeAll(async () => {
  [service, folder] = await Promise.all([startPushService(), temporaryFolder()]);
  keys = await openKeys(folder);
});
beforeEach(() => {
  service.pushes.length = 0;
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const subject = 'mailto:someone@example.com';
const notice: Notice = {
  type: 'show',
  tag: 'r_1',
  about: 'c_1',
  topic: 'clarify',
  title: 'Schema – “orders”',
  body: 'Which database? 漢字 🗄',
  path: '/s/s_1?prompt=c_1',
};
const never = new AbortController().signal;
const attempt = (mayReach = (_: string) => true) =>
  createAttempt({ mayReach, ca: service.ca, keys, subject, log: quietLog });

test('wire §4 a push opens on its device alone, and its signature names this installation', async () => {
  const subscription = service.device('one');
  const before = Math.floor(Date.now() / 1000);
  expect(await attempt()({ subscription, notice, ttl_seconds: 90 }, never)).toEqual({ kind: 'taken' });
  const [push] = service.pushes;
  expect(push?.notice).toEqual(notice);
  expect(push?.key).toBe(keys.public_key);
  expect(push?.claims).toMatchObject({ aud: service.origin, sub: subject });
  expect(push!.claims.exp).toBeGreaterThan(before);
  expect(push!.claims.exp).toBeLessThanOrEqual(before + 24 * 3600);
  expect(push?.headers).toMatchObject({
    ttl: '90',
    urgency: 'high',
    'content-encoding': 'aes128gcm',
    topic: expect.stringMatching(/^[\w-]{1,32}$/),
  });
  // Another device's keys do not open it.
  const stranger = createDevice(subscription.endpoint);
  expect(() => stranger.open(Buffer.alloc(200, 1))).toThrow();
});

test('wire §4 a withdrawal takes the place of its notice where that was not fetched yet', async () => {
  const subscription = service.device('one');
  await attempt()({ subscription, notice, ttl_seconds: 90 }, never);
  await attempt()({ subscription, notice: { type: 'withdraw', tag: 'r_1' }, ttl_seconds: 90 }, never);
  await attempt()({ subscription, notice: { type: 'withdraw', tag: 'r_2' }, ttl_seconds: 90 }, never);
  const [shown, withdrawn, other] = service.pushes.map(({ headers }) => headers.topic);
  expect(withdrawn).toBe(shown);
  expect(other).not.toBe(shown);
});

test('P10 the longest notice fits a push', async () => {
  const long = (letter: string) => noticeText(letter.repeat(10_000));
  expect([...long('🗄')].length).toBe(NOTICE_TEXT_LENGTH_MAX);
  const id = 'x'.repeat(64);
  const longest: Notice = {
    ...notice,
    tag: id,
    about: id,
    title: long('🗄'),
    body: long('"\\'),
    path: `/s/${id}?prompt=${id}`,
  };
  const subscription = service.device('one');
  await attempt()({ subscription, notice: longest, ttl_seconds: 1 }, never);
  expect(service.pushes[0]?.notice).toEqual(longest);
  expect(Number(service.pushes[0]?.headers['content-length'])).toBeLessThanOrEqual(4096);
});

test.each([
  ['201', 'taken'],
  ['404', 'gone'],
  ['410', 'gone'],
  ['400', 'refused'],
  ['413', 'refused'],
  ['429', 'later'],
  ['500', 'later'],
  ['307', 'refused'],
] as const)(
  'wire §4 a push service that answers %s: %s, and no redirect is followed',
  async (status, kind) => {
    const subscription = service.device('one');
    service.device('elsewhere');
    const headers = { location: '/elsewhere', 'retry-after': '7' };
    service.answers.push({ status: Number(status), headers });
    const verdict = await attempt()({ subscription, notice, ttl_seconds: 1 }, never);
    expect(verdict.kind).toBe(kind);
    if (verdict.kind === 'later') expect(verdict.wait_seconds).toBe(7);
    expect(service.pushes.map(({ path }) => path)).toEqual(['/one']);
  },
);

test('P8 a push goes to public addresses alone, whatever name or spelling leads elsewhere', async () => {
  const inside = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ];
  expect(inside.filter(isPublicAddress)).toEqual([]);
  expect(
    ['8.8.8.8', '142.250.1.1', '2a00:1450::1', '2606:4700::1111'].filter((each) => !isPublicAddress(each)),
  ).toEqual([]);
  const { port } = new URL(service.origin);
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:7f00:1]']) {
    const { subscription } = createDevice(`https://${host}:${port}/one`);
    const verdict = await attempt(isPublicAddress)({ subscription, notice, ttl_seconds: 1 }, never);
    expect(verdict, host).toMatchObject({ kind: 'refused', why: expect.stringContaining('public') });
  }
  expect(service.pushes).toEqual([]);
});

test('wire §4 keys of a device that are none refuse its push, and throw nothing', async () => {
  const { subscription } = createDevice(`${service.origin}/one`);
  for (const p256dh of ['A'.repeat(87), 'A'.repeat(16)]) {
    const wrong = { ...subscription, keys: { ...subscription.keys, p256dh } };
    expect((await attempt()({ subscription: wrong, notice, ttl_seconds: 1 }, never)).kind).toBe('refused');
  }
});

test('P11 a push that is cut off ends at once, also while its push service keeps it waiting', async () => {
  const subscription = service.device('one');
  service.answers.push('never');
  const closing = new AbortController();
  const hanging = attempt()({ subscription, notice, ttl_seconds: 1 }, closing.signal);
  await service.came(1);
  closing.abort();
  expect((await hanging).kind).toBe('later');
  service.pushes.length = 0;
  const leaving = new AbortController();
  leaving.abort();
  expect((await attempt()({ subscription, notice, ttl_seconds: 1 }, leaving.signal)).kind).toBe('later');
  expect(service.pushes).toEqual([]);
});

test('wire §6 the keys are made once, and only their owner can read them', async () => {
  const fresh = join(folder, 'fresh');
  await mkdir(fresh);
  const made = await openKeys(fresh);
  expect(await openKeys(fresh)).toEqual(made);
  expect(made).not.toEqual(keys);
  const path = join(fresh, 'push-keys.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(made);
});
