// The page without a mouse; and nobody who writes loses the focus to anything that happens.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { activeStream, answers, button, message, saidAtLeast, settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => {
    const { activeElement: one } = document;
    return one?.getAttribute('aria-label') ?? one?.textContent ?? null;
  });

/** Tab, until what is wanted has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: (string | null)[] = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (typeof name === 'string' ? now === name : now !== null && name.test(now)) return;
    seen.push(now);
  }
  throw new Error(`no way to ${name} by Tab; passed ${seen.join(' · ')}`);
}

it('ui a run is started, stopped and looked at by keyboard only', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await tabTo(page, 'Message');
  await page.keyboard.type('tokens=5000 rate=100');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('second line');
  expect(await answers(page).count()).toBe(0);
  await page.keyboard.press('Enter');
  await saidAtLeast(page, await activeStream(visit.client, session_id), 10);
  expect(await focused(page)).toBe('Message');
  await tabTo(page, 'Stop');
  await page.keyboard.press('Enter');
  await settled(page, 'cancelled');
  await page.keyboard.press('i');
  await page.keyboard.type('tokens=5000 rate=100');
  await page.keyboard.press('Enter');
  await becomes(() => answers(page).count(), 2);
  await button(page, 'Stop').waitFor();
  for (const _ of ['leaves Message', 'stops']) await page.keyboard.press('Escape');
  await settled(page, 'cancelled');

  // The drawer, by its key and by its button; its tabs by the arrows.
  await page.locator('body').press('Escape');
  await becomes(() => page.getByRole('complementary', { name: 'Run' }).isVisible(), false);
  await page.keyboard.press('d');
  await page.getByRole('tab', { name: 'State' }).waitFor();
  await tabTo(page, 'State');
  await page.keyboard.press('ArrowRight');
  expect(await focused(page)).toBe('Log');
  await page.getByRole('list', { name: /^Records of this run/ }).waitFor();
});

it('ui one goes between sessions, and to help and back, by keyboard only', async () => {
  const ids: string[] = [];
  for (const title of ['First', 'Second', 'Third']) ids.push(await visit.client.session({ title }));
  const [first, second, third] = ids;
  const page = await visit.tab(third!);
  await page.locator(`[data-session-id="${first}"]`).waitFor();
  await page.keyboard.press('j');
  await page.waitForURL(`**/s/${second}`);
  await page.keyboard.press('j');
  await page.waitForURL(`**/s/${first}`);
  await page.keyboard.press('k');
  await page.waitForURL(`**/s/${second}`);
  await tabTo(page, /First/);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/s/${first}`);
  // Who chooses a session in the list wants to write there: no key is one of the page's by mistake.
  await becomes(() => focused(page), 'Message');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await becomes(() => page.locator('dialog').count(), 0);
  await page.keyboard.press('n');
  await page.waitForURL((url) => /^\/s\//.test(url.pathname) && !ids.some((id) => url.pathname.endsWith(id)));
  const made = page.url();
  // Who asks for a new session wants to write; asked for again, an empty one is the new one.
  await becomes(() => focused(page), 'Message');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.waitForURL((url) => ids.some((id) => url.pathname.endsWith(id)));
  await page.keyboard.press('n');
  await page.waitForURL(made);
  await becomes(() => focused(page), 'Message');
  await page.keyboard.press('Escape');
  // The list is hidden, and comes back by a press on what one sees.
  await page.keyboard.press('ControlOrMeta+b');
  // At once: a list that stays for a moment takes the columns of what comes in its place.
  expect(await page.locator('#side').evaluate((side) => side.getAnimations().length)).toBe(0);
  await becomes(() => page.getByRole('list', { name: 'Sessions' }).isVisible(), false);
  await page.getByRole('main').getByRole('button', { name: 'Sessions' }).click();
  await page.getByRole('list', { name: 'Sessions' }).waitFor();
  await page.locator('body').press('i');
  expect(await focused(page)).toBe('Message');
  // In a text field a key is a letter.
  await page.keyboard.type('njk?d');
  expect(await message(page).inputValue()).toBe('njk?d');
});

it('ui the focus is never taken from someone who writes, whatever a run does meanwhile', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await page.evaluate(() => {
    const moved: string[] = [];
    (window as never as { moved: string[] }).moved = moved;
    document.addEventListener('focusin', (event) =>
      moved.push((event.target as Element).outerHTML.slice(0, 80)),
    );
  });
  await message(page).click();
  await page.evaluate(() => (window as never as { moved: string[] }).moved.splice(0));
  const text =
    'I write while a run begins, streams, uses tools, fails, and another one follows it in the same session.';
  await visit.client.start(session_id, 'tokens=60 rate=60 tools=3 fail=overloaded@50');
  await visit.client.post('/api/chat/start', { session_id, message: 'tokens=40 rate=60', on_busy: 'queue' });
  await message(page).pressSequentially(text, { delay: 15 });
  await becomes(() => answers(page).count(), 2);
  await settled(page, 'completed');
  expect(await message(page).inputValue()).toBe(text);
  expect(await page.evaluate(() => (window as never as { moved: string[] }).moved)).toEqual([]);
  expect(await focused(page)).toBe('Message');
});

it('ui a word that an input method still composes is not sent by its Enter', async () => {
  const page = await visit.tab(await visit.client.session());
  const cdp = await page.context().newCDPSession(page);
  await message(page).click();
  await cdp.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
  await page.keyboard.press('Enter');
  expect(await answers(page).count()).toBe(0);
  expect(await page.locator('[data-outgoing]').count()).toBe(0);
  await cdp.send('Input.insertText', { text: '日本' });
  expect(await message(page).inputValue()).toContain('日本');
  expect(await button(page, 'Stop').count()).toBe(0);
});
