// The seeds' own scenario: a recovery that runs out of its tries with a card on the screen. The server still says `active`,
// and no end of the prompt ever comes: the page gives up what is this stream's, and only that.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { forger, serveFeed } from './forged-feed.ts';
import { answer, badge, button, message } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

const card = (page: Page, kind: 'Question' | 'Approval') =>
  page.getByRole('group', { name: kind, exact: true });

/** A session whose run waits for an answer, and what its feed says to whoever comes now. */
async function waitingSession() {
  const { client } = visit;
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=20 ask="Which database?|Postgres|SQLite"');
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  await feed.until(({ event }) => event === 'prompt_asked');
  feed.close();
  const now = await client.read(`/api/sessions/${session_id}/events?replay=0`);
  const snapshot = JSON.parse((await now.until(({ event }) => event === 'snapshot')).data);
  now.close();
  expect(snapshot.clarify.pending.stream_id).toBe(stream_id);
  return { session_id, stream_id, snapshot };
}
it('AT3 CQ9 tries that are spent take the card with them: the composer is free, the draft is in it', async () => {
  const waiting = await waitingSession();
  const { session_id, stream_id } = waiting;
  const person = await visit.person();
  const page = await visit.tab(session_id, person);
  await card(page, 'Question').waitFor();
  await page.getByRole('textbox', { name: 'Answer in your own words' }).fill('what I would have said');
  const forged = forger(waiting);
  forged.frame(stream_id, 'stream_end', { terminal_state: 'completed' });
  await serveFeed(person, forged.text());
  await page.reload();
  await card(page, 'Question').waitFor();
  await becomes(() => card(page, 'Question').count(), 0);
  await becomes(() => badge(page).getAttribute('data-run-state'), 'stale');
  expect(await button(page, 'Stop').count()).toBe(0);
  expect(await message(page).inputValue()).toBe('what I would have said');
  expect(await answer(page, stream_id).textContent()).toContain('18');
  // Only the page's own card: the server's entry waits as before.
  const { body } = await visit.client.get(`/api/clarify/pending?session_id=${session_id}`);
  expect(body.pending.clarify_id).toBe(waiting.snapshot.clarify.pending.clarify_id);
});

it('AT3 CQ9 tries of an older run that are spent leave the newer run, and its card, alone', async () => {
  const waiting = await waitingSession();
  const { session_id, stream_id, snapshot } = waiting;
  const forged = forger(waiting);
  const newer = 'r_newer';
  forged.frame(stream_id, 'stream_end', { terminal_state: 'completed' });
  forged.other('user_message', { message_id: 'm_newer', stream_id: newer, text: 'And now this' });
  forged.frame(newer, 'stream_started', { agent: 'demo', epoch: 1 });
  forged.frame(newer, 'token', { text: 'On it. ' });
  const {
    clarify_id: _id,
    question: _q,
    choices_offered: _c,
    multiple: _m,
    ...common
  } = snapshot.clarify.pending;
  const entry = {
    ...common,
    approval_id: 'a_newer',
    stream_id: newer,
    tool: 'shell',
    command: 'make',
    description: '',
    args: {},
    options: [{ option_id: 'once', name: 'Allow once', kind: 'allow_once' }],
  };
  forged.state('approval', { session_id, pending: entry, pending_count: 1, version: forged.version() });
  const person = await visit.person();
  await serveFeed(person, forged.text());
  // What is forged ends at once: no line of it stays open.
  const page = await visit.tab(session_id, person, false);
  await Promise.all([card(page, 'Question').waitFor(), card(page, 'Approval').waitFor()]);
  const [kept, article] = [
    await card(page, 'Approval').elementHandle(),
    await answer(page, newer).elementHandle(),
  ];
  await message(page).fill('half a thought');

  await becomes(() => card(page, 'Question').count(), 0);
  await becomes(() => answer(page, stream_id).getAttribute('aria-busy'), null);
  expect(await kept!.evaluate((node) => node.isConnected)).toBe(true);
  expect(await article!.evaluate((node) => node.isConnected)).toBe(true);
  expect(await card(page, 'Approval').getAttribute('data-prompt-state')).toBe('pending');
  expect(await answer(page, newer).textContent()).toContain('On it.');
  expect(await answer(page, newer).getAttribute('aria-busy')).toBe('true');
  expect(await button(page, 'Stop').count()).toBe(1);
  expect(await message(page).inputValue()).toBe('half a thought');
});
