// The tab-leader machine's vocabulary: its named guards, delays and actions. No state is mentioned here.
import { assign, setup } from 'xstate';
import { bounded } from './bounded.ts';
import * as bounds from './bounds.ts';
import { jitter, nextSeed } from './jitter.ts';
import { moment } from './moment.ts';
import type {
  TabLeaderCommand,
  TabLeaderContext,
  TabLeaderEvent,
  TabLeaderInput,
} from './tab-leader.facts.ts';

type Seen = { context: TabLeaderContext };
const wantsToLead = ({ hidden, leader_hidden }: TabLeaderContext): boolean => leader_hidden && !hidden;

const base = setup({
  types: {
    input: {} as TabLeaderInput,
    context: {} as TabLeaderContext,
    events: {} as TabLeaderEvent,
    emitted: {} as TabLeaderCommand,
  },
  guards: {
    isShared: ({ context }) => context.shared,
    /** A term that is over says nothing. */
    isCurrent: ({ context, event }) => event.type === 'beat.heard' && event.term >= context.term,
    isNewer: ({ context, event }) => event.type === 'beat.heard' && event.term > context.term,
    isEager: ({ context }) => wantsToLead(context),
    isContent: ({ context }) => !wantsToLead(context),
  },
  delays: {
    beatEvery: bounds.BEAT_MS,
    silence: bounds.LEADER_SILENT_MS,
    answerBound: bounds.LEADER_ANSWER_MS,
    stealBound: bounds.STEAL_MS,
    takeOver: bounded(
      `${bounds.TAKE_OVER_MS} ms × ${bounds.JITTER_MIN}–${bounds.JITTER_MAX}`,
      ({ context }: Seen) => context.wait_ms,
    ),
  },
});

export const tabLeaderSetup = base.extend({
  actions: {
    enter: assign(({ context, event }, { within_ms }: { within_ms: number | null }) => {
      const now = moment(context, event);
      return { now, due_at: within_ms === null ? null : now + within_ms };
    }),
    since: base.assign({ since: ({ context, event }) => moment(context, event) }),
    noteHidden: base.assign({ hidden: true }),
    noteShown: base.assign({ hidden: false }),
    forgetLeader: base.assign({ leader_hidden: false }),
    noteBeat: base.assign(({ context, event }) =>
      event.type === 'beat.heard'
        ? { term: Math.max(context.term, event.term), leader_hidden: event.hidden }
        : {},
    ),
    noteGranted: base.assign({
      term: ({ context, event }) =>
        event.type === 'lock.granted' ? Math.max(context.term, event.term) : context.term,
    }),
    /** Above every term that was seen, so that whoever led before yields when it hears of it. */
    raiseTerm: base.assign({ term: ({ context }) => context.term + 1 }),
    drawWait: base.assign(({ context }) => {
      const wait_ms = Math.round(bounds.TAKE_OVER_MS * jitter(context.seed));
      return { seed: nextSeed(context.seed), wait_ms, due_at: context.now + wait_ms };
    }),
    requestLock: base.emit({ type: 'request.lock' }),
    stealLock: base.emit({ type: 'steal.lock' }),
    releaseLock: base.emit({ type: 'release.lock' }),
    ping: base.emit({ type: 'ping' }),
    rest: base.emit({ type: 'rest' }),
    beat: base.emit(({ context: { term, hidden } }) => ({ type: 'beat', term, hidden })),
    lead: base.emit(({ context }) => ({ type: 'lead', term: context.term })),
    follow: base.emit(({ context }) => ({ type: 'follow', term: context.term })),
    followNewer: base.enqueueActions(({ context, event, enqueue }) => {
      if (event.type === 'beat.heard' && event.term > context.term)
        enqueue.emit({ type: 'follow', term: event.term });
    }),
  },
});
