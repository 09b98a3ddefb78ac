// Bodies: too large, too slow, of the wrong type, cut off, smuggled. Every answer can be read.
import { expect, test } from 'vitest';
import { BODY_BYTES_MAX, BODY_BYTES_PER_SECOND_MIN } from '../../src/protocol/index.ts';
import { createClient } from '../support/client.ts';
import {
  HANDLER_MS,
  headOf,
  openRaw,
  parseAnswer,
  type RawAnswer,
  rawRequest,
  within,
} from '../support/raw.ts';
import { served } from '../support/served.ts';

const SILENT_MS = 500;
const weir = served();
const { client } = weir;
/** The same with little patience. */
const hasty = served({}, { pace: { silent_ms: SILENT_MS } });

const post = (path: string, body: string, ...lines: string[]) =>
  headOf(weir.url, 'POST', path, `Content-Length: ${Buffer.byteLength(body)}`, ...lines) + body;
const JSON_TYPE = 'Content-Type: application/json';
const answerOf = async (bytes: string | Buffer): Promise<RawAnswer & { code?: string }> => {
  const answer = await within(HANDLER_MS, 'the answer', rawRequest(weir.url, bytes));
  return { ...answer, code: JSON.parse(answer.body || '{}').code };
};
const MEGABYTE = 1024 * 1024;

test('wire §4 50 MB are answered with a 413 that can be read, sent whole', async () => {
  const { status, body } = await client.request(
    'POST',
    '/api/sessions',
    `{"title":"${'x'.repeat(50 * MEGABYTE)}"}`,
  );
  expect([status, body.code, body.bytes_max]).toEqual([413, 'too_large', BODY_BYTES_MAX]);
});

test('wire §4 a 413 is answered from Content-Length, before a byte of the body came', async () => {
  const raw = openRaw(
    weir.url,
    headOf(weir.url, 'POST', '/api/sessions', JSON_TYPE, `Content-Length: ${50 * MEGABYTE}`),
  );
  const text = await within(
    HANDLER_MS,
    'the 413',
    raw.until((now) => now.includes('too_large')),
  );
  expect(parseAnswer(text).status).toBe(413);
  raw.socket.destroy();
});

test('wire §4 a body without a length is a 413 as soon as it is too large, and the rest is drained', async () => {
  const head = headOf(weir.url, 'POST', '/api/sessions', JSON_TYPE, 'Transfer-Encoding: chunked');
  const raw = openRaw(weir.url, head);
  const chunk = Buffer.alloc(MEGABYTE, 'x');
  for (let at = 0; at < 8; at += 1) {
    raw.socket.write(`${chunk.length.toString(16)}\r\n`);
    raw.socket.write(chunk);
    raw.socket.write('\r\n');
  }
  const text = await within(
    HANDLER_MS,
    'the 413',
    raw.until((now) => now.includes('too_large')),
  );
  expect(parseAnswer(text).status).toBe(413);
  // The connection is whole: the next request on it is answered.
  raw.socket.write(`0\r\n\r\n${headOf(weir.url, 'GET', '/health')}`);
  await within(
    HANDLER_MS,
    'the next answer',
    raw.until((now) => now.includes('"ok":true')),
  );
  raw.socket.destroy();
});

test('wire §4 a refusal of a small body leaves the connection whole', async () => {
  const raw = openRaw(weir.url, post('/api/sessions', 'x'.repeat(100_000), 'Content-Type: text/plain'));
  raw.socket.write(headOf(weir.url, 'GET', '/health'));
  const text = await within(
    HANDLER_MS,
    'both answers',
    raw.until((now) => now.includes('"ok":true')),
  );
  expect(text).toContain('unsupported_media_type');
  raw.socket.destroy();
});

test('wire §6 more than 1 MiB is refused before it is parsed; 1 MiB is parsed', async () => {
  const path = '/api/sessions';
  const exact = `{"surprise":"${'x'.repeat(BODY_BYTES_MAX - 15)}"}`;
  expect((await client.request('POST', path, exact)).body).toMatchObject({
    code: 'bad_request',
    field: 'surprise',
  });
  expect((await client.request('POST', path, `${exact} `)).status).toBe(413);
});

test('wire §4 a body of another type is 415, its charset aside', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    '',
  ])
    expect((await answerOf(post('/api/sessions', '{}', `Content-Type: ${type}`))).code, type).toBe(
      'unsupported_media_type',
    );
  expect((await answerOf(post('/api/sessions', '{}'))).status).toBe(415);
  expect(
    (await answerOf(post('/api/sessions', '{}', 'Content-Type: Application/JSON; charset=utf-8'))).status,
  ).toBe(201);
});

test('wire §4 no body, an empty one, white space and half a value are 400', async () => {
  for (const bytes of [
    headOf(weir.url, 'POST', '/api/sessions', JSON_TYPE),
    post('/api/sessions', '', JSON_TYPE),
    post('/api/sessions', '  \n', JSON_TYPE),
    post('/api/sessions', '{"title":', JSON_TYPE),
    post('/api/sessions', '"text"', JSON_TYPE),
    post('/api/sessions', '[]', JSON_TYPE),
    post('/api/sessions', 'null', JSON_TYPE),
  ])
    expect((await answerOf(bytes)).code).toBe('bad_request');
});

test('wire §5 bytes that are no UTF-8 are refused, not replaced', async () => {
  const body = Buffer.concat([
    Buffer.from('{"title":"'),
    Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
    Buffer.from('"}'),
  ]);
  const head = headOf(weir.url, 'POST', '/api/sessions', JSON_TYPE, `Content-Length: ${body.length}`);
  expect((await answerOf(Buffer.concat([Buffer.from(head), body]))).code).toBe('bad_request');
});

