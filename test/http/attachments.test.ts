// Attachments over the wire: what is taken, what is refused, where they turn up, and that they are there after a restart.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ATTACHMENT_BYTES_MAX, ATTACHMENTS_MAX, UPLOADS_AT_ONCE_MAX } from '../../src/protocol/index.ts';
import { type Client, createClient } from '../support/client.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { startTestServer, type TestServer, temporaryFolder } from '../support/server.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
const GOOD_UPLOADS: [string, Buffer | string][] = [
  ['image/png', PNG],
  ['image/jpeg', Buffer.from('ffd8ffe0', 'hex')],
  ['image/gif', 'GIF89a…'],
  ['image/webp', Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WEBPVP8 ')])],
  ['text/markdown; charset=utf-8', '# Reiher 🪶'],
  ['application/json', '{"a":1}'],
];

let folder: string;
let weir: TestServer;
let client: Client;
beforeAll(async () => {
  folder = await temporaryFolder();
  weir = await startTestServer({ data: folder });
  client = createClient(weir.url);
});
afterAll(async () => {
  await weir.close();
  await rm(folder, { recursive: true, force: true });
});

const upload = async (type: string, body: BodyInit, name?: string) => {
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
  const headers = { 'content-type': type };
  const response = await fetch(`${weir.url}/api/attachments${query}`, { method: 'POST', headers, body });
  return { status: response.status, body: await response.json() };
};
const download = (id: string) => fetch(`${weir.url}/api/attachments/${id}`);
const messagesOf = async (session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session.messages;
const settled = async (stream_id: string) =>
  (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;

describe('what is taken', () => {
  test.for(GOOD_UPLOADS)('wire §4 %s is taken, and given back byte for byte', async ([type, bytes]) => {
    const { status, body } = await upload(type, bytes as BodyInit, 'a "file" ü.bin');
    expect(status).toBe(201);
    expect(body).toEqual({
      attachment_id: expect.stringMatching(/^a_/),
      name: 'a "file" ü.bin',
      type: type.split(';')[0],
      bytes: Buffer.byteLength(bytes),
    });
    const back = await download(body.attachment_id);
    expect(Buffer.from(await back.arrayBuffer())).toEqual(Buffer.from(bytes as string));
    expect(back.headers.get('content-security-policy')).toContain('sandbox');
    expect(back.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('wire §4 what a browser would run is given back as plain text, as a file', async () => {
    const { body } = await upload('text/html', '<script>alert(1)</script>');
    const back = await download(body.attachment_id);
    expect(back.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(back.headers.get('content-disposition')).toMatch(/^attachment/);
  });
});

describe('what is refused', () => {
  test.for([
    ['an image that is none', 'image/png', 'no png', undefined, [415, undefined]],
    ['an SVG, which can hold a script', 'image/svg+xml', '<svg/>', undefined, [415, undefined]],
    ['text that is not UTF-8', 'text/plain', Buffer.from('ff00', 'hex'), undefined, [415, undefined]],
    ['nothing', 'text/plain', '', undefined, [400, 'body']],
    ['a path for a name', 'text/plain', 'x', '../x', [400, 'name']],
    ['a name with a line break', 'text/plain', 'x', 'a\nb', [400, 'name']],
    ['a name without an end', 'text/plain', 'x', 'x'.repeat(201), [400, 'name']],
  ] as const)('wire §4 %s', async ([, type, bytes, name, expected]) => {
    const { status, body } = await upload(type, bytes as BodyInit, name);
    expect([status, body.field]).toEqual(expected);
  });

  test('wire §4 more than the bound is too large, and says how much is taken', async () => {
    const { status, body } = await upload('text/plain', Buffer.alloc(ATTACHMENT_BYTES_MAX + 1, 'x'));
    expect([status, body.bytes_max]).toEqual([413, ATTACHMENT_BYTES_MAX]);
  });

  test('wire §4 a message names attachments that are there, each once, and not too many', async () => {
    const session_id = await client.session();
    const { attachment_id } = (await upload('image/png', PNG)).body;
    const start = async (attachments: string[]) => {
      const { status, body } = await client.post('/api/chat/start', {
        session_id,
        message: 'tokens=1',
        attachments,
      });
      return [status, body.field];
    };
    const many = Array.from({ length: ATTACHMENTS_MAX + 1 }, (_, at) => `a_${at}`);
    for (const bad of [['a_none'], [attachment_id, attachment_id], many, ['a/b']])
      expect(await start(bad), String(bad)).toEqual([400, expect.stringMatching(/^attachments/)]);
    expect(await messagesOf(session_id)).toEqual([]);
    expect((await download('a_none')).status).toBe(404);
  });
});

test('P10 of many uploads at once only a few are taken in, and who leaves while waiting keeps nobody out', async () => {
  const taken = vi.spyOn(weir.server.parts.sessions.attachments, 'add');
  const isTaken = (text: string) => text.includes('HTTP/1.1 201');
  /** One that the server has seen, and that is `said` as far as it goes. */
  const begin = async (bytes: number, said: string) => {
    const more = ['Content-Type: text/plain', `Content-Length: ${bytes}`, 'Expect: 100-continue'];
    const connection = openRaw(weir.url, headOf(weir.url, 'POST', '/api/attachments', ...more));
    await connection.until((text) => text.startsWith('HTTP/1.1 100'));
    connection.socket.write(said);
    return connection;
  };
  const slow = await Promise.all(Array.from({ length: UPLOADS_AT_ONCE_MAX }, () => begin(9, 'half')));
  const leaver = await begin(4, 'left');
  const patient = await begin(4, 'kept');
  leaver.socket.destroy();
  for (const _ of slow) await client.get('/api/storage');
  expect(taken).not.toHaveBeenCalled();
  slow[0]!.socket.destroy();
  await within(HANDLER_MS, 'a place', patient.until(isTaken));
  const others = slow.slice(1);
  for (const each of others) each.socket.write('again');
  await within(HANDLER_MS, 'the others', Promise.all(others.map((each) => each.until(isTaken))));
  expect(taken).toHaveBeenCalledTimes(UPLOADS_AT_ONCE_MAX);
  for (const each of [...others, patient]) each.socket.destroy();
});

test('wire §4 SE5 attachments are part of their message: in the transcript, the feed, the queue, a retry, a fork, after a restart', async () => {
  const session_id = await client.session();
  const about = (await upload('image/png', PNG, 'plan.png')).body;
  const { attachment_id } = about;
  const body = { session_id, attachments: [attachment_id] };
  const first = await client.post('/api/chat/start', {
    ...body,
    message: 'tokens=1 stall=60@1',
    client_message_id: 'c1',
  });
  expect(first.status).toBe(200);
  const again = { session_id, message: 'tokens=1 stall=60@1', client_message_id: 'c1' };
  expect((await client.post('/api/chat/start', { ...again, attachments: [attachment_id] })).body).toEqual(
    first.body,
  );
  expect((await client.post('/api/chat/start', again)).status).toBe(400);

  await client.post('/api/chat/start', { ...body, message: 'tokens=2', on_busy: 'queue' });
  const { queue } = (await client.get(`/api/sessions/${session_id}/queue`)).body;
  expect(queue[0].attachments).toEqual([about]);
  await client.post('/api/chat/cancel', { stream_id: first.body.stream_id });
  await settled(first.body.stream_id);
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  const asked = await feed.until(({ event, data }) => event === 'user_message' && data.includes('tokens=2'));
  expect(JSON.parse(asked.data).attachments).toEqual([about]);
  await settled(JSON.parse(asked.data).stream_id);
  feed.close();

  const retried = await client.post('/api/chat/retry', { session_id });
  await settled(retried.body.stream_id);
  const part = { type: 'attachment', attachment_id, name: 'plan.png', media_type: 'image/png', bytes: 10 };
  const asks = (await messagesOf(session_id)).filter(({ role }: { role: string }) => role === 'user');
  for (const { parts } of asks) expect(parts.at(-1)).toEqual(part);
  const upto_message_id = asks[0].message_id;
  const fork = await client.post(`/api/sessions/${session_id}/fork`, { upto_message_id });
  expect((await messagesOf(fork.body.session.session_id))[0].parts.at(-1)).toEqual(part);

  await weir.close();
  weir = await startTestServer({ data: folder });
  client = createClient(weir.url);
  expect((await messagesOf(session_id))[0].parts.at(-1)).toEqual(part);
  expect((await download(attachment_id)).status).toBe(200);
});

test('lesson 40 the file of a deleted session goes with it, unless another message has the same', async () => {
  const two = await Promise.all([client.session(), client.session()]);
  const name = async (session_id: string) => {
    const { attachment_id } = (await upload('text/plain', 'the same bytes')).body;
    const stream_id = await client.start(session_id, 'tokens=1', { attachments: [attachment_id] });
    await settled(stream_id);
    return attachment_id as string;
  };
  const [first, second] = [await name(two[0]!), await name(two[1]!)];
  const size = async () => (await client.get('/api/storage')).body.attachment_bytes;
  const before = await size();
  await client.request('DELETE', `/api/sessions/${two[0]}`);
  expect([(await download(first)).status, (await download(second)).status]).toEqual([404, 200]);
  await client.request('DELETE', `/api/sessions/${two[1]}`);
  expect((await download(second)).status).toBe(404);
  expect(before - (await size())).toBe('the same bytes'.length);
});
