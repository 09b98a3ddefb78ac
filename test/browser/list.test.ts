// The list in a browser: long, searched, archived, changed from its rows, and told of what happens elsewhere.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { findings } from './findings.ts';
import { button, message, send, settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

const SESSIONS = 1000;
const AT_ONCE = 50;
const list = (page: Page) => page.getByRole('list', { name: 'Sessions' });
const row = (page: Page, session_id: string) => list(page).locator(`[data-session-id="${session_id}"]`);
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search sessions' });
const patch = (session_id: string, fields: object) =>
  visit.client.request('PATCH', `/api/sessions/${session_id}`, fields);

async function many(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count)
    ids.push(
      ...(await Promise.all(
        Array.from({ length: AT_ONCE }, (_, at) =>
          visit.client.session({ title: `Session ${ids.length + at}` }),
        ),
      )),
    );
  return ids;
}

/** Milliseconds of scripting so far, from now on. */
async function watchScripts(page: Page): Promise<() => Promise<number>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  return async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1000;
  };
}

it('ui a thousand sessions: a page at a time, only what is seen is drawn, and a change costs next to nothing', async () => {
  const ids = await many(SESSIONS);
  const page = await visit.tab(ids.at(-1)!);
  await row(page, ids.at(-1)!).waitFor();
  const box = page.getByRole('group', { name: 'Session list' });
  await eventually(
    async () => {
      await box.evaluate((node) => node.scrollTo({ top: node.scrollHeight }));
      return list(page).locator(`[aria-setsize="${SESSIONS}"][aria-posinset="${SESSIONS}"]`).count();
    },
    (count) => count === 1,
  );
  expect(await list(page).locator('[data-session-id]').count()).toBeLessThan(120);

  expect(await findings(page)).toEqual([]);

  const scripts_ms = await watchScripts(page);
  const before = await scripts_ms();
  const CHANGES = 40;
  for (let at = 0; at < CHANGES; at += 1) await patch(ids[at]!, { title: `Changed ${at}` });
  // What changed is the newest now.
  await box.evaluate((node) => node.scrollTo({ top: 0 }));
  await list(page)
    .getByText(`Changed ${CHANGES - 1}`)
    .waitFor();
  const spent_ms = (await scripts_ms()) - before;
  // The bound of ui.md is 1 ms; what looks and waits here is in it, and another test may have the cores.
  expect(spent_ms / CHANGES).toBeLessThan(8);
});

