// The inspector over real sockets: to whom it is there, what it tells of a run, and what tabs may tell it.
import { networkInterfaces } from 'node:os';
import type { Context } from 'koa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInspectionGuard } from '../../src/http/inspection-guard.ts';
import { readRecording } from '../../src/inspect/recording.ts';
import { replay } from '../../src/inspect/replay.ts';
import type { Entry, RecordingHead } from '../../src/protocol/inspection.ts';
import { type Client, createClient, type Reader } from '../support/client.ts';
import {
  HANDLER_MS,
  headOf,
  openRaw,
  parseAnswer,
  type RawAnswer,
  rawRequest,
  within,
} from '../support/raw.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PASSWORD = 'open-sesame';
let on: TestServer;
let off: TestServer;
let locked: TestServer;
let client: Client;
beforeAll(async () => {
  on = await startTestServer({ inspect: 'on' });
  off = await startTestServer();
  locked = await startTestServer({
    inspect: 'on',
    host: '0.0.0.0',
    password: PASSWORD,
    allowed_hosts: ['weir.example'],
  });
  client = createClient(on.url);
});
afterAll(() => Promise.all([on.close(), off.close(), locked.close()]));

const PATHS = ['/inspect', '/inspect/events', '/inspect/recording', '/inspected.js', '/inspector.html'];
/** To the end of the connection: what answers to HEAD has no body, whatever its length says. */
async function ask(url: string, method: string, path: string, ...lines: string[]): Promise<RawAnswer> {
  const { closed, text } = openRaw(url, headOf(url, method, path, 'Connection: close', ...lines));
  await within(HANDLER_MS, `${method} ${path}`, closed);
  return parseAnswer(text());
}
const asBrowser = 'Accept: text/html,application/xhtml+xml';
/** What is said of a path that nobody knows, but for the moment at which it is said. */
async function isUnknown(url: string, path: string, ...lines: string[]): Promise<void> {
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE'])
    for (const accept of [asBrowser, 'Accept: application/json']) {
      const { headers, ...answer } = await ask(url, method, path, accept, ...lines);
      const { headers: others, ...other } = await ask(url, method, `/nobody-knows`, accept, ...lines);
      expect(answer, `${method} ${path}`).toEqual(other);
      expect({ ...headers, date: '' }, `${method} ${path}`).toEqual({ ...others, date: '' });
      expect([403, 404]).toContain(answer.status);
    }
}

const entriesOf = (reader: Reader): Entry[] =>
  reader.events
    .filter(({ event }) => event === 'entries')
    .flatMap(({ data }) => data.split('\n').map((line) => JSON.parse(line)));

test('IN1 without --inspect every path of it is one that nobody knows', async () => {
  for (const path of [
    ...PATHS,
    '/inspect/entries',
    '/assets/inspector-1.js',
    '//inspected.js',
    '/x/../inspected.js',
  ])
    await isUnknown(off.url, path);
  expect((await createClient(off.url).get('/')).body).not.toContain('inspect');
});

test('IN2 it answers to nobody who is elsewhere: other hosts, other origins, proxies', async () => {
  const { host } = new URL(on.url);
  const elsewhere = [
    ['Origin: http://evil.example'],
    ['Origin: null'],
    ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'],
    ['Sec-Fetch-Site: same-site', 'Sec-Fetch-Mode: navigate'],
    ['X-Forwarded-For: 192.0.2.1'],
    ['Forwarded: for=192.0.2.1'],
    ['Via: 1.1 proxy'],
    ['X-Forwarded-Proto: https'],
    ['CF-Connecting-IP: 192.0.2.1'],
    ['True-Client-IP: 192.0.2.1'],
    ['Authorization: Bearer any', 'Origin: http://evil.example'],
  ];
  for (const lines of elsewhere) for (const path of PATHS) await isUnknown(on.url, path, ...lines);
  // So speaks a proxy that says nothing of itself, and no browser.
  const old = `GET /inspected.js HTTP/1.0\r\nHost: ${host}\r\n\r\n`;
  expect((await rawRequest(on.url, old)).status).toBe(404);
  const foreign = ['GET /inspect HTTP/1.1', 'Host: evil.example'].join('\r\n');
  expect((await rawRequest(on.url, `${foreign}\r\n\r\n`)).status).toBe(403);
  expect((await ask(on.url, 'GET', '/inspected.js', `Origin: http://${host}`)).status).toBe(200);
});

