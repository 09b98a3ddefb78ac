import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { feedLife } from '../../src/machines/prompt-feed.machine.ts';
import { a, answer, b, card, current, feed, opened, other, push, shown } from './prompt-feed.stage.ts';
import { question } from './prompt-queue.ground.ts';

test('P12 an answer is posted once, and its card says that it was given here', () => {
  const it = opened(a, b);
  answer(it, 'a');
  answer(it, 'a', 'again');
  expect(it.take()).toEqual([{ type: 'respond', prompt_id: 'a', reply: { response: 'yes' } }]);
  it.tell({ type: 'respond.accepted', prompt_id: 'a', by: 'me' });
  push(it, 2, b);
  expect(card(it, 'a')).toMatchObject({ state: 'answered', mine: true, by: 'me' });
  expect([current(it), shown(it).over.length, it.take()]).toEqual(['b', 1, []]);
});

test('CQ6 a refused question is declined', () => {
  const it = opened(a);
  it.tell({ type: 'answer', prompt_id: 'a', reply: { action: 'decline' } });
  it.tell({ type: 'respond.accepted', prompt_id: 'a', by: 'me' });
  expect(card(it, 'a')).toMatchObject({ state: 'declined', mine: true });
});

test('CQ3 the next card comes while the answer to the one before is on its way, and both are shown', () => {
  const it = opened(a, b);
  answer(it, 'a');
  push(it, 2, b);
  expect(current(it)).toBe('b');
  expect(shown(it).others).toMatchObject([{ prompt_id: 'a', state: 'answering' }]);
  it.tell({ type: 'respond.accepted', prompt_id: 'a', by: 'me' });
  expect(shown(it)).toMatchObject({ current: { prompt_id: 'b' }, others: [], over: [{ state: 'answered' }] });
});

test('CQ5 the loser of a race is told how it ended and by whom, and the composer is not locked', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'respond.stale', prompt_id: 'a', how: 'answered', by: 'phone' });
  expect(card(it, 'a')).toMatchObject({ state: 'lost', how: 'answered', by: 'phone', mine: false });
  expect([current(it), it.types()]).toEqual([null, ['respond']]);
});

test('CQ5 the log’s record tells the loser before its response does, and the response changes nothing', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'phone', pos: 2 });
  it.tell({ type: 'respond.stale', prompt_id: 'a', how: 'answered', by: 'phone' });
  expect(card(it, 'a')).toMatchObject({ state: 'lost', by: 'phone' });
});

test('CQ5 an answer whose response got lost is known to have won from the log', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'respond.failed', prompt_id: 'a', error: 'network' });
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'me', pos: 2 });
  expect(card(it, 'a')).toMatchObject({ state: 'answered', mine: true, error: null });
});

test('CQ5 a tab without a name waits for its response to know who won', () => {
  const it = feed({ client: null });
  it.tell({ type: 'line.opened' });
  push(it, 1, a);
  answer(it, 'a');
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'somebody', pos: 2 });
  expect(card(it, 'a')?.state).toBe('answering');
  it.tell({ type: 'respond.accepted', prompt_id: 'a', by: 'somebody' });
  expect(card(it, 'a')).toMatchObject({ state: 'answered', mine: true });
});

test('CQ6 the 409 of one card leaves the next one alone (lesson 101)', () => {
  const it = opened(a, b);
  answer(it, 'a');
  push(it, 2, b);
  const before = card(it, 'b');
  it.tell({ type: 'respond.stale', prompt_id: 'a', how: 'answered', by: 'phone' });
  expect(card(it, 'b')).toBe(before);
});

test('CQ6 the same words asked again are another prompt (lesson 102)', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'respond.accepted', prompt_id: 'a', by: 'me' });
  push(it, 3, { ...a, clarify_id: 'a2' });
  expect(shown(it).current).toMatchObject({ prompt_id: 'a2', state: 'pending', try: 0, reply: null });
});

test('CQ6 an answer to a card that is over, or unknown, is not sent (lesson 109)', () => {
  const it = opened(a);
  push(it, 2);
  answer(it, 'a');
  answer(it, 'zzz');
  expect([card(it, 'a')?.state, it.take()]).toEqual(['gone', []]);
});

test('P9 an answer that did not arrive is kept and told; nothing is sent again until a person says so', async () => {
  const it = opened(a);
  answer(it, 'a', 'long thought');
  it.take();
  it.tell({ type: 'respond.failed', prompt_id: 'a', error: 'network' });
  await it.pass(600_000);
  expect(shown(it).current).toMatchObject({
    state: 'failed',
    error: 'network',
    reply: { response: 'long thought' },
  });
  expect(it.types()).not.toContain('respond');
  answer(it, 'a', 'long thought');
  expect([it.types().filter((type) => type === 'respond').length, card(it, 'a')?.try]).toEqual([1, 2]);
});

