// The attachment machine's vocabulary: its named guards, delays and actions. No state is mentioned here.
import { assign, setup } from 'xstate';
import type {
  AttachmentCommand,
  AttachmentContext,
  AttachmentEvent,
  AttachmentInput,
} from './attachment.facts.ts';
import { bounded } from './bounded.ts';
import * as bounds from './bounds.ts';
import { moment } from './moment.ts';

type Arrived = Extract<AttachmentEvent, { type: 'frames.arrived' }>;
type Answered = Extract<AttachmentEvent, { type: 'transcript.answered' }>;
type Guarded = { context: AttachmentContext; event: AttachmentEvent };

const arrived = (event: AttachmentEvent): Arrived | null => (event.type === 'frames.arrived' ? event : null);
const answered = (event: AttachmentEvent): Answered | null =>
  event.type === 'transcript.answered' ? event : null;

/** AT11: something new, and no hole before it. */
function fits({ context, event }: Guarded): boolean {
  const frames = arrived(event);
  return (
    frames !== null && frames.last > context.cursor && (context.anew || frames.first <= context.cursor + 1)
  );
}
/** AT11: something is missing between the cursor and what came. */
function gapes({ context, event }: Guarded): boolean {
  const frames = arrived(event);
  return frames !== null && !context.anew && frames.first > context.cursor + 1;
}
const isLive = ({ context, event }: Guarded): boolean =>
  context.live_content || arrived(event)?.live === true;
const ownsPane = (context: AttachmentContext): boolean => context.owner_stream_id === context.stream_id;

const base = setup({
  types: {
    input: {} as AttachmentInput,
    context: {} as AttachmentContext,
    events: {} as AttachmentEvent,
    emitted: {} as AttachmentCommand,
  },
  guards: {
    fits,
    gapes,
    ends: (args) => fits(args) && arrived(args.event)?.ended === true,
    endsLive: (args) => fits(args) && arrived(args.event)?.ended === true && isLive(args),
    terminates: (args) => fits(args) && arrived(args.event)?.terminal !== undefined,
    continues: (args) => fits(args) && !arrived(args.event)?.ended && !arrived(args.event)?.terminal,
    mayReattach: bounded(
      `${bounds.HOLES_MAX} times`,
      (args: Guarded) => gapes(args) && args.context.holes < bounds.HOLES_MAX,
    ),
    hasLiveContent: ({ context }) => context.live_content,
    // AT2: a transcript that does not reach what is shown is no better than `active`.
    isRestored: ({ context, event }) => {
      const answer = answered(event);
      return answer?.status === 'restored' && answer.seq >= context.shown;
    },
    isLost: ({ event }) => {
      const status = answered(event)?.status;
      return status === 'missing' || status === 'stale';
    },
    isUnreadable: ({ event }) => answered(event)?.status === 'error',
    mayAskAgain: bounded(
      `${bounds.SETTLE_ASKS_MAX} more`,
      ({ context }: Guarded) => context.try < context.of,
    ),
    isAway: ({ context }) => context.hidden || context.offline,
    isBack: ({ context }) => !context.hidden && !context.offline,
  },
  delays: {
    firstAsk: bounds.SETTLE_FIRST_ASK_MS,
    askEvery: bounds.SETTLE_ASK_EVERY_MS,
    answerBound: bounds.SETTLE_ANSWER_MS,
    fenceBound: bounds.FENCE_WAIT_MS,
    overdueWatch: bounds.OVERDUE_WATCH_MS,
  },
});

export const attachmentSetup = base.extend({
  actions: {
    enter: assign(({ context, event }, { within_ms }: { within_ms: number | null }) => {
      const now = moment(context, event);
      return { now, due_at: within_ms === null ? null : now + within_ms };
    }),
    since: base.assign({ since: ({ context, event }) => moment(context, event) }),
    because: assign((_, { why }: { why: string | null }) => ({ why })),
    becauseAnswered: base.assign({ why: ({ event }) => answered(event)?.status ?? 'error' }),
    noteLineEnd: base.assign({ why: ({ event }) => (event.type === 'line.ended' ? event.reason : null) }),
    notePane: base.assign({
      owner_stream_id: ({ context, event }) =>
        'owner_stream_id' in event ? event.owner_stream_id : context.owner_stream_id,
    }),
    noteHidden: base.assign({ hidden: true }),
    noteShown: base.assign({ hidden: false }),
    noteOffline: base.assign({ offline: true }),
    noteOnline: base.assign({ offline: false }),
    /** AT11, AT7: tells the page what to take, then moves the cursor. */
    takeFrames: base.enqueueActions(({ context, event, enqueue }) => {
      const frames = arrived(event);
      if (!frames) return;
      const after = context.anew ? Math.max(context.cursor, frames.first - 1) : context.cursor;
      enqueue.emit({ type: 'take.frames', after, last: frames.last, fenced: context.terminal !== null });
      enqueue.assign({
        cursor: frames.last,
        shown: frames.ended ? frames.last - 1 : frames.last,
        live_content: context.live_content || frames.live,
        terminal: context.terminal ?? frames.terminal ?? null,
        anew: false,
        holes: 0,
      });
    }),
    clearView: base.enqueueActions(({ enqueue }) => {
      enqueue.emit({ type: 'clear.view' });
      enqueue.assign({ cursor: 0, shown: 0, live_content: false, anew: true });
    }),
    reattach: base.emit(({ context }) => ({ type: 'reattach', cursor: context.cursor })),
    noteHole: base.assign({ holes: ({ context }) => context.holes + 1 }),
    beginAsks: base.assign({ try: 0, of: 1 + bounds.SETTLE_ASKS_MAX }),
    countAsk: base.assign({ try: ({ context }) => context.try + 1 }),
    askTranscript: base.emit(({ context }) => ({
      type: 'ask.transcript',
      stream_id: context.stream_id,
      cursor: context.cursor,
    })),
    adopt: base.enqueueActions(({ context, event, enqueue }) => {
      const answer = answered(event);
      if (!answer) return;
      enqueue.emit({ type: 'adopt.transcript', seq: answer.seq, owns_pane: ownsPane(context) });
      enqueue.assign({
        cursor: Math.max(context.cursor, answer.seq),
        terminal: context.terminal ?? answer.terminal ?? null,
        why: null,
      });
    }),
    /** AT3: once, and never again. */
    finalize: base.enqueueActions(({ context, enqueue }) => {
      if (context.finalized) return;
      enqueue.emit({ type: 'finalize', owns_pane: ownsPane(context), why: context.why });
      enqueue.assign({ finalized: true });
    }),
  },
});