test('IN2 with a login it is there for who is logged in, on this computer, by its own name', async () => {
  const url = `http://127.0.0.1:${new URL(locked.url).port}`;
  const bearer = `Authorization: Bearer ${PASSWORD}`;
  await isUnknown(url, '/inspected.js');
  await isUnknown(url, '/inspect/recording');
  expect((await ask(url, 'GET', '/inspected.js', bearer)).status).toBe(200);
  // It is ours, and not the name of this computer: somebody stands between.
  const named = async (path: string) => {
    const { closed, text } = openRaw(
      url,
      `GET ${path} HTTP/1.1\r\nHost: weir.example\r\n${bearer}\r\nConnection: close\r\n\r\n`,
    );
    await within(HANDLER_MS, path, closed);
    return parseAnswer(text());
  };
  expect((await named('/inspected.js')).status).toBe(404);
  expect((await named('/sw.js')).status).toBe(200);
});

test('IN2 a peer is this computer only by its address', async () => {
  const asks = (remoteAddress: string | undefined) =>
    createInspectionGuard({ require: () => ({ owner: 'owner', login: null }) } as never)({
      state: {},
      req: { headers: { host: '127.0.0.1:8787' }, socket: { remoteAddress } },
    } as unknown as Context);
  for (const own of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) expect(asks(own), own).toBe(true);
  for (const other of [
    '192.168.1.2',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    '1127.0.0.1',
    '::2',
    '',
    undefined,
  ])
    expect(asks(other), other).toBe(false);
  // And over a real socket, where this computer has another address.
  const [address] = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
  );
  if (!address) return;
  const url = `http://${address.address}:${new URL(locked.url).port}`;
  const request = `GET /inspected.js HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${PASSWORD}\r\n\r\n`;
  expect((await rawRequest(url, request)).status).toBe(404);
});

test('IN3 IN4 IN6 a run with a question is told in the order of causes, without a word of it, and steps again', async () => {
  const reader = await client.read('/inspect/events');
  const head: RecordingHead = JSON.parse((await reader.until(({ event }) => event === 'head')).data);
  expect(head).toMatchObject({ format: 'weir-recording', source: 'server', n: 0 });
  const session_id = await client.session({ title: 'Grandmother’s recipe' });
  const run = await client.read(`/api/sessions/${session_id}/events`);
  const stream_id = await client.start(
    session_id,
    'tokens=20 rate=200 ask="Salted caramel?|Postgres|SQLite"',
  );
  const asked = await run.until(
    ({ event, data }) => event === 'clarify' && JSON.parse(data).pending !== null,
  );
  const { clarify_id } = JSON.parse(asked.data).pending;
  await client.post('/api/clarify/respond', { session_id, clarify_id, response: 'Postgres' });
  await run.until(({ event }) => event === 'stream_end');
  const actor = `stream:${stream_id}`;
  const over = ({ data }: { data: string }) => data.includes(`"actor":"${actor}","why":"done"`);
  await within(HANDLER_MS, 'the end is told', reader.until(over));
  const entries = entriesOf(reader);
  expect(entries.map(({ n }) => n)).toEqual(entries.map((_, at) => at + 1));

  // What the machine went through, and what it asked for.
  const steps = entries.filter((entry) => entry.kind === 'step' && entry.actor === actor);
  const states = steps.map((entry) => 'state' in entry && entry.state);
  expect([...new Set(states)]).toEqual(
    [
      'active.starting',
      'active.running',
      'active.waiting',
      'draining.closing',
      'draining.stopping',
      'draining.describing',
      'draining.settling',
      'settled',
    ].filter((state) => states.includes(state)),
  );
  expect(states).toContain('active.waiting');
  const commands = entries.flatMap((entry) =>
    entry.kind === 'command' && entry.actor === actor ? [entry.command.type] : [],
  );
  expect(commands.slice(0, 2)).toEqual(['write.started', 'call.agent']);
  expect(commands.at(-1)).toBe('write.settle');
  // Who sent what: the stream's own step tells the session's queues.
  const told = entries.find((entry) => entry.kind === 'event' && entry.event.type === 'stream.ending');
  expect(told).toMatchObject({ actor: `clarify:${session_id}`, from: actor });
  expect(new Set(entries.map((entry) => ('machine' in entry ? entry.machine : 'board')))).toEqual(
    new Set(['board', 'session', 'stream', 'prompt-queue']),
  );

  // IN4
  const raw = reader.events.map(({ data }) => data).join('\n');
  for (const word of ['Grandmother', 'caramel', 'Postgres', 'SQLite', 'tokens=20'])
    expect(raw).not.toContain(word);
  expect(raw).toContain('‹15 chars›');

  const recording = await client.get('/inspect/recording');
  expect(recording.headers.get('content-disposition')).toMatch(/attachment; filename="weir-\d{14}\.jsonl"/);
  const again = replay(readRecording(recording.body));
  expect(again.differences).toEqual([]);
  expect(again.steps).toBeGreaterThan(20);
  reader.close();
  run.close();
});

