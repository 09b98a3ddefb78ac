// What somebody has written is never lost: not by a reload, not by a switch of sessions, not by a refusal.
import type { Route } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { answers, armed, button, message, send, settled, transcript } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

it.concurrent('ui a draft is kept per session, over a reload and a switch', async () => {
  const [one, two] = [
    await visit.client.session({ title: 'One' }),
    await visit.client.session({ title: 'Two' }),
  ];
  const page = await visit.tab(one);
  await message(page).fill('written in one');
  await page.locator(`[data-session-id="${two}"] a`).click();
  await page.waitForURL(`**/s/${two}`);
  await becomes(() => message(page).inputValue(), '');
  await message(page).fill('written in two');
  await page.reload();
  await becomes(() => message(page).inputValue(), 'written in two');
  await page.locator(`[data-session-id="${one}"] a`).click();
  await becomes(() => message(page).inputValue(), 'written in one');
  await send(page, 'tokens=2');
  await settled(page, 'completed');
  expect(await message(page).inputValue()).toBe('');
  await page.reload();
  await becomes(() => message(page).inputValue(), '');
});

it.concurrent('ui tabs of a session share its draft letter by letter, and what one of them sends is gone in all', async () => {
  const person = await visit.person();
  const session_id = await visit.client.session();
  const one = await visit.tab(session_id, person);
  const two = await visit.tab(session_id, person);
  await message(one).pressSequentially('tok');
  await becomes(() => message(two).inputValue(), 'tok');
  await message(two).pressSequentially('ens=2');
  await becomes(() => message(one).inputValue(), 'tokens=2');
  await message(two).press('Enter');
  for (const page of [one, two]) {
    await settled(page, 'completed');
    await becomes(() => message(page).inputValue(), '');
  }
  // Pasted and sent before the other can look.
  await send(one, 'tokens=3');
  await becomes(() => answers(two).count(), 2);
  await becomes(() => message(two).inputValue(), '');
  await message(one).fill('the last word');
  await becomes(() => message(two).inputValue(), 'the last word');
});

it.concurrent('lesson 88 what is written while a new session is made is for that session', async () => {
  const old = await visit.client.session({ title: 'An older one' });
  const page = await visit.tab(old);
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/sessions', async (route) => {
    if (route.request().method() === 'POST') await held;
    await route.continue();
  });
  await button(page, 'New session').first().click();
  await becomes(async () => new URL(page.url()).pathname, '/');
  await send(page, 'tokens=3');
  await message(page).focus();
  await page.keyboard.type('half a ');
  release();
  await page.waitForURL((url) => url.pathname.startsWith('/s/') && !url.pathname.endsWith(old));
  await page.keyboard.type('thought');
  await settled(page, 'completed');
  expect(await message(page).inputValue()).toBe('half a thought');
  expect(await answers(page).count()).toBe(1);
  const { body } = await visit.client.get(`/api/session?session_id=${old}`);
  expect(body.session.messages).toEqual([]);
});

it.concurrent('ui a message is kept when no session can be made for it', async () => {
  const page = await visit.tab(await visit.client.session());
  const refusal = { error: 'The disk is full. Nothing was written.', code: 'storage_full' };
  const refuse = (route: Route) =>
    route.request().method() === 'POST' ? route.fulfill({ status: 507, json: refusal }) : route.continue();
  await page.route('**/api/sessions', refuse);
  await button(page, 'New session').first().click();
  await page.getByRole('main').getByText(refusal.error).waitFor();
  await send(page, 'tokens=3');
  await becomes(() => message(page).inputValue(), 'tokens=3');
});

const REFUSALS = [
  { status: 503, code: 'agent_unavailable', error: 'The agent "demo" can’t run now.' },
  { status: 507, code: 'storage_full', error: 'The disk is full. Nothing was written.' },
  { status: 413, code: 'too_large', error: 'A message is at most 256 KiB.' },
];

it.concurrent.each(REFUSALS)(
  'ui a message refused with $status keeps its text, and says why',
  async ({ status, ...body }) => {
    const session_id = await visit.client.session();
    const page = await visit.tab(session_id);
    await page.route('**/api/chat/start', (route) => route.fulfill({ status, json: body }), { times: 1 });
    await send(page, 'tokens=4');
    await page.getByRole('main').getByText(body.error).waitFor();
    await becomes(() => message(page).inputValue(), 'tokens=4');
    expect(await transcript(page).getByRole('group').count()).toBe(0);
    expect(await button(page, 'Stop').count()).toBe(0);
    await button(page, 'Send').click();
    await settled(page, 'completed');
    expect(await answers(page).count()).toBe(1);
    expect(await message(page).inputValue()).toBe('');
  },
);

