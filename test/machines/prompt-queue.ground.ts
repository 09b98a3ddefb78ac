// The prompt-queue machine's ground: everything that it can be told, in every order, and what must hold at every step.
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import {
  type PromptQueueContext,
  type PromptQueueInput,
  pendingOf,
  promptQueueMachine,
  queueState,
} from '../../src/machines/prompt-queue.machine.ts';
import { type ClarifyEntry, type PromptEntry, promptId } from '../../src/protocol/index.ts';
import type { Place, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { timeRules } from './time.rules.ts';

const DAY_MS = 24 * 3_600_000;

/** A question. `timeout_seconds: 0`: it does not end by itself. */
export function question(
  clarify_id: string,
  stream_id: string,
  requested_at: number,
  timeout_seconds: number,
): ClarifyEntry {
  return {
    clarify_id,
    session_id: 'x',
    stream_id,
    question: `${clarify_id}?`,
    choices_offered: [],
    multiple: false,
    requested_at,
    timeout_seconds,
    expires_at: timeout_seconds === 0 ? null : requested_at + timeout_seconds * 1_000,
  };
}

const input: PromptQueueInput = {
  session_id: 'x',
  kind: 'clarify',
  version: 7,
  entries: [],
  stale: null,
  at: 1_000,
};

/** What the log says, once and again, and what everybody else may say, of this stream and of another. */
function events({ context }: Place<PromptQueueContext>): Told[] {
  const at = context.now + 1;
  const { version, entries } = context;
  const fresh = [question('a', 's', at, 60), question('b', 's', at, 0), question('c', 't', at, 30 * 86_400)];
  const known = new Set(entries.map(promptId));
  return [
    ...fresh
      .filter((entry) => entries.length < 2 && !known.has(promptId(entry)))
      .map((entry) => ({ type: 'prompt.asked', entry, pos: version + 1, at })),
    { type: 'prompt.asked', entry: fresh[0], pos: version, at },
    { type: 'prompt.asked', entry: fresh[2], pos: version - 1, at },
    ...['a', 'b', 'c'].flatMap((prompt_id) => [
      { type: 'prompt.settled', prompt_id, how: 'answered', by: 'tab', pos: version + 1, at },
      { type: 'prompt.settled', prompt_id, how: 'expired', by: null, pos: version, at },
      { type: 'expiry.refused', prompt_id, at },
    ]),
    ...['s', 't'].flatMap((stream_id) => [
      { type: 'stream.ending', stream_id, at },
      { type: 'entries.closed', stream_id, at },
      { type: 'owner.lost', stream_id, reason: 'restart', at },
      { type: 'owner.lost', stream_id, reason: 'producer_silent', at },
      { type: 'owner.returned', stream_id, at },
    ]),
    ...[1, DAY_MS, 31 * DAY_MS, -DAY_MS].map((ms) => ({ type: 'clock.moved', at: context.now + ms })),
    { type: 'session.deleted', at },
  ];
}

const key = ({ value, context }: Place<PromptQueueContext>): string => {
  const left = (expires_at: number | null): string => {
    if (expires_at === null) return 'lasts';
    const ms = expires_at - context.now;
    return ms <= 0 ? 'due' : ms <= bounds.TIMER_MAX_MS ? 'soon' : 'far';
  };
  const entries = context.entries.map((entry: PromptEntry) => `${promptId(entry)}:${left(entry.expires_at)}`);
  const { stream_id, stale, expiring } = context;
  return [pathOf(value), entries, stream_id, stale, expiring, context.try].join(' ');
};

type Queue = Place<PromptQueueContext>;
const ids = ({ context }: Queue): string => context.entries.map(promptId).join();
const isActive = ({ value }: Queue): boolean => pathOf(value).startsWith('active');
const expires = ({ context }: Queue): number[] =>
  context.entries.flatMap(({ expires_at }: PromptEntry) => (expires_at === null ? [] : [expires_at]));

/** What is pending after a record of the log, worked out apart from the machine. */
function expected({ context }: Queue, event: Told): string {
  const before: string[] = context.entries.map(promptId);
  if (event.type === 'session.deleted') return '';
  if ((event.pos as number) <= context.version) return before.join();
  if (event.type === 'prompt.asked') before.push(promptId(event.entry as ClarifyEntry));
  if (event.type === 'prompt.settled') return before.filter((id) => id !== event.prompt_id).join();
  return before.join();
}

const rules: Rules<PromptQueueContext> = {
  ...timeRules<PromptQueueContext>((path) => (path.startsWith('active.asking') ? 'asking' : path)),

  'CQ9 another stream’s prompt says that those of the one before are closed; its own, and what was told before, says nothing':
    ({ before, event, after }) => {
      if (event.type !== 'prompt.asked' || isActive(before)) return true;
      const { version, stream_id } = before.context;
      const isNext =
        Number(event.pos) > version &&
        stream_id !== null &&
        (event.entry as PromptEntry).stream_id !== stream_id;
      return isActive(after) === isNext && (isNext || pathOf(after.value) === pathOf(before.value));
    },

  'CQ7 when the clock has moved, what is due by it is being expired': ({ before, event, after }) =>
    event.type !== 'clock.moved' ||
    pathOf(before.value) !== 'active.asking.timed' ||
    expires(before).every((expires_at) => expires_at > Number(event.at)) ||
    after.context.expiring !== null,

  'CQ7 a queue that can be answered has no reason, unless storage takes no expiry': ({ after }) =>
    !isActive(after) ||
    after.context.why === (pathOf(after.value) === 'active.asking.watching' ? 'storage' : null) ||
    /expiring|retrying/.test(pathOf(after.value)),

  'ST3 a queue that is born stale knows whose prompts it holds': ({ before, path }) =>
    isActive(before) ||
    path.length > 0 ||
    before.context.entries.every(({ stream_id }: PromptEntry) => stream_id === before.context.stream_id),

  'CQ9 a stale queue says the newest reason': ({ before, event, after }) =>
    event.type !== 'owner.lost' ||
    pathOf(before.value) !== 'stale' ||
    (before.context.stream_id !== null && event.stream_id !== before.context.stream_id) ||
    after.context.why === event.reason,

  'CQ1 CQ6 P7 what is pending is what the log says, and a record touches no other entry': ({
    before,
    event,
    after,
  }) => ids(after) === expected(before, event),

  'CQ1 CQ3 P7 what is pushed is the oldest pending entry, how many there are, and the version': ({
    after,
  }) => {
    const { entries, version } = after.context;
    const oldest = [...entries].sort((one, other) => one.requested_at - other.requested_at)[0] ?? null;
    const state = queueState(after);
    return state.pending === oldest && state.pending_count === entries.length && state.version === version;
  },

  'CQ4 versions only grow': ({ before, after }) => after.context.version >= before.context.version,

  'CQ1 CQ4 one version, one state; another state, a newer version': ({ before, after }) =>
    (ids(before) === ids(after)) === (before.context.version === after.context.version),

  'CQ5 P7 what was told before ends nothing a second time, and brings nothing back': ({
    before,
    event,
    after,
  }) => !('pos' in event) || (event.pos as number) > before.context.version || ids(before) === ids(after),

  'CQ7 only a pending prompt whose time has come expires, the first due first': ({ after, commands }) =>
    commands.every(({ prompt_id }) => {
      const entry = after.context.entries.find((each: PromptEntry) => promptId(each) === prompt_id);
      const due_at = entry?.expires_at ?? Infinity;
      return due_at <= after.context.now && expires(after).every((other) => other >= due_at);
    }),

  'CQ7 while prompts can be answered, one that is due is being expired, and one that will be has a timer': ({
    after,
    timers,
  }) => {
    if (!isActive(after) || expires(after).length === 0) return true;
    const isDue = expires(after).some((expires_at) => expires_at <= after.context.now);
    return timers.size === 1 && (!isDue || after.context.expiring !== null);
  },

  'CQ7 no wait is negative, longer than a timer can be, or longer than until the first is due': ({
    after,
  }) => {
    if (pathOf(after.value) !== 'active.asking.timed') return true;
    const { now, due_at } = after.context;
    const wait_ms = (due_at ?? 0) - now;
    return wait_ms > 0 && wait_ms <= bounds.TIMER_MAX_MS && Number(due_at) <= Math.min(...expires(after));
  },

  'CQ9 nothing expires that is held, or that is being closed': ({ after, commands, timers }) =>
    isActive(after) || (commands.length === 0 && timers.size === 0),

  'ST3 P6 a stream that has no entry here, and is not the one that ends or is stale, changes nothing': ({
    before,
    event,
    after,
  }) => {
    if (!('stream_id' in event)) return true;
    const { stream_id, entries } = before.context;
    const isOther = isActive(before)
      ? entries.some((entry: PromptEntry) => entry.stream_id !== event.stream_id)
      : stream_id !== null && stream_id !== event.stream_id;
    return !isOther || (after.context === before.context && pathOf(after.value) === pathOf(before.value));
  },

  'CQ9 the queue of a stream that ends takes answers again when its entries are closed': ({ event, after }) =>
    event.type !== 'entries.closed' || event.stream_id !== after.context.stream_id || isActive(after),

  'CQ9 a stale queue says why, a queue that is not stale keeps no such reason': ({ after }) =>
    pathOf(after.value) === 'stale'
      ? after.context.why !== null && after.context.why === after.context.stale
      : after.context.stale === null || pathOf(after.value) === 'settled',

  'CQ9 a deleted session has no prompt': ({ after }) =>
    after.status !== 'done' || (queueState(after).pending_count === 0 && pendingOf(after, 's') === 0),

  'P9 no try beyond its bound, and the last is the last': ({ before, event, after }) => {
    const { try: tries, of } = after.context;
    if (tries > of || of > bounds.EXPIRY_TRIES_MAX) return false;
    const isSpent = before.context.expiring !== null && before.context.try >= before.context.of;
    return event.type !== 'expiry.refused' || !isSpent || !pathOf(after.value).endsWith('retrying');
  },

  'P9 after a refusal, no prompt expires without a wait': ({ event, commands }) =>
    event.type !== 'expiry.refused' || commands.length === 0,

  'P11 no timer outlives the session': ({ after, timers }) => after.status !== 'done' || timers.size === 0,
};

export const promptQueueGround: Ground<PromptQueueContext> = {
  machine: promptQueueMachine,
  walk: {
    inputs: [
      input,
      { ...input, entries: [question('a', 's', 500, 60), question('b', 's', 900, 0)] },
      { ...input, entries: [question('a', 's', 500, 60)], stale: 'restart' },
      { ...input, stale: 'restart' },
    ],
    events,
    key,
    places_max: 1_500,
  },
  rules,
};
