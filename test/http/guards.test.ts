// Who may speak to us: Host, Origin, Sec-Fetch-Site; and what a browser is told about the page.
import { beforeAll, expect, test } from 'vitest';
import { HANDLER_MS, type RawAnswer, rawRequest, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served({ allowed_hosts: ['weir.example', 'other.example:9000'] });
const { client } = weir;
let host: string;
beforeAll(async () => {
  host = new URL(weir.url).host;
});

const ask = (method: string, path: string, lines: string[], body = ''): Promise<RawAnswer> => {
  const length = body ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
  const head = [`${method} ${path} HTTP/1.1`, ...lines, ...length].join('\r\n');
  return within(HANDLER_MS, `${method} ${path}`, rawRequest(weir.url, `${head}\r\n\r\n${body}`));
};
const codeOf = ({ status, body }: RawAnswer) => [status, status < 400 ? '' : JSON.parse(body).code];
const FORBIDDEN = [403, 'forbidden'];

test('wire §6 a Host that is not on the list is 403: DNS rebinding', async () => {
  const port = host.split(':')[1];
  for (const foreign of [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `localhost.evil.example`,
    `evil.example#127.0.0.1:${port}`,
    `evil.example@127.0.0.1:${port}`,
    `127.0.0.1:${port}/../evil.example`,
    '169.254.169.254',
    'other.example:9001',
    '',
  ])
    for (const path of ['/health', '/', '/api/sessions'])
      expect(codeOf(await ask('GET', path, [`Host: ${foreign}`])), foreign).toEqual(FORBIDDEN);
});

test('wire §6 loopback names and the configured ones are answered to, whatever their case', async () => {
  for (const own of [
    host,
    'localhost',
    'LOCALHOST:80',
    '[::1]:80',
    'weir.example',
    'Weir.Example:443',
    'other.example:9000',
  ])
    expect((await ask('GET', '/health', [`Host: ${own}`])).status, own).toBe(200);
});

test('wire §6 no Host, or two, is refused', async () => {
  expect((await ask('GET', '/health', [])).status).toBe(400);
  expect(
    (await ask('GET', '/health', [`Host: ${host}`, 'Host: evil.example'])).status,
  ).toBeGreaterThanOrEqual(400);
});

const JSON_TYPE = 'Content-Type: application/json';

test('wire §6 another origin changes nothing and reads nothing, a sandboxed one neither', async () => {
  for (const origin of [
    'http://evil.example',
    'null',
    'https://localhost',
    `http://${host}.evil.example`,
    'file://',
  ]) {
    const lines = [`Host: ${host}`, `Origin: ${origin}`];
    expect(codeOf(await ask('POST', '/api/sessions', [...lines, JSON_TYPE], '{}')), origin).toEqual(
      FORBIDDEN,
    );
    expect(codeOf(await ask('GET', '/api/sessions', lines)), origin).toEqual(FORBIDDEN);
    expect(codeOf(await ask('GET', '/api/sessions/x/events', lines)), origin).toEqual(FORBIDDEN);
  }
  const { body } = await client.get('/api/sessions');
  expect(body.sessions).toEqual([]);
});

test('wire §6 our own origin may, and one without Origin that a browser calls same-origin', async () => {
  for (const line of [`Origin: http://${host}`, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: none'])
    expect((await ask('GET', '/api/sessions', [`Host: ${host}`, line])).status, line).toBe(200);
});

test('wire §6 what a browser calls cross-site or same-site is refused, a link to the page excepted', async () => {
  for (const site of ['cross-site', 'same-site', 'nonsense']) {
    const lines = [`Host: ${host}`, `Sec-Fetch-Site: ${site}`];
    expect(codeOf(await ask('GET', '/api/sessions', lines)), site).toEqual(FORBIDDEN);
    const navigating = [...lines, 'Sec-Fetch-Mode: navigate'];
    expect(codeOf(await ask('GET', '/api/sessions', navigating)), site).toEqual(FORBIDDEN);
    expect(codeOf(await ask('POST', '/', navigating)), site).toEqual(FORBIDDEN);
    expect((await ask('GET', '/', navigating)).status, site).not.toBe(403);
  }
});

test('wire §6 a cross-site form post, of any type that needs no preflight, creates nothing', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const lines = [`Host: ${host}`, `Content-Type: ${type}`];
    for (const from of [['Origin: http://evil.example'], ['Sec-Fetch-Site: cross-site'], ['Origin: null']]) {
      expect(codeOf(await ask('POST', '/api/sessions', [...lines, ...from], '{}'))).toEqual(FORBIDDEN);
      expect(
        codeOf(await ask('POST', '/api/sessions/import', [...lines, ...from], '{"messages":[]}')),
      ).toEqual(FORBIDDEN);
      expect(codeOf(await ask('POST', '/api/logout', [...lines, ...from]))).toEqual(FORBIDDEN);
    }
  }
  expect((await client.get('/api/sessions')).body.sessions).toEqual([]);
});

test('wire §6 no CORS: no answer allows another origin, and a preflight is refused', async () => {
  const lines = [`Host: ${host}`, 'Origin: http://evil.example', 'Access-Control-Request-Method: POST'];
  const preflight = await ask('OPTIONS', '/api/sessions', lines);
  expect(preflight.status).toBeGreaterThanOrEqual(400);
  const own = await ask('GET', '/api/sessions', [`Host: ${host}`, `Origin: http://${host}`]);
  for (const { headers } of [preflight, own])
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('wire §6 every answer carries the policy of the page, and is not stored', async () => {
  for (const path of ['/api/sessions', '/health', '/nowhere', '/']) {
    const { headers } = await client.get(path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("img-src 'self' data:");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toMatch(path === '/' ? /no-cache|no-store/ : /no-store/);
  }
});

test('wire §4 what is no route is 404 in JSON, whatever its method, case or slash', async () => {
  for (const [method, path] of [
    ['GET', '/api/nothing'],
    ['GET', '/API/sessions'],
    ['GET', '/api/sessions/'],
    ['GET', '/metrics/'],
    ['GET', '/METRICS'],
    ['PUT', '/api/sessions'],
    ['DELETE', '/api/sessions'],
    ['POST', '/health'],
    ['HEAD', '/api/sessions'],
    ['GET', '/api/%73essions'],
    ['GET', '/api//sessions'],
    ['GET', '/nonsense'],
  ] as const) {
    const { status, headers } = await client.request(method, path);
    expect([status, headers.get('content-type')?.split(';')[0]], `${method} ${path}`).toEqual([
      404,
      'application/json',
    ]);
  }
});

test('wire §5 no path leads out of the folder of the page', async () => {
  for (const path of [
    '/../package.json',
    '/assets/../../../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '/.git/config',
    '//etc/passwd',
    '/s/../../package.json',
  ]) {
    const answer = await ask('GET', path, [`Host: ${host}`]);
    expect(answer.body, path).not.toMatch(/"name": ?"weir"|root:|\[core\]/);
  }
});
