// What a card becomes, as plain data: every state of a card and every word about it, without a machine.
import { expect, test } from 'vitest';
import { CARDS_OVER_MAX } from '../../src/machines/bounds.ts';
import { projected, returnsDraft, turned } from '../../src/machines/prompt-feed.cards.ts';
import { type Card, type PromptFeedContext, shownCards } from '../../src/machines/prompt-feed.machine.ts';
import { pushed } from './prompt-feed.ground.ts';
import { question } from './prompt-queue.ground.ts';

const AT = 50;
const card = (prompt_id: string, state: Card['state'], more: Partial<Card> = {}): Card => ({
  prompt_id,
  entry: question(prompt_id, 's', 1, 0),
  state,
  since: 1,
  reply: null,
  try: 0,
  how: null,
  by: null,
  mine: false,
  error: null,
  dismissed: false,
  ...more,
});
const settled = (how: 'answered' | 'expired', by: string | null) =>
  ({ type: 'prompt.settled', prompt_id: 'a', how, by, pos: 9, at: AT }) as const;
const turn = (from: Card, event: Parameters<typeof turned>[1], client: string | null = 'me'): Card =>
  turned([from], event, client, AT)[0]!;

test('CQ5 the log’s word ends a card that is open or gone: it is mine where I am named', () => {
  for (const state of ['pending', 'failed', 'gone'] as const) {
    expect(turn(card('a', state), settled('answered', 'other'))).toMatchObject({
      state: 'answered',
      mine: false,
      since: AT,
    });
    expect(turn(card('a', state), settled('answered', 'me'))).toMatchObject({
      state: 'answered',
      mine: true,
    });
    expect(turn(card('a', state), settled('expired', null))).toMatchObject({
      state: 'expired',
      how: 'expired',
      by: null,
    });
  }
  for (const state of ['answered', 'declined', 'expired', 'lost', 'cleared'] as const) {
    const over = card('a', state);
    expect(turn(over, settled('answered', 'me'))).toBe(over);
  }
});

test('CQ5 an answer on its way has lost, unless the end is mine', () => {
  const sent = card('a', 'answering');
  expect(turn(sent, settled('answered', 'other'))).toMatchObject({
    state: 'lost',
    how: 'answered',
    by: 'other',
  });
  expect(turn(sent, settled('expired', null))).toMatchObject({ state: 'lost', how: 'expired' });
  expect(turn(sent, settled('answered', 'me'))).toMatchObject({ state: 'answered', mine: true });
});

test('CQ5 a tab without a name waits for its own response to say whether it won, and is nobody’s', () => {
  const sent = card('a', 'answering');
  expect(turn(sent, settled('answered', 'other'), null)).toBe(sent);
  expect(turn(sent, settled('expired', null), null)).toMatchObject({
    state: 'lost',
    how: 'expired',
    mine: false,
  });
  expect(turn(card('a', 'pending'), settled('answered', 'other'), null)).toMatchObject({
    state: 'answered',
    mine: false,
  });
  expect(turn(card('a', 'pending'), settled('expired', null), null)).toMatchObject({
    state: 'expired',
    mine: false,
  });
});

test('CQ5 an accepted answer counts also where its card was thought gone or lost, and changes no other end', () => {
  const accepted = { type: 'respond.accepted', prompt_id: 'a', by: 'me', at: AT } as const;
  for (const state of ['answering', 'gone', 'lost'] as const)
    expect(turn(card('a', state), accepted)).toMatchObject({
      state: 'answered',
      mine: true,
      by: 'me',
      since: AT,
    });
  for (const state of ['expired', 'cancelled', 'cleared'] as const) {
    const over = card('a', state);
    expect(turn(over, accepted)).toBe(over);
  }
});

test('CQ5 an answer that came too late is told as lost, also where its card was thought gone', () => {
  const stale = { type: 'respond.stale', prompt_id: 'a', how: 'answered', by: 'other', at: AT } as const;
  for (const state of ['answering', 'gone'] as const)
    expect(turn(card('a', state), stale)).toMatchObject({ state: 'lost', how: 'answered', by: 'other' });
  for (const state of ['answered', 'expired', 'lost'] as const) {
    const over = card('a', state);
    expect(turn(over, stale)).toBe(over);
  }
});

test('CQ6 where an event changes no card, they are the same cards', () => {
  const cards = [card('a', 'pending'), card('b', 'answering')];
  expect(turned(cards, { type: 'dismiss', prompt_id: 'x', at: AT }, 'me', AT)).toBe(cards);
  expect(turned(cards, { type: 'line.heard', at: AT }, 'me', AT)).toBe(cards);
  expect(turned(cards, { type: 'stream.finalized', stream_id: 'other', at: AT }, 'me', AT)).toBe(cards);
  expect(turned(cards, { type: 'dismiss', prompt_id: 'a', at: AT }, 'me', AT)).not.toBe(cards);
});

test('P10 of cards that are over the last few are remembered, however many are open', () => {
  const over = Array.from({ length: CARDS_OVER_MAX }, (_, n) => card(`over${n}`, 'answered'));
  const open = [card('sent1', 'answering'), card('sent2', 'answering')];
  expect(projected([...over, ...open], pushed(2), AT)).toHaveLength(CARDS_OVER_MAX + 2);
  const full = projected([open[0]!, card('old', 'expired'), ...over, open[1]!], pushed(3), AT);
  expect(full.map(({ prompt_id }) => prompt_id)).toEqual([
    'sent1',
    ...over.map(({ prompt_id }) => prompt_id),
    'sent2',
  ]);
});

test('a draft returns from every end that took no answer', () => {
  for (const state of ['expired', 'cancelled', 'superseded', 'cleared'] as const)
    expect(returnsDraft(card('a', state))).toBe(true);
  for (const how of ['expired', 'cancelled', 'superseded'] as const)
    expect(returnsDraft(card('a', 'lost', { how }))).toBe(true);
  for (const state of ['pending', 'answering', 'failed', 'answered', 'declined', 'gone', 'lost'] as const)
    expect(returnsDraft(card('a', state))).toBe(false);
  expect(returnsDraft(card('a', 'lost', { how: 'answered' }))).toBe(false);
  expect(returnsDraft(undefined)).toBe(false);
});

test('CQ1 what a person is asked now is what waits, before what is on its way', () => {
  const shown = (cards: Card[], state: PromptFeedContext['state'] = null) =>
    shownCards({ context: { cards, state } as PromptFeedContext });
  const [waits, sent] = [card('a', 'pending'), card('b', 'answering')];
  expect(shown([waits, sent])).toMatchObject({ current: waits, others: [sent], pending_count: 1 });
  expect(shown([sent, waits])).toMatchObject({ current: waits, others: [sent] });
  expect(shown([sent])).toMatchObject({ current: sent, others: [] });
  expect(shown([card('c', 'failed'), sent])).toMatchObject({ current: sent });
  expect(shown([])).toEqual({ current: null, pending_count: 0, put_away: null, others: [], over: [] });
  expect(shown([card('c', 'answered')], pushed(3))).toMatchObject({ current: null, pending_count: 0 });
  expect(shown([waits], { ...pushed(3), pending_count: 4 })).toMatchObject({ pending_count: 4 });
});
