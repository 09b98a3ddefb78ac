// The board in a browser: what waits is answered without opening its session, what runs is stopped, what ends is listed.
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { findings } from './findings.ts';
import { armed, button, message } from './names.ts';
import { pressTwice } from './press.ts';
import { visits, WIDE } from './visit.ts';

const visit = visits();

const lane = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Board' }).getByRole('region', { name: new RegExp(`^${name} `) });
const entry = (page: Page, name: string, session_id: string) =>
  lane(page, name).locator(`[data-session-id="${session_id}"]`);

async function begun(title: string, message: string) {
  const session_id = await visit.client.session({ title });
  return { session_id, stream_id: await visit.client.start(session_id, message) };
}

async function openBoard(colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const person = await visit.person({ ...WIDE, colorScheme, reducedMotion: 'reduce' });
  const page = await person.newPage();
  await page.goto('/board');
  await page.getByRole('region', { name: 'Board' }).waitFor();
  return page;
}

/** In how many rows they stand. */
const rowsOf = async (buttons: Locator): Promise<number> => {
  const tops = await buttons.evaluateAll((all) =>
    all.map((one) => Math.round(one.getBoundingClientRect().top)),
  );
  return new Set(tops).size;
};

/** Presses twice at one place: in whose card the second press lay, and whether it took it. */
async function pressedTwice(first: Locator): Promise<{ there: string | undefined; taken: boolean }> {
  const second = await pressTwice(first);
  return second.evaluate((button) => ({
    there: button.closest('li')?.dataset.sessionId,
    taken: button.disabled || !button.isConnected,
  }));
}

const pending = async (kind: 'clarify' | 'approval', session_id: string) =>
  (await visit.client.get(`/api/${kind}/pending?session_id=${session_id}`)).body.pending;

it('CQ11 what waits is answered on the board, by keyboard, and what slides under the pointer takes no press', async () => {
  const asks = await begun('Asks', 'ask="Which database?|Postgres|SQLite"');
  const wants = await begun('Wants', 'approve="rm -rf build"');
  const next = await begun('Next', 'approve="rm -rf dist"');
  const slides = await begun('Slides', 'tokens=100000 rate=5');
  const runs = await begun('Runs', 'tokens=100000 rate=5');
  const page = await openBoard('dark');
  await entry(page, 'Waiting', asks.session_id).getByRole('group', { name: 'Question' }).waitFor();
  await entry(page, 'Waiting', wants.session_id).getByRole('group', { name: 'Approval' }).waitFor();
  await entry(page, 'Running', runs.session_id).waitFor();
  await eventually(
    () => page.title(),
    (title) => title.startsWith('(3) Board'),
  );
  await becomes(
    () => page.locator('link[rel="icon"]').evaluate((icon) => /waiting/.test(icon.outerHTML)),
    true,
  );
  const found: Record<string, string[]> = { wide: await findings(page) };
  const rows: number[] = [];
  for (const width of [1440, 1400, 1280, 1180]) {
    await page.setViewportSize({ width, height: 900 });
    rows.push(await rowsOf(entry(page, 'Waiting', wants.session_id).locator('.grants button')));
  }
  expect(rows).toEqual([1, 2, 2, 2]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  found.narrow = await findings(page);
  await page.setViewportSize(WIDE.viewport!);

  // A digit says nothing until a card has the focus; then it answers that one.
  await page.keyboard.press('2');
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await eventually(
    () => page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    (name) => name === 'Question',
  );
  expect((await pending('clarify', asks.session_id))?.question).toBe('Which database?');
  await armed(entry(page, 'Waiting', asks.session_id).getByRole('button', { name: 'SQLite' }));
  await page.keyboard.press('2');
  await becomes(() => pending('clarify', asks.session_id), null);
  await becomes(() => entry(page, 'Waiting', asks.session_id).count(), 0);
  const { session } = (await visit.client.get(`/api/session?session_id=${asks.session_id}`)).body;
  expect(JSON.stringify(session.messages)).toContain('SQLite');

  const deny = (session_id: string) =>
    entry(page, 'Waiting', session_id).getByRole('button', { name: 'Deny', exact: true });
  expect(await pressedTwice(deny(wants.session_id))).toEqual({ there: next.session_id, taken: false });
  await deny(next.session_id).click();
  await becomes(() => lane(page, 'Waiting').getByRole('listitem').count(), 0);
  await becomes(() => lane(page, 'Running').getByRole('listitem').count(), 2);
  expect(await pressedTwice(button(page, 'Stop Runs'))).toEqual({ there: slides.session_id, taken: false });
  await button(page, 'Stop Slides').click();
  await eventually(
    () => entry(page, 'Done', runs.session_id).textContent(),
    (text) => text!.startsWith('Stopped: Runs'),
  );
  await eventually(
    () => page.title(),
    (title) => title.startsWith('Board'),
  );
  expect(new URL(page.url()).pathname).toBe('/board');
  expect(found).toEqual({ wide: [], narrow: [] });
});

/** An approval that somebody else denies before this page's answer is there. */
async function answeredTooLate(title: string, message: string) {
  const { session_id } = await begun(title, message);
  const page = await openBoard();
  const card = entry(page, 'Waiting', session_id);
  await card.getByRole('group', { name: 'Approval' }).waitFor();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/approval/respond', async (route) => {
    await held;
    await route.continue();
  });
  await card.getByRole('button', { name: 'Allow once' }).click();
  const { approval_id } = await pending('approval', session_id);
  await visit.client.post('/api/approval/respond', { session_id, approval_id, choice: 'deny' });
  return { page, session_id, release };
}
const LATE = /^Already answered on another tab/;

