// The one connection of a page. Knows no EventSource and no stream: it commands a source, is told what became of it, and
// tells the attachments. The ladder of AT6 is here and nowhere else.
//
// connecting  a source was asked for
// open        it opened; left only by its own failure or end (LN1)
// quiet       nothing heard for four heartbeats; looked at once more after a thawed tab has drained its queue, then reopened
// backoff     the next try of the ladder is due; the ladder spent: a try every 30 s, a watch (P9)
// polling     it never opened (PF2): the sessions on screen are asked every 3 s, and a try goes on every 30 s (LN4)
// suspended   lost while nobody looks, or offline: the ladder stands still (AT6)
// closed      final: the page is done with it, or may not read any more
//
// LN3 a change of what is watched takes the path of every reconnect.
import type { StateValue } from 'xstate';
import { assign, setup } from 'xstate';
import { bounded, duration } from './bounded.ts';
import * as bounds from './bounds.ts';
import { jitter, nextSeed } from './jitter.ts';
import type { LineCommand, LineContext, LineEvent, LineInput } from './line.facts.ts';
import { moment, remaining } from './moment.ts';
import { pathOf } from './path.ts';

export type * from './line.facts.ts';

type Seen = { context: LineContext };
const silence = (context: LineContext): number => context.heartbeat_ms * bounds.HEARTBEATS_MISSED_MAX;

const base = setup({
  types: {
    input: {} as LineInput,
    context: {} as LineContext,
    events: {} as LineEvent,
    emitted: {} as LineCommand,
  },
  guards: {
    isAway: ({ context }) => context.hidden || context.offline,
    isBack: ({ context }) => !context.hidden && !context.offline,
    isSeen: ({ context }) => !context.hidden,
    neverOpened: bounded(
      `${bounds.POLL_AFTER_FAILURES} failures`,
      ({ context }: Seen) => !context.ever_open && context.failures + 1 >= bounds.POLL_AFTER_FAILURES,
    ),
    wasHeard: ({ context, event }) =>
      remaining({ now: moment(context, event) }, context.last_heard_at, silence(context)) > 0,
    isForbidden: ({ event }) => event.type === 'source.ended' && event.reason === 'unauthorized',
    // AT10: `end` reattaches at once, unless the server ends lines as fast as they open.
    hasLasted: ({ context, event }) => moment(context, event) - context.opened_at >= bounds.LINE_LASTED_MS,
    isTryDue: ({ context }) => (context.due_at ?? context.now) >= context.try_due_at,
  },
  delays: {
    connectBound: bounds.CONNECTING_MS,
    quietAfter: bounded(`${bounds.HEARTBEATS_MISSED_MAX} heartbeats`, ({ context }: Seen) =>
      remaining(context, context.last_heard_at, silence(context)),
    ),
    thaw: bounds.THAW_MS,
    ladder: bounded(
      `${bounds.LADDER_MS.map((ms) => ms / 1_000).join(', ')} s × ${bounds.JITTER_MIN}–${bounds.JITTER_MAX}, then ${duration(bounds.LINE_WATCH_MS)}`,
      ({ context }: Seen) => context.wait_ms,
    ),
    pollEvery: bounds.POLL_SESSION_MS,
    probe: bounds.LINE_WATCH_MS,
  },
});

