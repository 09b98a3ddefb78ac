// The life of the cards of one queue, as plain data: what a card becomes by what is told. Everything is addressed by id
// (CQ6), and what is over stays over (CQ5). Knows no connection, no timer and no draft.
import { type PromptEndKind, promptId, type QueueState } from '../protocol/index.ts';
import * as bounds from './bounds.ts';
import type { Card, CardState, PromptFeedEvent } from './prompt-feed.facts.ts';

const OPEN: readonly CardState[] = ['pending', 'answering', 'failed'];
const WITHOUT_ANSWER: readonly (CardState | null)[] = ['expired', 'cancelled', 'superseded'];

export const isOpen = ({ state }: Card): boolean => OPEN.includes(state);
export const isAnswering = (card: Card | undefined): boolean => card?.state === 'answering';

/** It ended, and what was typed here was not taken. */
export const returnsDraft = (card: Card | undefined): boolean =>
  card !== undefined &&
  (card.state === 'cleared' ||
    WITHOUT_ANSWER.includes(card.state) ||
    (card.state === 'lost' && WITHOUT_ANSWER.includes(card.how)));

export const cardOf = (cards: Card[], prompt_id: string): Card | undefined =>
  cards.find((card) => card.prompt_id === prompt_id);

/** Whether a person's answer may be sent: the card waits for one, and not too many are on their way (P10). */
export function mayAnswer(cards: Card[], prompt_id: string): boolean {
  const card = cardOf(cards, prompt_id);
  const waits = card?.state === 'pending' || card?.state === 'failed';
  return waits && cards.filter(isAnswering).length < bounds.ANSWERS_MAX;
}

/** P10: every open card, and the last few that are over. */
function bounded(cards: Card[]): Card[] {
  let over = cards.filter((card) => !isOpen(card)).length - bounds.CARDS_OVER_MAX;
  return over <= 0 ? cards : cards.filter((card) => isOpen(card) || over-- <= 0);
}

/** CQ1: a card is a projection of what is pending. One that is on its way is kept until its answer is known. */
export function projected(cards: Card[], { pending }: QueueState, at: number): Card[] {
  const head = pending && promptId(pending);
  const next = cards.map((card): Card => {
    const waits = card.state === 'pending' || card.state === 'failed';
    return waits && card.prompt_id !== head ? { ...card, state: 'gone', since: at } : card;
  });
  if (pending && head !== null && !cardOf(cards, head))
    next.push({
      prompt_id: head,
      entry: pending,
      state: 'pending',
      since: at,
      reply: null,
      try: 0,
      how: null,
      by: null,
      mine: false,
      error: null,
      dismissed: false,
    });
  return bounded(next);
}

/** The log's word on how it ended. An answer of ours that is on its way has lost, unless the end is ours. */
function ended(card: Card, how: PromptEndKind, by: string | null, client: string | null, at: number): Card {
  if (!isOpen(card) && card.state !== 'gone') return card;
  const mine = client !== null && by === client;
  // Nobody has told this tab its name: whether it won is its response's to say.
  if (isAnswering(card) && how === 'answered' && client === null) return card;
  const state = isAnswering(card) && !mine ? 'lost' : how;
  return { ...card, state, how, by, mine, error: null, since: at };
}

function accepted(card: Card, by: string | null, at: number): Card {
  const knows = isOpen(card) || card.state === 'gone' || card.state === 'lost';
  if (!knows) return card;
  const how = card.reply !== null && 'action' in card.reply ? 'declined' : 'answered';
  return { ...card, state: how, how, by, mine: true, error: null, since: at };
}

/** One card after an event with its id. */
function turnedCard(card: Card, event: PromptFeedEvent, client: string | null, at: number): Card {
  switch (event.type) {
    case 'answer':
      return {
        ...card,
        state: 'answering',
        reply: event.reply,
        try: card.try + 1,
        error: null,
        since: at,
      };
    case 'respond.accepted':
      return accepted(card, event.by, at);
    case 'respond.stale':
      if (!isOpen(card) && card.state !== 'gone') return card;
      return { ...card, state: 'lost', how: event.how, by: event.by, error: null, since: at };
    case 'respond.failed':
    case 'respond.overdue':
      if (!isAnswering(card)) return card;
      return {
        ...card,
        state: 'failed',
        error: event.type === 'respond.failed' ? event.error : 'timeout',
        since: at,
      };
    case 'prompt.settled':
      return ended(card, event.how, event.by, client, at);
    case 'acknowledge':
      return card.state === 'failed' ? { ...card, state: 'pending', error: null, since: at } : card;
    case 'dismiss':
      return { ...card, dismissed: true };
    case 'recall':
      return { ...card, dismissed: false };
    default:
      return card;
  }
}

/** The cards after an event; the same array where it changes nothing. */
export function turned(cards: Card[], event: PromptFeedEvent, client: string | null, at: number): Card[] {
  const turn = (card: Card): Card => {
    if ('prompt_id' in event)
      return event.prompt_id === card.prompt_id ? turnedCard(card, event, client, at) : card;
    // AT3: only this stream's, and only here; the server's entries are the server's.
    if (event.type === 'stream.finalized' && event.stream_id === card.entry.stream_id && isOpen(card))
      return { ...card, state: 'cleared', since: at };
    return card;
  };
  const next = cards.map(turn);
  return next.every((card, index) => card === cards[index]) ? cards : bounded(next);
}
