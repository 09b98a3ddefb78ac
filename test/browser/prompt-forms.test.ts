// Questions that the demo agent never asks: several choices, a form, JSON. And a page that hears of a question by asking.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes, eventually } from '../support/eventually.ts';
import { forger, serveFeed } from './forged-feed.ts';
import { armed, button, message, transcript } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();
const ASK = 'tokens=20 ask="Which database?|Postgres|SQLite"';

const question = (page: Page) => page.getByRole('group', { name: 'Question', exact: true });

/** A page on which the question has `fields` too; what it answers is kept from the server. */
async function asked(fields: object) {
  const { client } = visit;
  const session_id = await client.session();
  const stream_id = await client.start(session_id, ASK);
  await eventually(
    async () => (await client.get(`/api/clarify/pending?session_id=${session_id}`)).body.pending_count,
    (count) => count === 1,
  );
  const feed = await client.read(`/api/sessions/${session_id}/events?replay=0`);
  const snapshot = JSON.parse((await feed.until(({ event }) => event === 'snapshot')).data);
  feed.close();
  Object.assign(snapshot.clarify.pending, fields);
  const person = await visit.person();
  await serveFeed(person, forger({ session_id, stream_id, snapshot }).text());
  const said: object[] = [];
  await person.route('**/api/clarify/respond', async (route) => {
    const { session_id: _s, clarify_id, ...reply } = route.request().postDataJSON();
    said.push(reply);
    await route.fulfill({ json: { ok: true, clarify_id, answered_by: 'x' } });
  });
  const page = await visit.tab(session_id, person, false);
  await question(page).waitFor();
  return { page, said };
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

it('ui several choices are ticked by their digits, and sent together', async () => {
  const { page, said } = await asked({ multiple: true, choices_offered: ['One', 'Two', 'Three'] });
  await message(page).blur();
  await armed(question(page));
  for (const digit of ['3', '2', '1', '2']) await page.keyboard.press(digit);
  expect(await page.getByRole('checkbox', { name: 'Three' }).getAttribute('aria-checked')).toBe('true');
  expect(await page.getByRole('checkbox', { name: 'Two' }).getAttribute('aria-checked')).toBe('false');
  expect(await findings(page)).toEqual([]);
  await button(page, 'Send answer (2)').click();
  await becomes(() => said.length, 1);
  expect(said).toEqual([{ choices: ['One', 'Three'] }]);
  await becomes(() => question(page).count(), 0);
});

it('ui a form is filled in, named where it is wrong, and sent as its content', async () => {
  const requested_schema = {
    type: 'object',
    properties: {
      table: { type: 'string', title: 'Table' },
      rows: { type: 'integer', title: 'Rows', description: 'At most' },
      dry: { type: 'boolean', title: 'Dry run' },
      engine: { enum: ['pg', 'lite'], enumNames: ['Postgres', 'SQLite'], title: 'Engine' },
    },
    required: ['table', 'engine'],
  };
  const { page, said } = await asked({ choices_offered: [], requested_schema });
  await page.getByRole('textbox', { name: /^Rows/ }).fill('many');
  await button(page, 'Send answer').click();
  expect(await question(page).locator('[aria-invalid="true"]').count()).toBe(3);
  expect(await findings(page)).toEqual([]);
  await page.getByRole('textbox', { name: /^Table/ }).fill('invoices');
  await page.getByRole('textbox', { name: /^Rows/ }).fill('12');
  await page.getByRole('checkbox', { name: /^Dry run/ }).check();
  await page.getByRole('combobox', { name: /^Engine/ }).selectOption({ label: 'Postgres' });
  await button(page, 'Send answer').click();
  await becomes(() => said.length, 1);
  expect(said).toEqual([{ content: { table: 'invoices', rows: 12, dry: true, engine: 'pg' } }]);
});

it('ui what is no flat form is answered as JSON, and what is refused is said on the card', async () => {
  const requested_schema = { type: 'object', properties: { list: { type: 'array' } } };
  const { page, said } = await asked({ choices_offered: [], requested_schema });
  const json = page.getByRole('textbox', { name: 'Answer as JSON' });
  await json.fill('[1]');
  await button(page, 'Send answer').click();
  await page.getByText('An object is asked for.').waitFor();
  await page.route('**/api/clarify/respond', (route) =>
    route.fulfill({ status: 400, json: { code: 'bad_request', error: 'content.list: too short' } }),
  );
  await json.fill('{"list":[]}');
  await button(page, 'Send answer').click();
  await question(page).getByText('content.list: too short').waitFor();
  expect(await question(page).getAttribute('data-prompt-state')).toBe('failed');
  await page.unroute('**/api/clarify/respond');
  await button(page, 'Try again').click();
  await becomes(() => said.length, 1);
  expect(said).toEqual([{ content: { list: [] } }]);
});

it('PF2 where nothing can be pushed, a question is asked for, answered, and its line is there', async () => {
  const session_id = await visit.client.session();
  const person = await visit.person();
  await person.route('**/api/live?*', (route) => route.abort());
  const page = await visit.tab(session_id, person, false);
  await visit.client.start(session_id, ASK);
  await question(page).waitFor();
  await question(page).getByRole('button', { name: 'Postgres' }).click();
  await transcript(page)
    .getByText(/You answered: Postgres/)
    .waitFor();
  await becomes(() => question(page).count(), 0);
});
