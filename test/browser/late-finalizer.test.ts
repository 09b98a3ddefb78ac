// AT3: the answer for a run that is over comes late, when a newer run of the same session owns the pane. The reference
// implementation wipes the newer run's live turn then (hermes-webui #3885). Here the late answer is held back by the
// network, on both paths, and may say anything at all.
import type { Page, Route } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { chronicleOf, keepChronicle } from './chronicle.ts';
import { answer, badge, button, counted, said, saidAtLeast, settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

/** AT1: the deferred ask and ten more. */
const ASKS_MAX = 11;

// biome-ignore lint/suspicious/noExplicitAny: the server's answer, changed at will
type Opened = any;
type Late = (route: Route, opened: Opened, runs: { old: string; newer: string }) => Promise<void>;

const json = (route: Route, body: unknown, status = 200) => route.fulfill({ status, json: body });
const without = (opened: Opened, stream_id: string) =>
  opened.session.messages.filter((m: Opened) => m.role === 'user' || m.stream_id !== stream_id);

/** What the late answer says. `opened` is the true answer of the moment in which it was asked for. */
const LATE: Record<string, { say: Late; asks: number; again?: boolean }> = {
  'the old run is settled, and nothing runs': { say: (route, opened) => json(route, opened), asks: 1 },
  'the old run is settled, and the newer one runs': { say: (route) => route.continue(), asks: 1 },
  'another run has the pane': {
    say: (route, opened, { old, newer }) => {
      const messages = without(opened, old);
      return json(route, { session: { ...opened.session, messages, active_stream_id: newer } });
    },
    asks: 1,
  },
  'there is no such session': {
    say: (route) => json(route, { error: 'There is no such session.', code: 'not_found' }, 404),
    asks: 1,
  },
  'an error': { say: (route) => json(route, { error: 'No.', code: 'internal' }, 500), asks: 1 },
  'nothing: it is cut off': { say: (route) => route.abort(), asks: 1 },
  'the old run is active, for ever': {
    say: (route, opened, { old }) => {
      const messages = opened.session.messages.map((m: Opened) =>
        m.role === 'assistant' && m.stream_id === old
          ? { ...m, terminal_state: null, settled_at: undefined }
          : m,
      );
      return json(route, { session: { ...opened.session, messages, active_stream_id: old } });
    },
    asks: ASKS_MAX,
    again: true,
  },
};

/** Holds back every ask for the settled session from now on, until `release`; the truth of that moment beside it. */
async function holdAsks(page: Page) {
  const held: { route: Route; opened: Opened }[] = [];
  let say: ((route: Route, opened: Opened) => Promise<void>) | null = null;
  let asks = 0;
  await page.route('**/api/session?*messages=1*', async (route) => {
    const opened = await (await fetch(route.request().url())).json();
    asks += 1;
    if (say) await say(route, opened);
    else held.push({ route, opened });
  });
  return {
    asks: () => asks,
    asked: () => becomes(() => held.length, 1),
    async release(answer: typeof say) {
      say = answer;
      for (const { route, opened } of held.splice(0)) await answer!(route, opened);
    },
  };
}

const PATHS = {
  deferred: { text: 'tokens=30 rate=100', says: counted(30), extra: 0 },
  // Nothing is on screen when `stream_end` comes: it is asked at once, before the tries are counted.
  direct: { text: 'tokens=0', says: '', extra: 1 },
};

const races = Object.entries(PATHS).flatMap(([path, old]) =>
  Object.entries(LATE).map(([words, late]) => ({ path, words, old, late })),
);

it.concurrent.each(races)(
  'AT3 $path, and the late answer is “$words”: the newer run is left alone',
  async ({ old, late }) => {
    const session_id = await visit.client.session();
    const person = await visit.person();
    await keepChronicle(person);
    const page = await visit.tab(session_id, person);
    const network = await holdAsks(page);
    const first = await visit.client.start(session_id, old.text);
    await network.asked();
    expect(await said(page, first)).toBe(old.says);

    const newer = await visit.client.start(session_id, 'tokens=5000 rate=60');
    await saidAtLeast(page, newer, 10);
    const article = await answer(page, newer).elementHandle();
    await network.release((route, opened) => late.say(route, opened, { old: first, newer }));
    const asks = late.again ? late.asks + old.extra : late.asks;
    await becomes(network.asks, asks);
    const { [newer]: before } = (await chronicleOf(page)).answers;
    await eventually(
      async () => (await chronicleOf(page)).answers[newer]!.last,
      (letters) => letters > before!.last,
    );

    // The old run's turn is over, with all that it said; the newer one goes on as if nothing had been.
    await becomes(() => answer(page, first).getAttribute('aria-busy'), null);
    expect(await said(page, first)).toBe(old.says);
    expect(await badge(page).getAttribute('data-run-state')).toBe('running');
    expect(await button(page, 'Stop').count()).toBe(1);
    expect(await article!.evaluate((node) => node.isConnected)).toBe(true);

    await page.unrouteAll();
    await button(page, 'Stop').click();
    await settled(page, 'cancelled');
    const words = (await said(page, newer)).split(' ').length;
    expect(await said(page, newer)).toBe(counted(words));
    expect(await said(page, first)).toBe(old.says);
    await answer(page, newer).locator('[data-outcome="cancelled"]').waitFor();
    await becomes(() => page.locator('article[aria-busy]').count(), 0);
    const { answers, badge: states, stop } = await chronicleOf(page);
    expect(answers[newer]).toMatchObject({ shrank: [], gone: 0 });
    expect(answers[first]).toMatchObject({ shrank: [], gone: 0 });
    // Seen from the end: one settlement, before it one run that was never anything else, and always something to stop.
    const own = states.slice(states.lastIndexOf('starting') + 1);
    expect(own.filter((state) => state !== 'draining')).toEqual(['running', 'settled (cancelled)']);
    expect(stop.slice(-2)).toEqual([true, false]);
  },
);
