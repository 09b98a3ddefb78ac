// How long news of a session takes to another tab, measured from within the page. Runs alone (vitest.config.ts): what another
// test takes from the machine is not what Weir takes.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { visits } from './visit.ts';

const visit = visits();
/** From before the request until the row says it. */
const REACHES_MS = 100;
const ROUNDS = 5;

declare global {
  interface Window {
    /** When, by the clock of this machine, the row said it. */
    news: Promise<number>;
  }
}

/** Looks from within for a row that says so: who asks a page from outside takes the time that is measured. */
const expectNews = (pages: readonly Page[], session_id: string, words: string) =>
  Promise.all(
    pages.map((page) =>
      page.evaluate(
        ([session_id, words]) => {
          const row = () => document.querySelector(`[data-session-id="${session_id}"] a`)?.textContent ?? '';
          window.news = new Promise((came) => {
            const look = () => {
              if (!row().includes(words)) return;
              observer.disconnect();
              came(Date.now());
            };
            const observer = new MutationObserver(look);
            observer.observe(document, { subtree: true, childList: true, characterData: true });
          });
        },
        [session_id, words] as const,
      ),
    ),
  );

it('BR1 a stop, a run that fails at its start and another name are in every other tab within 100 ms', async () => {
  const home = await visit.client.session();
  const person = await visit.person();
  // One has the line of its browser, one hears of it from that one, and one is another browser.
  const tabs = [await visit.tab(home, person), await visit.tab(home, person), await visit.tab(home)] as const;
  const waits: Record<string, number[][]> = { stop: [], failure: [], name: [] };

  for (let round = 0; round < ROUNDS; round += 1) {
    const session_id = await visit.client.session({ title: `Round ${round}` });
    const change = async (what: string, words: string, act: () => Promise<unknown>): Promise<void> => {
      await expectNews(tabs, session_id, words);
      const asked_at = Date.now();
      await act();
      const came = await Promise.all(tabs.map((page) => page.evaluate(() => window.news)));
      waits[what]?.push(came.map((at) => at - asked_at));
    };

    await expectNews(tabs, session_id, 'Running');
    const stream_id = await visit.client.start(session_id, 'tokens=100000 rate=50');
    await Promise.all(tabs.map((page) => page.evaluate(() => window.news)));
    await change('stop', 'Stopped', () => visit.client.post('/api/chat/cancel', { stream_id }));
    await change('failure', 'Failed', () => visit.client.start(session_id, 'tokens=5 fail=overloaded@0'));
    await change('name', `Name ${round}`, () =>
      visit.client.request('PATCH', `/api/sessions/${session_id}`, { title: `Name ${round}` }),
    );
  }
  const middle = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
  for (const [what, rounds] of Object.entries(waits))
    for (const tab of tabs.keys())
      expect(middle(rounds.map((came) => came[tab]!)), `${what} ${JSON.stringify(waits)}`).toBeLessThan(
        REACHES_MS,
      );
});
