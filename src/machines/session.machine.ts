// One session, as the server sees it: at most one run at a time, and the next message when it is over. Knows no storage
// and no stream actor: it commands, and is told what the log says.
//
// idle        no run; attended or unattended by readers (SE4 passivates the unattended)
// advancing   taking the next message out of the queue: taking, retrying (SE2: one transaction of its own)
// running     one stream that is not settled (SE1)
// deleting    cancelling the run, erasing the log, retrying, held (storage takes no writes; tried again)
// deleted, passivated   final
//
// ST3 only the end of its own stream ends `running`. ST8 readers decide nothing but passivation. SE3 no event can throw.
import { assign, setup } from 'xstate';
import { bounded } from './bounded.ts';
import * as bounds from './bounds.ts';
import { moment, type Timed } from './moment.ts';

export interface SessionInput {
  session_id: string;
  /** highest committed pos; 0: none */
  head: number;
  active_stream_id: string | null;
  queue_length: number;
  queue_paused: boolean;
  at: number;
}

/** Every event carries `at`, ms since 1970. */
export type SessionEvent = { at: number } & (
  | { type: 'stream.admitted'; stream_id: string }
  | { type: 'stream.settled'; stream_id: string }
  | { type: 'records.committed'; head: number }
  | { type: 'queue.changed'; length: number; paused: boolean }
  | { type: 'follow_up.started'; stream_id: string }
  /** The queue had nothing to take. */
  | { type: 'follow_up.none' }
  | { type: 'follow_up.refused'; reason: string }
  | { type: 'readers.changed'; count: number }
  | { type: 'storage.returned' }
  | { type: 'delete' }
  | { type: 'erased' }
  | { type: 'erase.refused' }
);

/** What the wiring does for the machine. */
export type SessionCommand =
  /** Take the head of the queue and create its stream, in one transaction. */
  | { type: 'take.follow_up' }
  | { type: 'cancel.stream'; stream_id: string }
  /** Remove every trace of the session. */
  | { type: 'erase' };

export interface SessionContext extends Timed {
  session_id: string;
  head: number;
  active_stream_id: string | null;
  queue_length: number;
  queue_paused: boolean;
  /** the queue changed since the last take was asked for: its `none` is out of date */
  queue_moved: boolean;
  readers: number;
  since: number;
  /** why a queue that is neither empty nor paused does not move */
  why: string | null;
  try: number;
  of: number;
}

const base = setup({
  types: {
    input: {} as SessionInput,
    context: {} as SessionContext,
    events: {} as SessionEvent,
    emitted: {} as SessionCommand,
  },
  guards: {
    owns: ({ context, event }) => 'stream_id' in event && event.stream_id === context.active_stream_id,
    hasStream: ({ context }) => context.active_stream_id !== null,
    mayAdvance: ({ context }) => context.queue_length > 0 && !context.queue_paused && context.why === null,
    isBlocked: ({ context }) => context.why !== null,
    mayRetry: bounded(
      `${bounds.FOLLOW_UP_TRIES_MAX} tries`,
      ({ context }: { context: SessionContext }) => context.try < context.of,
    ),
    isAttended: ({ context }) => context.readers > 0,
    isUnattended: ({ context }) => context.readers === 0,
    mayPassivate: ({ context }) => context.queue_length === 0 || context.queue_paused,
  },
  delays: {
    passivateAfter: bounds.PASSIVATE_AFTER_MS,
    followUpRetry: bounds.FOLLOW_UP_RETRY_MS,
    eraseRetry: bounds.ERASE_RETRY_MS,
    answerBound: bounds.COMMIT_ANSWER_MS,
    storageWatch: bounds.STORAGE_WATCH_MS,
  },
});

const sessionSetup = base.extend({
  actions: {
    enter: assign(({ context, event }, { within_ms }: { within_ms: number | null }) => {
      const now = moment(context, event);
      return { now, due_at: within_ms === null ? null : now + within_ms };
    }),
    since: base.assign({ since: ({ context, event }) => moment(context, event) }),
    moveHead: base.assign({
      head: ({ context, event }) =>
        event.type === 'records.committed' ? Math.max(context.head, event.head) : context.head,
    }),
    noteQueue: base.assign(({ event }) =>
      event.type === 'queue.changed'
        ? { queue_length: event.length, queue_paused: event.paused, queue_moved: true, why: null }
        : {},
    ),
    noteReaders: base.assign({
      readers: ({ context, event }) => (event.type === 'readers.changed' ? event.count : context.readers),
    }),
    adopt: base.assign({
      active_stream_id: ({ context, event }) =>
        'stream_id' in event ? event.stream_id : context.active_stream_id,
    }),
    release: base.assign({ active_stream_id: null, why: null }),
    noteEmpty: base.assign({
      queue_length: ({ context }) => (context.queue_moved ? context.queue_length : 0),
    }),
    block: base.assign({
      why: ({ event }) => (event.type === 'follow_up.refused' ? event.reason : 'storage'),
    }),
    unblock: base.assign({ why: null }),
    noteWatch: base.assign({ due_at: ({ context }) => context.since + bounds.STORAGE_WATCH_MS }),
    beginTries: assign((_, { of }: { of: number }) => ({ try: 0, of })),
    countTry: base.assign({
      try: ({ context }) => Math.min(context.try + 1, context.of),
      queue_moved: false,
    }),
    takeFollowUp: base.emit({ type: 'take.follow_up' }),
    cancelStream: base.emit(({ context }) => ({
      type: 'cancel.stream',
      stream_id: context.active_stream_id ?? '',
    })),
    erase: base.emit({ type: 'erase' }),
  },
});

