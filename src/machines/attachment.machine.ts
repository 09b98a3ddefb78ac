// One tab that watches one stream. Knows no transport and no document: it is told what came, and commands the page.
//
// following     the run goes on. attaching: waits for the line to open, or to reopen after `end`, a hole or a reset (AT8,
//               AT10, AT11). live: frames come. reconnecting: the line is lost; its ladder is the line's (AT6).
//               suspended: lost while nobody looks, or offline (AT6)
// draining      the run is over, its settled session is awaited: fencing (terminal frame, no `stream_end` yet, AT10),
//               deferring, probing, asking, pausing (AT1)
// stale         finalized without the settled session; watched: watching, asking (AT5)
// settled       final; the settled session is on screen, or will never be (AT3)
//
// AT7 nothing leaves `draining` but an answer or a bound. AT9 while it lasts, no reconnect is asked for.
import type { StateValue } from 'xstate';
import type { AttachmentContext, AttachmentInput } from './attachment.facts.ts';
import { attachmentSetup } from './attachment.setup.ts';
import * as bounds from './bounds.ts';
import { pathOf } from './path.ts';

export type * from './attachment.facts.ts';

const { createStateConfig } = attachmentSetup;

const restored = {
  guard: 'isRestored',
  target: '#attachment.settled',
  actions: ['notePane', 'adopt', 'finalize'],
} as const;
const lost = {
  guard: 'isLost',
  target: '#attachment.settled',
  actions: ['notePane', 'becauseAnswered', 'finalize'],
} as const;
const unreadable = {
  guard: 'isUnreadable',
  target: '#attachment.stale',
  actions: ['notePane', 'becauseAnswered', 'finalize'],
} as const;
const unanswered = {
  target: '#attachment.stale',
  actions: [{ type: 'because', params: { why: 'error' } }, 'finalize'],
} as const;

const waits = ['since', { type: 'enter', params: { within_ms: null } }] as const;

const following = createStateConfig({
  initial: 'attaching',
  on: {
    'frames.arrived': [
      { guard: 'endsLive', target: 'draining.deferring', actions: 'takeFrames' },
      { guard: 'ends', target: 'draining.probing', actions: 'takeFrames' },
      { guard: 'terminates', target: 'draining.fencing', actions: 'takeFrames' },
      { guard: 'continues', target: '.live', actions: 'takeFrames' },
      // AT11: a hole reattaches from the cursor, three times; then everything starts over.
      { guard: 'mayReattach', target: '.attaching', actions: ['noteHole', 'reattach'] },
      { guard: 'gapes', target: '.attaching', actions: ['clearView', 'reattach'] },
    ],
    'line.opened': '.live',
    'line.lost': '.reconnecting',
    'line.ended': { target: '.attaching', actions: 'noteLineEnd' },
    'line.reset': { target: '.attaching', actions: 'clearView' },
    retry: { actions: 'reattach' },
  },
  states: {
    attaching: { entry: waits },
    live: {
      entry: [...waits, { type: 'because', params: { why: null } }],
      on: { 'frames.arrived': { guard: 'continues', actions: 'takeFrames' }, 'line.opened': {} },
    },
    reconnecting: { entry: waits, always: { guard: 'isAway', target: 'suspended' } },
    suspended: {
      entry: waits,
      always: { guard: 'isBack', target: 'reconnecting' },
      on: { 'line.lost': {} },
    },
  },
});

