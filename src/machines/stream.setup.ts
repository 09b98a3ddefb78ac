// The stream machine's vocabulary: its named guards, delays and actions. No state is mentioned here.
import { assign, setup } from 'xstate';
import { bounded, duration } from './bounded.ts';
import * as bounds from './bounds.ts';
import { moment, remaining } from './moment.ts';
import type { StreamCommand, StreamContext, StreamError, StreamEvent, StreamInput } from './stream.facts.ts';

type Seen = { context: StreamContext; event: StreamEvent };
const remains = (context: StreamContext): boolean => context.agent !== 'none' && context.agent !== 'gone';
const headOf = (context: StreamContext, event: StreamEvent): number =>
  'head' in event && event.head !== undefined ? Math.max(context.head, event.head) : context.head;
const interruption = (why: string | null): StreamError => ({
  type: 'interrupted',
  message: `The run was interrupted (${why ?? 'unknown'}). What it had said is kept.`,
});

const base = setup({
  types: {
    input: {} as StreamInput,
    context: {} as StreamContext,
    events: {} as StreamEvent,
    emitted: {} as StreamCommand,
  },
  guards: {
    owns: ({ context, event }) => 'epoch' in event && event.epoch === context.epoch,
    ownsRemaining: ({ context, event }) =>
      'epoch' in event && event.epoch === context.epoch && remains(context),
    mayStart: bounded(
      `${bounds.STARTS_MAX} starts`,
      ({ context }: Seen) => context.starts <= bounds.STARTS_MAX,
    ),
    isUncalled: ({ context }) => context.agent === 'none',
    isFirstFrame: ({ context, event }) => context.agent !== 'none' && headOf(context, event) > context.floor,
    asks: ({ event }) => event.type === 'prompts.changed' && event.pending > 0,
    wasHeard: ({ context, event }) =>
      remaining({ now: moment(context, event) }, context.last_frame_at, bounds.QUIET_AFTER_MS) > 0,
    producerMayReturn: ({ context, event }) =>
      event.type === 'owner.lost' && event.reason === 'producer_silent' && context.terminal === null,
    isOtherLoss: ({ event }) => event.type === 'owner.lost' && event.reason !== 'producer_silent',
    epochNotOlder: ({ context, event }) => 'epoch' in event && event.epoch >= context.epoch,
    agentRemains: ({ context }) => remains(context),
    isCompleted: ({ context, event }) =>
      (context.terminal ?? ('outcome' in event && event.outcome)) === 'completed',
    ownsCompleted: ({ context, event }) =>
      'epoch' in event &&
      event.epoch === context.epoch &&
      remains(context) &&
      context.terminal === 'completed',
    isEnded: ({ context }) => context.terminal !== null,
    isUnended: ({ context }) => context.terminal === null,
    mayRetry: bounded(`${bounds.COMMIT_TRIES_MAX} tries`, ({ context }: Seen) => context.try < context.of),
    mayRecover: bounded(
      `${bounds.RECOVERY_TRIES_MAX} tries, ${duration(bounds.RECOVERY_MS)}`,
      ({ context, event }: Seen) =>
        context.try < context.of && moment(context, event) < context.recovery_due_at,
    ),
  },
  delays: {
    startingBound: bounds.STARTING_MS,
    quietAfter: bounded(duration(bounds.QUIET_AFTER_MS), ({ context }: Seen) =>
      remaining(context, context.last_frame_at, bounds.QUIET_AFTER_MS),
    ),
    silentBound: bounds.AGENT_SILENT_MS - bounds.QUIET_AFTER_MS,
    answerBound: bounds.COMMIT_ANSWER_MS,
    killBound: bounded(duration(bounds.CANCEL_KILL_MS), ({ context }: Seen) =>
      remaining(context, context.asked_at ?? context.now, bounds.CANCEL_KILL_MS),
    ),
    stopBound: bounded(duration(bounds.CANCEL_SETTLE_MS), ({ context }: Seen) =>
      remaining(context, context.asked_at ?? context.now, bounds.CANCEL_SETTLE_MS),
    ),
    describeBound: bounds.DESCRIBE_MS,
    commitRetry: bounds.COMMIT_RETRY_MS,
    producerBound: bounds.PRODUCER_RETURN_MS,
    recoveryRetry: bounds.RECOVERY_RETRY_MS,
    recoveryBound: bounded(duration(bounds.RECOVERY_MS), ({ context }: Seen) =>
      remaining(context, context.recovery_due_at - bounds.RECOVERY_MS, bounds.RECOVERY_MS),
    ),
    storageWatch: bounds.STORAGE_WATCH_MS,
  },
});

