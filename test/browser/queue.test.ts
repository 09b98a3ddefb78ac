// The follow-up queue: a second message while busy is there to be seen, changed and taken back, in every tab, and starts by
// itself exactly once.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import {
  activeStream,
  answers,
  button,
  counted,
  message,
  said,
  saidAtLeast,
  send,
  settled,
  transcript,
} from './names.ts';
import { pressTwice } from './press.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

const queue = (page: Page) => page.getByRole('list', { name: 'Next in the queue' });
const entries = (page: Page) => queue(page).locator('q');
const entry = (page: Page, text: string) => queue(page).getByRole('listitem').filter({ hasText: text });
const LONG = 'tokens=5000 rate=100';
/** A tab whose session runs, with these messages behind the run. */
async function busyWith(...texts: string[]): Promise<{ session_id: string; page: Page }> {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, LONG);
  await activeStream(visit.client, session_id);
  for (const [at, text] of texts.entries()) {
    await send(page, text);
    await becomes(() => entries(page).count(), at + 1);
  }
  return { session_id, page };
}
const users = (page: Page) => transcript(page).locator('[data-message-id]');

it.concurrent('SE2 a message while busy waits in the queue, in every tab, and starts by itself exactly once', async () => {
  const session_id = await visit.client.session();
  const [page, other] = [await visit.tab(session_id), await visit.tab(session_id)];
  await send(page, LONG);
  const first = await activeStream(visit.client, session_id);
  await saidAtLeast(page, first, 5);
  await send(page, 'tokens=12');
  for (const tab of [page, other])
    await becomes(() => entries(tab).allTextContents().then(String), 'tokens=12');
  await button(other, 'Stop').click();
  for (const tab of [page, other]) {
    await becomes(() => answers(tab).count(), 2);
    await settled(tab, 'completed');
    await becomes(() => queue(tab).count(), 0);
    expect(await users(tab).allTextContents()).toEqual([
      expect.stringContaining(LONG),
      expect.stringContaining('tokens=12'),
    ]);
  }
  const second = await answers(page).nth(1).getAttribute('data-stream-id');
  expect(await said(page, second!)).toBe(counted(12));
  await becomes(
    async () => (await transcript(page).innerHTML()) === (await transcript(other).innerHTML()),
    true,
  );
  const { body } = await visit.client.get(`/api/session?session_id=${session_id}`);
  expect(body.session.messages).toHaveLength(4);
});

it.concurrent('SE2 CQ11 a waiting message can be changed and taken back, every tab sees it, and a double click takes one', async () => {
  const { session_id, page } = await busyWith('tokens=7', 'tokens=8', 'tokens=9');
  const other = await visit.tab(session_id);
  await becomes(() => entries(other).count(), 3);
  // CQ11: the rows come down under the pointer, and the next keeps its message.
  await pressTwice(entry(other, 'tokens=9').getByRole('button', { name: 'Withdraw' }));
  await entry(page, 'tokens=7').getByRole('button', { name: 'Edit' }).click();
  const field = page.getByRole('textbox', { name: 'Queued message' });
  await field.fill('tokens=17 rate=20');
  await field.press('Enter');
  for (const tab of [page, other])
    await becomes(() => entries(tab).allTextContents().then(String), 'tokens=17 rate=20,tokens=8');
  // The next run starts under the pointer: a second click was not meant for it.
  await pressTwice(button(page, 'Stop'));
  await becomes(() => answers(other).count(), 3);
  await settled(other, 'completed');
  const ran = await users(other).locator('p').allTextContents();
  expect(ran).toEqual([LONG, 'tokens=17 rate=20', 'tokens=8']);
  const { session } = (await visit.client.get(`/api/session?session_id=${session_id}`)).body;
  const ends = session.messages.map((one: { terminal_state?: string }) => one.terminal_state);
  expect(ends.filter(Boolean)).toEqual(['cancelled', 'completed', 'completed']);
});

it.concurrent('SE2 who is taken out of the queue leaves no hole in its numbers', async () => {
  const { page } = await busyWith('tokens=7', 'tokens=8', 'tokens=9');
  await entry(page, 'tokens=7').getByRole('button', { name: 'Withdraw' }).click();
  await becomes(() => entries(page).allTextContents().then(String), 'tokens=8,tokens=9');
  expect(await queue(page).locator('b').allTextContents()).toEqual(['Next', '2']);
  await button(page, 'Stop').click();
});

it.concurrent('SE2 a waiting message of several lines keeps them when it is changed', async () => {
  const { page } = await busyWith('tokens=3 first\n\n- second');
  await entry(page, 'first').getByRole('button', { name: 'Edit' }).click();
  const field = page.getByRole('textbox', { name: 'Queued message' });
  await field.press('Control+End');
  await field.press('Shift+Enter');
  await field.pressSequentially('- third');
  await field.press('Enter');
  await becomes(() => entries(page).allTextContents().then(String), 'tokens=3 first\n\n- second\n- third');
  await button(page, 'Stop').click();
  await becomes(() => answers(page).count(), 2);
});

it.concurrent.each([
  { what: 'begins', end: (page: Page) => button(page, 'Stop').click(), runs: 2 },
  {
    what: 'is taken back in another tab',
    end: (page: Page) => entry(page, 'tokens=7').getByRole('button', { name: 'Withdraw' }).click(),
    runs: 1,
  },
])(
  'SE2 what somebody writes in a waiting message that $what is in the composer, and no key of it is a command',
  async ({ end, runs }) => {
    const { session_id, page } = await busyWith('tokens=7');
    const other = await visit.tab(session_id);
    await entry(page, 'tokens=7').getByRole('button', { name: 'Edit' }).click();
    const field = page.getByRole('textbox', { name: 'Queued message' });
    await field.press('End');
    await field.pressSequentially(' and no');
    await entry(other, 'tokens=7').waitFor();
    await Promise.all([page.keyboard.type('w'.repeat(100), { delay: 30 }), end(other)]);
    await page.keyboard.type('n 1 kid j');
    await becomes(() => answers(page).count(), runs);
    await becomes(
      () =>
        message(page)
          .inputValue()
          .then((text) => text.startsWith('tokens=7 and now')),
      true,
    );
    expect(new URL(page.url()).pathname).toBe(`/s/${session_id}`);
    if (runs === 1) await button(page, 'Stop').click();
    await settled(page, runs === 1 ? 'cancelled' : 'completed');
  },
);

it.concurrent('SE2 a reload shows the queue as it is', async () => {
  const { page } = await busyWith('tokens=4');
  await page.reload();
  await becomes(() => entries(page).allTextContents().then(String), 'tokens=4');
  await button(page, 'Stop').click();
  await becomes(() => answers(page).count(), 2);
  await settled(page, 'completed');
});

it.concurrent('SE2 a paused queue starts nothing until it goes on', async () => {
  const { page } = await busyWith('tokens=6');
  await button(page, 'Pause queue').click();
  await button(page, 'Go on with the queue').waitFor();
  await button(page, 'Stop').click();
  await settled(page, 'cancelled');
  expect(await entries(page).count()).toBe(1);
  expect(await answers(page).count()).toBe(1);
  await button(page, 'Go on with the queue').click();
  await becomes(() => answers(page).count(), 2);
  await settled(page, 'completed');
  await eventually(
    () => queue(page).count(),
    (count) => count === 0,
  );
});
