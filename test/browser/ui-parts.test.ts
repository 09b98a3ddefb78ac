// A part of the page that doesn't come, or fails, takes nothing else with it.
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { armed, button, send, settled } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

it('lesson 90 a drawer whose code does not load leaves the run on screen, and comes with a reload', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  let isBlocked = true;
  await person.route('**/assets/drawer-body-*', (route) => (isBlocked ? route.abort() : route.continue()));
  const page = await visit.tab(session_id, person);
  await send(page, 'tokens=30 rate=60');
  await page.getByText('This part of the page failed.').waitFor();
  await settled(page, 'completed');
  expect(await page.locator('article').textContent()).toContain('30');
  isBlocked = false;
  await button(page, 'Reload the page').click();
  await page.getByRole('img', { name: /^Statechart of this run/ }).waitFor();
});

it('ui a renderer that does not load is said, and the session opens when tried again', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  let isBlocked = true;
  await person.route('**/assets/prose-*', (route) => (isBlocked ? route.abort() : route.continue()));
  const page = await person.newPage();
  await page.goto(`/s/${session_id}`);
  await page.getByRole('heading', { name: 'The session could not be read' }).waitFor();
  isBlocked = false;
  await button(page, 'Try again').click();
  await page.getByRole('log', { name: 'Transcript' }).waitFor();
});

it('ui LN2 the log of a run goes on in two tabs over their one connection; where it can’t be read that is said, and then it goes on', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  let isBlocked = false;
  await person.route('**/api/chat/log?*', (route) => (isBlocked ? route.abort() : route.continue()));
  const pages = [await visit.tab(session_id, person), await visit.tab(session_id, person)] as const;
  const newest = (page: (typeof pages)[number]) =>
    page
      .getByRole('list', { name: /^Records of this run/ })
      .getByRole('listitem')
      .first()
      .textContent();
  await send(pages[0], 'tokens=40 rate=20 approve="make" tokens=5');
  for (const page of pages) {
    await page.getByRole('tab', { name: 'Log' }).click();
    await eventually(
      () => newest(page),
      (text) => text!.includes('token'),
    );
  }
  await becomes(() => visit.connections, 1);
  await armed(pages[0].getByRole('group', { name: 'Approval', exact: true }));
  isBlocked = true;
  await button(pages[0], 'Deny').click();
  for (const page of pages) await page.getByText('The log can’t be read at the moment.').waitFor();
  expect(visit.connections).toBe(1);
  isBlocked = false;
  for (const page of pages) {
    await eventually(
      () => newest(page),
      (text) => text!.includes('stream_end'),
    );
    expect(await page.getByText('The log can’t be read at the moment.').count()).toBe(0);
  }
});
