// What a browser is told of an address that leads nowhere, and a program of the same one.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import Koa from 'koa';
import { expect, onTestFinished, test } from 'vitest';
import { createPage } from '../../src/http/page.ts';

const FOLDER = fileURLToPath(new URL('../../src/ui/public', import.meta.url));
const BROWSER = 'text/html,application/xhtml+xml,*/*;q=0.8';

async function startPage(): Promise<string> {
  const app = new Koa();
  const page = createPage(FOLDER);
  app.use(async (ctx) => void (await page(ctx)));
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('wire §4 a browser at an address that leads nowhere gets words and a way back, a program does not', async () => {
  const url = await startPage();
  const get = async (path: string, accept: string) => {
    const answer = await fetch(url + path, { headers: { accept } });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  for (const path of ['/nonsense', '/sessions/', '/s', '/a%20b', '/nothing.txt']) {
    const { status, type, text } = await get(path, BROWSER);
    expect([status, type], path).toEqual([404, 'text/html; charset=utf-8']);
    expect(text).toContain('href="/"');
    expect((await get(path, '*/*')).text).not.toContain('<');
  }
  for (const path of ['/api/nothing', '/API', '//api/sessions', '/metrics/'])
    expect((await get(path, BROWSER)).text).not.toContain('<');
  expect((await get('/nothing.css', BROWSER)).status).toBe(200);
});
