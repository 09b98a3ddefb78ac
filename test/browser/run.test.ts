// The main job, in a real browser: a message streams, a reload in the middle changes nothing, every tab ends the same.
import { expect, it } from 'vitest';
import { createFaults } from '../../src/journal/faults.ts';
import { becomes, eventually } from '../support/eventually.ts';
import { chronicleOf, keepChronicle } from './chronicle.ts';
import {
  activeStream,
  answer,
  badge,
  button,
  counted,
  notice,
  said,
  saidAtLeast,
  send,
  settled,
  transcript,
  tryNow,
} from './names.ts';
import { visits } from './visit.ts';

/** Each commit takes this long, so that no state is too short to be seen. */
const COMMIT_MS = 40;

const faults = createFaults();
const visit = visits({ test: { journal: { faults } }, concurrent: true });

it('ui a message streams, and its badge goes running → draining → settled (completed)', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await keepChronicle(person);
  const page = await visit.tab(session_id, person);
  faults.commit_ms = COMMIT_MS;
  await send(page, 'tokens=60 rate=60 title="Counting"');
  await settled(page, 'completed');
  faults.commit_ms = 0;
  const { badge: states, answers } = await chronicleOf(page);
  expect(states.filter((state) => state !== 'starting')).toEqual([
    'running',
    'draining',
    'settled (completed)',
  ]);
  const [stream_id] = Object.keys(answers) as [string];
  expect(await said(page, stream_id)).toBe(counted(60));
  expect(answers[stream_id]!.shrank).toEqual([]);
  expect(await button(page, 'Stop').count()).toBe(0);
  await eventually(
    () => page.title(),
    (title) => title.includes('Counting'),
  );
});

it.concurrent('ui the bare address begins something new, and what is written there is queued in no session that runs', async () => {
  const running = await visit.client.session();
  await visit.client.start(running, 'tokens=900 rate=5');
  const page = await visit.tab(null);
  await page.getByRole('list', { name: 'Sessions' }).locator(`[data-session-id="${running}"]`).waitFor();
  await page.getByRole('heading', { level: 1, name: 'Start a run' }).waitFor();
  await send(page, 'tokens=2');
  await page.waitForURL((url) => url.pathname.startsWith('/s/') && !url.pathname.endsWith(running));
  await settled(page, 'completed');
  const { body } = await visit.client.get(`/api/session?session_id=${running}`);
  expect(body.session.queue_length).toBe(0);
  expect(body.session.messages.filter(({ role }: { role: string }) => role === 'user')).toHaveLength(1);
});

it.concurrent('ui a new session has an address of its own, and a row in the list', async () => {
  const page = await visit.tab(null);
  await button(page, 'New session').first().click();
  await page.waitForURL(/\/s\/[\w-]+$/);
  await send(page, 'tokens=5');
  await settled(page, 'completed');
  const session_id = new URL(page.url()).pathname.slice('/s/'.length);
  const row = page.getByRole('list', { name: 'Sessions' }).locator(`[data-session-id="${session_id}"]`);
  await becomes(() => row.getAttribute('data-session-state'), 'idle');
});

it.concurrent('AT6 a reload in the middle shows at once what was there, and goes on to the same end', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await keepChronicle(person);
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=300 rate=100 tools=2');
  const stream_id = await activeStream(visit.client, session_id);
  for (const upTo of [40, 120]) {
    await saidAtLeast(page, stream_id, upTo);
    const { last: before } = (await chronicleOf(page)).answers[stream_id]!;
    await page.reload();
    await answer(page, stream_id).waitFor();
    const { answers, began, nothing } = await chronicleOf(page);
    expect(answers[stream_id]!.first).toBeGreaterThanOrEqual(before);
    expect({ began, nothing }).toEqual({ began: 1, nothing: false });
  }
  await settled(page, 'completed');
  const { answers } = await chronicleOf(page);
  expect(answers[stream_id]).toMatchObject({ shrank: [], gone: 0 });
  expect(await said(page, stream_id)).toBe(counted(300));
});

it.concurrent('AT1 at settlement nothing of the answer is drawn anew: the nodes of its text stay', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'tokens=200 rate=200');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(page, stream_id, 20);
  const article = await answer(page, stream_id).elementHandle();
  await settled(page, 'completed');
  expect(await article!.evaluate((node) => node.isConnected)).toBe(true);
  await becomes(() => answer(page, stream_id).getAttribute('aria-busy'), null);
});

it.concurrent('AT11 tabs of one browser and of two, one of them cut off in the middle, end byte-identical', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  const { person: other, gate } = await visit.traveller();
  const one = await visit.tab(session_id, person);
  const two = await visit.tab(session_id, person);
  const three = await visit.tab(session_id, other);
  await send(one, 'tokens=400 rate=150 tools=3 reasoning=5');
  const stream_id = await activeStream(visit.client, session_id);
  await saidAtLeast(three, stream_id, 50);
  gate.shut();
  await notice(three).waitFor();
  await saidAtLeast(one, stream_id, 150);
  gate.open();
  await tryNow(three);
  for (const page of [one, two, three]) await settled(page, 'completed');
  const late = await visit.tab(session_id);
  await settled(late, 'completed');
  const html = await transcript(one).innerHTML();
  expect(html).toContain('400');
  for (const page of [two, three, late]) await becomes(() => transcript(page).innerHTML(), html);
  for (const page of [one, two, three, late]) expect(await said(page, stream_id)).toBe(counted(400));
});

it.concurrent('ui the demo scene, with its table and its code, ends byte-identical in a tab that saw it and one that did not', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, 'What does a run look like?');
  const reloaded = await visit.tab(session_id);
  await answer(reloaded, await activeStream(visit.client, session_id)).waitFor();
  await reloaded.reload();
  await badge(reloaded).waitFor();
  await settled(page, 'completed');
  await settled(reloaded, 'completed');
  const late = await visit.tab(session_id);
  await transcript(late).locator('pre').waitFor();
  expect(await transcript(late).locator('table').count()).toBe(1);
  for (const tab of [page, reloaded])
    await becomes(
      async () => (await transcript(tab).innerHTML()) === (await transcript(late).innerHTML()),
      true,
    );
});
