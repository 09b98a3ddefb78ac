// Cancel from the page: at any state, twice, from two tabs, after the end, and of an agent that is deaf to it.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { CANCEL_SETTLE_MS } from '../../src/machines/bounds.ts';
import { becomes } from '../support/eventually.ts';
import { chronicleOf, keepChronicle } from './chronicle.ts';
import {
  activeStream,
  answer,
  armed,
  badge,
  button,
  counted,
  said,
  saidAtLeast,
  send,
  settled,
} from './names.ts';
import { visits } from './visit.ts';

/** The page, the wire and two busy cores, beside the server's own bound. */
const SLACK_MS = 2_000;

const visit = visits({ concurrent: true });

it.concurrent('ST6 Stop ends the run as cancelled, and keeps what was said', async () => {
  const page = await visit.tab(await visit.client.session());
  await send(page, 'tokens=5000 rate=100');
  const stream_id = await page.locator('article[data-stream-id]').getAttribute('data-stream-id');
  await saidAtLeast(page, stream_id!, 10);
  await button(page, 'Stop').click();
  await settled(page, 'cancelled');
  const text = await said(page, stream_id!);
  expect(text).toBe(counted(text.split(' ').length));
  await becomes(() => button(page, 'Stop').count(), 0);
  await page.reload();
  await settled(page, 'cancelled');
  expect(await said(page, stream_id!)).toBe(text);
});

it.concurrent('ST7 Stop pressed twice is one cancel, and no complaint', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await keepChronicle(person);
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=5000 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 5);
  await button(page, 'Stop').dblclick();
  await settled(page, 'cancelled');
  const { badge: states } = await chronicleOf(page);
  expect(states.filter((state) => state.startsWith('settled'))).toEqual(['settled (cancelled)']);
  expect(await page.getByRole('alert').allTextContents()).toEqual(['']);
});

it.concurrent('ST7 Stop from two tabs at once is one cancel, and both tabs end the same', async () => {
  const session_id = await visit.client.session();
  const [one, two] = [await visit.tab(session_id), await visit.tab(session_id)];
  await send(one, 'tokens=5000 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  for (const page of [one, two]) await saidAtLeast(page, stream_id, 5);
  // Pressed at once, whether or not the other press has taken the button away meanwhile.
  for (const page of [one, two]) await button(page, 'Stop').waitFor();
  const press = (page: Page) => button(page, 'Stop').evaluate((stop) => (stop as HTMLButtonElement).click());
  const pressed = await Promise.allSettled([press(one), press(two)]);
  expect(pressed.some(({ status }) => status === 'fulfilled')).toBe(true);
  for (const page of [one, two]) {
    await settled(page, 'cancelled');
    expect(await page.getByRole('alert').allTextContents()).toEqual(['']);
  }
  expect(await said(one, stream_id)).toBe(await said(two, stream_id));
});

it.concurrent('ST7 Stop that reaches the server after the end is no error, and the outcome stays', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  // The page learns nothing of the end until the button is pressed; the press is answered 409 `stream_settled`.
  const stream_id = await visit.client.start(session_id, 'tokens=5 stall=3@5');
  await saidAtLeast(page, stream_id, 5);
  let late: (() => void) | null = null;
  await page.route('**/api/chat/cancel', async (route) => {
    await new Promise<void>((resolve) => {
      late = resolve;
    });
    await route.continue();
  });
  await button(page, 'Stop').click();
  await settled(page, 'completed');
  const answered = page.waitForResponse('**/api/chat/cancel');
  late!();
  expect((await answered).status()).toBe(409);
  expect(await badge(page).getAttribute('data-outcome')).toBe('completed');
  expect(await page.getByRole('alert').allTextContents()).toEqual(['']);
  expect(await button(page, 'Send').isEnabled()).toBe(true);
});

it.concurrent('ST7 an agent that hangs is killed within its bound, and the badge settles cancelled', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'hang@7');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 7);
  await armed(button(page, 'Stop'));
  const asked = Date.now();
  await button(page, 'Stop').click();
  // It says that it is being stopped while it is.
  await page.locator('main header [data-run-state="draining"]').waitFor();
  await settled(page, 'cancelled');
  expect(Date.now() - asked).toBeLessThan(CANCEL_SETTLE_MS + SLACK_MS);
  expect(await said(page, stream_id)).toBe(counted(7));
  await answer(page, stream_id).locator('[data-outcome="cancelled"]').waitFor();
});

it.concurrent('ST7 Stop before the first token ends the run as well', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'stall=60@0 tokens=5');
  await button(page, 'Stop').click();
  await settled(page, 'cancelled');
  await send(page, 'tokens=3');
  await settled(page, 'completed');
});
