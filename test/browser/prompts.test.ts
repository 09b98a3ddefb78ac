// Questions and approvals in a real browser: they come at once, are answered by keyboard, end the same in every tab, and lock
// nothing.
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createClient } from '../support/client.ts';
import { becomes, eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/server.ts';
import { answer, armed, badge, button, message, send, settled, transcript } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

const question = (page: Page) => page.getByRole('group', { name: 'Question', exact: true });
const approval = (page: Page) => page.getByRole('group', { name: 'Approval', exact: true });
const own = (page: Page) => page.getByRole('textbox', { name: 'Answer in your own words' });
const lines = (page: Page) => transcript(page).locator('[data-prompt-state]');
const card = (page: Page, kind: 'Question' | 'Approval') => (kind === 'Question' ? question : approval)(page);

const ASK = 'tokens=20 ask="Which database?|Postgres|SQLite"';
const APPROVE = (command: string) => `tokens=20 approve="${command}"`;

/** Two tabs of one person on one session, both with the card on screen. */
async function twoTabs(text: string, kind: 'Question' | 'Approval') {
  const session_id = await visit.client.session();
  const person = await visit.person();
  const [here, there] = [await visit.tab(session_id, person), await visit.tab(session_id, person)];
  const stream_id = await visit.client.start(session_id, text);
  await Promise.all([here, there].map((page) => card(page, kind).waitFor()));
  return { session_id, stream_id, person, here, there };
}

/** The keys that allow, pressed in the moment in which a card has come; the card's state then. */
const pressAtOnce = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<string | undefined>((pressed) => {
        const observer = new MutationObserver(() => {
          const card = document.querySelector<HTMLElement>('.asks [data-prompt-id]');
          if (!card) return;
          observer.disconnect();
          const keys = { key: 'Enter', ctrlKey: true, altKey: true, bubbles: true, cancelable: true };
          card.dispatchEvent(new KeyboardEvent('keydown', keys));
          requestAnimationFrame(() => pressed(card.dataset.promptState));
        });
        observer.observe(document, { subtree: true, childList: true });
      }),
  );
it('ui what shows a question comes while the first session is being made', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const person = await visit.person();
  await person.route('**/api/sessions*', async (route) => {
    if (route.request().method() !== 'POST') return route.fulfill({ json: { sessions: [] } });
    await held;
    await route.continue();
  });
  const page = await visit.tab(null, person);
  const fetched = page.waitForRequest((request) => request.url().includes('/assets/'));
  await send(page, ASK);
  await fetched;
  release();
  await question(page).getByRole('button', { name: 'SQLite' }).click();
  await settled(page, 'completed');
});

it('CQ3 a question is answered by its digit, and the other tab says where', async () => {
  const { session_id, stream_id, person, here, there } = await twoTabs(ASK, 'Question');
  expect(await badge(here).getAttribute('data-run-state')).toBe('waiting');
  expect(await here.title()).toMatch(/^\(1\) /);
  await message(here).blur();
  await armed(question(here));
  await here.keyboard.press('1');
  await settled(here, 'completed');
  expect(await lines(here).textContent()).toMatch(/^Which database\?You answered: Postgres.*· this tab$/);
  await becomes(async () => (await lines(there).textContent())?.includes('Answered: Postgres'), true);
  expect(await lines(there).textContent()).toContain('on another tab');
  expect(await answer(here, stream_id).textContent()).toContain('answer: Postgres');
  await Promise.all([here, there].map((page) => becomes(() => question(page).count(), 0)));
  // A reload of the tab says the same.
  await here.reload();
  await settled(here, 'completed');
  expect(await lines(here).textContent()).toMatch(/^Which database\?You answered: Postgres/);
  expect(await here.title()).not.toMatch(/^\(/);
  // So does a tab that was not there: the line stands where it was asked.
  const later = await visit.tab(session_id, person);
  await settled(later, 'completed');
  expect(await answer(later, stream_id).textContent()).toMatch(
    / 18\s*Which database\?Answered: Postgres.*on another tab\s*answer: Postgres 19 20/,
  );
});

it('ui whoever writes keeps the focus, and digits are theirs', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await message(page).focus();
  await visit.client.start(session_id, ASK);
  await question(page).waitFor();
  await page.keyboard.type('12 things');
  expect(await message(page).inputValue()).toBe('12 things');
  expect(await question(page).getAttribute('data-prompt-state')).toBe('pending');
  // The message is not locked by a card: it goes into the queue.
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Next in the queue' }).waitFor();
  await own(page).fill('Neither');
  await page.keyboard.press('Enter');
  await eventually(
    () => lines(page).allTextContents(),
    ([first]) => first?.startsWith('Which database?You answered: Neither') ?? false,
  );
});

it('lesson 103 what is written on a card is in every tab, and after a reload', async () => {
  const { here, there } = await twoTabs(ASK, 'Question');
  await own(here).fill('MariaDB, since');
  await becomes(() => own(there).inputValue(), 'MariaDB, since');
  await there.reload();
  await question(there).waitFor();
  expect(await own(there).inputValue()).toBe('MariaDB, since');
  await own(there).fill('MariaDB, since it is there');
  await there.getByRole('button', { name: 'Answer', exact: true }).click();
  await settled(there, 'completed');
  await becomes(() => own(here).count(), 0);
  expect(await message(here).inputValue()).toBe('');
});

