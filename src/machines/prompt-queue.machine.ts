// One queue of one session: what the agent asks a person and nobody has answered yet. Clarify and approval are this
// machine with two payloads. Knows no storage, no route and no card: it folds the log's records, and says what is due.
//
// active    takes prompts. empty. asking: something is pending; lasting (nothing of it ends by itself), timed (the first
//           due time is awaited), expiring (its end is being written), retrying, watching (storage takes no writes; P9)
// draining  the stream ends; its terminal commit closes its entries (CQ9)
// stale     nobody owns the stream: the entries are held, and none expires, for nobody could hear it
// settled   final; the session is gone
//
// CQ1 context is what is pending. CQ4 records that were folded before change nothing. CQ5 who wins is the log's decision.
// CQ7 due times are absolute. ST4 `draining` and `stale` last as long as the stream's own, which are bounded.
import type { StateValue } from 'xstate';
import type { QueueState } from '../protocol/index.ts';
import * as bounds from './bounds.ts';
import { pathOf } from './path.ts';
import type { PromptQueueContext, PromptQueueInput } from './prompt-queue.facts.ts';
import { promptQueueSetup } from './prompt-queue.setup.ts';

export type * from './prompt-queue.facts.ts';

const { createStateConfig } = promptQueueSetup;

const waits = { type: 'enter', params: { within_ms: null } } as const;
const over = { guard: 'isOver', target: 'lasting', actions: 'endExpiry' } as const;
const lost = { guard: 'owns', target: 'stale', actions: ['noteStream', 'noteLoss'] } as const;
const next = { guard: 'isOfNext', target: 'active', actions: ['release', 'fold'] } as const;

const asking = createStateConfig({
  initial: 'lasting',
  entry: 'since',
  exit: ['endExpiry', { type: 'because', params: { why: null } }],
  always: { guard: 'isEmpty', target: 'empty' },
  states: {
    lasting: {
      entry: [waits, { type: 'because', params: { why: null } }],
      always: [
        { guard: 'isDue', target: 'expiring', actions: 'beginExpiry' },
        { guard: 'isTimed', target: 'timed' },
      ],
    },
    // Whatever changes the entries or the clock computes the wait anew; a wait longer than a timer can be is taken in parts.
    timed: {
      entry: [waits, 'dueWithNext'],
      on: {
        'prompt.asked': { target: 'lasting', actions: 'fold' },
        'prompt.settled': { target: 'lasting', actions: 'fold' },
        'clock.moved': 'lasting',
      },
      after: { expiryDue: 'lasting' },
    },
    expiring: {
      entry: [{ type: 'enter', params: { within_ms: bounds.COMMIT_ANSWER_MS } }, 'countTry', 'expire'],
      always: over,
      on: {
        'expiry.refused': [
          { guard: 'mayRetry', target: 'retrying' },
          { guard: 'isExpiring', target: 'watching' },
        ],
      },
      after: { answerBound: 'watching' },
    },
    retrying: {
      entry: { type: 'enter', params: { within_ms: bounds.EXPIRY_RETRY_MS } },
      always: over,
      after: { expiryRetry: 'expiring' },
    },
    watching: {
      entry: [
        { type: 'enter', params: { within_ms: bounds.STORAGE_WATCH_MS } },
        { type: 'because', params: { why: 'storage' } },
      ],
      always: over,
      after: { storageWatch: 'expiring' },
    },
  },
});

const active = createStateConfig({
  initial: 'empty',
  on: {
    'stream.ending': { guard: 'concerns', target: 'draining', actions: 'noteStream' },
    'owner.lost': { guard: 'concerns', target: 'stale', actions: ['noteStream', 'noteLoss'] },
  },
  states: {
    empty: {
      entry: ['since', waits],
      // A queue that is born stale expires nothing on its way there.
      always: [
        { guard: 'isOrphaned', target: '#prompt-queue.stale' },
        { guard: 'hasEntries', target: 'asking' },
      ],
    },
    asking,
  },
});

const draining = createStateConfig({
  entry: ['since', waits],
  on: {
    'entries.closed': { guard: 'owns', target: 'active', actions: 'release' },
    'owner.lost': lost,
    'prompt.asked': [next, { actions: 'fold' }],
  },
});

const stale = createStateConfig({
  entry: ['since', waits, 'becauseStale'],
  exit: { type: 'because', params: { why: null } },
  on: {
    'owner.returned': { guard: 'owns', target: 'active', actions: 'release' },
    'entries.closed': { guard: 'owns', target: 'active', actions: 'release' },
    'stream.ending': { guard: 'owns', target: 'draining', actions: ['release', 'noteStream'] },
    'owner.lost': { guard: 'owns', actions: ['noteLoss', 'becauseStale'] },
    'prompt.asked': [next, { actions: 'fold' }],
  },
});

const birth = ({ input }: { input: PromptQueueInput }): PromptQueueContext => ({
  session_id: input.session_id,
  kind: input.kind,
  version: input.version,
  entries: input.entries,
  stream_id: input.entries[0]?.stream_id ?? null,
  stale: input.stale,
  expiring: null,
  try: 0,
  of: 0,
  since: input.at,
  now: input.at,
  due_at: null,
  why: null,
});

export const promptQueueMachine = promptQueueSetup.createMachine({
  id: 'prompt-queue',
  context: birth,
  initial: 'active',
  on: {
    'prompt.asked': { actions: 'fold' },
    'prompt.settled': { actions: 'fold' },
    'session.deleted': '.settled',
  },
  states: {
    active,
    draining,
    stale,
    settled: { type: 'final', entry: ['since', waits, 'abandon'] },
  },
});

type Seen = { context: PromptQueueContext };

/** CQ1: what is pushed and polled, as one thing. Pure. */
export function queueState({ context }: Seen): QueueState {
  const { session_id, entries, version } = context;
  return { session_id, pending: entries[0] ?? null, pending_count: entries.length, version };
}

/** CQ4: one version, one state; the equality to select and to skip by (CQ10). */
export const sameQueue = (one: QueueState, other: QueueState): boolean => one.version === other.version;

/** How many of a stream's prompts are pending here (CQ12). Pure. */
export const pendingOf = ({ context }: Seen, stream_id: string): number =>
  context.entries.filter((entry) => entry.stream_id === stream_id).length;

export type PromptQueueState = 'active' | 'draining' | 'stale' | 'settled';

/** What the queue's actor says of itself: whether its entries can be answered (`active`), and why not. Pure. */
export function queueLife(snapshot: { value: StateValue; context: PromptQueueContext }) {
  const { since, why, due_at, stream_id } = snapshot.context;
  const path = pathOf(snapshot.value);
  return { state: path.split('.')[0] as PromptQueueState, path, since, why, due_at, stream_id };
}