export const streamSetup = base.extend({
  actions: {
    /** First entry action of every state: what the page shows, and until when at most. */
    enter: assign(
      (
        { context, event },
        { as, within_ms }: { as: StreamContext['run_state']; within_ms: number | null },
      ) => {
        const now = moment(context, event);
        return {
          now,
          due_at: within_ms === null ? null : now + within_ms,
          run_state: as,
          since: context.run_state === as ? context.since : now,
        };
      },
    ),
    dueWhenQuiet: base.assign({ due_at: ({ context }) => context.last_frame_at + bounds.QUIET_AFTER_MS }),
    dueWhenStopped: base.assign({
      due_at: ({ context }) => (context.asked_at ?? context.now) + bounds.CANCEL_SETTLE_MS,
    }),
    dueWithRecovery: base.assign({ due_at: ({ context }) => context.recovery_due_at }),
    because: assign((_, { why }: { why: string | null }) => ({ why })),
    becauseTold: base.assign({ why: ({ event }) => (event.type === 'owner.lost' ? event.reason : null) }),
    moveHead: base.assign({
      head: ({ context, event }) => headOf(context, event),
      last_frame_at: ({ context, event }) => moment(context, event),
    }),
    noteStarted: base.assign({
      floor: ({ context, event }) => Math.max(headOf(context, event), 1),
      head: ({ context, event }) => headOf(context, event),
      agent: 'alive',
    }),
    noteHeard: base.assign({ last_frame_at: ({ context, event }) => moment(context, event) }),
    noteSilence: base.assign({ since: ({ context }) => context.last_frame_at }),
    notePending: base.assign({
      pending: ({ context, event }) => (event.type === 'prompts.changed' ? event.pending : context.pending),
    }),
    noteGone: base.assign({ agent: 'gone' }),
    finish: base.assign({ outcome: 'completed', why: 'finished', try: 0, of: bounds.COMMIT_TRIES_MAX }),
    fail: base.assign(({ event }) => {
      const error = event.type === 'agent.failed' ? event.error : null;
      return {
        outcome: 'errored' as const,
        error,
        why: error?.type ?? null,
        try: 0,
        of: bounds.COMMIT_TRIES_MAX,
      };
    }),
    failAs: assign((_, error: StreamError) => ({
      outcome: 'errored' as const,
      error,
      why: error.type,
      try: 0,
      of: bounds.COMMIT_TRIES_MAX,
    })),
    stopRun: base.assign({ outcome: 'cancelled', why: 'cancelled', try: 0, of: bounds.COMMIT_TRIES_MAX }),
    /** P4: the first terminal wins; what was asked for gives way to what the log holds. */
    noteTerminal: base.assign(({ context, event }) => {
      const terminal = context.terminal ?? ('outcome' in event ? event.outcome : null);
      return { terminal, outcome: terminal, head: headOf(context, event), try: 0 };
    }),
    countTry: base.assign({ try: ({ context }) => context.try + 1 }),
    beginRecovery: base.assign(({ context, event }) => ({
      try: 0,
      of: bounds.RECOVERY_TRIES_MAX,
      recovery_due_at: moment(context, event) + bounds.RECOVERY_MS,
    })),
    resume: base.assign(({ context, event }) => ({
      epoch: event.type === 'producer.returned' ? event.epoch : context.epoch,
      outcome: null,
      error: null,
      why: null,
      last_frame_at: moment(context, event),
    })),
    writeStarted: base.emit(({ context }) => ({ type: 'write.started', epoch: context.epoch })),
    callAgent: base.emit(({ context }) => ({ type: 'call.agent', epoch: context.epoch })),
    /** Asks once. */
    askAgent: base.enqueueActions(({ context, event, enqueue }) => {
      if (context.agent !== 'alive') return;
      enqueue.assign({ agent: 'asked', asked_at: moment(context, event) });
      enqueue.emit({ type: 'stop.agent', epoch: context.epoch });
    }),
    killAgent: base.enqueueActions(({ context, enqueue }) => {
      if (!remains(context) || context.agent === 'killed') return;
      enqueue.assign({ agent: 'killed' });
      enqueue.emit({ type: 'kill.agent', epoch: context.epoch });
    }),
    writeTerminal: base.emit(({ context }) => ({
      type: 'write.terminal',
      epoch: context.epoch,
      outcome: context.outcome ?? 'interrupted',
      ...(context.error && { error: context.error }),
    })),
    describe: base.emit(({ context }) => ({ type: 'describe', epoch: context.epoch })),
    writeSettle: base.emit(({ context }) => ({
      type: 'write.settle',
      epoch: context.epoch,
      // ST10: what the log holds; without a terminal in it, an interruption.
      outcome: context.terminal ?? 'interrupted',
      ...(context.terminal === null && { error: interruption(context.why) }),
    })),
  },
});