it('ui search finds words and survives what is no word; Escape gives the list back', async () => {
  const found = await visit.client.session({ title: 'Umbrella stand' });
  const other = await visit.client.session({ title: 'Something else' });
  const page = await visit.tab(other);
  await row(page, found).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Session or action' }).fill('umbr');
  await page.getByRole('option', { name: 'Umbrella stand' }).waitFor();
  const palette = await findings(page);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/s/${found}`);
  for (const hostile of ['"', '*) OR (', '<img src=x onerror=alert(1)>', 'a AND NOT', '\u202e%_\\'])
    await search(page).fill(hostile);
  await page.getByText('Nothing found.').waitFor();
  await search(page).fill('umbrella st');
  await becomes(() => list(page).locator('[data-session-id]').count(), 1);
  await row(page, found).waitFor();
  await search(page).press('Escape');
  await row(page, other).waitFor();
  expect(palette).toEqual([]);
});

it('ui a row is renamed, archived, taken out and deleted from the list; a lineage is one row with its count', async () => {
  const first = await visit.client.session({ title: 'First of two', source_label: 'Terminal' });
  const here = await visit.client.session({ title: 'Here' });
  const page = await visit.tab(here);
  const act = async (session_id: string, name: string) => {
    await row(page, session_id).hover();
    await row(page, session_id)
      .getByRole('button', { name: /^More about/ })
      .click();
    await page.getByRole('list').getByRole('button', { name, exact: true }).click();
  };
  expect(await row(page, first).textContent()).toContain('Terminal');
  await act(first, 'Rename');
  const title = page.getByRole('dialog', { name: 'Rename session' }).getByRole('textbox', { name: 'Title' });
  await title.fill('Thought better of');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await becomes(() => title.count(), 0);
  await act(first, 'Rename');
  await becomes(() => title.inputValue(), 'First of two');
  await title.fill('Renamed from its row');
  await title.press('Enter');
  await row(page, first).getByText('Renamed from its row').waitFor();
  await act(first, 'Archive');
  await becomes(() => row(page, first).count(), 0);
  await button(page, 'List').click();
  await button(page, 'Archived sessions').click();
  await row(page, first).waitFor();
  await act(first, 'Take out of the archive');
  await becomes(() => row(page, first).count(), 0);
  await button(page, 'Back to the sessions').click();
  await row(page, first).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/s/${here}`);

  const second = await visit.client.session({
    title: 'Second of two',
    parent_session_id: first,
    relation: 'continuation',
  });
  await row(page, second).getByText('2 sessions').waitFor();
  await becomes(() => row(page, first).count(), 0);
  await act(second, 'Earlier sessions (1)…');
  const members = page.getByRole('list', { name: 'One session continued' }).getByRole('link');
  await becomes(async () => (await members.allTextContents()).length, 2);
  await members.filter({ hasText: 'Renamed from its row' }).click();
  await page.waitForURL(`**/s/${first}`);
  await act(second, 'Go to the session it continues');
  await page.locator(`[data-session-id="${here}"] a`).click();
  await page.waitForURL(`**/s/${here}`);
  await visit.client.request('DELETE', `/api/sessions/${second}`);
  await row(page, first).waitFor();
  await act(first, 'Delete…');
  const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
  await dialog.getByText('Renamed from its row').waitFor();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await becomes(() => row(page, first).count(), 0);
  expect(new URL(page.url()).pathname).toBe(`/s/${here}`);
});

it('ui a long title that is written from right to left shows its beginning in the list, in the head and on the board', async () => {
  const title = `${'שלום עולם '.repeat(15)}end`;
  const session_id = await visit.client.session({ title });
  await visit.client.start(session_id, 'tokens=1');
  const page = await visit.tab(session_id);
  await settled(page, 'completed');
  /** How far the first letter of the title stands beyond the end of its line where the reading begins, in px. */
  const hidden = (line: Locator): Promise<number> =>
    line.evaluate((element) => {
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      let text = texts.nextNode();
      while (text && !text.textContent?.startsWith('שלום')) text = texts.nextNode();
      const range = document.createRange();
      range.setStart(text!, 0);
      range.setEnd(text!, 1);
      return Math.round(range.getBoundingClientRect().right - element.getBoundingClientRect().right);
    });
  const inList = page.locator(`[data-session-id="${session_id}"] .head.cut`);
  expect(await hidden(inList)).toBeLessThanOrEqual(0);
  expect(await hidden(page.getByRole('heading', { level: 1 }))).toBeLessThanOrEqual(0);
  await page.goto('/board');
  const onBoard = page.getByRole('region', { name: 'Board' }).locator(`[data-session-id="${session_id}"]`);
  expect(await hidden(onBoard.locator('.cut').first())).toBeLessThanOrEqual(0);
});

