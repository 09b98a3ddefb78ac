// The page by the names that people with screen readers, and tests, go by (ui.md).
import type { Locator, Page } from 'playwright-core';
import type { Client } from '../support/client.ts';
import { becomes, eventually, FACT_MS } from '../support/eventually.ts';

export const message = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const transcript = (page: Page) => page.getByRole('log', { name: 'Transcript' });
export const answer = (page: Page, stream_id: string) =>
  page.locator(`article[data-stream-id="${stream_id}"]`);
export const answers = (page: Page) => page.locator('article[data-stream-id]');
/** CQ11: it, and the card that it is on, have stood still so long that they can be pressed. */
export const armed = (thing: Locator): Promise<null> =>
  becomes(() => thing.evaluate((one) => one.closest('[aria-disabled]') && ''), null) as Promise<null>;
/** The badge of the run that the pane shows. */
export const badge = (page: Page) => page.locator('main header [data-run-state]');
export const notice = (page: Page) => page.locator('main [data-line-state]');

export async function send(page: Page, text: string): Promise<void> {
  await message(page).fill(text);
  await button(page, 'Send').click();
}

const COMES_BACK_MS = 2_000;

/** Asks for a try now; unless the page has come back by itself meanwhile. */
export const tryNow = (page: Page): Promise<void> =>
  button(page, 'Try now')
    .click({ timeout: COMES_BACK_MS })
    .catch(() => undefined);

export async function settled(page: Page, outcome: string): Promise<void> {
  await page
    .locator(`main header [data-run-state="settled"][data-outcome="${outcome}"]`)
    .waitFor({ timeout: FACT_MS });
}

/** What an answer of numbers says: its paragraphs, without the receipt. */
export async function said(page: Page, stream_id: string): Promise<string> {
  const paragraphs = await answer(page, stream_id).locator('p').allTextContents();
  return paragraphs
    .filter((text) => /^\s*\d/.test(text))
    .join('')
    .trim();
}

/** `1 2 3 … n` */
export const counted = (n: number): string => Array.from({ length: n }, (_, at) => at + 1).join(' ');

/** Waits until the answer says at least the numbers up to `n`. */
export const saidAtLeast = (page: Page, stream_id: string, n: number): Promise<string> =>
  eventually(
    () => said(page, stream_id),
    (text) => Number(text.split(' ').at(-1)) >= n,
  );

/** The newest stream of the session, running or over already; `besides`: a newer one than this. */
export async function activeStream(client: Client, session_id: string, besides?: string): Promise<string> {
  const newest = await eventually<string | null>(
    async () => {
      const { session } = (await client.get(`/api/session?session_id=${session_id}`)).body;
      return session.active_stream_id ?? session.messages.at(-1)?.stream_id ?? null;
    },
    (stream_id) => stream_id !== null && stream_id !== besides,
  );
  return newest!;
}
