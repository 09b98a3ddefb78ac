// How a run ends, as its reader sees it: failed, overdue, gone with its session.
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import {
  activeStream,
  answer,
  answers,
  badge,
  button,
  counted,
  message,
  said,
  saidAtLeast,
  send,
  settled,
  transcript,
} from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

it.concurrent('ui a failed run says why, keeps what was said, and Retry answers the same message again', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=20 fail=overloaded@10');
  await settled(page, 'errored');
  const first = await answers(page).getAttribute('data-stream-id');
  expect(await said(page, first!)).toBe(counted(10));
  await answer(page, first!)
    .getByText('The demo agent was told to fail with overloaded after 10 tokens.')
    .waitFor();
  await button(page, 'Retry').click();
  await becomes(async () => (await answers(page).last().getAttribute('data-stream-id')) !== first, true);
  await settled(page, 'errored');
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(1);
  // Continue is a message of its own.
  await button(page, 'Continue').click();
  await settled(page, 'completed');
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(2);
});

it.concurrent('ui a double click on Retry, Continue or fork is one', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  let asks = 0;
  let held = Promise.resolve();
  await page.route(/\/chat\/(retry|start)$/, async (route) => {
    asks += 1;
    await held;
    await route.continue();
  });
  /** Both clicks are there before the server is. */
  const twice = async (name: string): Promise<void> => {
    const hold = Promise.withResolvers<void>();
    held = hold.promise;
    asks = 0;
    await button(page, name).dblclick();
    await becomes(() => asks > 0, true);
    hold.resolve();
  };
  await send(page, 'tokens=20 fail=overloaded@10');
  await settled(page, 'errored');
  const first = await answers(page).getAttribute('data-stream-id');
  await twice('Retry');
  await becomes(async () => (await answers(page).last().getAttribute('data-stream-id')) !== first, true);
  await settled(page, 'errored');
  expect(await page.getByText('A run is active').count()).toBe(0);
  expect(asks).toBe(1);
  await twice('Continue');
  await settled(page, 'completed');
  expect(asks).toBe(1);
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(2);
  // The fork shows the same, and its own button lies under the second click.
  const fork = button(page, 'fork from here').last();
  await fork.click();
  await becomes(() => page.url().includes(session_id), false);
  const forked = page.url();
  await fork.hover();
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await fork.evaluate((button) => button.closest('.turns') && new Promise(requestAnimationFrame));
  expect(page.url()).toBe(forked);
  const { sessions } = (await visit.client.get('/api/sessions?collapse=none')).body;
  expect(sessions.filter((one: { relation: string | null }) => one.relation === 'fork')).toHaveLength(1);
});

it.concurrent('AT5 a settlement that is overdue is called so, leaves the composer free, and is looked for until it is there', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  let isWithheld = true;
  let asks = 0;
  await page.route('**/api/session?*messages=1*', async (route) => {
    if (!isWithheld) return route.continue();
    asks += 1;
    const { session } = await (await fetch(route.request().url())).json();
    const answered = session.messages.at(-1);
    session.active_stream_id = answered.stream_id;
    Object.assign(answered, { terminal_state: null, settled_at: undefined });
    await route.fulfill({ json: { session } });
  });
  await send(page, 'tokens=40 rate=100');
  await becomes(() => badge(page).getAttribute('data-run-state'), 'stale');
  expect(asks).toBe(11);
  expect(await badge(page).textContent()).toContain('overdue');
  expect(await button(page, 'Stop').count()).toBe(0);
  const [first] = await answers(page).all();
  expect(await first!.getAttribute('aria-busy')).toBe(null);
  isWithheld = false;
  await settled(page, 'completed');
  const stream_id = await first!.getAttribute('data-stream-id');
  expect(await said(page, stream_id!)).toBe(counted(40));
});

it.concurrent('ui a session with a live run is deleted after a question, and is gone in every tab', async () => {
  const session_id = await visit.client.session({ title: 'To be deleted' });
  const [page, other] = [await visit.tab(session_id), await visit.tab(session_id)];
  await send(page, 'tokens=5000 rate=60');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 5);
  await button(page, 'Session').click();
  await button(page, 'Delete…').click();
  const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await becomes(() => page.locator('dialog').count(), 0);
  expect(await badge(page).getAttribute('data-run-state')).toBe('running');
  await button(page, 'Session').click();
  await button(page, 'Delete…').click();
  await dialog.getByRole('button', { name: 'Stop and delete' }).click();
  await becomes(() => page.locator(`[data-session-id="${session_id}"]`).count(), 0);
  expect(page.url()).not.toContain(session_id);
  await other.getByText('There is no such session').waitFor();
  expect((await visit.client.get(`/api/session?session_id=${session_id}`)).status).toBe(404);
  expect((await visit.client.get(`/api/chat/stream?stream_id=${stream_id}`)).status).toBe(404);
});

it.concurrent('ui a session is renamed, and the list and the title say so', async () => {
  const session_id = await visit.client.session({ title: 'Before' });
  const [page, other] = [await visit.tab(session_id), await visit.tab(session_id)];
  await button(page, 'Session').click();
  await button(page, 'Rename').click();
  const field = page.getByRole('textbox', { name: 'Title' });
  await field.fill('After');
  await field.press('Enter');
  for (const tab of [page, other]) {
    await tab.getByRole('heading', { level: 1, name: 'After' }).waitFor();
    await eventually(
      () => tab.title(),
      (title) => title.startsWith('After'),
    );
  }
  await page.locator(`[data-session-id="${session_id}"]`).getByText('After').waitFor();
  expect(await message(page).inputValue()).toBe('');
});
