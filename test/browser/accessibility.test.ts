// axe finds nothing: light and dark, on a laptop and on a phone, at the start, while a run goes on, and behind it.
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { startTestServer } from '../support/server.ts';
import { findings } from './findings.ts';
import { activeStream, button, message, saidAtLeast, send, settled, transcript } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

const SIZES = { laptop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

async function openDrawer(page: Page): Promise<void> {
  const drawer = page.getByRole('complementary', { name: 'Run' });
  if (!(await drawer.isVisible())) await button(page, 'Run details').click();
  await drawer.getByRole('tab', { name: 'State', selected: true }).waitFor();
  await drawer.getByRole('img', { name: /^Statechart of this run\. Now in settled/ }).waitFor();
}

const looks = Object.entries(SIZES).flatMap(([size, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ size, viewport, colorScheme })),
);

let scene: string;
let running: string;

beforeAll(async () => {
  const { client } = visit;
  scene = await client.session({ title: 'The demo scene' });
  await client.start(scene, 'Show me what a run looks like');
  running = await client.session();
  await client.start(running, 'tokens=100000 rate=30 reasoning=5 tools=4');
  await client.post('/api/chat/start', { session_id: running, message: 'And then this', on_busy: 'queue' });
  await client.post('/api/chat/start', { session_id: running, message: 'And that', on_busy: 'queue' });
});

it.concurrent.each(looks)(
  'ui axe finds nothing on a $size in $colorScheme',
  async ({ viewport, colorScheme }) => {
    const person = await visit.person({ viewport, colorScheme, reducedMotion: 'reduce' });
    const found: Record<string, string[]> = {};
    const page = await visit.tab(running, person);
    await page.getByRole('list', { name: 'Next in the queue' }).waitFor();
    await page.locator('main header [data-run-state="running"]').waitFor();
    found.running = await findings(page);

    await page.goto(`/s/${scene}`);
    await settled(page, 'completed');
    for (const summary of await transcript(page).locator('summary').all()) await summary.click();
    found.settled = await findings(page);

    await openDrawer(page);
    found.drawer = await findings(page);
    await button(page, 'Look back').click();
    await page.getByRole('region', { name: /^As it was at/ }).waitFor();
    found.past = await findings(page);
    await button(page, 'Back to now').click();
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByRole('list', { name: /^Records of this run/ }).waitFor();
    found.log = await findings(page);
    expect(found).toEqual({ running: [], settled: [], drawer: [], past: [], log: [] });
  },
);

it.concurrent.each(looks)(
  'ui axe finds nothing at the start on a $size in $colorScheme',
  async ({ viewport, colorScheme }) => {
    const server = await startTestServer();
    try {
      const page = await visit.tab(null, await visit.person({ viewport, colorScheme, baseURL: server.url }));
      await page.getByRole('button', { name: 'Send' }).waitFor();
      const found: Record<string, string[]> = { start: await findings(page) };
      await message(page).blur();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      found.help = await findings(page);
      expect(found).toEqual({ start: [], help: [] });
    } finally {
      await server.close();
    }
  },
);

it.concurrent('ui axe finds nothing when a run failed, the connection is lost, and the list is open on a phone', async () => {
  const { person, gate } = await visit.traveller({ viewport: SIZES.phone });
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=20 fail=overloaded@10');
  await settled(page, 'errored');
  const found: Record<string, string[]> = {};
  found.failed = await findings(page);
  gate.shut();
  await page.locator('main [data-line-state]').waitFor();
  found.lost = await findings(page);
  await page
    .getByRole('banner')
    .or(page.locator('main header'))
    .getByRole('button', { name: /^Sessions/ })
    .click();
  await page.getByRole('list', { name: 'Sessions' }).waitFor();
  found.list = await findings(page);
  expect(found).toEqual({ failed: [], lost: [], list: [] });
});

// Alone: the ends of other sessions are told, too.
it('ui a screen reader hears transitions and the end, never tokens', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await page.evaluate(() => {
    const heard: string[] = [];
    (window as never as { heard: string[] }).heard = heard;
    for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live=polite]'))
      new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
        subtree: true,
        childList: true,
        characterData: true,
      });
  });
  expect(await transcript(page).getAttribute('aria-live')).toBe('off');
  await send(page, 'tokens=120 rate=100');
  await settled(page, 'completed');
  await becomes(
    () => page.evaluate(() => (window as never as { heard: string[] }).heard.at(-1)),
    'The run is over: Done.',
  );
  const heard = await page.evaluate(() => (window as never as { heard: string[] }).heard);
  expect(heard.length).toBeLessThan(8);
  expect(heard.join(' ')).not.toMatch(/\b1 2 3\b/);
});

it.concurrent('ui everything that can be pressed on a phone is at least 44 px, or 24 px and inline', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id, await visit.person({ viewport: SIZES.phone, hasTouch: true }));
  await send(page, 'tokens=5000 rate=60');
  await saidAtLeast(page, await activeStream(visit.client, session_id), 5);
  const small = await page
    .locator('main button:visible, main [role=textbox]:visible, main textarea:visible')
    .evaluateAll((all) =>
      all
        .map((one) => ({
          name: one.getAttribute('aria-label') ?? one.textContent,
          box: one.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.height < 44 || box.width < 44)
        .map(({ name, box }) => `${name}: ${box.width} × ${box.height}`),
    );
  await button(page, 'Stop').click();
  expect(small).toEqual([]);
});
