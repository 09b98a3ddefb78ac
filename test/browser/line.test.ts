// The page's connection: lost, hidden, offline, ended by the server. It comes back from its cursor, says what it says, and
// no letter is lost or doubled.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createClient } from '../support/client.ts';
import { becomes } from '../support/eventually.ts';
import { startTestServer } from '../support/server.ts';
import { chronicleOf, keepChronicle } from './chronicle.ts';
import { activeStream, counted, notice, said, saidAtLeast, send, settled, tryNow } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

const lost = (page: Page) => notice(page).filter({ hasText: 'What happens meanwhile is picked up.' });
const back = (page: Page) =>
  notice(page).filter({
    hasText: /Picked the stream back up · (\d+ events?, none missing|nothing was missed)/,
  });

/** Feeds that the page opened so far. */
function countFeeds(page: Page): () => number {
  let feeds = 0;
  page.on('request', (request) => {
    if (/\/api\/(sessions\/[^/]+\/events|live)\?/.test(request.url())) feeds += 1;
  });
  return () => feeds;
}

/** Headless Chromium hides no tab: the two things that a page can ask are answered for it, and it is told. */
const hide = (page: Page, hidden: boolean) =>
  page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (isHidden ? 'hidden' : 'visible'),
    });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);

it.concurrent('AT6 offline in the middle: the text stays, and what was missed comes once', async () => {
  const session_id = await visit.client.session();
  const { person, gate } = await visit.traveller();
  await keepChronicle(person);
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=250 rate=60');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 20);
  await person.setOffline(true);
  gate.shut();
  await notice(page).filter({ hasText: 'Offline. What happens meanwhile is picked up.' }).waitFor();
  expect(await notice(page).getAttribute('data-line-state')).toBe('suspended');
  const before = await said(page, stream_id);
  expect(before).toBe(counted(before.split(' ').length));
  gate.open();
  await person.setOffline(false);
  await back(page).waitFor();
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(250));
  expect((await chronicleOf(page)).answers[stream_id]).toMatchObject({ shrank: [], gone: 0 });
});

it.concurrent('AT6 a network that breaks again and again loses and doubles nothing', async () => {
  const session_id = await visit.client.session();
  const { person, gate } = await visit.traveller();
  await keepChronicle(person);
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=400 rate=80');
  const stream_id = await activeStream(visit.client, session_id);
  for (const upTo of [20, 80, 140]) {
    await saidAtLeast(page, stream_id, upTo);
    gate.shut();
    await lost(page).waitFor();
    gate.open();
    await tryNow(page);
    await back(page).waitFor();
  }
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(400));
  expect((await chronicleOf(page)).answers[stream_id]).toMatchObject({ shrank: [], gone: 0 });
});

it.concurrent('AT6 a run that ends while the network is away is there, settled, when it is back', async () => {
  const session_id = await visit.client.session();
  const { person, gate } = await visit.traveller();
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=60 rate=60');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 5);
  gate.shut();
  await lost(page).waitFor();
  await becomes(
    async () => (await visit.client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body.state,
    'settled',
  );
  // A run that the page can't see is not called over.
  expect(await page.locator('main header [data-run-state="settled"]').count()).toBe(0);
  gate.open();
  // By itself, up the ladder.
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(60));
});

it.concurrent('AT6 a hidden tab does not spend its ladder; seen again, it is back at once', async () => {
  const session_id = await visit.client.session();
  const { person, gate } = await visit.traveller();
  const page = await visit.tab(session_id, person);
  const feeds = countFeeds(page);
  await send(page, 'tokens=400 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 10);
  await hide(page, true);
  gate.shut();
  await becomes(() => notice(page).getAttribute('data-line-state'), 'suspended');
  gate.open();
  const tries = feeds();
  // The run goes on unseen for longer than the ladder's first two steps.
  await becomes(
    async () => (await visit.client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body.state,
    'settled',
  );
  expect(feeds()).toBe(tries);
  await hide(page, false);
  await back(page).waitFor();
  await settled(page, 'completed');
  expect(feeds()).toBe(tries + 1);
  expect(await said(page, stream_id)).toBe(counted(400));
});

it.concurrent('LN1 a hidden tab with a healthy line keeps it, and its text goes on', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=400 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  // By then the board is on the line, too, by a source of its own.
  await saidAtLeast(page, stream_id, 150);
  const feeds = countFeeds(page);
  await hide(page, true);
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(400));
  await hide(page, false);
  expect(feeds()).toBe(0);
  expect(await notice(page).count()).toBe(0);
});

it.concurrent('AT10 a server that ends its lines now and then is reattached at once, without a word', async () => {
  const server = await startTestServer({ stream_max_seconds: 2, heartbeat_ms: 200 });
  try {
    const client = createClient(server.url);
    const session_id = await client.session();
    const person = await visit.person({ baseURL: server.url });
    await keepChronicle(person);
    const page = await visit.tab(session_id, person);
    const feeds = countFeeds(page);
    await send(page, 'tokens=320 rate=70');
    const stream_id = await activeStream(client, session_id);
    await settled(page, 'completed');
    expect(feeds()).toBeGreaterThanOrEqual(2);
    expect(await said(page, stream_id)).toBe(counted(320));
    expect((await chronicleOf(page)).answers[stream_id]).toMatchObject({ shrank: [], gone: 0 });
    expect(await lost(page).count()).toBe(0);
  } finally {
    await server.close();
  }
});

it.concurrent('ui who has to log in is told so in a person’s words, and of no connection that was lost', async () => {
  const server = await startTestServer({ password: 'right' });
  try {
    const page = await (await visit.person({ baseURL: server.url })).newPage();
    await page.goto('/');
    const dialog = page.getByRole('dialog', { name: 'This server asks for a password' });
    const password = dialog.getByLabel('Password');
    await password.fill('wrong');
    expect(await page.locator('body').textContent()).not.toMatch(/Bearer|Connection lost|Reconnecting/);
    await password.press('Enter');
    await dialog.getByText('That password is not right.').waitFor();
    expect(await password.inputValue()).toBe('');
    await password.fill('right');
    await password.press('Enter');
    await page.locator('[data-line-state="open"]').first().waitFor();
    expect(await dialog.count()).toBe(0);
  } finally {
    await server.close();
  }
});