const lineSetup = base.extend({
  actions: {
    enter: assign(({ context, event }, { within_ms }: { within_ms: number | null }) => {
      const now = moment(context, event);
      return { now, due_at: within_ms === null ? null : now + within_ms };
    }),
    since: base.assign({ since: ({ context, event }) => moment(context, event) }),
    noteOpen: base.assign(({ context, event }) => {
      const now = moment(context, event);
      return { opened_at: now, last_heard_at: now, ever_open: true, failures: 0, why: null };
    }),
    noteHeard: base.assign({ last_heard_at: ({ context, event }) => moment(context, event) }),
    noteFailure: base.assign({ failures: ({ context }) => context.failures + 1, why: 'failed' }),
    noteEnd: base.assign({
      why: ({ context, event }) => (event.type === 'source.ended' ? event.reason : context.why),
    }),
    because: assign((_, { why }: { why: string }) => ({ why })),
    noteHidden: base.assign({ hidden: true }),
    noteShown: base.assign({ hidden: false }),
    noteOffline: base.assign({ offline: true }),
    noteOnline: base.assign({ offline: false }),
    dueWhenQuiet: base.assign({ due_at: ({ context }) => context.last_heard_at + silence(context) }),
    /** AT6: the step of the ladder by the failures so far; spent, the watch. */
    drawWait: base.assign(({ context }) => {
      const step = bounds.LADDER_MS[Math.max(context.failures - 1, 0)];
      const wait_ms = step === undefined ? bounds.LINE_WATCH_MS : Math.round(step * jitter(context.seed));
      return { seed: nextSeed(context.seed), wait_ms, due_at: context.now + wait_ms };
    }),
    drawTry: base.assign({ try_due_at: ({ context }) => context.now + bounds.LINE_WATCH_MS }),
    openSource: base.emit({ type: 'open.source' }),
    closeSource: base.emit({ type: 'close.source' }),
    pollSessions: base.emit({ type: 'poll.sessions' }),
    tellOpened: base.emit(({ context }) => ({ type: 'line.opened', at: context.opened_at })),
    tellLost: base.emit(({ context, event }) => ({ type: 'line.lost', at: moment(context, event) })),
    tellEnded: base.emit(({ context, event }) => ({
      type: 'line.ended',
      reason: event.type === 'source.ended' ? event.reason : '',
      at: moment(context, event),
    })),
  },
});
const { createStateConfig } = lineSetup;

/** A try, or an open source, that came to nothing. */
const loss = [
  { guard: 'isAway', target: 'suspended', actions: ['noteFailure', 'tellLost'] },
  { target: 'backoff', actions: ['noteFailure', 'tellLost'] },
] as const;
const failure = [
  loss[0],
  { guard: 'neverOpened', target: 'polling', actions: ['noteFailure', 'tellLost'] },
  loss[1],
] as const;

const forbidden = { guard: 'isForbidden', target: 'closed', actions: ['noteEnd', 'tellEnded'] } as const;
const reopening = { target: 'connecting', actions: ['noteEnd', 'tellEnded'] } as const;

const connecting = createStateConfig({
  entry: ['since', { type: 'enter', params: { within_ms: bounds.CONNECTING_MS } }, 'openSource'],
  on: {
    'source.opened': { target: 'open', actions: ['noteOpen', 'tellOpened'] },
    'source.failed': failure,
    reattach: { target: 'connecting', reenter: true },
  },
  after: { connectBound: failure },
});

// LN1: the timer only asks whether anything was heard; it closes nothing.
const open = createStateConfig({
  entry: [{ type: 'enter', params: { within_ms: null } }, 'dueWhenQuiet'],
  on: {
    'source.heard': { actions: 'noteHeard' },
    'source.failed': loss,
    'source.ended': [
      forbidden,
      { guard: 'hasLasted', ...reopening },
      { target: 'backoff', actions: ['noteEnd', 'tellLost'] },
    ],
    reattach: 'connecting',
  },
  after: { quietAfter: [{ guard: 'wasHeard', target: 'open', reenter: true }, { target: 'quiet' }] },
});

const quiet = createStateConfig({
  entry: ['since', { type: 'enter', params: { within_ms: bounds.THAW_MS } }],
  on: {
    'source.heard': { target: 'open', actions: 'noteHeard' },
    'source.failed': loss,
    'source.ended': [forbidden, reopening],
    reattach: 'connecting',
  },
  after: {
    thaw: { target: 'connecting', actions: [{ type: 'because', params: { why: 'quiet' } }, 'tellLost'] },
  },
});

