// What browsers do to pages: storage that takes nothing, a page that comes back from the back-forward cache.
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { activeStream, counted, said, saidAtLeast, send, settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

it('lesson 95 a browser whose storage is full or blocked sends, shows and keeps on', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await person.addInitScript(() => {
    const refuse = (): never => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    Object.assign(Storage.prototype, { setItem: refuse, getItem: refuse, removeItem: refuse });
  });
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=40 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(40));
  await page.reload();
  await settled(page, 'completed');
});

it('lesson 84 a page that comes back from the back-forward cache opens its line anew, and doubles nothing', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  let lines = 0;
  page.on('request', (request) => {
    if (/\/api\/live\?/.test(request.url())) lines += 1;
  });
  await send(page, 'tokens=200 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 20);
  const before = lines;
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await eventually(
    () => lines,
    (opened) => opened > before,
  );
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(200));
});
