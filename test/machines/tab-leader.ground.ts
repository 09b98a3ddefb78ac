// The tab-leader machine's ground: everything that it can be told, in every order, and what must hold at every step.
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import { type TabLeaderContext, tabLeaderMachine } from '../../src/machines/tab-leader.machine.ts';
import type { Place, Step, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { stateOf, timeRules } from './time.rules.ts';

function events({ context }: Place<TabLeaderContext>): Told[] {
  const at = context.now + 1;
  const { term } = context;
  const beats = [term - 1, term, term + 3].flatMap((heard) => [
    { type: 'beat.heard', term: heard, hidden: true, at },
    { type: 'beat.heard', term: heard, hidden: false, at },
  ]);
  return [
    ...beats,
    { type: 'lock.granted', term: 0, at },
    { type: 'lock.granted', term: term + 5, at },
    { type: 'lock.lost', at },
    { type: 'lock.refused', at },
    { type: 'ping.heard', at },
    { type: 'page.hidden', at },
    { type: 'page.shown', at },
    { type: 'page.frozen', at },
    { type: 'page.resumed', at },
    { type: 'close', at },
  ];
}

// What was heard last, and how long ago: a rule asks for it.
const key = ({ value, context }: Place<TabLeaderContext>): string =>
  [pathOf(value), context.shared, context.hidden, context.leader_hidden].join(' ');

type Seen = Step<TabLeaderContext>;
const count = (commands: Told[], type: string) => commands.filter((command) => command.type === type).length;
const isIn = (place: Place<TabLeaderContext>, state: string) => pathOf(place.value).startsWith(state);
const isTimer = ({ event }: Seen): boolean => event.type.startsWith('xstate.after');
const heard = ({ before, event }: Seen): number | null =>
  event.type === 'beat.heard' && Number(event.term) >= before.context.term ? Number(event.term) : null;

const rules: Rules<TabLeaderContext> = {
  ...timeRules<TabLeaderContext>(stateOf),

  'LN2 a tab knows whether it is seen': ({ before, event, after }) =>
    after.context.hidden ===
    (event.type === 'page.hidden' || (event.type !== 'page.shown' && before.context.hidden)),

  'LN2 a term that is over says nothing': ({ before, event, after, commands }) =>
    event.type !== 'beat.heard' ||
    Number(event.term) >= before.context.term ||
    (commands.length === 0 &&
      after.context === before.context &&
      pathOf(after.value) === pathOf(before.value)),

  'LN2 who steals, or leads, yields to a newer term only': ({ before, event, after }) =>
    event.type !== 'beat.heard' ||
    !/leading|stealing/.test(pathOf(before.value)) ||
    Number(event.term) > before.context.term === isIn(after, 'following.hearing') ||
    isIn(after, 'following.eager'),

  'lesson 84 a page that goes on opens anew what it had: the line of a leader, the wait of a follower': ({
    before,
    event,
    after,
    commands,
  }) => {
    if (event.type !== 'page.resumed' && !(event.type === 'page.shown' && isIn(before, 'frozen')))
      return true;
    const follows = isIn(before, 'following') || (isIn(before, 'frozen') && after.context.shared);
    if (follows)
      return (
        count(commands, 'request.lock') === 1 && count(commands, 'follow') === 1 && isIn(after, 'following')
      );
    return count(commands, 'lead') === 1 && isIn(after, isIn(before, 'leading') ? 'leading' : 'alone');
  },

  'LN2 a page that stands still is frozen, wherever it was': ({ event, after }) =>
    event.type !== 'page.frozen' || isIn(after, 'frozen'),

  'LN2 of a leader nothing is known that it has not said': ({ before, after }) =>
    !isIn(after, 'following') || isIn(before, 'following') || !after.context.leader_hidden,

  'LN2 a seen tab waits its own time before it takes over': ({ after }) => {
    if (!isIn(after, 'following.eager')) return true;
    const wait_ms = Number(after.context.due_at) - after.context.now;
    return (
      wait_ms >= bounds.TAKE_OVER_MS * bounds.JITTER_MIN && wait_ms <= bounds.TAKE_OVER_MS * bounds.JITTER_MAX
    );
  },

  'LN2 a leader that is seen says so at once': ({ before, event, commands }) =>
    event.type !== 'page.shown' ||
    !isIn(before, 'leading') ||
    commands.some((command) => command.type === 'beat' && command.hidden === false),

  'LN2 a tab leads only with the lock, or alone': ({ before, event, after, commands }) =>
    count(commands, 'lead') === 0 ||
    isIn(after, 'alone') ||
    event.type === 'lock.granted' ||
    (isIn(before, 'leading') && event.type === 'page.resumed'),

  'LN2 a term is above every term seen': ({ before, event, commands }) =>
    commands.every(
      ({ type, term }) =>
        type !== 'lead' ||
        (Number(term) > before.context.term &&
          (event.type !== 'lock.granted' || Number(term) > Number(event.term))),
    ),

  'LN2 terms never fall': ({ before, after }) => after.context.term >= before.context.term,

  'LN2 a leader that hears of a higher term yields at once, and gives back its lock': (step) => {
    const term = heard(step);
    if (!isIn(step.before, 'leading') || term === null || term === step.before.context.term) return true;
    return isIn(step.after, 'following') && count(step.commands, 'release.lock') === 1;
  },

  'LN2 a leader whose lock was stolen leads no more': ({ before, event, after }) =>
    !isIn(before, 'leading') || event.type !== 'lock.lost' || isIn(after, 'following'),

  'LN2 a lock is stolen from one that did not answer, or by a seen tab from an unseen one': (step) => {
    if (count(step.commands, 'steal.lock') === 0) return true;
    const { hidden, leader_hidden } = step.before.context;
    return isTimer(step) && (isIn(step.before, 'following.doubting') || (leader_hidden && !hidden));
  },

  'LN2 who hears its leader does not doubt it': (step) =>
    heard(step) === null || !isIn(step.before, 'following') || !isIn(step.after, 'following.doubting'),

  'LN2 a leader is doubted after its silence only': (step) =>
    !isIn(step.after, 'following.doubting') ||
    !isTimer(step) ||
    isIn(step.before, 'following.stealing') ||
    Number(step.before.context.due_at) - step.before.context.now <= bounds.LEADER_SILENT_MS,

  'LN2 a new leader hears what is watched here': (step) => {
    const term = heard(step);
    if (term === null || term === step.before.context.term || !isIn(step.before, 'following')) return true;
    return step.commands.some((command) => command.type === 'follow' && command.term === term);
  },

  'LN2 only a leader beats, and it answers who asks': ({ before, event, after, commands }) =>
    (count(commands, 'beat') === 0 || isIn(after, 'leading')) &&
    (event.type !== 'ping.heard' || !isIn(before, 'leading') || count(commands, 'beat') === 1),

  'LN2 a leader that is hidden says so at once': ({ before, event, commands }) =>
    event.type !== 'page.hidden' ||
    !isIn(before, 'leading') ||
    commands.some((command) => command.type === 'beat' && command.hidden === true),

  'P11 a page that stands still, or is closed, holds no lock, no line and no timer': ({
    before,
    after,
    timers,
    commands,
  }) => {
    const path = pathOf(after.value);
    if (path !== 'frozen' && path !== 'closed') return true;
    const gave = count(commands, 'release.lock') === 1 && count(commands, 'rest') === 1;
    return timers.size === 0 && (gave || pathOf(before.value) === path);
  },

  'ST4 who follows or leads has a timer': ({ after, timers }) =>
    !/^(following|leading)/.test(pathOf(after.value)) || timers.size === 1,
};

export const tabLeaderGround: Ground<TabLeaderContext> = {
  machine: tabLeaderMachine,
  walk: {
    inputs: [true, false].flatMap((shared) =>
      [true, false].map((hidden) => ({ seed: 42, shared, hidden, term: 7, at: 1_000 })),
    ),
    events,
    key,
    places_max: 100,
  },
  rules,
};
