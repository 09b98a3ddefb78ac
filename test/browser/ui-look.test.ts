// What a reader's eye would notice: text that jumps, a page that moves under them, a first load that takes long.
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import {
  activeStream,
  answer,
  armed,
  button,
  message,
  saidAtLeast,
  send,
  settled,
  transcript,
} from './names.ts';
import { visits } from './visit.ts';

const FIRST_LOAD_BYTES_MAX = 130 * 1000;

const visit = visits({ motion: true });

declare global {
  interface Window {
    shifts: { at: number; value: number; of: string[] }[];
  }
}

function noteShifts(): void {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      sources: { node: Node }[];
    })[])
      window.shifts.push({
        at: entry.startTime,
        value: entry.value,
        of: entry.sources.map(({ node }) => `${node?.nodeName} ${node?.textContent?.slice(0, 40)}`),
      });
  }).observe({ type: 'layout-shift', buffered: true });
}

/** The place of an answer's text on the screen, to the pixel. */
const topOf = (page: Page, stream_id: string): Promise<number> =>
  answer(page, stream_id)
    .locator('.prose')
    .first()
    .evaluate((node) => Math.round(node.getBoundingClientRect().top));

it('ui the first load is at most 130 KB', async () => {
  const page = await visit.tab(null);
  await page.waitForLoadState('networkidle');
  const paths = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => !path.startsWith('/api/')),
  );
  const sizes = await Promise.all(
    ['/', ...paths].map(async (path) => {
      const file = await (await fetch(visit.url + path)).arrayBuffer();
      return [path, gzipSync(Buffer.from(file)).length] as const;
    }),
  );
  const sum = sizes.reduce((total, [, bytes]) => total + bytes, 0);
  expect(sum, JSON.stringify(sizes)).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
});

it('ui at settlement nothing moves: not a pixel of the text that was read', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await person.addInitScript(noteShifts);
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=900 rate=300');
  const stream_id = await activeStream(visit.client, session_id);
  await settled(page, 'completed');
  // Longer than the column, so that the end is where the reader is.
  await becomes(() => answer(page, stream_id).getAttribute('aria-busy'), null);
  const settledTop = await topOf(page, stream_id);
  const shifts = await page.evaluate(() => window.shifts);
  expect(shifts.filter(({ value }) => value > 0.05)).toEqual([]);

  const again = await visit.tab(session_id);
  await answer(again, stream_id).waitFor();
  await becomes(() => topOf(again, stream_id), settledTop);
});

it('ui the last words of an answer stay where they are when its receipt comes', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  // The end is held back: the last token is on screen, and the run is not over.
  await send(page, 'tokens=600 rate=600 stall=3@600');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 600);
  await becomes(() => answer(page, stream_id).getAttribute('aria-busy'), 'true');
  const before = await topOf(page, stream_id);
  await settled(page, 'completed');
  await becomes(() => answer(page, stream_id).getAttribute('aria-busy'), null);
  expect(await topOf(page, stream_id)).toBe(before);
});

it('ui who reads further up is left there while text comes, and is told that there is more', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=1500');
  await settled(page, 'completed');
  await send(page, 'tokens=400 rate=80 tools=4');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 20);
  await transcript(page).evaluate((log) => {
    log.scrollTop = -600;
  });
  const pill = page.getByRole('button', { name: /^\d+ new$/ });
  await pill.waitFor();
  const first = page.locator('article').first();
  const topBefore = await first.evaluate((node) => Math.round(node.getBoundingClientRect().top));
  await saidAtLeast(page, stream_id, 120);
  const topAfter = await first.evaluate((node) => Math.round(node.getBoundingClientRect().top));
  expect(Math.abs(topAfter - topBefore)).toBeLessThanOrEqual(1);
  await pill.click();
  await becomes(() => transcript(page).evaluate((log) => Math.abs(log.scrollTop) < 2), true);
  await becomes(() => pill.count(), 0);
  // At the end again, it stays there.
  await saidAtLeast(page, stream_id, 200);
  expect(await transcript(page).evaluate((log) => Math.abs(log.scrollTop) < 2)).toBe(true);
});