it('ui who chooses a session writes in it; one that only holds a draft shows it; on a phone no keyboard comes up', async () => {
  const [empty, other] = [await visit.client.session(), await visit.client.session({ title: 'Other' })];
  const waiting = await visit.client.session({ title: 'Asks' });
  const stream_id = await visit.client.start(waiting, 'tokens=2 ask="Which?|yes|no"');
  const row = (page: Page, session_id: string) =>
    page.locator(`[data-session-id="${session_id}"]`).getByRole('link');
  const page = await visit.tab(empty);
  const isFocused = () => message(page).evaluate((field) => field === document.activeElement);
  await row(page, other).click();
  await becomes(isFocused, true);
  await row(page, empty).click();
  await page.waitForURL(`**/s/${empty}`);
  await becomes(isFocused, true);
  await page.keyboard.type('new thoughts');
  await row(page, waiting).click();
  await row(page, empty).getByText('Draft: new thoughts').waitFor();
  // Its card is answered by a digit.
  await page.getByRole('group', { name: 'Question', exact: true }).waitFor();
  expect(await isFocused()).toBe(false);
  const phone = await visit.tab(
    other,
    await visit.person({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }),
  );
  await button(phone, 'Sessions, 1 waiting').click();
  await row(phone, empty).click();
  await phone.waitForURL(`**/s/${empty}`);
  await message(phone).waitFor();
  expect(await message(phone).evaluate((field) => field === document.activeElement)).toBe(false);
  await visit.client.post('/api/chat/cancel', { stream_id });
});

