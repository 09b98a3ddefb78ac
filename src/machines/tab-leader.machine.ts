// Which tab of a browser holds the one line for all of them (LN2). Knows no lock, no channel and no line: it is told of them,
// and commands them.
//
// alone      this browser can't share: the tab leads itself
// following  another tab leads, or soon will; this one waits for the lock
//   hearing    its beats come
//   eager      nobody looks at the leader, and somebody at this tab: it takes over, unless another does first
//   doubting   no beat for a while: the leader is asked once more, since a throttled one is no dead one
//   stealing   it did not answer: its lock is taken
// leading    this tab holds the lock and the line, and beats
// frozen     the page stands still, or goes: it holds nothing
// closed     final
//
// A leader that closed or crashed frees its lock, and the next in line is granted it. One that stood still without a word
// keeps it: it is stolen, and yields when it hears a higher term or that its lock is gone.
import * as bounds from './bounds.ts';
import type { TabLeaderContext, TabLeaderInput } from './tab-leader.facts.ts';
import { tabLeaderSetup } from './tab-leader.setup.ts';

export type * from './tab-leader.facts.ts';

const { createStateConfig } = tabLeaderSetup;
const within = (within_ms: number | null) => ({ type: 'enter', params: { within_ms } }) as const;

const alone = createStateConfig({
  entry: ['since', within(null), 'raiseTerm', 'lead'],
  on: {
    'page.frozen': 'frozen',
    'page.resumed': { target: 'alone', reenter: true },
  },
});

const hearing = createStateConfig({
  entry: within(bounds.LEADER_SILENT_MS),
  always: { guard: 'isEager', target: 'eager' },
  on: {
    'beat.heard': {
      guard: 'isCurrent',
      target: 'hearing',
      reenter: true,
      actions: ['followNewer', 'noteBeat'],
    },
  },
  after: { silence: 'doubting' },
});

// Several visible tabs wait differently long: the first one's beat says that it is seen, and the others stay.
const eager = createStateConfig({
  entry: [within(null), 'drawWait'],
  always: { guard: 'isContent', target: 'hearing' },
  on: { 'beat.heard': { guard: 'isCurrent', actions: ['followNewer', 'noteBeat'] } },
  after: { takeOver: 'stealing' },
});

const doubting = createStateConfig({
  entry: [within(bounds.LEADER_ANSWER_MS), 'ping'],
  on: { 'beat.heard': { guard: 'isCurrent', target: 'hearing', actions: ['followNewer', 'noteBeat'] } },
  after: { answerBound: 'stealing' },
});

const stealing = createStateConfig({
  entry: [within(bounds.STEAL_MS), 'stealLock'],
  on: { 'beat.heard': { guard: 'isNewer', target: 'hearing', actions: ['followNewer', 'noteBeat'] } },
  after: { stealBound: 'doubting' },
});

const following = createStateConfig({
  initial: 'hearing',
  entry: ['since', 'forgetLeader', 'requestLock', 'follow'],
  on: {
    'lock.granted': { target: 'leading', actions: 'noteGranted' },
    'lock.refused': 'alone',
    'page.frozen': 'frozen',
    'page.resumed': { target: 'following', reenter: true },
  },
  states: { hearing, eager, doubting, stealing },
});

const leading = createStateConfig({
  initial: 'beating',
  entry: ['since', 'raiseTerm', 'lead'],
  on: {
    'lock.lost': 'following',
    'beat.heard': { guard: 'isNewer', target: 'following', actions: ['releaseLock', 'noteBeat'] },
    'ping.heard': { actions: 'beat' },
    'page.hidden': { actions: ['noteHidden', 'beat'] },
    'page.shown': { actions: ['noteShown', 'beat'] },
    'page.frozen': 'frozen',
    // What a page that stood still had open may be closed without a word (lesson 84).
    'page.resumed': { target: 'leading', reenter: true },
  },
  states: {
    beating: {
      entry: [within(bounds.BEAT_MS), 'beat'],
      after: { beatEvery: { target: 'beating', reenter: true } },
    },
  },
});

const frozen = createStateConfig({
  entry: ['since', within(null), 'releaseLock', 'rest'],
  on: {
    'page.resumed': [{ guard: 'isShared', target: 'following' }, { target: 'alone' }],
    'page.shown': [
      { guard: 'isShared', target: 'following', actions: 'noteShown' },
      { target: 'alone', actions: 'noteShown' },
    ],
  },
});

const birth = ({ input }: { input: TabLeaderInput }): TabLeaderContext => ({
  seed: input.seed,
  shared: input.shared,
  hidden: input.hidden,
  term: input.term,
  leader_hidden: false,
  wait_ms: 0,
  since: input.at,
  now: input.at,
  due_at: null,
});

export const tabLeaderMachine = tabLeaderSetup.createMachine({
  id: 'tab-leader',
  context: birth,
  initial: 'starting',
  on: {
    'page.hidden': { actions: 'noteHidden' },
    'page.shown': { actions: 'noteShown' },
    close: '.closed',
  },
  states: {
    starting: { always: [{ guard: 'isShared', target: 'following' }, { target: 'alone' }] },
    alone,
    following,
    leading,
    frozen,
    closed: { type: 'final', entry: ['since', within(null), 'releaseLock', 'rest'] },
  },
});