it('ui a session is renamed, pinned and deleted, and the list says so', async () => {
  const keep = await visit.client.session({ title: 'Stays' });
  const session_id = await visit.client.session({ title: 'Goes' });
  const page = await visit.tab(session_id);
  const row = (id: string) =>
    page.getByRole('list', { name: 'Sessions' }).locator(`[data-session-id="${id}"]`);
  await button(page, 'Session').click();
  await button(page, 'Rename').click();
  const title = page.getByRole('textbox', { name: 'Title' });
  await title.fill('Renamed by hand');
  await title.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Renamed by hand' }).waitFor();
  await eventually(
    () => row(session_id).textContent(),
    (text) => text!.includes('Renamed by hand'),
  );
  await eventually(
    () => page.title(),
    (text) => text.startsWith('Renamed by hand'),
  );

  await button(page, 'Session').click();
  await button(page, 'Pin').click();
  await eventually(
    () => row(session_id).textContent(),
    (text) => text!.startsWith('Pinned: '),
  );

  await send(page, 'tokens=900 rate=20');
  await activeStream(visit.client, session_id);
  await button(page, 'Session').click();
  await button(page, 'Delete…').click();
  const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
  await dialog.getByText('A run is live.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect((await visit.client.get(`/api/session?session_id=${session_id}&messages=0`)).status).toBe(200);
  await button(page, 'Session').click();
  await button(page, 'Delete…').click();
  await button(page, 'Stop and delete').click();
  await becomes(() => row(session_id).count(), 0);
  await becomes(() => new URL(page.url()).pathname.includes(session_id), false);
  expect((await visit.client.get(`/api/session?session_id=${session_id}&messages=0`)).status).toBe(404);
  expect(await row(keep).count()).toBe(1);
});

it('ui a session that another tab deletes is gone with all that showed it, and what was being written is kept', async () => {
  const session_id = await visit.client.session({ title: 'Goes elsewhere' });
  const person = await visit.person();
  const [page, other] = [await visit.tab(session_id, person), await visit.tab(session_id, person)];
  await send(page, 'tokens=2');
  await settled(page, 'completed');
  await message(page).fill('half a thought');
  await button(other, 'Session').click();
  await button(other, 'Delete…').click();
  await other.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'There is no such session' }).waitFor();
  expect(await page.locator('main [data-line-state]').count()).toBe(0);
  await page.locator('nav [data-line-state="open"]').getByText('Live').waitFor();
  expect(await message(page).count()).toBe(0);
  expect(await button(page, 'Session').count()).toBe(0);
  expect(await page.locator('main header [data-run-state]').count()).toBe(0);
  expect(await page.getByRole('complementary', { name: 'Run' }).textContent()).toContain('No run yet.');
  expect(await page.title()).not.toContain('Goes elsewhere');
  await page.getByText('What you had written is kept for a new session.').waitFor();
  await page.getByRole('main').getByRole('button', { name: 'New session' }).click();
  await becomes(() => message(page).inputValue(), 'half a thought');
});

/** To where its approval waited, and back to now by one key; nothing under the past can be reached meanwhile. */
async function looksBack(page: Page): Promise<void> {
  await button(page, 'Look back').click();
  const past = page.getByRole('region', { name: /^As it was at/ });
  const slider = page.getByRole('slider', { name: 'Moment of this run' });
  await becomes(() => slider.evaluate((node) => node === document.activeElement), true);
  const card = past.getByRole('region', { name: 'Approval' });
  const standsAt = (n: number) =>
    eventually(
      () => slider.getAttribute('aria-valuetext'),
      (text) => text!.includes(` ${n} of `),
    );
  for (let n = Number(await slider.inputValue()); n > 1 && (await card.count()) === 0; n -= 1) {
    await page.keyboard.press('ArrowLeft');
    await standsAt(n - 1);
  }
  expect(await card.textContent()).toContain('make');
  await becomes(async () => (await past.textContent())!.includes('Waiting for you'), true);
  await page.getByRole('img', { name: /^Statechart of this run. At [\d:]+ in waiting/ }).waitFor();
  await page.keyboard.press('Home');
  await standsAt(1);
  expect(await message(page).evaluate((node) => node.closest('[inert]') !== null)).toBe(true);
  await page.keyboard.press('Escape');
  await becomes(() => past.count(), 0);
  expect(await message(page).evaluate((node) => node.closest('[inert]'))).toBeNull();
  expect(await button(page, 'Look back').evaluate((node) => node === document.activeElement)).toBe(true);
}

it('ui the drawer shows the way of a run, as it was at any moment, now and after a reload', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=20 rate=60 approve="make"');
  await armed(page.getByRole('group', { name: 'Approval', exact: true }));
  await button(page, 'Deny').click();
  await settled(page, 'completed');
  const steps = page.getByRole('list', { name: /^Transitions/ }).getByRole('listitem');
  await eventually(
    () => steps.first().textContent(),
    (text) => text!.includes('settled'),
  );
  await page.reload();
  await page.getByRole('img', { name: /^Statechart of this run. Now in settled/ }).waitFor();
  await eventually(
    () => steps.allTextContents(),
    (texts) => /settled.*draining.*running.*waiting.*running.*starting.*admitted/.test(texts.join(' ')),
  );
  await page
    .getByRole('definition')
    .filter({ hasText: /^\d+\.\d s$/ })
    .waitFor();
  await looksBack(page);
  await page.getByRole('tab', { name: 'Log' }).click();
  const records = page.getByRole('list', { name: /^Records of this run/ }).getByRole('listitem');
  await eventually(
    () => records.first().textContent(),
    (text) => text!.includes('stream_end'),
  );
});

it('ui who looks back at a run that goes on is told so, and reads on from where they stand', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=5000 rate=100');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 5);
  await button(page, 'Look back').click();
  const slider = page.getByRole('slider', { name: 'Moment of this run' });
  const [n, count] = [await slider.inputValue(), Number(await slider.getAttribute('max'))];
  await page.getByText('The run was not over when this was read.').waitFor();
  await visit.client.post('/api/chat/cancel', { stream_id });
  await becomes(async () => {
    await button(page, 'Read on')
      .click({ timeout: 1000 })
      .catch(() => undefined);
    return button(page, 'Read on').count();
  }, 0);
  expect(Number(await slider.getAttribute('max'))).toBeGreaterThan(count);
  expect(await slider.inputValue()).toBe(n);
  await button(page, 'Back to now').click();
  await settled(page, 'cancelled');
});