test('IN3 a reader goes on from its cursor; from another start of the server it begins at the beginning', async () => {
  const first = await client.read('/inspect/events');
  const { id = '' } = await first.until(({ event }) => event === 'entries');
  first.close();
  await client.session();
  const next = await client.read('/inspect/events', { 'last-event-id': id });
  await within(
    HANDLER_MS,
    'what comes after',
    next.until(({ event }) => event === 'entries'),
  );
  expect(next.events[0]).toMatchObject({ event: 'entries' });
  expect(entriesOf(next)[0]!.n).toBe(Number(id.split(':')[1]) + 1);
  next.close();
  for (const foreign of ['b_other:3', `${id}0000`, 'nonsense', '']) {
    const reader = await client.read('/inspect/events', { 'last-event-id': foreign });
    expect((await reader.until(() => true)).event).toBe('head');
    reader.close();
  }
});

test('IN4 IN5 IN7 a tab tells of its machines, is believed nothing, and is known until it is silent', async () => {
  const at = Date.now();
  const entries = [
    {
      kind: 'actor',
      at,
      actor: 'line',
      machine: 'line',
      parent: null,
      input: { seed: 1, at },
      state: 'connecting',
      context: { why: 'my own words' },
    },
    { kind: 'event', at, actor: 'line', from: 'line', event: { type: 'source.opened', text: 'secret' } },
    { kind: 'step', at, actor: 'line', state: 'open', context: { message: 'secret' }, status: 'active' },
    { kind: 'event', at, actor: 'nobody', from: null, event: { type: 'x' } },
  ];
  expect((await client.post('/inspect/entries', { tab: 't_1', entries })).body).toEqual({ known: false });
  expect((await client.post('/inspect/entries', { tab: 't_1', entries: [] })).body).toEqual({ known: true });
  const { body } = await client.get('/inspect/recording');
  const own = readRecording(body).entries.filter(({ actor }) => actor.startsWith('t_1/'));
  expect(own).toMatchObject([
    { kind: 'actor', actor: 't_1/line', context: { why: '‹12 chars›' } },
    { kind: 'event', from: 't_1/line', event: { type: 'source.opened', text: '‹6 chars›' } },
    { kind: 'step', event_n: own[1]!.n, context: { message: '‹6 chars›' } },
  ]);
  for (const wrong of [
    {},
    { tab: '../x', entries: [] },
    { tab: 't_1', entries: [{ kind: 'record' }] },
    { tab: 't_1', entries: Array.from({ length: 1_001 }, () => entries[1]) },
  ])
    expect((await client.post('/inspect/entries', wrong)).status).toBe(400);
});

test('IN7 the page of a server that inspects begins with the script that tells of its machines', async () => {
  const { body } = await client.get('/');
  expect(body.indexOf('src="/inspected.js"')).toBeGreaterThan(0);
  expect(body.indexOf('src="/inspected.js"')).toBeLessThan(body.indexOf('type="module"'));
  expect((await client.get('/inspected.js')).body).toContain('weirInspect');
});

test('IN2 IN4 the official viewer is told where it was asked for, under the same guards, without a word of anybody', async () => {
  const stately = await startTestServer({ inspect: 'stately' });
  try {
    for (const path of ['/inspect/stately', '/inspect/stately/events']) {
      await isUnknown(on.url, path);
      await isUnknown(stately.url, path, 'X-Forwarded-For: 192.0.2.1');
    }
    const other = createClient(stately.url);
    const page = await other.get('/inspect/stately');
    expect(page.body).toContain('<iframe title="Stately inspector" src="https://stately.ai/inspect">');
    expect(page.headers.get('content-security-policy')).toContain('frame-src https://stately.ai;');
    expect((await other.get('/')).headers.get('content-security-policy')).not.toContain('stately');

    const session_id = await other.session({ title: 'Grandmother’s recipe' });
    const stream_id = await other.start(session_id, 'tokens=3 fail=overloaded@2');
    await (await other.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
    // One who comes when it is over is told what happened.
    const viewer = await other.read('/inspect/stately/events');
    const isEnd = ({ data }: { data: string }) =>
      data.includes('"settle.committed"') && data.includes('"snapshot"');
    const { data } = await within(HANDLER_MS, 'the end', viewer.until(isEnd));
    expect(JSON.parse(data)).toMatchObject({
      type: '@xstate.snapshot',
      snapshot: { value: 'settled', status: 'done' },
    });
    const all = viewer.events.map((each) => JSON.parse(each.data));
    expect(all).toContainEqual(
      expect.objectContaining({
        type: '@xstate.actor',
        name: `session:${session_id}`,
        definition: expect.any(String),
      }),
    );
    const raw = JSON.stringify(all);
    for (const word of ['Grandmother', 'tokens=3']) expect(raw).not.toContain(word);
    expect(raw).toContain('chars›');
    viewer.close();
  } finally {
    await stately.close();
  }
});