it('ui who answers too late on the board reads so where the card was, and the board goes on', async () => {
  const { page, session_id, release } = await answeredTooLate(
    'Raced',
    'tokens=10 stall=600@9 approve="make all"',
  );
  release();
  await entry(page, 'Running', session_id).getByText(LATE).waitFor();
  // What is renamed and deleted elsewhere is so here.
  await visit.client.request('PATCH', `/api/sessions/${session_id}`, { title: 'Raced and renamed' });
  await entry(page, 'Running', session_id).getByRole('link', { name: 'Raced and renamed' }).waitFor();
  await visit.client.request('DELETE', `/api/sessions/${session_id}`);
  await becomes(() => page.locator(`[data-session-id="${session_id}"]`).count(), 0);
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.getByRole('link', { name: 'Sessions' }).click();
  await page.getByRole('list', { name: 'Sessions' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.waitForURL('**/board');
});

it('ui who answers too late on the board reads so when the run has ended meanwhile, too', async () => {
  const { page, session_id, release } = await answeredTooLate('Ended', 'tokens=3 approve="make all"');
  await entry(page, 'Done', session_id).waitFor();
  release();
  await entry(page, 'Done', session_id).getByText(LATE).waitFor();
  expect(await findings(page)).toEqual([]);
});

it('CQ11 who writes an answer that somebody else gives answers nothing with what they type on', async () => {
  const [figs, colours] = [
    await begun('Figs', 'tokens=2 ask="How many figs?"'),
    await begun('Colours', 'tokens=2 ask="Which colour?|red|green|blue"'),
  ];
  const page = await openBoard();
  const field = entry(page, 'Waiting', figs.session_id).getByRole('textbox');
  await field.pressSequentially('about 2');
  const { clarify_id } = await pending('clarify', figs.session_id);
  const answered = { session_id: figs.session_id, clarify_id, response: '7' };
  await Promise.all([
    page.keyboard.type(', and no more: 1 2 3, '.repeat(6), { delay: 20 }),
    visit.client.post('/api/clarify/respond', answered),
  ]);
  await entry(page, 'Done', figs.session_id).waitFor();
  await page.keyboard.type('and 2 ');
  expect(await pending('clarify', colours.session_id)).not.toBeNull();
  expect(new URL(page.url()).pathname).toBe('/board');
  // What was written until then is with the question, for the message.
  await page.getByRole('link', { name: 'Figs' }).click();
  await button(page, 'Use as message').click();
  await eventually(
    () => message(page).inputValue(),
    (text) => text.startsWith('about 2'),
  );
});

it('ui however much has ended, the lanes scroll and the board stays', async () => {
  const session_id = await visit.client.session({ title: 'Many' });
  for (let n = 0; n < 40; n += 1) {
    const stream_id = await visit.client.start(session_id, 'tokens=1 fail=overloaded@1');
    await (await visit.client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  }
  const page = await openBoard();
  await eventually(
    () => lane(page, 'Done').locator('[data-session-id]').count(),
    (count) => count >= 40,
  );
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(WIDE.viewport!.height);
});
