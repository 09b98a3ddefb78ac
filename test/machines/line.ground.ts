// The line machine's ground: everything that it can be told, in every order, and what must hold at every step.
import * as bounds from '../../src/machines/bounds.ts';
import { type LineContext, lineMachine } from '../../src/machines/line.machine.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Place, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { stateOf, timeRules } from './time.rules.ts';

function events({ context }: Place<LineContext>): Told[] {
  const at = context.now + 1;
  return [
    { type: 'source.opened', at },
    { type: 'source.heard', at },
    { type: 'source.failed', at },
    { type: 'source.ended', reason: 'lifetime', at },
    { type: 'source.ended', reason: 'lifetime', at: at + bounds.LINE_LASTED_MS },
    { type: 'source.ended', reason: 'unauthorized', at },
    { type: 'reattach', at },
    { type: 'retry', at },
    { type: 'page.hidden', at },
    { type: 'page.shown', at },
    { type: 'network.lost', at },
    { type: 'network.returned', at },
    { type: 'close', at },
  ];
}

const key = ({ value, context }: Place<LineContext>): string => {
  const path = pathOf(value);
  const { hidden, offline, ever_open, failures, last_heard_at, opened_at, try_due_at, now, due_at } = context;
  const place = [path, hidden, offline, ever_open, Math.min(failures, 8)];
  if (path === 'open') place.push(last_heard_at > opened_at, Number(due_at) <= last_heard_at + 60_000);
  if (path.startsWith('polling')) place.push(Math.ceil((try_due_at - now) / bounds.POLL_SESSION_MS));
  return place.join(' ');
};

const count = (commands: Told[], type: string) => commands.filter((command) => command.type === type).length;

const rules: Rules<LineContext> = {
  ...timeRules<LineContext>((path) => (path === 'open' ? null : stateOf(path))),

  'AT6 it knows whether anybody looks, and whether the network is there': ({ before, event, after }) => {
    const flag = (was: boolean, off: string, on: string) =>
      event.type === on ? true : event.type === off ? false : was;
    return (
      after.context.hidden === flag(before.context.hidden, 'page.shown', 'page.hidden') &&
      after.context.offline === flag(before.context.offline, 'network.returned', 'network.lost')
    );
  },

  'LN3 a change of what is watched opens a source anew; so does a reader who does not want to wait': ({
    before,
    event,
    commands,
  }) => {
    const wanted = { reattach: /connecting|open|quiet|backoff|polling/, retry: /backoff|polling|suspended/ }[
      event.type
    ];
    return !wanted?.test(pathOf(before.value)) || count(commands, 'open.source') === 1;
  },

  'AT10 what the server said at the end is passed on as it was said': ({
    before,
    event,
    after,
    commands,
  }) => {
    if (event.type !== 'source.ended' || !/open|quiet/.test(pathOf(before.value))) return true;
    const ended = commands.filter(({ type }) => type === 'line.ended');
    if (/backoff|suspended/.test(pathOf(after.value)))
      return count(commands, 'line.lost') === 1 && after.context.why === event.reason;
    return ended.length === 1 && ended[0]?.reason === event.reason && after.context.why === event.reason;
  },

  'AT6 a line that is lost says whether it failed or fell silent': ({ before, event, after, commands }) => {
    if (count(commands, 'line.lost') === 0 || event.type === 'source.ended') return true;
    return (
      after.context.why ===
      (pathOf(before.value) === 'quiet' && event.type !== 'source.failed' ? 'quiet' : 'failed')
    );
  },

  'AT6 nothing is polled while nobody looks, and what is suspended has no source': ({
    before,
    after,
    commands,
  }) => {
    if (pathOf(after.value).startsWith('polling')) return !after.context.hidden && !after.context.offline;
    if (pathOf(after.value) !== 'suspended' || pathOf(before.value) === 'suspended') return true;
    return commands.some(({ type }) => type === 'close.source');
  },

  'LN4 while polling a try goes on every 30 s; one that failed is counted, and its source closed': ({
    before,
    after,
    commands,
  }) => {
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    const { now, try_due_at, failures } = after.context;
    if (to === 'polling.resting' && now >= try_due_at) return false;
    if (from !== 'polling.trying' || to !== 'polling.resting') return true;
    return (
      failures === before.context.failures + 1 &&
      count(commands, 'close.source') === 1 &&
      try_due_at >= now + bounds.LINE_WATCH_MS - bounds.POLL_SESSION_MS
    );
  },

  'LN4 a try that fails is over at once': ({ before, event, after }) =>
    event.type !== 'source.failed' ||
    pathOf(before.value) !== 'polling.trying' ||
    pathOf(after.value) === 'polling.resting',

  'AT6 whoever looks again, though the network is said to be gone, has the server asked in its time': ({
    before,
    event,
    after,
    due,
  }) => {
    if (event.type !== 'page.shown' || pathOf(before.value) !== 'suspended') return true;
    if (!after.context.offline) return pathOf(after.value) === 'connecting';
    return [...due.values()].includes(Number(event.at) + bounds.LINE_WATCH_MS);
  },

  'LN1 a page that is done with its line closes it': ({ event, after }) =>
    event.type !== 'close' || after.status === 'done',

  'LN1 nothing but its own end, a change of what is watched, or silence closes an open line': ({
    before,
    event,
    after,
  }) => {
    if (pathOf(before.value) !== 'open' || pathOf(after.value) === 'open') return true;
    if (pathOf(after.value) !== 'quiet') return /^(source\.(failed|ended)|reattach|close)$/.test(event.type);
    return after.context.now - before.context.last_heard_at >= 4 * bounds.HEARTBEAT_MS;
  },

  'LN4 polls are asked only while polling': ({ after, commands }) =>
    count(commands, 'poll.sessions') === 0 || pathOf(after.value).startsWith('polling'),

  'AT6 no source is opened while nobody looks, unless the reader says so': ({ before, event, commands }) =>
    pathOf(before.value) !== 'suspended' ||
    !before.context.hidden ||
    count(commands, 'open.source') === 0 ||
    ['retry', 'page.shown'].includes(event.type),

  'AT6 P9 every wait is a step of the ladder within its jitter, or the watch': ({ after }) => {
    if (pathOf(after.value) !== 'backoff') return true;
    const { failures, wait_ms } = after.context;
    const step = bounds.LADDER_MS[Math.max(failures - 1, 0)];
    if (step === undefined) return wait_ms === bounds.LINE_WATCH_MS;
    return wait_ms >= step * bounds.JITTER_MIN && wait_ms <= step * bounds.JITTER_MAX;
  },

  'P11 a closed line has no timer and no source': ({ after, timers, commands }) =>
    after.status !== 'done' || (timers.size === 0 && commands.at(-1)?.type === 'close.source'),

  'ST4 every line that may be looked at has a timer': ({ after, timers }) =>
    after.status === 'done' || after.context.hidden || timers.size > 0,

  'an attachment hears `line.opened` once per opening': ({ before, after, commands }) =>
    count(commands, 'line.opened') ===
    Number(pathOf(after.value) === 'open' && !/^(open|quiet)$/.test(pathOf(before.value))),
};

export const lineGround: Ground<LineContext> = {
  machine: lineMachine,
  walk: { inputs: [{ seed: 42, at: 1_000 }], events, key, places_max: 700 },
  rules,
};
