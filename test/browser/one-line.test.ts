// One browser, many tabs, one connection: whoever leads may close or stand still, and every tab goes on, letter for letter.
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { freeze } from './freeze.ts';
import { counted, said, saidAtLeast, settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits({ motion: true });

const TOKENS = 450;
const RATE = 50;
/** LN2, and what two busy cores add to it. */
const CLOSED_MS = 1_000;
const FROZEN_MS = 5_000;

declare global {
  interface Window {
    /** the longest time (ms) without a new letter, from the first to the last */
    pause: number;
  }
}

/** Measures how long the answer stood still. */
function measurePauses(): void {
  let letters = 0;
  let at = 0;
  window.pause = 0;
  new MutationObserver(() => {
    const text = document.querySelector('article[data-stream-id]')?.textContent ?? '';
    if (text.length <= letters) return;
    const now = performance.now();
    if (letters > 0) window.pause = Math.max(window.pause, now - at);
    letters = text.length;
    at = now;
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

interface Tab {
  page: Page;
  session_id: string;
  /** lines that it opened */
  lines(): number;
}

async function openTab(person: BrowserContext, session_id: string): Promise<Tab> {
  const page = await person.newPage();
  let opened = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/live?')) opened += 1;
  });
  await page.goto(`/s/${session_id}`);
  await page.locator('[data-line-state="open"]').waitFor();
  return { page, session_id, lines: () => opened };
}

/** Tabs of one person on sessions that all run, each with the stream that it shows. */
async function crowd(person: BrowserContext, places: number[]) {
  await person.addInitScript(measurePauses);
  const sessions = await Promise.all([0, 1, 2].map(() => visit.client.session()));
  const tabs: Tab[] = [];
  for (const place of places) tabs.push(await openTab(person, sessions[place]!));
  const streams = new Map<string, string>();
  for (const session_id of sessions)
    streams.set(session_id, await visit.client.start(session_id, `tokens=${TOKENS} rate=${RATE}`));
  return { tabs, streamOf: ({ session_id }: Tab) => streams.get(session_id)! };
}

/** The log's own text of a run, from its frames. */
async function logged(stream_id: string): Promise<string> {
  const reader = await visit.client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.ended;
  const tokens = reader.events.filter(({ event }) => event === 'token');
  return tokens
    .map(({ data }) => JSON.parse(data).text)
    .join('')
    .trim();
}

/** The tab that holds the line, of those that did not: there must come one. */
const nextLeader = (tabs: Tab[]): Promise<Tab | undefined> =>
  eventually(
    () => tabs.find(({ lines }) => lines() > 0),
    (leader) => leader !== undefined,
  );

const longestPause = async (tabs: Tab[]): Promise<number> =>
  Math.max(...(await Promise.all(tabs.map(({ page }) => page.evaluate(() => window.pause)))));

it('LN2 five tabs on three runs have one connection; its leader closes, the next is frozen and thaws: each goes on in time, letter for letter', async () => {
  const person = await visit.person();
  const { tabs, streamOf } = await crowd(person, [0, 0, 1, 1, 2]);
  const goesOn = async (of: Tab[]) => {
    for (const tab of of) {
      const reached = (await said(tab.page, streamOf(tab))).split(' ').length;
      await saidAtLeast(tab.page, streamOf(tab), reached + 10);
    }
  };
  await goesOn(tabs);
  await becomes(() => visit.connections, 1);
  const [first, ...followers] = tabs as [Tab, ...Tab[]];
  expect([first.lines() > 0, ...followers.map(({ lines }) => lines())]).toEqual([true, 0, 0, 0, 0]);

  await first.page.close();
  const second = (await nextLeader(followers))!;
  await goesOn(followers);
  expect(await longestPause(followers)).toBeLessThan(CLOSED_MS);
  expect(visit.connections).toBe(1);

  const others = followers.filter((tab) => tab !== second);
  const thaw = await freeze(second.page);
  await nextLeader(others);
  await goesOn(others);
  expect(await longestPause(others)).toBeLessThan(FROZEN_MS);
  await thaw();
  await Promise.all(followers.map((tab) => settled(tab.page, 'completed')));
  await becomes(() => visit.connections, 1);
  for (const tab of followers) {
    const text = await said(tab.page, streamOf(tab));
    expect(text).toBe(counted(TOKENS));
    expect(text).toBe(await logged(streamOf(tab)));
  }
  // The thawed one yielded: what begins now comes to it through another.
  const before = second.lines();
  const stream_id = await visit.client.start(second.session_id, 'tokens=20 rate=100');
  await saidAtLeast(second.page, stream_id, 20);
  expect(second.lines()).toBe(before);
});