const idle = sessionSetup.createStateConfig({
  // First the one without a due time: what enters two states at once reads the time off the first one's.
  initial: 'attended',
  entry: 'since',
  always: [
    { guard: 'hasStream', target: 'running' },
    {
      guard: 'mayAdvance',
      target: 'advancing',
      actions: { type: 'beginTries', params: { of: bounds.FOLLOW_UP_TRIES_MAX } },
    },
  ],
  on: {
    'stream.admitted': { target: 'running', actions: 'adopt' },
    'storage.returned': { actions: 'unblock' },
  },
  // A watch, not a retry (P9): a queue that storage held back is tried again.
  after: { storageWatch: { guard: 'isBlocked', actions: ['noteWatch', 'unblock'] } },
  states: {
    attended: {
      entry: { type: 'enter', params: { within_ms: null } },
      always: { guard: 'isUnattended', target: 'unattended' },
    },
    unattended: {
      entry: { type: 'enter', params: { within_ms: bounds.PASSIVATE_AFTER_MS } },
      always: { guard: 'isAttended', target: 'attended' },
      after: {
        // A queue that waits for storage keeps its session awake.
        passivateAfter: [
          { guard: 'mayPassivate', target: '#session.passivated' },
          { target: 'unattended', reenter: true },
        ],
      },
    },
  },
});

const advancing = sessionSetup.createStateConfig({
  initial: 'taking',
  entry: 'since',
  on: {
    'follow_up.started': { target: 'running', actions: 'adopt' },
    // Someone was faster: the log has admitted a stream, the queue waits for its end.
    'stream.admitted': { target: 'running', actions: 'adopt' },
  },
  states: {
    taking: {
      entry: [{ type: 'enter', params: { within_ms: bounds.COMMIT_ANSWER_MS } }, 'countTry', 'takeFollowUp'],
      on: {
        'follow_up.none': { target: '#session.idle', actions: 'noteEmpty' },
        'follow_up.refused': [
          { guard: 'mayRetry', target: 'retrying' },
          { target: '#session.idle', actions: 'block' },
        ],
      },
      after: { answerBound: { target: '#session.idle', actions: 'block' } },
    },
    retrying: {
      entry: { type: 'enter', params: { within_ms: bounds.FOLLOW_UP_RETRY_MS } },
      after: { followUpRetry: 'taking' },
    },
  },
});

const running = sessionSetup.createStateConfig({
  entry: ['since', { type: 'enter', params: { within_ms: null } }],
  on: {
    'stream.settled': { guard: 'owns', target: 'idle', actions: 'release' },
    // SE1: the log admits one at a time, so the predecessor is settled there; its event is on the way, and owns nothing.
    'stream.admitted': { actions: 'adopt' },
    'follow_up.started': { actions: 'adopt' },
  },
});

const deleting = sessionSetup.createStateConfig({
  initial: 'cancelling',
  entry: ['since', { type: 'beginTries', params: { of: bounds.ERASE_TRIES_MAX } }],
  on: {
    // A follow-up that was being taken when the session was deleted is cancelled like any other run.
    'follow_up.started': { target: '.cancelling', reenter: true, actions: 'adopt' },
    'stream.admitted': { target: '.cancelling', reenter: true, actions: 'adopt' },
    'stream.settled': { guard: 'owns', target: '.erasing', actions: 'release' },
    delete: {},
  },
  states: {
    cancelling: {
      entry: [{ type: 'enter', params: { within_ms: null } }, 'cancelStream'],
    },
    erasing: {
      entry: [{ type: 'enter', params: { within_ms: bounds.COMMIT_ANSWER_MS } }, 'countTry', 'erase'],
      on: {
        erased: '#session.deleted',
        'erase.refused': [{ guard: 'mayRetry', target: 'retrying' }, { target: 'held' }],
      },
      after: { answerBound: 'held' },
    },
    retrying: {
      entry: { type: 'enter', params: { within_ms: bounds.ERASE_RETRY_MS } },
      after: { eraseRetry: 'erasing' },
    },
    held: {
      entry: [{ type: 'enter', params: { within_ms: bounds.STORAGE_WATCH_MS } }, 'block'],
      on: { erased: '#session.deleted', 'storage.returned': 'erasing' },
      after: { storageWatch: 'erasing' },
    },
  },
});

const birth = ({ input }: { input: SessionInput }): SessionContext => ({
  session_id: input.session_id,
  head: input.head,
  active_stream_id: input.active_stream_id,
  queue_length: input.queue_length,
  queue_paused: input.queue_paused,
  queue_moved: false,
  readers: 0,
  since: input.at,
  now: input.at,
  due_at: null,
  why: null,
  try: 0,
  of: 0,
});

export const sessionMachine = sessionSetup.createMachine({
  id: 'session',
  context: birth,
  initial: 'idle',
  on: {
    'records.committed': { actions: 'moveHead' },
    'queue.changed': { actions: 'noteQueue' },
    'readers.changed': { actions: 'noteReaders' },
    delete: [{ guard: 'hasStream', target: '.deleting.cancelling' }, { target: '.deleting.erasing' }],
  },
  states: {
    idle,
    advancing,
    running,
    deleting,
    deleted: { type: 'final' },
    passivated: { type: 'final' },
  },
});
