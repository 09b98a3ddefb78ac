// What a reader saw, written down inside the page from its first moment on: each state of the badge, and of each answer the
// number of letters it showed. A MutationObserver misses nothing between two paints.
import type { BrowserContext, Page } from 'playwright-core';

export interface Chronicle {
  /** run state, with the outcome once there is one; each change once */
  badge: string[];
  /** whether there was something to stop; each change once */
  stop: boolean[];
  /** what stood in the transcript when a message of somebody first did: the number of answers */
  began: number | null;
  /** the page said that there is nothing, though there was */
  nothing: boolean;
  answers: Record<string, { first: number; last: number; shrank: string[]; gone: number }>;
}

declare global {
  interface Window {
    chronicle: Chronicle;
  }
}

function writeDown(): void {
  const chronicle: Chronicle = { badge: [], stop: [], began: null, nothing: false, answers: {} };
  window.chronicle = chronicle;
  const lettersOf = (article: Element): number =>
    [...article.querySelectorAll('p, pre, td, li')].reduce(
      (sum, part) => sum + (part.textContent ?? '').trim().length,
      0,
    );

  function look(): void {
    const badge = document.querySelector<HTMLElement>('main header [data-run-state]');
    if (badge) {
      const { runState, outcome } = badge.dataset;
      const state = outcome ? `${runState} (${outcome})` : `${runState}`;
      if (chronicle.badge.at(-1) !== state) chronicle.badge.push(state);
    }
    const stop = document.querySelector('button[aria-label="Stop"]') !== null;
    if (badge && chronicle.stop.at(-1) !== stop) chronicle.stop.push(stop);
    const log = document.querySelector('[role=log]');
    if (log?.querySelector('[data-message-id]')) chronicle.began ??= log.querySelectorAll('article').length;
    else if (log && log.textContent !== '') chronicle.nothing = true;
    const shown = new Set<string>();
    for (const article of document.querySelectorAll<HTMLElement>('article[data-stream-id]')) {
      const id = article.dataset.streamId ?? '';
      const letters = lettersOf(article);
      shown.add(id);
      const known = chronicle.answers[id];
      if (!known) chronicle.answers[id] = { first: letters, last: letters, shrank: [], gone: 0 };
      else {
        if (letters < known.last)
          known.shrank.push(`${known.last} → ${letters}: ${article.textContent?.slice(0, 80)}`);
        known.last = letters;
      }
    }
    for (const [id, known] of Object.entries(chronicle.answers)) if (!shown.has(id)) known.gone += 1;
  }
  const everything = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document, everything);
}

/** Every page of this person writes it down from now on, a reload included. */
export const keepChronicle = (person: BrowserContext): Promise<void> =>
  person.addInitScript(writeDown) as Promise<unknown> as Promise<void>;

export const chronicleOf = (page: Page): Promise<Chronicle> => page.evaluate(() => window.chronicle);
