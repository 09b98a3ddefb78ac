// Files with a message, in a real browser: chosen, dropped, pasted, sent on their way, cut off, taken back, sent, shown.
import AxeBuilder from '@axe-core/playwright';
import type { Page, Route } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { button, message, send, settled, transcript } from './names.ts';
import { visits, WIDE } from './visit.ts';

const visit = visits({ concurrent: true });
const MIB = 1024 * 1024;

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const picture = (name: string) => ({ name, mimeType: 'image/png', buffer: PNG });
const text = (name: string, holds = '# Heron') => ({ name, mimeType: '', buffer: Buffer.from(holds) });

const tray = (page: Page) => page.getByRole('group', { name: 'Attachments' });
const progress = (page: Page) => tray(page).getByRole('progressbar');
const names = (page: Page) => tray(page).locator('bdi').allTextContents();
const attached = (page: Page) => tray(page).locator('[data-state-of-file="attached"]');
const sent = (page: Page) => transcript(page).getByRole('list', { name: 'Files of this message' });

async function pick(page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]) {
  const chooser = page.waitForEvent('filechooser');
  await button(page, 'Attach files').click();
  await (await chooser).setFiles(files);
}

/** Lets files go over the pane, or puts them into the message, as a browser tells of it. What the pane said meanwhile. */
const give = (page: Page, how: 'drop' | 'miss' | 'paste', name: string, words = '') =>
  page.evaluate(
    ([how, name, text, png]) => {
      const bytes = Uint8Array.from(atob(png!), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name!, { type: 'image/png' }));
      if (text) data.setData('text/plain', text);
      const rest = { bubbles: true, cancelable: true };
      const pane = document.querySelector<HTMLElement>('.pane')!;
      if (how === 'paste') {
        const paste = new ClipboardEvent('paste', { ...rest, clipboardData: data });
        return String(document.querySelector('.compose textarea')!.dispatchEvent(paste));
      }
      const target = how === 'miss' ? document.querySelector('.side')! : pane;
      const words = () => getComputedStyle(pane, '::after').content;
      target.dispatchEvent(new DragEvent('dragover', { ...rest, dataTransfer: data }));
      const before = words();
      const isOpened = target.dispatchEvent(new DragEvent('drop', { ...rest, dataTransfer: data }));
      return before + (isOpened ? 'opened' : words());
    },
    [how, name, words, PNG.toString('base64')],
  );

/** Holds uploads back until they are let go, in their order. */
async function holdUploads(page: Page) {
  const held: Route[] = [];
  await page.route('**/api/attachments?*', (route) => void held.push(route));
  return {
    next: async (): Promise<Route> =>
      (await eventually(
        () => held.shift(),
        (route) => route !== undefined,
      ))!,
    end: () => page.unroute('**/api/attachments?*'),
  };
}

it.concurrent('ui files are chosen, dropped and pasted; they are the draft’s over a reload, and go with its message to every tab', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  const page = await visit.tab(session_id, person);
  const other = await visit.tab(session_id, person);

  await pick(page, picture('chosen.png'), text('notes.md'));
  expect(await give(page, 'drop', 'dropped.png')).toBe('"Drop files to attach them"none');
  expect(await give(page, 'paste', 'image.png')).toBe('false');
  expect(await give(page, 'paste', 'table.png', 'a\tb')).toBe('true');
  await becomes(() => attached(page).count(), 4);
  await becomes(() => progress(page).count(), 0);
  expect(await names(page)).toEqual(['chosen.png', 'notes.md', 'dropped.png', 'image.png']);
  await page.getByRole('status').filter({ hasText: 'files attached' }).waitFor({ state: 'attached' });
  // Let go beside the pane, a file neither opens in the place of the page nor is attached.
  expect(await give(page, 'miss', 'missed.png')).toBe('nonenone');
  // The draft is the same in every tab.
  await becomes(() => attached(other).count(), 4);

  // Text that is pasted is text.
  await message(page).fill('tokens=3');
  await message(page).press('Control+A');
  await message(page).press('Control+C');
  await message(page).press('End');
  await message(page).press('Control+V');
  await becomes(() => message(page).inputValue(), 'tokens=3tokens=3');
  await message(page).fill('');
  expect(await button(page, 'Send').getAttribute('aria-disabled')).toBe('true');
  await tray(page).getByText('Files go with a message: write one.').waitFor();

  await page.reload();
  await becomes(() => attached(page).count(), 4);
  await button(page, 'Remove image.png').click();
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'Remove dropped.png',
  );

  await send(page, 'tokens=3');
  await settled(page, 'completed');
  for (const tab of [page, other]) {
    await becomes(() => sent(tab).getByRole('img').count(), 2);
    await becomes(() => tray(tab).count(), 0);
    const box = await sent(tab).getByRole('img', { name: 'dropped.png' }).boundingBox();
    expect([box?.width, box?.height]).toEqual([240, 180]);
    await becomes(
      () =>
        sent(tab)
          .getByRole('img')
          .first()
          .evaluate((img: HTMLImageElement) => img.naturalWidth),
      1,
    );
  }
  const download = page.waitForEvent('download');
  await sent(page)
    .getByRole('link', { name: /^Download notes\.md/ })
    .click();
  expect((await download).suggestedFilename()).toBe('notes.md');
  await pick(page, picture('next.png'), text('next.md'));
  await becomes(() => attached(page).count(), 2);
  const axe = new AxeBuilder({ page }).include('#transcript').include('.dock');
  expect((await axe.analyze()).violations).toEqual([]);
});

