// The prompt-queue machine's vocabulary: its named guards, delays and actions. No state is mentioned here.
import { assign, setup } from 'xstate';
import { type PromptEntry, promptId } from '../protocol/index.ts';
import { bounded } from './bounded.ts';
import * as bounds from './bounds.ts';
import { moment, remaining } from './moment.ts';
import type {
  PromptQueueCommand,
  PromptQueueContext,
  PromptQueueEvent,
  PromptQueueInput,
} from './prompt-queue.facts.ts';

type Seen = { context: PromptQueueContext; event: PromptQueueEvent };
type Pending = Pick<PromptQueueContext, 'entries'>;

const holds = (entries: PromptEntry[], id: string | null): boolean =>
  entries.some((entry) => promptId(entry) === id);

/** CQ7: the entry that ends first by itself; of two, the older. `timeout_seconds: 0` has no end. */
function nextToExpire({ entries }: Pending): { prompt_id: string; expires_at: number } | null {
  let next: { prompt_id: string; expires_at: number } | null = null;
  for (const entry of entries)
    if (entry.expires_at !== null && (next === null || entry.expires_at < next.expires_at))
      next = { prompt_id: promptId(entry), expires_at: entry.expires_at };
  return next;
}

/** The wait for the earliest due time: never negative, and never more than a timer can wait. */
function untilNext(context: PromptQueueContext): number {
  const next = nextToExpire(context);
  return next === null ? 0 : remaining(context, next.expires_at - bounds.TIMER_MAX_MS, bounds.TIMER_MAX_MS);
}

/** The entries after a record; the same array where it changes nothing: told before (CQ4), or of no entry (CQ6). */
function folded({ context, event }: Seen): PromptEntry[] {
  const { entries, version } = context;
  if (event.type === 'prompt.asked')
    return event.pos <= version || holds(entries, promptId(event.entry))
      ? entries
      : [...entries, event.entry];
  if (event.type === 'prompt.settled' && event.pos > version && holds(entries, event.prompt_id))
    return entries.filter((entry) => promptId(entry) !== event.prompt_id);
  return entries;
}

const base = setup({
  types: {
    input: {} as PromptQueueInput,
    context: {} as PromptQueueContext,
    events: {} as PromptQueueEvent,
    emitted: {} as PromptQueueCommand,
  },
  guards: {
    isEmpty: ({ context }) => context.entries.length === 0,
    hasEntries: ({ context }) => context.entries.length > 0,
    isOrphaned: ({ context }) => context.stale !== null,
    // A stream that has none of the entries has no say over them; over an empty queue, any.
    concerns: ({ context, event }) =>
      'stream_id' in event && context.entries.every(({ stream_id }) => stream_id === event.stream_id),
    // ST3: only the stream that ends, or that lost its owner, leads out again.
    owns: ({ context, event }) =>
      'stream_id' in event && (context.stream_id === null || event.stream_id === context.stream_id),
    // One stream of a session lives at a time: another one's prompt in the log says that this one's are closed.
    isOfNext: ({ context, event }) =>
      event.type === 'prompt.asked' &&
      event.pos > context.version &&
      context.stream_id !== null &&
      event.entry.stream_id !== context.stream_id,
    isTimed: ({ context }) => nextToExpire(context) !== null,
    isDue: ({ context }) => (nextToExpire(context)?.expires_at ?? Infinity) <= context.now,
    isOver: ({ context }) => !holds(context.entries, context.expiring),
    isExpiring: ({ context, event }) => 'prompt_id' in event && event.prompt_id === context.expiring,
    mayRetry: bounded(
      `${bounds.EXPIRY_TRIES_MAX} tries`,
      ({ context, event }: Seen) =>
        'prompt_id' in event && event.prompt_id === context.expiring && context.try < context.of,
    ),
  },
  delays: {
    expiryDue: bounded('when the first is due', ({ context }: Seen) => untilNext(context)),
    answerBound: bounds.COMMIT_ANSWER_MS,
    expiryRetry: bounds.EXPIRY_RETRY_MS,
    storageWatch: bounds.STORAGE_WATCH_MS,
  },
});

export const promptQueueSetup = base.extend({
  actions: {
    enter: assign(({ context, event }, { within_ms }: { within_ms: number | null }) => {
      const now = moment(context, event);
      return { now, due_at: within_ms === null ? null : now + within_ms };
    }),
    since: base.assign({ since: ({ context, event }) => moment(context, event) }),
    because: assign((_, { why }: { why: string | null }) => ({ why })),
    dueWithNext: base.assign({ due_at: ({ context }) => context.now + untilNext(context) }),
    /** CQ1, CQ4: the queue is the fold of the log's records; what was folded already changes nothing. */
    fold: base.assign(({ context, event }) => {
      const now = moment(context, event);
      const entries = folded({ context, event });
      return entries === context.entries || !('pos' in event)
        ? { now }
        : { now, entries, version: event.pos };
    }),
    noteStream: base.assign({
      stream_id: ({ context, event }) => ('stream_id' in event ? event.stream_id : context.stream_id),
    }),
    noteLoss: base.assign({
      stale: ({ context, event }) => (event.type === 'owner.lost' ? event.reason : context.stale),
    }),
    release: base.assign({ stream_id: null, stale: null }),
    becauseStale: base.assign({ why: ({ context }) => context.stale }),
    beginExpiry: base.assign({
      expiring: ({ context }) => nextToExpire(context)?.prompt_id ?? null,
      try: 0,
      of: bounds.EXPIRY_TRIES_MAX,
    }),
    endExpiry: base.assign({ expiring: null, try: 0, of: 0 }),
    countTry: base.assign({ try: ({ context }) => Math.min(context.try + 1, context.of) }),
    expire: base.emit(({ context }) => ({ type: 'expire', prompt_id: context.expiring ?? '' })),
    /** CQ9, CQ4: the session is gone, its prompts with it; whoever still looks is told so by a newer version. */
    abandon: base.assign(({ context }) => ({
      entries: [],
      version: context.entries.length > 0 ? context.version + 1 : context.version,
    })),
  },
});