test('wire §5 million-deep JSON, a key twice and 1e400 are 400, and quick', async () => {
  const deep = '['.repeat(500_000);
  for (const body of [deep, `${deep}${']'.repeat(500_000)}`, '{"title":"a","title":"b"}', '{"title":1e400}'])
    expect((await answerOf(post('/api/sessions', body, JSON_TYPE))).code).toBe('bad_request');
});

test('wire §5 a body that comes too slowly is ended in words, and nothing was made of it', async () => {
  const slow = openRaw(
    hasty.url,
    headOf(hasty.url, 'POST', '/api/sessions', JSON_TYPE, 'Content-Length: 30'),
  );
  slow.socket.write('{"title":"slow');
  const text = await within(
    4 * SILENT_MS,
    'the end of patience',
    slow.until((now) => now.includes('\r\n\r\n{')),
  );
  expect(parseAnswer(text)).toMatchObject({ status: 408, body: expect.stringContaining('"too_slow"') });
  await within(HANDLER_MS, 'the hang-up', slow.closed);
  const { body } = await createClient(hasty.url).get('/api/sessions');
  expect(body.sessions.filter((session: { title: string }) => session.title.startsWith('slow'))).toEqual([]);
});

test('wire §4 an upload may take its time as long as something comes, and is given up when nothing does', async () => {
  // So large that its size gives it seconds more.
  const bytes = 4 * BODY_BYTES_PER_SECOND_MIN;
  const head = headOf(
    hasty.url,
    'POST',
    '/api/attachments',
    'Content-Type: text/plain',
    `Content-Length: ${bytes}`,
  );
  const [steady, silent] = [openRaw(hasty.url, head), openRaw(hasty.url, head)];
  silent.socket.write('x');
  const before = performance.now();
  let sent = 0;
  for (; performance.now() - before < 2.5 * SILENT_MS && sent < bytes - 1; sent += 1) {
    steady.socket.write('x');
    await createClient(hasty.url).get('/health');
  }
  expect(parseAnswer(silent.text()).status).toBe(408);
  await within(HANDLER_MS, 'the hang-up', silent.closed);
  steady.socket.write('x'.repeat(bytes - sent));
  const text = await within(
    HANDLER_MS,
    'the answer',
    steady.until((now) => now.includes(`"bytes":${bytes}`)),
  );
  expect(parseAnswer(text).status).toBe(201);
  steady.socket.destroy();
});

test('wire §5 a body that nobody reads comes to its end, or is hung up on', async () => {
  const answered = openRaw(hasty.url, `${headOf(hasty.url, 'GET', '/health', 'Content-Length: 9')}some`);
  await within(
    HANDLER_MS,
    'the answer',
    answered.until((now) => now.startsWith('HTTP/1.1 200')),
  );
  await within(4 * SILENT_MS, 'the end of patience', answered.closed);
  const refused = openRaw(hasty.url, `${headOf(hasty.url, 'POST', '/api/none', 'Content-Length: 9')}some`);
  await within(
    HANDLER_MS,
    'the refusal',
    refused.until((now) => now.startsWith('HTTP/1.1 404')),
  );
  await within(4 * SILENT_MS, 'the end of patience', refused.closed);
  const whole = openRaw(hasty.url, `${headOf(hasty.url, 'GET', '/health', 'Content-Length: 4')}some`);
  await within(
    HANDLER_MS,
    'the answer',
    whole.until((now) => now.startsWith('HTTP/1.1 200')),
  );
  whole.socket.destroy();
});

test('wire §5 headers that come too slowly are ended likewise', async () => {
  const slow = openRaw(hasty.url, 'GET /health HTTP/1.1\r\nX-Slow: ');
  await within(4 * SILENT_MS, 'the end of patience', slow.closed);
});

test('wire §5 a body that is cut off makes nothing', async () => {
  const cut = openRaw(hasty.url, headOf(hasty.url, 'POST', '/api/sessions', JSON_TYPE, 'Content-Length: 20'));
  cut.socket.end('{"title":"cut"');
  await within(4 * SILENT_MS, 'the hang-up', cut.closed);
  const { body } = await createClient(hasty.url).get('/api/sessions');
  expect(body.sessions.filter((session: { title: string }) => session.title === 'cut')).toEqual([]);
});

test('wire §5 smuggled requests are refused and the connection is given up', async () => {
  const inner = headOf(weir.url, 'DELETE', '/api/sessions/x');
  for (const lines of [
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding : chunked'],
    ['Content-Length: +5'],
    ['Content-Length: 0x5'],
  ]) {
    const raw = openRaw(
      weir.url,
      `${headOf(weir.url, 'POST', '/api/sessions', JSON_TYPE, ...lines)}0\r\n\r\n${inner}`,
    );
    await within(HANDLER_MS, `the hang-up on ${lines.join(', ')}`, raw.closed);
    const text = raw.text();
    expect(text.match(/^HTTP\/1\.1 /gm), lines.join()).toHaveLength(1);
    expect(parseAnswer(text).status).toBe(400);
  }
});

test('wire §5 oversized headers are 400 in words', async () => {
  for (const bytes of [
    headOf(weir.url, 'GET', '/health', `X-Large: ${'x'.repeat(20_000)}`),
    headOf(weir.url, 'GET', '/health', ...Array.from({ length: 3_000 }, (_, at) => `X-${at}: y`)),
    headOf(weir.url, 'GET', `/health?${'x'.repeat(20_000)}`),
  ])
    expect((await answerOf(bytes)).code).toBe('bad_request');
});
