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
