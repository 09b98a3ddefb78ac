// A part of the page that doesn't come, or fails, takes nothing else with it.
import { expect, it } from 'vitest';
import { button, send, settled } from './names.ts';
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