it('CQ5 who answers too late reads so, calmly', async () => {
  const { here, there } = await twoTabs(ASK, 'Question');
  // The late tab hears nothing of the end until it has answered itself.
  let release = (): void => {};
  const gone = new Promise<void>((resolve) => {
    release = resolve;
  });
  await there.route('**/api/clarify/respond', async (route) => {
    await gone;
    await route.continue();
  });
  await there.getByRole('button', { name: 'SQLite' }).click();
  await becomes(() => question(there).getAttribute('data-prompt-state'), 'answering');
  await here.getByRole('button', { name: 'Postgres' }).click();
  await settled(here, 'completed');
  release();
  await becomes(
    async () => /Already answered on another tab, \d+ s ago/.test((await lines(there).textContent()) ?? ''),
    true,
  );
  await settled(there, 'completed');
  expect(await message(there).isEditable()).toBe(true);
});

it('CQ11 an approval is given by its keys, from a text field too, and never by a bare Enter', async () => {
  const { stream_id, here } = await twoTabs(APPROVE('make all'), 'Approval');
  expect(await approval(here).locator('code').first().textContent()).toBe('make all');
  await message(here).blur();
  await here.keyboard.press('Enter');
  await message(here).focus();
  await here.keyboard.press('Enter');
  await armed(approval(here));
  expect(await approval(here).getAttribute('data-prompt-state')).toBe('pending');
  await here.keyboard.press('Control+Alt+Enter');
  await settled(here, 'completed');
  expect(await answer(here, stream_id).textContent()).toContain('approval: once');
  expect(await lines(here).textContent()).toMatch(/^Allowed once: make all.*this tab$/);
  // `once` is never remembered: the same command asks again, and is denied.
  const early = pressAtOnce(here);
  await send(here, APPROVE('make all'));
  expect(await early).toBe('pending');
  await armed(approval(here));
  await here.keyboard.press('Control+Alt+Backspace');
  await becomes(
    async () => (await lines(here).allTextContents()).at(-1)?.startsWith('Denied: make all'),
    true,
  );
});

it('CQ11 a denial says why, and a rule that was written down is withdrawn in the page', async () => {
  const { here } = await twoTabs(APPROVE('rm -r build'), 'Approval');
  await button(here, 'Deny and say why…').click();
  await here.getByRole('textbox', { name: 'Why not?' }).fill('it is needed');
  await here.keyboard.press('Enter');
  await settled(here, 'completed');
  expect(await lines(here).textContent()).toContain('it is needed');
  await send(here, APPROVE('rm -r build'));
  await button(here, 'Always allow').click();
  await settled(here, 'completed');
  await send(here, APPROVE('rm -r build'));
  await eventually(
    () => transcript(here).locator('article').allTextContents(),
    (texts) => texts.length === 3 && texts[2]!.includes('Done'),
  );
  expect(await lines(here).count()).toBe(2);
  await button(here, 'Session').click();
  await button(here, 'Rules').click();
  const rules = here.getByRole('list', { name: 'Rules' });
  expect(await rules.textContent()).toContain('rm -r build');
  await button(here, 'Withdraw the rule for rm -r build').click();
  await becomes(() => rules.count(), 0);
  await button(here, 'Close').last().click();
  await send(here, APPROVE('rm -r build'));
  await approval(here).waitFor();
});

it('lesson 108 a card that is put away stays away, and comes back when called', async () => {
  const { here, there } = await twoTabs(ASK, 'Question');
  await button(here, 'Put away').click();
  await becomes(() => question(here).count(), 0);
  expect(await badge(here).getAttribute('data-run-state')).toBe('waiting');
  expect(await question(there).count()).toBe(1);
  await here.reload();
  await button(here, 'Show').waitFor();
  expect(await question(here).count()).toBe(0);
  await button(here, 'Show').click();
  await question(here).waitFor();
  await message(here).blur();
  await armed(question(here));
  await here.keyboard.press('2');
  await settled(here, 'completed');
});

it('CQ9 a run that is stopped takes its card with it, and the draft goes to the message', async () => {
  const { here } = await twoTabs(ASK, 'Question');
  await own(here).fill('half an answer');
  await button(here, 'Stop').click();
  await settled(here, 'cancelled');
  await becomes(() => question(here).count(), 0);
  expect(await lines(here).textContent()).toContain('Which database?This question was withdrawn');
  expect(await message(here).inputValue()).toBe('half an answer');
});

