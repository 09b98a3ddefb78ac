// Tabs of one person: each has the session of its address, and what one does leaves the others where they are.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
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
} from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

const pathOf = (page: Page): string => new URL(page.url()).pathname;
const row = (page: Page, session_id: string) =>
  page.getByRole('list', { name: 'Sessions' }).locator(`[data-session-id="${session_id}"]`);

it('lesson 85 another tab goes to another session: an idle tab stays in its own, with what is written in it', async () => {
  const [mine, theirs] = [await visit.client.session(), await visit.client.session()];
  const person = await visit.person();
  const idle = await visit.tab(mine, person);
  const other = await visit.tab(mine, person);
  await message(idle).fill('half a thought');
  await row(other, theirs).getByRole('link').first().click();
  await other.waitForURL(`**/s/${theirs}`);
  await send(other, 'tokens=5');
  await settled(other, 'completed');
  expect(pathOf(idle)).toBe(`/s/${mine}`);
  expect(await message(idle).inputValue()).toBe('half a thought');
  expect(await answers(idle).count()).toBe(0);
});

it('lesson 77 another tab goes to another session: a run on screen goes on, and its end is its own', async () => {
  const [mine, theirs] = [await visit.client.session(), await visit.client.session()];
  const person = await visit.person();
  const busy = await visit.tab(mine, person);
  const other = await visit.tab(mine, person);
  await send(busy, 'tokens=5000 rate=100');
  const stream_id = await activeStream(visit.client, mine);
  await saidAtLeast(busy, stream_id, 10);
  await row(other, theirs).getByRole('link').first().click();
  await other.waitForURL(`**/s/${theirs}`);
  await send(other, 'tokens=3');
  await settled(other, 'completed');
  expect(pathOf(busy)).toBe(`/s/${mine}`);
  expect(await badge(busy).getAttribute('data-run-state')).toBe('running');
  await button(busy, 'Stop').click();
  await settled(busy, 'cancelled');
  const text = await said(busy, stream_id);
  expect(text).toBe(counted(text.split(' ').length));
  expect(await answers(other).count()).toBe(1);
});

it('lesson 78 a run that one leaves writes nothing into the session that is shown instead', async () => {
  const [first, second] = [await visit.client.session(), await visit.client.session()];
  const page = await visit.tab(first);
  await send(page, 'tokens=300 rate=150');
  const stream_id = await activeStream(visit.client, first);
  await saidAtLeast(page, stream_id, 20);
  await row(page, second).getByRole('link').first().click();
  await page.waitForURL(`**/s/${second}`);
  await send(page, 'tokens=4');
  await settled(page, 'completed');
  expect(await answer(page, stream_id).count()).toBe(0);
  expect(await answers(page).count()).toBe(1);
  await becomes(() => button(page, 'Stop').count(), 0);
  await row(page, first).getByRole('link').first().click();
  await page.waitForURL(`**/s/${first}`);
  await settled(page, 'completed');
  expect(await said(page, stream_id)).toBe(counted(300));
  expect(await answers(page).count()).toBe(1);
});