test('P9 a failure that a person has acknowledged is a card that waits', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'respond.failed', prompt_id: 'a', error: 'network' });
  it.tell({ type: 'acknowledge', prompt_id: 'a' });
  expect(card(it, 'a')).toMatchObject({ state: 'pending', error: null, reply: { response: 'yes' } });
});

test('ST4 an answer of which nothing is heard has failed after its bound, and a late response still counts', async () => {
  const it = opened(a);
  answer(it, 'a');
  await it.pass(bounds.RESPOND_MS - 1);
  expect(card(it, 'a')?.state).toBe('answering');
  await it.pass(1);
  expect(card(it, 'a')).toMatchObject({ state: 'failed', error: 'timeout' });
  it.tell({ type: 'respond.accepted', prompt_id: 'a', by: 'me' });
  expect(card(it, 'a')?.state).toBe('answered');
});

test('P10 no more than eight answers are on their way at once', () => {
  const it = opened();
  for (let n = 1; n <= 12; n++) {
    push(it, n + 1, question(`q${n}`, 's', n, 0));
    answer(it, `q${n}`);
  }
  expect(it.types()).toEqual(Array(bounds.ANSWERS_MAX).fill('respond'));
});

test('CQ7 expiry gives the draft back to the composer, once, however often it is told', () => {
  const it = opened(a);
  push(it, 2);
  expect(it.take()).toEqual([]);
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'expired', by: null, pos: 2 });
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'expired', by: null, pos: 2 });
  expect(it.take()).toEqual([{ type: 'return.draft', prompt_id: 'a' }]);
  expect(card(it, 'a')?.state).toBe('expired');
});

test('CQ7 an answer that came after the expiry is told so, and its words come back', () => {
  const it = opened(a);
  answer(it, 'a');
  it.tell({ type: 'respond.stale', prompt_id: 'a', how: 'expired', by: null });
  expect([card(it, 'a')?.state, it.types()]).toEqual(['lost', ['respond', 'return.draft']]);
});

test('CQ5 a prompt that another tab answered leaves the draft where it is', () => {
  const it = opened(a);
  it.tell({ type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'phone', pos: 2 });
  expect([card(it, 'a'), it.take()]).toMatchObject([{ state: 'answered', mine: false, by: 'phone' }, []]);
});

test('CQ6 a card is put away by id, stays away over reconnects, may be recalled, and the next one is not away (lesson 108)', () => {
  const it = opened(a, b);
  it.tell({ type: 'dismiss', prompt_id: 'a' });
  it.tell({ type: 'line.lost' });
  it.tell({ type: 'line.opened' });
  push(it, 1, a, b);
  push(it, 2, a, b);
  expect(shown(it)).toMatchObject({ current: null, put_away: { prompt_id: 'a' }, pending_count: 2 });
  it.tell({ type: 'recall', prompt_id: 'a' });
  expect(current(it)).toBe('a');
  it.tell({ type: 'dismiss', prompt_id: 'a' });
  push(it, 3, b);
  expect([current(it), shown(it).put_away, shown(it).over]).toEqual(['b', null, []]);
});

test('AT3 a page that gives a stream up clears its cards, not another stream’s, and not the server’s entries', () => {
  const it = opened(a);
  answer(it, 'a');
  push(it, 2, other);
  it.take();
  it.tell({ type: 'stream.finalized', stream_id: 's' });
  expect(shown(it)).toMatchObject({ current: { prompt_id: 'c', state: 'pending' }, others: [], over: [] });
  expect(feedLife(it.actor.getSnapshot()).newest?.pending).toBe(other);
  expect(it.take()).toEqual([{ type: 'return.draft', prompt_id: 'a' }]);
});

test('AT3 a state that was on its way brings no cleared card back', () => {
  const it = opened(a);
  it.tell({ type: 'stream.finalized', stream_id: 's' });
  push(it, 2, a, b);
  expect(current(it)).toBe(null);
});

test('CQ9 P10 the cards of 1,000 prompts leave the last few that are over, and no timer but the line’s', () => {
  const it = opened();
  for (let n = 1; n <= 1_000; n++) {
    push(it, 2 * n, question(`q${n}`, 's', n, 0));
    answer(it, `q${n}`);
    it.tell({ type: 'respond.accepted', prompt_id: `q${n}`, by: 'me' });
  }
  push(it, 3_000);
  expect(it.actor.getSnapshot().context.cards).toHaveLength(bounds.CARDS_OVER_MAX);
  expect([current(it), it.clock.pending()]).toEqual([null, 1]);
});
