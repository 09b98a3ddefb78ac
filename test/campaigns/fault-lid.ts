// Fault 15: a laptop's lid. Two tabs of a browser stand still for an hour, by their own clocks, and their network is gone;
// meanwhile one run ends, another comes and goes, a third begins. Opened again, both show every letter, and go on.
import type { BrowserContext, Page } from 'playwright-core';
import { chronicleOf, keepChronicle } from '../browser/chronicle.ts';
import { freeze } from '../browser/freeze.ts';
import { openGate } from '../browser/gate.ts';
import { counted, message, said, saidAtLeast } from '../browser/names.ts';
import { launchBrowser } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { expectAtMost, type FaultCampaign, msSince, startRun, withServer } from './crowd.ts';
import { createHistory, readWhole } from './history.ts';

const HOUR_MS = 3_600_000;
/** A clock that stood still for the time that the lid was really closed is behind by it. */
const SKEW_MS_MAX = 60_000;
const RATE = 60;
/** Of the run that is running when the lid closes, of the one that nobody sees, and of the one that runs when it opens. */
const LONG = { part: 240, whole: 1200 };
const UNSEEN = 30;

async function openTab(person: BrowserContext, url: string): Promise<Page> {
  const page = await person.newPage();
  // Its time is ours to turn; it goes on by itself until then.
  await page.clock.install();
  await page.goto(url);
  await message(page).waitFor();
  return page;
}

/** Opens the lid: what the tab's clock says first is that an hour has passed; each timer that was due then fires once. */
async function open(page: Page, thaw: () => Promise<void>): Promise<void> {
  const later = page.clock.fastForward(HOUR_MS);
  await thaw();
  await later;
  const ahead_ms = (await page.evaluate(() => Date.now())) - Date.now();
  expectAtMost(
    'an hour, ms, without the time that the tab believes has passed',
    HOUR_MS - ahead_ms,
    SKEW_MS_MAX,
  );
}

const connectionsOf = async (client: Client): Promise<number> =>
  Number(/sse_connections (\d+)/.exec((await client.get('/metrics')).body)?.[1]);

async function expectText(page: Page, stream_id: string, tokens: number): Promise<void> {
  const text = await eventually(
    () => said(page, stream_id),
    (now) => now.endsWith(` ${tokens}`),
  );
  if (text !== counted(tokens)) throw new Error(`${stream_id}: a tab shows another text than was said`);
}

export const lidCampaign: FaultCampaign = (scale) =>
  withServer({}, async (server, client) => {
    const history = createHistory();
    const [browser, gate] = await Promise.all([launchBrowser(), openGate(server.url)]);
    try {
      const tokens = LONG[scale];
      const session_id = await client.session();
      const person = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      await keepChronicle(person);
      const url = `${gate.url}/s/${session_id}`;
      const tabs = [await openTab(person, url), await openTab(person, url)];
      const run = (count: number) => startRun(client, history, session_id, `tokens=${count} rate=${RATE}`);
      const first = await run(tokens);
      for (const page of tabs) await saidAtLeast(page, first, RATE);
      const thaws = await Promise.all(tabs.map(freeze));
      gate.shut();
      await readWhole(history, client, first);
      const unseen = await run(UNSEEN);
      await readWhole(history, client, unseen);
      const last = await run(tokens);
      gate.open();
      const since = performance.now();
      await Promise.all(tabs.map((page, at) => open(page, thaws[at]!)));
      const back: number[] = [];
      await Promise.all(
        tabs.map(async (page) => {
          await saidAtLeast(page, last, 1);
          back.push(msSince(since));
        }),
      );
      await readWhole(history, client, last);
      for (const page of tabs) {
        await expectText(page, first, tokens);
        await expectText(page, unseen, UNSEEN);
        await expectText(page, last, tokens);
        const { shrank, gone } = (await chronicleOf(page)).answers[first]!;
        if (shrank.length > 0 || gone > 0) throw new Error(`text went away: ${shrank}, ${gone} times gone`);
      }
      await eventually(
        () => connectionsOf(client),
        (count) => count === 1,
      );
      const { frames } = history.judge('lid');
      return `lid: ${tabs.length} tabs frozen for an hour by their clocks, network gone: back and live ${Math.max(...back)} ms after, three runs letter for letter (${frames} frames), nothing on screen shrank, 1 connection`;
    } finally {
      await browser.close();
      await gate.close();
    }
  });