const draining = createStateConfig({
  initial: 'fencing',
  entry: ['since', { type: 'because', params: { why: null } }],
  on: { 'frames.arrived': { guard: 'fits', actions: 'takeFrames' } },
  states: {
    // AT10: bounded; then as if `stream_end` had come.
    fencing: {
      entry: { type: 'enter', params: { within_ms: bounds.FENCE_WAIT_MS } },
      on: {
        'frames.arrived': [
          { guard: 'endsLive', target: 'deferring', actions: 'takeFrames' },
          { guard: 'ends', target: 'probing', actions: 'takeFrames' },
          { guard: 'fits', actions: 'takeFrames' },
          { guard: 'mayReattach', actions: ['noteHole', 'reattach'] },
        ],
      },
      after: {
        fenceBound: [{ guard: 'hasLiveContent', target: 'deferring' }, { target: 'probing' }],
      },
    },
    deferring: {
      entry: [{ type: 'enter', params: { within_ms: bounds.SETTLE_FIRST_ASK_MS } }, 'beginAsks'],
      after: { firstAsk: 'asking' },
    },
    // Nothing live on screen: at once, and before the tries are counted.
    probing: {
      entry: [{ type: 'enter', params: { within_ms: bounds.SETTLE_ANSWER_MS } }, 'askTranscript'],
      on: {
        'transcript.answered': [restored, lost, unreadable, { target: 'deferring', actions: 'notePane' }],
      },
      after: { answerBound: unanswered },
    },
    asking: {
      entry: [{ type: 'enter', params: { within_ms: bounds.SETTLE_ANSWER_MS } }, 'countAsk', 'askTranscript'],
      on: {
        'transcript.answered': [
          restored,
          lost,
          unreadable,
          { guard: 'mayAskAgain', target: 'pausing', actions: 'notePane' },
          {
            target: '#attachment.stale',
            actions: ['notePane', { type: 'because', params: { why: 'settlement_overdue' } }, 'finalize'],
          },
        ],
      },
      after: { answerBound: unanswered },
    },
    pausing: {
      entry: { type: 'enter', params: { within_ms: bounds.SETTLE_ASK_EVERY_MS } },
      after: { askEvery: 'asking' },
    },
  },
});

// AT5: nothing is stranded, the composer is free, and the truth is still looked for.
const stale = createStateConfig({
  initial: 'watching',
  entry: 'since',
  states: {
    watching: {
      entry: { type: 'enter', params: { within_ms: bounds.OVERDUE_WATCH_MS } },
      on: {
        'frames.arrived': [
          { guard: 'ends', target: 'asking', actions: 'takeFrames' },
          { guard: 'fits', actions: 'takeFrames' },
        ],
        retry: 'asking',
      },
      after: { overdueWatch: 'asking' },
    },
    asking: {
      entry: [{ type: 'enter', params: { within_ms: bounds.SETTLE_ANSWER_MS } }, 'askTranscript'],
      on: {
        'frames.arrived': { guard: 'fits', actions: 'takeFrames' },
        'transcript.answered': [restored, lost, { target: 'watching', actions: 'notePane' }],
      },
      after: { answerBound: 'watching' },
    },
  },
});

const birth = ({ input }: { input: AttachmentInput }): AttachmentContext => ({
  ...input,
  shown: input.cursor,
  terminal: null,
  anew: false,
  holes: 0,
  hidden: false,
  offline: false,
  finalized: false,
  try: 0,
  of: 0,
  since: input.at,
  now: input.at,
  due_at: null,
  why: null,
});

export const attachmentMachine = attachmentSetup.createMachine({
  id: 'attachment',
  context: birth,
  initial: 'following',
  on: {
    // AT4: whoever answers, and whenever, the pane's owner is taken anew.
    'transcript.answered': [restored, { actions: 'notePane' }],
    'pane.changed': { actions: 'notePane' },
    'page.hidden': { actions: 'noteHidden' },
    'page.shown': { actions: 'noteShown' },
    'network.lost': { actions: 'noteOffline' },
    'network.returned': { actions: 'noteOnline' },
  },
  states: {
    following,
    draining,
    stale,
    settled: { type: 'final', entry: ['since', { type: 'enter', params: { within_ms: null } }] },
  },
});

export type AttachmentState =
  | 'attaching'
  | 'live'
  | 'reconnecting'
  | 'suspended'
  | 'draining'
  | 'stale'
  | 'settled';

/** What the page shows of an attachment. `try`/`of` count the asks of AT1. Pure. */
export function attachmentState(snapshot: { value: StateValue; context: AttachmentContext }) {
  const { since, why, terminal, cursor, try: tries, of } = snapshot.context;
  const path = pathOf(snapshot.value);
  const state = path.replace('following.', '').split('.')[0] as AttachmentState;
  return { state, path, since, why, terminal, cursor, ...(of > 0 && { try: tries, of }) };
}
