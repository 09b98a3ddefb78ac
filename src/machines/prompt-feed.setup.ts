// The prompt-feed machine's vocabulary: its named guards, delays and actions. No state is mentioned here.
import { assign, setup } from 'xstate';
import type { QueueState } from '../protocol/index.ts';
import { bounded } from './bounded.ts';
import * as bounds from './bounds.ts';
import { moment, remaining } from './moment.ts';
import { cardOf, isAnswering, mayAnswer, projected, returnsDraft, turned } from './prompt-feed.cards.ts';
import type {
  Card,
  PromptFeedCommand,
  PromptFeedContext,
  PromptFeedEvent,
  PromptFeedInput,
} from './prompt-feed.facts.ts';

type Seen = { context: PromptFeedContext; event: PromptFeedEvent };

const silence = (context: PromptFeedContext): number => context.heartbeat_ms * bounds.HEARTBEATS_MISSED_MAX;
const overdueId = (prompt_id: string): string => `respond.overdue.${prompt_id}`;

/** PF3: what an event brings, if it is newer than what is known, and of this session. */
function newer({ context, event }: Seen): QueueState | null {
  if (event.type !== 'state.pushed' && event.type !== 'state.polled') return null;
  const { state } = event;
  if (state.session_id !== context.session_id || state.version < context.floor) return null;
  return context.state !== null && state.version <= context.state.version ? null : state;
}

const base = setup({
  types: {
    input: {} as PromptFeedInput,
    context: {} as PromptFeedContext,
    events: {} as PromptFeedEvent,
    emitted: {} as PromptFeedCommand,
  },
  guards: {
    // PF2
    cannotOpen: bounded(
      `${bounds.POLL_AFTER_FAILURES} failures`,
      ({ context }: Seen) => context.failures + 1 >= bounds.POLL_AFTER_FAILURES,
    ),
    wasHeard: ({ context, event }) =>
      remaining({ now: moment(context, event) }, context.last_heard_at, silence(context)) > 0,
    isNewer: (args) => newer(args) !== null,
    mayAnswer: bounded(
      `${bounds.ANSWERS_MAX} at once`,
      ({ context, event }: Seen) => event.type === 'answer' && mayAnswer(context.cards, event.prompt_id),
    ),
  },
  delays: {
    quietAfter: bounded(`${bounds.HEARTBEATS_MISSED_MAX} heartbeats`, ({ context }: Seen) =>
      remaining(context, context.last_heard_at, silence(context)),
    ),
    thaw: bounds.THAW_MS,
    pollEvery: bounds.POLL_SESSION_MS,
    answerBound: bounds.POLL_ANSWER_MS,
  },
});

/** What follows from cards that changed: commands, and the timer of each answer that is on its way. */
function consequences(before: Card[], after: Card[]) {
  const changed = after.map((card) => ({ card, was: cardOf(before, card.prompt_id) }));
  return {
    sent: changed.filter(({ card, was }) => isAnswering(card) && !isAnswering(was)).map(({ card }) => card),
    known: changed.filter(({ card, was }) => isAnswering(was) && !isAnswering(card)).map(({ card }) => card),
    returned: changed
      .filter(({ card, was }) => returnsDraft(card) && !returnsDraft(was))
      .map(({ card }) => card),
  };
}

export const promptFeedSetup = base.extend({
  actions: {
    enter: assign(({ context, event }, { within_ms }: { within_ms: number | null }) => {
      const now = moment(context, event);
      return { now, due_at: within_ms === null ? null : now + within_ms };
    }),
    since: base.assign({ since: ({ context, event }) => moment(context, event) }),
    dueWhenQuiet: base.assign({ due_at: ({ context }) => context.last_heard_at + silence(context) }),
    noteHeard: base.assign({ last_heard_at: ({ context, event }) => moment(context, event) }),
    noteOpen: base.assign({ failures: 0, last_heard_at: ({ context, event }) => moment(context, event) }),
    noteFailure: base.assign({ failures: ({ context }) => context.failures + 1 }),
    noteState: base.assign({ state: ({ context, event }) => newer({ context, event }) ?? context.state }),
    notePos: base.assign({
      floor: ({ context, event }) =>
        event.type === 'prompt.settled' ? Math.max(context.floor, event.pos) : context.floor,
    }),
    turnCards: base.enqueueActions(({ context, event, enqueue }) => {
      const at = moment(context, event);
      const state = newer({ context, event });
      const cards = state
        ? projected(context.cards, state, at)
        : turned(context.cards, event, context.client, at);
      const { sent, known, returned } = consequences(context.cards, cards);
      for (const { prompt_id, reply } of sent) {
        if (reply !== null) enqueue.emit({ type: 'respond', prompt_id, reply });
        const due = { type: 'respond.overdue', prompt_id, at: at + bounds.RESPOND_MS } as const;
        enqueue.raise(due, { id: overdueId(prompt_id), delay: bounds.RESPOND_MS });
      }
      for (const { prompt_id } of known) enqueue.cancel(overdueId(prompt_id));
      for (const { prompt_id } of returned) enqueue.emit({ type: 'return.draft', prompt_id });
      enqueue.assign({ cards });
    }),
    forgetAnswers: base.enqueueActions(({ context, enqueue }) => {
      for (const { prompt_id } of context.cards.filter(isAnswering)) enqueue.cancel(overdueId(prompt_id));
    }),
    poll: base.emit({ type: 'poll' }),
    reopen: base.emit({ type: 'reopen' }),
  },
});
