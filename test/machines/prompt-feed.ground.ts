// The prompt-feed machine's ground: everything that it can be told, in every order, and what must hold at every step. What
// the connection does and what becomes of cards is walked together as far as one card goes, and cards by pairs while it is open.
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import {
  type Card,
  type PromptFeedContext,
  type PromptFeedInput,
  promptFeedMachine,
  shownCards,
} from '../../src/machines/prompt-feed.machine.ts';
import { type PromptEntry, promptId, type QueueState } from '../../src/protocol/index.ts';
import type { Place, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { lineRules } from './prompt-feed.rules.ts';
import { question } from './prompt-queue.ground.ts';
import { stateOf, timeRules } from './time.rules.ts';

const QUIET_MS = bounds.HEARTBEAT_MS * bounds.HEARTBEATS_MISSED_MAX;
const input: PromptFeedInput = { session_id: 'x', kind: 'clarify', client: 'me', at: 1_000 };

const a = question('a', 's', 900, 0);
const b = question('b', 't', 950, 0);
/** What the server says is pending. */
export const pushed = (version: number, ...entries: PromptEntry[]): QueueState => ({
  session_id: 'x',
  pending: entries[0] ?? null,
  pending_count: entries.length,
  version,
});

type Feed = Place<PromptFeedContext>;
const known = ({ context }: Feed): number => Math.max(context.state?.version ?? 0, context.floor);

function lineEvents(at: number): Told[] {
  return [
    { type: 'line.opened', at },
    { type: 'line.lost', at },
    { type: 'line.ended', at },
    { type: 'line.heard', at },
    { type: 'poll.failed', at },
  ];
}

/** The one after `a`, for a tab that has a name; without one, a single card is walked. */
function stateEvents(feed: Feed, at: number): Told[] {
  const { client, cards } = feed.context;
  const version = known(feed) + 1;
  const after = client === null || cards.length === 0 ? [] : [pushed(version, b)];
  const older = { ...pushed(version - 2, a), pending_count: 9 };
  const foreign = { ...pushed(version, a), session_id: 'y' };
  return [pushed(version), pushed(version, a, b), ...after, older, foreign].map((state) => ({
    type: 'state.pushed',
    state,
    at,
  }));
}

function cardEvents(feed: Feed, at: number): Told[] {
  const pos = known(feed) + 1;
  const of = (prompt_id: string): Told[] => [
    { type: 'answer', prompt_id, reply: { response: 'yes' }, at },
    { type: 'prompt.settled', prompt_id, how: 'expired', by: null, pos, at },
  ];
  return [
    ...of('a'),
    ...of('b'),
    { type: 'answer', prompt_id: 'a', reply: { action: 'decline' }, at },
    { type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'other', pos, at },
    { type: 'prompt.settled', prompt_id: 'a', how: 'answered', by: 'me', pos, at },
    { type: 'respond.accepted', prompt_id: 'a', by: 'me', at },
    { type: 'respond.stale', prompt_id: 'a', how: 'answered', by: 'other', at },
    { type: 'respond.stale', prompt_id: 'a', how: 'cancelled', by: null, at },
    { type: 'respond.failed', prompt_id: 'a', error: 'network', at },
    { type: 'acknowledge', prompt_id: 'a', at },
    { type: 'dismiss', prompt_id: 'a', at },
    { type: 'recall', prompt_id: 'a', at },
    { type: 'stream.finalized', stream_id: 's', at },
    { type: 'stream.finalized', stream_id: 'other', at },
  ];
}

const isSimple = ({ context }: Feed): boolean =>
  context.cards.every((card: Card) => card.prompt_id === 'a' && card.state === 'pending');

function events(feed: Feed): Told[] {
  const at = feed.context.now + 1;
  const isOpen = pathOf(feed.value) === 'pushing.open';
  const states = stateEvents(feed, at);
  const polled = states.map((event) => ({ ...event, type: 'state.polled' }));
  return [
    ...(isSimple(feed) ? [...lineEvents(at), ...polled] : []),
    ...(isSimple(feed) || isOpen ? states : []),
    ...(isOpen ? cardEvents(feed, at) : []),
    { type: 'close', at },
  ];
}

const key = (feed: Feed): string => {
  const { failures, last_heard_at, due_at, state, client } = feed.context;
  const path = pathOf(feed.value);
  if (!isSimple(feed) && path !== 'pushing.open') return `${path} with cards`;
  const cards = feed.context.cards.map((card: Card) =>
    [card.prompt_id, card.state, returns(card), card.dismissed].join('-'),
  );
  const place = [path, client, cards, state?.pending && promptId(state.pending)];
  if (path === 'pushing.connecting') place.push(failures);
  if (path === 'pushing.open' && isSimple(feed)) place.push(last_heard_at + QUIET_MS > Number(due_at));
  return place.join(' ');
};

const OPEN = ['pending', 'answering', 'failed'];
const WITHOUT_ANSWER = ['expired', 'cancelled', 'superseded'];
const find = ({ context }: Feed, id: unknown): Card | undefined =>
  context.cards.find((card: Card) => card.prompt_id === id);
const returns = (card: Card | undefined): boolean =>
  card !== undefined && (card.state === 'cleared' || WITHOUT_ANSWER.includes(card.how ?? ''));
const ofType = (commands: Told[], type: string): Told[] =>
  commands.filter((command) => command.type === type);
const isState = (event: Told): boolean => event.type === 'state.pushed' || event.type === 'state.polled';

const rules: Rules<PromptFeedContext> = {
  ...timeRules<PromptFeedContext>(stateOf),
  ...lineRules,

  'PF3 an older version, or another session’s, never replaces what is known': ({ before, event, after }) => {
    if (!isState(event)) return after.context.state === before.context.state;
    const state = event.state as QueueState;
    const isNewer = state.version >= known(before) && state.session_id === 'x';
    if (!isNewer)
      return after.context.state === before.context.state && after.context.cards === before.context.cards;
    return after.context.state === state || state.version === before.context.state?.version;
  },

  'PF1 CQ1 the head of the newest state is a card, and no other prompt waits for an answer': ({
    event,
    after,
  }) => {
    const { state, cards } = after.context;
    if (!isState(event) || event.state !== state) return true;
    const head = state?.pending ? promptId(state.pending) : null;
    const waiting = cards.filter((card: Card) => card.state === 'pending' || card.state === 'failed');
    return (
      (head === null || find(after, head) !== undefined) &&
      waiting.every((card: Card) => card.prompt_id === head)
    );
  },

  'PF2 it polls only after three failures to open': ({ before, event, after, commands }) => {
    const polls = (feed: Feed) => pathOf(feed.value).startsWith('polling');
    if (ofType(commands, 'poll').length > 0 && !polls(after)) return false;
    return !polls(after) || polls(before) || (event.type === 'line.lost' && after.context.failures >= 3);
  },

  'PF4 it pushes as soon as it opens': ({ event, after }) =>
    event.type !== 'line.opened' || pathOf(after.value) === 'pushing.open',

  'PF4 LN1 nothing but its own loss or end, or silence, ends an open line': ({ before, event, after }) => {
    if (pathOf(before.value) !== 'pushing.open' || pathOf(after.value) === 'pushing.open') return true;
    if (pathOf(after.value) !== 'pushing.quiet') return /^(line\.(lost|ended)|close)$/.test(event.type);
    return after.context.now - before.context.last_heard_at >= QUIET_MS;
  },

  'LN1 it is reopened only when nothing was heard for four heartbeats and a second look': ({
    before,
    after,
    commands,
  }) =>
    ofType(commands, 'reopen').length === 0 ||
    (pathOf(before.value) === 'pushing.quiet' &&
      after.context.now - before.context.last_heard_at >= QUIET_MS + bounds.THAW_MS),

  'ST4 an open line and every poll have a timer': ({ after, timers }) =>
    !/open|quiet|polling/.test(pathOf(after.value)) || timers.size > 0,

  'CQ5 what is over stays over': ({ before, after }) =>
    before.context.cards.every((card: Card) => {
      const later = find(after, card.prompt_id);
      if (OPEN.includes(card.state) || later === undefined) return true;
      const learns = card.state === 'gone' || (card.state === 'lost' && later.state !== 'gone');
      return later.state === card.state || (learns && !OPEN.includes(later.state));
    }),

  'CQ6 what carries an id concerns no other card': ({ before, event, after }) =>
    !('prompt_id' in event) ||
    before.context.cards.every(
      (card: Card) => card.prompt_id === event.prompt_id || find(after, card.prompt_id) === card,
    ),

  'P12 an answer is sent exactly when a person gives one for a card that waits': ({
    before,
    event,
    commands,
  }) => {
    const sent = ofType(commands, 'respond');
    const was = event.type === 'answer' ? find(before, event.prompt_id)?.state : undefined;
    const waits = was === 'pending' || was === 'failed';
    return sent.length === Number(waits) && sent.every(({ prompt_id }) => prompt_id === event.prompt_id);
  },

  'ST4 an answer on its way has a bound, and no other card has a timer': ({ after, timers }) => {
    const overdue = [...timers].filter((id) => id.startsWith('respond.overdue')).sort();
    const answering = after.context.cards.filter((card: Card) => card.state === 'answering');
    const expected = answering.map((card: Card) => `respond.overdue.${card.prompt_id}`).sort();
    return after.status === 'done' ? overdue.length === 0 : overdue.join() === expected.join();
  },

  'an answer that did not arrive is told until a person acknowledges it, tries again, or the prompt is over':
    ({ before, event, after }) =>
      before.context.cards.every((card: Card) => {
        const later = find(after, card.prompt_id);
        if (card.state !== 'failed' || later?.state === 'failed') return true;
        return (
          /^(answer|acknowledge|respond\.|prompt\.settled|stream\.finalized)/.test(event.type) ||
          isState(event)
        );
      }),

  'CQ5 the loser of a race is told how it ended': ({ after }) =>
    after.context.cards.every((card: Card) => card.state !== 'lost' || (card.how !== null && !card.mine)),

  'AT3 a finalizer clears the open cards of its own stream, no other, and nothing of the server’s': ({
    before,
    event,
    after,
  }) => {
    if (event.type !== 'stream.finalized') return true;
    return (
      after.context.state === before.context.state &&
      before.context.cards.every((card: Card) => {
        const isOwn = card.entry.stream_id === event.stream_id && OPEN.includes(card.state);
        return isOwn
          ? find(after, card.prompt_id)?.state === 'cleared'
          : find(after, card.prompt_id) === card;
      })
    );
  },

  'a draft returns when its prompt ended without an answer, once': ({ before, after, commands }) => {
    const returned = ofType(commands, 'return.draft').map(({ prompt_id }) => prompt_id);
    const expected = after.context.cards
      .filter((card: Card) => returns(card) && !returns(find(before, card.prompt_id)))
      .map((card: Card) => card.prompt_id);
    return returned.join() === expected.join();
  },

  'a card is put away by its id only, and the next one is not': ({ before, event, after }) =>
    after.context.cards.every((card: Card) => {
      const was = find(before, card.prompt_id)?.dismissed ?? false;
      return (
        card.dismissed === was ||
        (/^(dismiss|recall)$/.test(event.type) && event.prompt_id === card.prompt_id)
      );
    }),

  'what is shown is every open card once, and nothing cleared': ({ after }) => {
    const { current, put_away, others, over } = shownCards(after);
    const shown = [current, put_away, ...others, ...over].filter((card) => card !== null);
    const hidden = after.context.cards.filter((card: Card) => !shown.includes(card));
    return (
      new Set(shown).size === shown.length &&
      shown.every(({ state }) => state !== 'cleared') &&
      hidden.every(({ state, dismissed }: Card) => dismissed || state === 'cleared')
    );
  },

  'P11 a closed feed has no timer': ({ after, timers }) => after.status !== 'done' || timers.size === 0,
};

export const promptFeedGround: Ground<PromptFeedContext> = {
  machine: promptFeedMachine,
  walk: { inputs: [input, { ...input, client: null }], events, key, places_max: 4_000 },
  rules,
};
