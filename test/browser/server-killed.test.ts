// kill -9 of the server while a page is open: the page says so, comes back by itself, and shows what became of the run.
import { rm } from 'node:fs/promises';
import type { BrowserContext } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { type Client, createClient } from '../support/client.ts';
import { becomes, eventually } from '../support/eventually.ts';
import { type ServerProcess, spawnServer, temporaryFolder } from '../support/server.ts';
import { chronicleOf, keepChronicle } from './chronicle.ts';
import {
  activeStream,
  answer,
  answers,
  button,
  counted,
  notice,
  said,
  saidAtLeast,
  send,
  settled,
  transcript,
} from './names.ts';
import { visits } from './visit.ts';

const visit = visits();
/** From a page's being back to the reason on its screen. */
const TOLD_MS = 1_000;
const TABS = 2;

declare global {
  interface Window {
    /** How long after the feed opened last the line of a question that ended came, in ms. */
    told: Promise<number>;
  }
}
const folders: string[] = [];
const servers: ServerProcess[] = [];

afterAll(async () => {
  for (const server of servers) server.child.kill('SIGKILL');
  await Promise.all(servers.map((server) => server.ended));
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A server of its own, which dies and comes back on the same port and folder. */
async function mortal() {
  const folder = await temporaryFolder();
  folders.push(folder);
  let server = await spawnServer(folder);
  servers.push(server);
  const { url } = server;
  return {
    url,
    client: createClient(url),
    async kill() {
      server.child.kill('SIGKILL');
      await server.ended;
    },
    async restart() {
      server = await spawnServer(folder, ['--port', new URL(url).port]);
      servers.push(server);
    },
  };
}

/** Tabs on a question that waits. */
async function tabsThatAreAsked(client: Client, person: BrowserContext) {
  const session_id = await client.session();
  await client.start(session_id, 'tokens=10 ask="Which?|this|that"');
  return Promise.all(
    Array.from({ length: TABS }, async () => {
      const page = await visit.tab(session_id, person);
      await page.getByRole('group', { name: 'Question', exact: true }).waitFor();
      return page;
    }),
  );
}

const noteEnds = (person: BrowserContext) =>
  person.addInitScript(() => {
    // 0: not open. A poll may have told before.
    let opened = 0;
    const isOpen = () => {
      opened = Date.now();
    };
    window.EventSource = class extends EventSource {
      constructor(url: string | URL) {
        super(url);
        opened = 0;
        this.addEventListener('open', isOpen);
      }
    };
    // One tab of a browser has the source; it tells the others of each.
    window.BroadcastChannel = class extends BroadcastChannel {
      constructor(name: string) {
        super(name);
        this.addEventListener('message', ({ data }) => {
          if (data.said?.some(({ is }: { is: string }) => is === 'source')) isOpen();
        });
      }
    };
    window.told = new Promise((resolve) => {
      new MutationObserver(() => {
        if (document.querySelector('[data-prompt-state="cancelled"]')) resolve(opened && Date.now() - opened);
      }).observe(document, { subtree: true, childList: true });
    });
  });

it('ST9 CQ9 the page says that the connection is lost, comes back by itself, and shows the cut with Retry; questions are closed with a reason', async () => {
  const server = await mortal();
  const session_id = await server.client.session();
  const person = await visit.person({ baseURL: server.url });
  await keepChronicle(person);
  await noteEnds(person);
  const asked = await tabsThatAreAsked(server.client, person);
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=5000 rate=100');
  const first = await activeStream(server.client, session_id);
  await saidAtLeast(page, first, 30);

  await server.kill();
  await notice(page).filter({ hasText: 'Connection lost. What happens meanwhile is picked up.' }).waitFor();
  expect(await notice(page).getAttribute('data-line-state')).toMatch(/^(backoff|connecting)$/);
  const before = await said(page, first);

  await server.restart();
  const waits = await Promise.all(asked.map((tab) => tab.evaluate(() => window.told)));
  expect(Math.max(...waits), JSON.stringify(waits)).toBeLessThan(TOLD_MS);
  for (const tab of asked) {
    const line = tab.locator('[data-prompt-state="cancelled"]');
    expect(await line.textContent()).toMatch(/This question was withdrawn.*the run was interrupted/);
    expect(await tab.getByRole('group', { name: 'Question', exact: true }).count()).toBe(0);
  }
  await settled(page, 'interrupted');
  await notice(page)
    .filter({ hasText: /Picked the stream back up · (\d+ events?, none missing|nothing was missed)/ })
    .waitFor();
  const kept = await said(page, first);
  expect(kept).toBe(counted(kept.split(' ').length));
  expect(kept.startsWith(before)).toBe(true);
  expect((await chronicleOf(page)).answers[first]).toMatchObject({ shrank: [], gone: 0 });
  await answer(page, first).locator('[data-outcome="interrupted"]').waitFor();

  await button(page, 'Retry').click();
  const second = await activeStream(server.client, session_id, first);
  await saidAtLeast(page, second, 20);
  await button(page, 'Stop').click();
  await settled(page, 'cancelled');
  // The message once; the earlier answer out of the way, and reachable.
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(1);
  expect(await answers(page).count()).toBe(1);
  await transcript(page).getByText('Earlier answer').click();
  await becomes(() => said(page, first), kept);
});

it('SE2 a message that waited starts exactly once after the restart, and the page follows it', async () => {
  const server = await mortal();
  const session_id = await server.client.session();
  const page = await visit.tab(session_id, await visit.person({ baseURL: server.url }));
  await send(page, 'tokens=5000 rate=100');
  const first = await activeStream(server.client, session_id);
  await saidAtLeast(page, first, 10);
  await send(page, 'tokens=15');
  await page.getByRole('list', { name: 'Next in the queue' }).waitFor();
  await server.kill();
  await notice(page).waitFor();
  await server.restart();
  await becomes(() => answers(page).count(), 2);
  await settled(page, 'completed');
  const second = await answers(page).nth(1).getAttribute('data-stream-id');
  expect(await said(page, second!)).toBe(counted(15));
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(2);
  await becomes(() => page.getByRole('list', { name: 'Next in the queue' }).count(), 0);
});

it('SE5 a message sent while the server is away is there once, when it is back', async () => {
  const server = await mortal();
  const session_id = await server.client.session();
  const page = await visit.tab(session_id, await visit.person({ baseURL: server.url }));
  await send(page, 'tokens=3');
  await settled(page, 'completed');
  await server.kill();
  await notice(page).waitFor();
  await send(page, 'tokens=9');
  await transcript(page).getByText('Sending').waitFor();
  await server.restart();
  await becomes(() => answers(page).count(), 2);
  await settled(page, 'completed');
  const messages = await eventually(
    async () => (await server.client.get(`/api/session?session_id=${session_id}`)).body.session.messages,
    (all) => all.length >= 4,
  );
  expect(messages).toHaveLength(4);
  expect(await transcript(page).locator('[data-message-id]').count()).toBe(2);
});