const backoff = createStateConfig({
  entry: ['since', { type: 'enter', params: { within_ms: null } }, 'drawWait', 'closeSource'],
  always: { guard: 'isAway', target: 'suspended' },
  on: { retry: 'connecting', reattach: 'connecting' },
  after: { ladder: 'connecting' },
});

// PF2, LN4. A source is tried while the polls go on; it opens, and they stop.
const polling = createStateConfig({
  initial: 'resting',
  entry: ['since', 'drawTry', 'closeSource'],
  always: { guard: 'isAway', target: 'suspended' },
  on: { retry: 'connecting', reattach: 'connecting' },
  states: {
    resting: {
      entry: [{ type: 'enter', params: { within_ms: bounds.POLL_SESSION_MS } }, 'pollSessions'],
      after: {
        pollEvery: [
          { guard: 'isTryDue', target: 'trying', actions: ['drawTry', 'openSource'] },
          { target: 'resting', reenter: true },
        ],
      },
    },
    trying: {
      entry: [{ type: 'enter', params: { within_ms: bounds.POLL_SESSION_MS } }, 'pollSessions'],
      on: {
        'source.opened': { target: '#line.open', actions: ['noteOpen', 'tellOpened'] },
        'source.failed': { target: 'resting', actions: ['noteFailure', 'closeSource', 'drawTry'] },
      },
      after: {
        pollEvery: [
          { guard: 'isTryDue', target: 'resting', actions: ['noteFailure', 'closeSource', 'drawTry'] },
          { target: 'trying', reenter: true },
        ],
      },
    },
  },
});

const suspended = createStateConfig({
  entry: ['since', { type: 'enter', params: { within_ms: bounds.LINE_WATCH_MS } }, 'closeSource'],
  always: { guard: 'isBack', target: 'connecting' },
  on: {
    retry: 'connecting',
    'page.shown': { target: 'suspended', reenter: true, actions: 'noteShown' },
  },
  // A browser that calls itself offline may be wrong (hermes-webui #4170): the server is asked, slowly.
  after: { probe: { guard: 'isSeen', target: 'connecting' } },
});

const birth = ({ input }: { input: LineInput }): LineContext => ({
  seed: input.seed,
  heartbeat_ms: input.heartbeat_ms ?? bounds.HEARTBEAT_MS,
  last_heard_at: input.at,
  opened_at: input.at,
  ever_open: false,
  failures: 0,
  wait_ms: 0,
  try_due_at: input.at,
  hidden: false,
  offline: false,
  since: input.at,
  now: input.at,
  due_at: null,
  why: null,
});

export const lineMachine = lineSetup.createMachine({
  id: 'line',
  context: birth,
  initial: 'connecting',
  on: {
    'page.hidden': { actions: 'noteHidden' },
    'page.shown': { actions: 'noteShown' },
    'network.lost': { actions: 'noteOffline' },
    'network.returned': { actions: 'noteOnline' },
    close: '.closed',
  },
  states: {
    connecting,
    open,
    quiet,
    backoff,
    polling,
    suspended,
    closed: {
      type: 'final',
      entry: ['since', { type: 'enter', params: { within_ms: null } }, 'closeSource'],
    },
  },
});

export type LineState = 'connecting' | 'open' | 'quiet' | 'backoff' | 'polling' | 'suspended' | 'closed';

/** What the page shows of the line. `try`/`of` count the ladder; `watching`: it is spent, a try every 30 s. Pure. */
export function lineState(snapshot: { value: StateValue; context: LineContext }) {
  const { since, why, failures, due_at } = snapshot.context;
  const path = pathOf(snapshot.value);
  const of = bounds.LADDER_MS.length;
  return {
    state: path.split('.')[0] as LineState,
    path,
    since,
    why,
    due_at,
    ...(failures > 0 && { try: Math.min(failures, of), of, watching: failures > of }),
  };
}