it('ui axe finds nothing on either card, on a laptop and on a phone, and on the rules', async () => {
  const found: Record<string, string[]> = {};
  const findings = async (page: Page): Promise<string[]> => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} · ${node.html}`));
  };
  const [asks, approves] = [await visit.client.session(), await visit.client.session()];
  await visit.client.start(asks, ASK);
  await visit.client.start(approves, APPROVE('make --jobs=2 everything'));
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ])
    for (const colorScheme of ['light', 'dark'] as const) {
      const person = await visit.person({ viewport, colorScheme, reducedMotion: 'reduce' });
      const page = await visit.tab(asks, person);
      await question(page).waitFor();
      found[`question ${viewport.width} ${colorScheme}`] = await findings(page);
      await page.goto(`/s/${approves}`);
      await approval(page).waitFor();
      found[`approval ${viewport.width} ${colorScheme}`] = await findings(page);
      const targets = await approval(page)
        .locator('button:not(.link)')
        .evaluateAll((all) => all.map((one) => Math.min(one.clientHeight, one.clientWidth) + 2));
      if (viewport.width < 640) expect(Math.min(...targets)).toBeGreaterThanOrEqual(44);
      await button(page, 'Rules').click();
      await page.getByRole('dialog', { name: 'Rules' }).waitFor();
      found[`rules ${viewport.width} ${colorScheme}`] = await findings(page);
      await page.close();
    }
  expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({});

  // A laptop at 200 %: what it waits for is read and answered, and where there is more, that is shown.
  const zoomed = await visit.person({ viewport: { width: 720, height: 450 } });
  const page = await visit.tab(asks, zoomed);
  const inSight = (one: Locator): Promise<boolean> =>
    one.evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      const box = node.closest('.asks')!.getBoundingClientRect();
      return top >= box.top && bottom <= box.bottom;
    });
  const isCut = (one: Locator): Promise<boolean> =>
    one.evaluate((node) => node.scrollWidth > node.clientWidth);
  const shade = (one: Locator): Promise<string> => one.evaluate((node) => getComputedStyle(node).boxShadow);
  await question(page).waitFor();
  for (const choice of await question(page).locator('.choice').all())
    expect(await inSight(choice)).toBe(true);
  await page.goto(`/s/${approves}`);
  await approval(page).waitFor();
  expect(await isCut(page.locator('main header .badge .cut'))).toBe(false);
  for (const grant of await approval(page).locator('.grants button').all())
    expect(await inSight(grant)).toBe(true);
  const grants = approval(page).locator('.grants');
  await becomes(async () => (await shade(grants)) === 'none', false);
  await page.locator('.asks').evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
  await becomes(() => shade(grants), 'none');
  await zoomed.close();
});

it('ui the focus of a card that goes is given on, and nobody else’s is taken', async () => {
  const { here } = await twoTabs(ASK, 'Question');
  await question(here).getByRole('button', { name: 'SQLite' }).focus();
  await here.keyboard.press('Enter');
  await settled(here, 'completed');
  await becomes(() => here.evaluate(() => document.activeElement?.id), 'transcript');
  await send(here, ASK);
  await question(here).waitFor();
  await question(here).getByRole('button', { name: 'SQLite' }).click();
  await message(here).focus();
  await becomes(() => question(here).count(), 0);
  expect(await message(here).evaluate((field) => field === document.activeElement)).toBe(true);
});

it('CQ7 a question that expires goes, says so, and its draft comes back to the message', async () => {
  const server = await startTestServer({ clarify_timeout_seconds: 4 });
  try {
    const client = createClient(server.url);
    const session_id = await client.session();
    const person = await visit.person({ baseURL: server.url });
    const page = await visit.tab(session_id, person);
    await client.start(session_id, ASK);
    await question(page).waitFor();
    expect(await question(page).locator('time').textContent()).toMatch(/^0:0\d$/);
    await own(page).fill('I was about to say');
    await settled(page, 'completed');
    expect(await question(page).count()).toBe(0);
    expect(await lines(page).textContent()).toContain('This question expired');
    expect(await message(page).inputValue()).toBe('I was about to say');
    expect(await message(page).isEditable()).toBe(true);
  } finally {
    await server.close();
  }
});

it('ui a copy tells what was asked in it and never answered; a long question opens where it is cut', async () => {
  const long = `Which ${'of these many databases '.repeat(40)}is it?`;
  const asked = (prompt_id: string, question: string) => ({
    type: 'prompt',
    kind: 'clarify',
    prompt_id,
    asked: { question },
    asked_at: 1,
    how: null,
  });
  const { body } = await visit.client.post('/api/sessions/import', {
    messages: [
      { role: 'user', parts: [{ type: 'text', text: 'go' }] },
      {
        role: 'assistant',
        parts: [asked('clr-1', '\u001b[31mWhich\u001b[0m <b>one</b>?'), asked('clr-2', long)],
      },
    ],
  });
  const page = await visit.tab(body.session.session_id);
  await becomes(() => lines(page).count(), 2);
  expect(await lines(page).first().textContent()).toMatch(
    /^Which <b>one<\/b>\?Asked; not answered in this copy/,
  );
  expect(await question(page).count()).toBe(0);
  const words = lines(page).nth(1).getByText('is it?');
  const height = () => words.evaluate((text) => text.getBoundingClientRect().height);
  const cut = await height();
  await words.click();
  await becomes(async () => (await height()) > 2 * cut, true);
});