it.concurrent('ui progress is shown, and gone however an upload ends; what failed says why and can be tried again', async () => {
  const { person, gate } = await visit.traveller(WIDE);
  const [one, two] = [
    await visit.client.session({ title: 'One' }),
    await visit.client.session({ title: 'Two' }),
  ];
  const page = await visit.tab(one, person);
  let uploads = await holdUploads(page);

  // Refused by the server.
  await pick(page, text('a.md'));
  await tray(page).getByRole('progressbar', { name: 'Uploading a.md' }).waitFor();
  const full = { error: 'The disk is full. Nothing was written.', code: 'storage_full' };
  await (await uploads.next()).fulfill({ status: 507, json: full });
  await tray(page).getByText(full.error).waitFor();
  expect(await progress(page).count()).toBe(0);

  await button(page, 'Remove a.md').click();

  // Cut off on the way, with a part of it sent.
  await uploads.end();
  const devtools = await person.newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: MIB };
  await devtools.send('Network.emulateNetworkConditions', slow);
  await pick(page, text('a.md', 'x'.repeat(8 * MIB)));
  await eventually(
    () => progress(page).evaluate((bar: HTMLProgressElement) => bar.value),
    (share) => share > 0 && share < 1,
  );
  gate.shut();
  await tray(page).getByText('The connection broke.').waitFor();
  expect(await progress(page).count()).toBe(0);
  await devtools.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  gate.open();
  // Nothing is sent without it, and nothing is lost.
  await send(page, 'tokens=2');
  await page.getByRole('main').getByText('A file was not uploaded. Try it again, or remove it.').waitFor();
  expect(await message(page).inputValue()).toBe('tokens=2');

  // Taken back on the way.
  uploads = await holdUploads(page);
  await button(page, 'Try again: a.md').click();
  await uploads.next();
  await button(page, 'Cancel a.md').click();
  await becomes(() => tray(page).count(), 0);

  // Another session on screen: it goes on, and is the first one's.
  await pick(page, text('b.md'));
  const held = await uploads.next();
  await page.locator(`[data-session-id="${two}"] a`).click();
  await page.waitForURL(`**/s/${two}`);
  await becomes(() => tray(page).count(), 0);
  await held.continue();
  await page.locator(`[data-session-id="${one}"] a`).click();
  await becomes(() => attached(page).count(), 1);
  expect(await progress(page).count()).toBe(0);

  // The server can't be reached.
  await uploads.end();
  gate.shut();
  await pick(page, text('c.md'));
  await tray(page).getByText('The connection broke.').waitFor();
  expect(await progress(page).count()).toBe(0);
  expect(await names(page)).toEqual(['b.md', 'c.md']);

  // The page is left: what had not arrived is named by the next one.
  gate.open();
  await page.reload();
  await page
    .getByRole('main')
    .getByText('Not uploaded before the page was left: c.md. Attach it again.')
    .waitFor();
  expect(await names(page)).toEqual(['b.md']);
});

it.concurrent('ui Send waits for uploads; a refused message gives its files back; a queued one says how many it has', async () => {
  const page = await visit.tab(await visit.client.session());
  const uploads = await holdUploads(page);
  await pick(page, text('a.md'));
  const held = await uploads.next();
  await message(page).fill('tokens=2');
  await message(page).press('Enter');
  await button(page, 'Send waits for the files').waitFor();
  expect(await message(page).inputValue()).toBe('tokens=2');
  await page.route(
    '**/api/chat/start',
    (route) => route.fulfill({ status: 507, json: { error: 'Full.', code: 'storage_full' } }),
    {
      times: 1,
    },
  );
  await held.continue();
  await uploads.end();
  await page.getByRole('main').getByText('Full.').waitFor();
  await becomes(() => message(page).inputValue(), 'tokens=2');
  await becomes(async () => (await names(page)).join(), 'a.md');

  await send(page, 'tokens=10000 rate=30');
  await sent(page).first().waitFor();
  await pick(page, text('b.md'), picture('c.png'));
  await becomes(() => attached(page).count(), 2);
  await send(page, 'And these');
  const queue = page.getByRole('list', { name: 'Next in the queue' });
  await queue.getByText('2 files').waitFor();
  await becomes(() => tray(page).count(), 0);
});

it.concurrent('ui files of hostile kinds are refused in words, or shown as text; those of the first message make a session with it', async () => {
  const page = await visit.tab(null);
  await button(page, 'New session').first().click();
  await page.waitForURL('**/s/*');
  const hostile = '"><img src=x onerror=alert(1)>\u202egnp.md';
  await pick(
    page,
    text('tool.bin', '\0'),
    text('empty.md', ''),
    text(hostile),
    // It begins like an image, and is none.
    { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1') },
    ...Array.from({ length: 9 }, (_, n) => text(`${n}.md`)),
  );
  const said = page.getByRole('main').locator('.inert.failed');
  await said.getByText('tool.bin can’t be attached').waitFor();
  expect(await said.textContent()).toContain(
    'empty.md is empty.\n3 files were left out: a message takes at most 10.',
  );
  await becomes(() => attached(page).count(), 8);
  await becomes(() => tray(page).locator('img').count(), 0);
  const shown = hostile.replaceAll(/[\u202e]/g, '_');
  expect((await names(page)).at(0)).toBe(shown);
  await send(page, 'tokens=2');
  await settled(page, 'completed');
  await becomes(() => sent(page).getByRole('link').count(), 8);
  await becomes(() => sent(page).locator('img').count(), 0);
  expect((await sent(page).locator('bdi').allTextContents()).slice(0, 2)).toEqual(['fake.png', shown]);
});
