// The cards of one queue of one session, as a page shows them: a projection of the newest state, however it came, and what
// this tab has answered. Knows no transport and no document. Drafts are not here: they are kept by card id.
//
// pushing  states come by themselves (PF1): connecting (not open yet, or lost: the ladder is the line's), open, quiet
//          (nothing heard for four heartbeats; looked at once more after a thawed tab has drained its queue, then reopened)
// polling  it can't be opened (PF2): asking, resting 3 s; a watch (P9), left as soon as it opens (PF4)
// closed   final
//
// PF3 an older version never replaces a newer. PF5 one of these per session and queue. CQ6 cards are addressed by id. No card
// locks anything: each answer on its way has a bound, and a person may always put a card away.
import type { StateValue } from 'xstate';
import type { QueueState } from '../protocol/index.ts';
import * as bounds from './bounds.ts';
import { pathOf } from './path.ts';
import { isOpen } from './prompt-feed.cards.ts';
import type { Card, PromptFeedContext, PromptFeedInput } from './prompt-feed.facts.ts';
import { promptFeedSetup } from './prompt-feed.setup.ts';

export type * from './prompt-feed.facts.ts';

const { createStateConfig } = promptFeedSetup;

const waits = { type: 'enter', params: { within_ms: null } } as const;
const take = { guard: 'isNewer', actions: ['turnCards', 'noteState'] } as const;
const opens = { target: '#prompt-feed.pushing.open', actions: 'noteOpen' } as const;

const pushing = createStateConfig({
  initial: 'connecting',
  entry: 'since',
  states: {
    connecting: {
      entry: waits,
      on: {
        'line.opened': opens,
        'line.lost': [
          { guard: 'cannotOpen', target: '#prompt-feed.polling', actions: 'noteFailure' },
          { actions: 'noteFailure' },
        ],
      },
    },
    // LN1: the timer only asks whether anything was heard; heartbeats count.
    open: {
      entry: [waits, 'dueWhenQuiet'],
      on: {
        'line.opened': { actions: 'noteOpen' },
        'line.heard': { actions: 'noteHeard' },
        'state.pushed': [{ ...take, actions: ['noteHeard', ...take.actions] }, { actions: 'noteHeard' }],
        'line.lost': 'connecting',
        'line.ended': 'connecting',
      },
      after: { quietAfter: [{ guard: 'wasHeard', target: 'open', reenter: true }, { target: 'quiet' }] },
    },
    quiet: {
      entry: { type: 'enter', params: { within_ms: bounds.THAW_MS } },
      on: {
        'line.opened': opens,
        'line.heard': { target: 'open', actions: 'noteHeard' },
        'state.pushed': [
          { ...take, target: 'open', actions: ['noteHeard', ...take.actions] },
          { target: 'open', actions: 'noteHeard' },
        ],
        'line.lost': 'connecting',
        'line.ended': 'connecting',
      },
      after: { thaw: { target: 'connecting', actions: 'reopen' } },
    },
  },
});

const polling = createStateConfig({
  initial: 'asking',
  entry: 'since',
  on: { 'line.opened': opens },
  states: {
    asking: {
      entry: [{ type: 'enter', params: { within_ms: bounds.POLL_ANSWER_MS } }, 'poll'],
      on: {
        'state.polled': [{ ...take, target: 'resting' }, { target: 'resting' }],
        'poll.failed': 'resting',
      },
      after: { answerBound: 'resting' },
    },
    resting: {
      entry: { type: 'enter', params: { within_ms: bounds.POLL_SESSION_MS } },
      after: { pollEvery: 'asking' },
    },
  },
});

const birth = ({ input }: { input: PromptFeedInput }): PromptFeedContext => ({
  session_id: input.session_id,
  kind: input.kind,
  client: input.client,
  heartbeat_ms: input.heartbeat_ms ?? bounds.HEARTBEAT_MS,
  last_heard_at: input.at,
  failures: 0,
  state: null,
  floor: 0,
  cards: [],
  since: input.at,
  now: input.at,
  due_at: null,
});

export const promptFeedMachine = promptFeedSetup.createMachine({
  id: 'prompt-feed',
  context: birth,
  initial: 'pushing',
  on: {
    'state.pushed': take,
    'state.polled': take,
    'prompt.settled': { actions: ['turnCards', 'notePos'] },
    answer: { guard: 'mayAnswer', actions: 'turnCards' },
    'respond.accepted': { actions: 'turnCards' },
    'respond.stale': { actions: 'turnCards' },
    'respond.failed': { actions: 'turnCards' },
    'respond.overdue': { actions: 'turnCards' },
    acknowledge: { actions: 'turnCards' },
    dismiss: { actions: 'turnCards' },
    recall: { actions: 'turnCards' },
    'stream.finalized': { actions: 'turnCards' },
    close: '.closed',
  },
  states: {
    pushing,
    polling,
    closed: { type: 'final', entry: ['since', waits, 'forgetAnswers'] },
  },
});

export type PromptFeedState = 'pushing' | 'polling' | 'closed';

export interface ShownCards {
  /** what the person is asked now; null: nothing, or it was put away */
  current: Card | null;
  /** `1 of …`; 0: nothing is pending */
  pending_count: number;
  /** pending, and put away by a person: may be recalled */
  put_away: Card | null;
  /** answers that are on their way, or failed, of prompts behind the current one */
  others: Card[];
  /** ended and not put away, oldest first: one line each */
  over: Card[];
}

/** What the page shows of a queue. Pure. */
export function shownCards({ context }: { context: PromptFeedContext }): ShownCards {
  const { cards, state } = context;
  const open = cards.filter(isOpen);
  const head = open.findLast((card) => card.state === 'pending') ?? open.at(-1) ?? null;
  const isAway = head?.dismissed === true;
  return {
    current: isAway ? null : head,
    pending_count: head === null ? 0 : Math.max(state?.pending_count ?? 0, 1),
    put_away: isAway ? head : null,
    others: open.filter((card) => card !== head && !card.dismissed),
    over: cards.filter((card) => !isOpen(card) && !card.dismissed && card.state !== 'cleared'),
  };
}

/** What the feed's actor says of itself. Pure. */
export function feedLife(snapshot: { value: StateValue; context: PromptFeedContext }) {
  const { since, failures, due_at, state } = snapshot.context;
  const path = pathOf(snapshot.value);
  const newest: QueueState | null = state;
  return { state: path.split('.')[0] as PromptFeedState, path, since, failures, due_at, newest };
}
