// How long a question takes to be on screen, measured from within the page. Runs alone (vitest.config.ts): what another test
// takes from the machine is not what Weir takes.
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ motion: true });
/** What the issue asks for, from the moment of asking to the card in the page. */
const APPEARS_MS = 100;
const ROUNDS = 5;

const question = (page: Page) => page.getByRole('group', { name: 'Question', exact: true });
const ASK = 'tokens=20 ask="Which database?|Postgres|SQLite"';

interface Came {
  /** ms, by the clock that the server has too: the state with the question was heard, its card was laid out */
  heard: number;
  shown: number;
  /** files of the page that were fetched in between */
  fetched: number;
}

declare global {
  interface Window {
    /** Resolves when the page's feed is open. */
    watching: Promise<void>;
    /** Looks for the next card from now on. */
    look(): void;
    card: Promise<Came>;
  }
}

/** Looks from within: who asks a page from outside takes the time that is measured. */
const noteCards = (person: BrowserContext) =>
  person.addInitScript(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const fetched = () =>
      performance.getEntriesByType('resource').filter(({ name }) => name.includes('/assets/')).length;
    let heard = { heard: 0, fetched: 0 };
    window.watching = promise;
    const hear = (event: string, data: string) => {
      if (event === 'snapshot') resolve();
      if (event === 'clarify' && JSON.parse(data).pending) heard = { heard: Date.now(), fetched: fetched() };
    };
    window.EventSource = class extends EventSource {
      constructor(url: string | URL) {
        super(url);
        for (const name of ['snapshot', 'clarify'])
          this.addEventListener(name, ({ type, data }) => hear(type, data));
      }
    };
    // One tab of a browser has the source; it tells the others.
    window.BroadcastChannel = class extends BroadcastChannel {
      constructor(name: string) {
        super(name);
        this.addEventListener('message', ({ data }) => {
          for (const { event, data: said } of data.said ?? []) hear(event, said);
        });
      }
    };
    window.look = () => {
      window.card = new Promise((came) => {
        const look = () => {
          // Its height is known when it is laid out, styles and all.
          if (!document.querySelector('.asks [data-prompt-id]')?.clientHeight) return;
          observer.disconnect();
          document.removeEventListener('load', look, true);
          came({ heard: heard.heard, shown: Date.now(), fetched: fetched() - heard.fetched });
        };
        const observer = new MutationObserver(look);
        // Styles that come later than the card change nothing of the document.
        document.addEventListener('load', look, true);
        observer.observe(document, { subtree: true, childList: true });
      });
    };
  });
const hide = (page: Page) =>
  page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    // A hidden tab paints nothing.
    window.requestAnimationFrame = () => 0;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });

it('CQ2 each question, the first too, is on screen within 100 ms of being asked, in a visible and in a hidden tab', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await noteCards(person);
  const tabs = [await visit.tab(session_id, person), await visit.tab(session_id, person)] as const;
  await hide(tabs[1]);
  await Promise.all(tabs.map((page) => page.evaluate(() => window.watching)));
  const waits: { page_ms: number; whole_ms: number; fetched: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Before it is asked: the server can be faster than the word to the page.
    await Promise.all(tabs.map((page) => page.evaluate(() => window.look())));
    await visit.client.start(session_id, ASK);
    const came = await Promise.all(tabs.map((page) => page.evaluate(() => window.card)));
    const { pending } = (await visit.client.get(`/api/clarify/pending?session_id=${session_id}`)).body;
    const { clarify_id, requested_at } = pending;
    for (const { heard, shown, fetched } of came)
      waits.push({ page_ms: shown - heard, whole_ms: shown - requested_at, fetched });
    await visit.client.post('/api/clarify/respond', { session_id, clarify_id, action: 'decline' });
    await Promise.all(tabs.map((page) => becomes(() => question(page).count(), 0)));
    await settled(tabs[0], 'completed');
  }
  // Each in the page, the first too: all of it is there before it is asked.
  const said = JSON.stringify(waits);
  expect(Math.max(...waits.map(({ page_ms }) => page_ms)), said).toBeLessThan(APPEARS_MS);
  expect(Math.max(...waits.map(({ fetched }) => fetched)), said).toBe(0);
  // From the asking on, the disk of a machine that is busy with other tests has a part in it: the middle is what Weir takes.
  for (const tab of [0, 1]) {
    const wholes = waits.filter((_, at) => at % 2 === tab).map(({ whole_ms }) => whole_ms);
    expect(wholes.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)], said).toBeLessThan(APPEARS_MS);
  }
});