it('ui a session leaves as a file, comes back out of it, and is forked from any of its messages', async () => {
  const session_id = await visit.client.session({ title: 'To be copied' });
  const page = await visit.tab(session_id);
  await send(page, 'tokens=3');
  await settled(page, 'completed');
  const heading = page.getByRole('heading', { level: 1, name: 'To be copied' });
  await button(page, 'Session').click();
  await button(page, 'Export…').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('link', { name: /^Log/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`To-be-copied-${session_id}.jsonl`);
  const file = await readFile(await download.path());
  const found = await findings(page);
  await button(page, 'Close').last().click();

  await button(page, 'List').click();
  await button(page, 'Import…').click();
  const chosen = page.getByRole('dialog').getByLabel('File');
  const upload = (name: string, buffer: Buffer) =>
    chosen.setInputFiles({ name, mimeType: 'text/plain', buffer });
  await upload('wrong.json', Buffer.from('{"messages":[{"role":"nobody"}]}'));
  await page
    .getByRole('dialog')
    .getByText(/“wrong.json” is no log.*messages\.0\.role/)
    .waitFor();
  await upload('log.jsonl', file);
  await page.waitForURL((url) => !url.pathname.endsWith(session_id));
  await heading.waitFor();
  await page.getByText('1 2 3').waitFor();

  // From the question alone, then from its answer.
  for (const [index, said] of [0, 1].entries()) {
    const before = page.url();
    await page.getByRole('log').getByRole('button', { name: 'fork from here' }).nth(index).click();
    await page.waitForURL((url) => url.href !== before);
    await heading.waitFor();
    await becomes(() => page.getByText('1 2 3').count(), said);
    if (said === 0) await page.goBack();
    await page.getByRole('log').getByRole('group').waitFor();
  }
  await button(page, 'Session').click();
  await button(page, 'Archive').click();
  await page.getByRole('status').getByText('Archived.').waitFor();
  await page.getByRole('status').getByRole('button', { name: 'Take out of the archive' }).click();
  await becomes(() => page.getByText('Archived.').count(), 0);
  const origin = page.getByRole('link', { name: 'Fork of To be copied' });
  await origin.waitFor();
  // Whatever the list shows meanwhile.
  await page.getByRole('searchbox').fill('nothing has these words');
  await page.getByText('Nothing found.').waitFor();
  expect(await origin.count()).toBe(1);
  await page.getByRole('searchbox').fill('');
  await button(page, 'Session').click();
  await button(page, 'Go to the session it was forked from').click();
  await page.getByText('1 2 3').waitFor();
  // The imported one is no fork, and says nothing of a run that it has not got.
  await becomes(() => page.getByRole('link', { name: 'Fork of' }).count(), 0);
  expect(await page.getByRole('log').getByRole('button', { name: 'transitions' }).count()).toBe(0);
  expect(found).toEqual([]);
});

it('ui a tab that follows shows the newest run; who writes there is told instead of moved', async () => {
  const shown = await visit.client.session({ title: 'Shown first' });
  const next = await visit.client.session({ title: 'Begun elsewhere' });
  const page = await visit.tab(shown);
  await button(page, 'List').click();
  await button(page, 'Follow the newest run here').click();
  await page.waitForURL((url) => url.pathname === '/');
  await visit.client.start(next, 'tokens=3');
  await page.getByRole('heading', { level: 1, name: 'Begun elsewhere' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  await message(page).fill('Half a sentence');
  // Long enough that its end is not told over its beginning.
  await visit.client.start(shown, 'tokens=5000 rate=20');
  await page
    .getByRole('status')
    .getByText('A run began elsewhere: Shown first')
    .waitFor({ state: 'attached' });
  await page.getByRole('heading', { level: 1, name: 'Begun elsewhere' }).waitFor();
  expect(await message(page).inputValue()).toBe('Half a sentence');
  await message(page).fill('');
  await message(page).blur();
  await page.getByRole('heading', { level: 1, name: 'Shown first' }).waitFor();
});

it('ui the context meter counts the last prompt, says that its window is estimated, and when it is exceeded', async () => {
  const session_id = await visit.client.session({ title: 'Metered' });
  const page = await visit.tab(session_id);
  // Four letters are a token to the demo agent, and 8,192 tokens its window.
  const ask = (letters: number) => visit.client.start(session_id, `tokens=2 ${'word '.repeat(letters / 5)}`);
  await ask(16_000);
  const meter = page.locator('.context');
  await meter.getByText('about 49 % of 8.2k').waitFor();
  await meter.click();
  await page.getByText('8,192, estimated').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Tokens in, all runs').waitFor({ state: 'hidden' });
  await ask(24_000);
  await meter.getByText('context exceeded, about 122 % of 8.2k').waitFor();
  await page.reload();
  await meter.getByText('context exceeded, about 122 % of 8.2k').waitFor();
  const { usage } = (await visit.client.get(`/api/session?session_id=${session_id}&messages=0`)).body.session;
  expect(usage.input_tokens).toBeGreaterThan(usage.last_prompt_tokens);
});

it('ui on a phone Back closes the list, the run and a dialog instead of leaving; closed otherwise, they leave no step behind', async () => {
  const [first, second] = [
    await visit.client.session({ title: 'Under it' }),
    await visit.client.session({ title: 'Gone to from the list' }),
  ];
  const page = await visit.tab(first, await visit.person({ viewport: { width: 390, height: 844 } }));
  const back = () => page.evaluate(() => history.back());
  /** What lies over the page, where the history stands. */
  const over = (): Promise<number> => page.evaluate(() => history.state?.over ?? 0);
  const list = page.getByRole('navigation', { name: 'Sessions' });
  const openList = async () => {
    await button(page, 'Sessions').click();
    await list.waitFor();
  };
  const isAt = (session_id: string) => new URL(page.url()).pathname.endsWith(session_id);
  for (const [open, shown] of [
    [openList, list],
    [() => button(page, 'Run details').click(), page.getByRole('complementary', { name: 'Run' })],
    [() => page.keyboard.press('?'), page.getByRole('dialog')],
  ] as const)
    for (const close of [back, () => page.keyboard.press('Escape')]) {
      await open();
      await shown.waitFor();
      await becomes(over, 1);
      await close();
      await shown.waitFor({ state: 'hidden' });
      await becomes(over, 0);
      expect(isAt(first)).toBe(true);
    }
  // Whether what is shown is live is to be seen with the list away, too.
  const sign = page.locator('main header [data-line="open"]');
  await sign.waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
  await sign.waitFor({ state: 'hidden' });
  await page.keyboard.press('Control+b');
  await sign.getByText('Live').waitFor();
  await page.keyboard.press('Control+b');
  await page.setViewportSize({ width: 390, height: 844 });
  await openList();
  await list.getByText('Gone to from the list').click();
  await page.waitForURL(`**/s/${second}`);
  await list.waitFor({ state: 'hidden' });
  await back();
  await page.waitForURL(`**/s/${first}`);
  expect(await over()).toBe(0);
  expect(await list.isVisible()).toBe(false);
});