it.concurrent('ui text written after a refused message stays behind it', async () => {
  const page = await visit.tab(await visit.client.session());
  let refuse: (() => void) | null = null;
  await page.route('**/api/chat/start', async (route) => {
    await new Promise<void>((resolve) => {
      refuse = resolve;
    });
    await route.fulfill({ status: 507, json: { code: 'storage_full', error: 'The disk is full.' } });
  });
  await send(page, 'first');
  await message(page).pressSequentially('second');
  await becomes(() => refuse !== null, true);
  refuse!();
  await becomes(() => message(page).inputValue(), 'first\n\nsecond');
});

it.concurrent('ui messages that no session can be made for come back in order, before what was written since', async () => {
  const page = await visit.tab(await visit.client.session());
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await page.route('**/api/sessions', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await held;
    await route.fulfill({ status: 507, json: { code: 'storage_full', error: 'The disk is full.' } });
  });
  await button(page, 'New session').first().click();
  await becomes(async () => new URL(page.url()).pathname, '/');
  await send(page, 'first');
  await send(page, 'second');
  await message(page).pressSequentially('third');
  release();
  await becomes(() => message(page).inputValue(), 'first\n\nsecond\n\nthird');
  await page.reload();
  await becomes(() => message(page).inputValue(), 'first\n\nsecond\n\nthird');
});

it.concurrent('ui a message refused in a browser whose storage is full keeps its text, and what was written since (lesson 95)', async () => {
  const person = await visit.person();
  await person.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
  });
  const page = await visit.tab(await visit.client.session(), person);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await page.route('**/api/chat/start', async (route) => {
    await held;
    await route.fulfill({ status: 429, json: { code: 'too_many', error: 'Too many runs.' } });
  });
  await send(page, 'first');
  await message(page).pressSequentially('second');
  release();
  await becomes(() => message(page).inputValue(), 'first\n\nsecond');
});

it.concurrent('ui late news of what another tab wrote or sent takes nothing of what is written here, nor on a card', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=20 ask="Which database?|Postgres|SQLite"');
  const card = page.getByRole('group', { name: 'Question', exact: true });
  await armed(card);
  const prompt_id = await card.getAttribute('data-prompt-id');
  for (const [field, key] of [
    [message(page), `weir.draft.${session_id}`],
    [card.getByRole('textbox', { name: 'Answer in your own words' }), `weir.prompt.${prompt_id}`],
  ] as const) {
    await field.pressSequentially('half a ');
    await page.evaluate((key) => dispatchEvent(new StorageEvent('storage', { key, newValue: '' })), key);
    await field.pressSequentially('thought');
    expect(await field.inputValue()).toBe('half a thought');
  }
});

it.concurrent('SE5 an answer to a message that is lost on the way does not make two of it', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  // The server takes it, and the page never hears so: it sends it again, unless the log shows it before that.
  let sent = 0;
  await page.route('**/api/chat/start', async (route) => {
    sent += 1;
    if (sent > 1) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await send(page, 'tokens=6');
  await settled(page, 'completed');
  await becomes(() => transcript(page).locator('[data-outgoing]').count(), 0);
  expect(await answers(page).count()).toBe(1);
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(1);
});

it.concurrent('SE5 messages that no try brings over say so, and go by themselves, in order, when the line is back', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await page.route('**/api/chat/start', (route) => route.abort('connectionrefused'));
  for (const text of ['tokens=8', 'tokens=9']) await send(page, text);
  await becomes(() => transcript(page).getByText('Not sent.').count(), 2);
  const row = page.getByRole('list', { name: 'Sessions' }).locator(`[data-session-id="${session_id}"]`);
  await row.getByText('2 not sent').waitFor();
  await page.unrouteAll();
  // They are still there after a reload, with the same ids.
  await page.reload();
  await becomes(() => answers(page).count(), 2);
  await settled(page, 'completed');
  expect(await transcript(page).locator('[data-message-id] > p').allTextContents()).toEqual([
    'tokens=8',
    'tokens=9',
  ]);
});
