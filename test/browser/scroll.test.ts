// Where the reader is: at the end, and then the end stays in sight; or somewhere above, and then nothing moves.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { activeStream, answers, saidAtLeast, send, settled, transcript } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ motion: true });

/** Two letters of a line more or less are no jump (px). */
const STILL_PX = 2;

/** How far the last line is below what is in sight (px); 0 or less: it is in sight. */
const below = (page: Page): Promise<number> =>
  transcript(page).evaluate((log) => {
    const last = log.querySelector('article:last-of-type p:last-of-type')!;
    return Math.round(last.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom);
  });

interface Watch {
  tops: number[];
}

/** Writes down, frame by frame, where the first answer stands. */
const watchFirst = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const watch: Watch = { tops: [] };
    (window as never as { watch: Watch }).watch = watch;
    const frame = (): void => {
      const first = document.querySelector('article')!;
      watch.tops.push(first.getBoundingClientRect().top);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
const spread = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { tops } = (window as never as { watch: Watch }).watch;
    return Math.max(...tops) - Math.min(...tops);
  });

it('ui who reads at the end stays at the end; who scrolled up is not moved, and is told that there is more', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=2500 rate=0');
  await settled(page, 'completed');
  await becomes(async () => (await below(page)) <= 0, true);

  const first = await activeStream(visit.client, session_id);
  await send(page, 'tokens=1500 rate=600');
  const stream_id = await activeStream(visit.client, session_id, first);
  await saidAtLeast(page, stream_id, 400);
  await becomes(async () => (await below(page)) <= 0, true);

  await transcript(page).hover();
  await page.mouse.wheel(0, -1500);
  await becomes(async () => (await below(page)) > 200, true);
  // The wheel's own movement is over when two looks see the same.
  let top = Number.NaN;
  await becomes(async () => {
    const before = top;
    top = await answers(page)
      .first()
      .evaluate((article) => article.getBoundingClientRect().top);
    return before === top;
  }, true);
  await watchFirst(page);
  await settled(page, 'completed');
  await saidAtLeast(page, stream_id, 1500);
  expect(await spread(page)).toBeLessThanOrEqual(STILL_PX);

  await page.getByRole('button', { name: /new$|Go to the end/ }).click();
  await becomes(async () => (await below(page)) <= 0, true);
  await becomes(() => page.getByRole('button', { name: /new$|Go to the end/ }).count(), 0);
});

it('ui who sends a message sees it, wherever they were', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=2500 rate=0');
  await settled(page, 'completed');
  await transcript(page).hover();
  await page.mouse.wheel(0, -1500);
  await becomes(async () => (await below(page)) > 200, true);
  await send(page, 'tokens=3');
  await settled(page, 'completed');
  await becomes(async () => (await below(page)) <= 0, true);
});

it('ui who comes back to a session from the board or another one reads on where they were; who was at its end, at its end', async () => {
  const [session_id, other] = [await visit.client.session(), await visit.client.session({ title: 'Other' })];
  const first = await visit.client.start(session_id, 'tokens=2500 rate=0');
  await (await visit.client.read(`/api/chat/stream?stream_id=${first}`)).ended;
  const page = await visit.tab(session_id);
  const open = (name: string) => page.getByRole('link', { name }).first().click();
  const goBack = async () => {
    await page.goBack();
    await answers(page).first().waitFor();
  };
  await becomes(async () => (await below(page)) <= 0, true);
  await open('Board');
  await page.getByRole('region', { name: 'Board' }).waitFor();
  await goBack();
  await becomes(async () => (await below(page)) <= 0, true);

  await transcript(page).evaluate((log) => log.scrollBy({ top: -1500, behavior: 'instant' }));
  await becomes(async () => (await below(page)) > 200, true);
  const left = await below(page);
  await open('Board');
  await page.getByRole('region', { name: 'Board' }).waitFor();
  await goBack();
  await becomes(async () => Math.abs((await below(page)) - left) <= STILL_PX, true);
  // A run that ends meanwhile makes the transcript longer: what was read stands where it stood.
  const top = () =>
    answers(page)
      .first()
      .evaluate((article) => article.getBoundingClientRect().top);
  const before = await top();
  await open('Other');
  await page.waitForURL(`**/s/${other}`);
  const next = await visit.client.start(session_id, 'tokens=300 rate=0');
  await (await visit.client.read(`/api/chat/stream?stream_id=${next}`)).ended;
  await goBack();
  await becomes(() => answers(page).count(), 2);
  await becomes(async () => Math.abs((await top()) - before) <= STILL_PX, true);
});

it('ui a reload in the middle of a long answer stands at its end', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=3000 rate=800');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 1200);
  await page.reload();
  await saidAtLeast(page, stream_id, 1200);
  await becomes(async () => (await below(page)) <= 0, true);
  await settled(page, 'completed');
  await becomes(async () => (await below(page)) <= 0, true);
});
