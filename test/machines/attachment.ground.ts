// The attachment machine's ground: everything that it can be told, in every order, and what must hold at every step.
import type { AttachmentContext, AttachmentInput } from '../../src/machines/attachment.machine.ts';
import { attachmentMachine, attachmentState } from '../../src/machines/attachment.machine.ts';
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Place, Step, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { stateOf, timeRules } from './time.rules.ts';

const input: AttachmentInput = {
  stream_id: 's',
  cursor: 0,
  owner_stream_id: 's',
  live_content: false,
  at: 1_000,
};

function events({ context }: Place<AttachmentContext>): Told[] {
  const at = context.now + 1;
  const { cursor, shown } = context;
  const next = { type: 'frames.arrived', first: cursor + 1, last: cursor + 2, live: false, at };
  const answer = { type: 'transcript.answered', seq: shown, owner_stream_id: 's', at };
  return [
    { type: 'line.opened', at },
    { type: 'line.lost', at },
    { type: 'line.ended', reason: 'lifetime', at },
    { type: 'line.reset', at },
    next,
    { ...next, live: true },
    { ...next, terminal: 'completed' },
    { ...next, ended: true },
    { ...next, live: true, terminal: 'completed', ended: true },
    { ...next, first: cursor, last: cursor },
    { ...next, first: cursor, last: cursor + 1 },
    { ...next, first: cursor + 3, last: cursor + 4 },
    { type: 'pane.changed', owner_stream_id: 'other', at },
    { type: 'pane.changed', owner_stream_id: 's', at },
    { ...answer, status: 'restored' },
    { ...answer, status: 'restored', seq: shown + 7, terminal: 'errored' },
    { ...answer, status: 'restored', seq: shown - 1 },
    { ...answer, status: 'restored', owner_stream_id: 'other' },
    { ...answer, status: 'active' },
    { ...answer, status: 'missing' },
    { ...answer, status: 'stale', owner_stream_id: 'other' },
    { ...answer, status: 'error' },
    { type: 'page.hidden', at },
    { type: 'page.shown', at },
    { type: 'network.lost', at },
    { type: 'network.returned', at },
    { type: 'retry', at },
  ];
}

const isRecovery = (path: string) => path.startsWith('draining') || path.startsWith('stale');
export const attachmentKey = ({ value, context }: Place<AttachmentContext>): string => {
  const path = pathOf(value);
  const { live_content, terminal, anew, holes, hidden, offline, finalized, owner_stream_id } = context;
  if (isRecovery(path) && path !== 'draining.fencing')
    return [path, context.try, terminal, finalized, owner_stream_id].join(' ');
  return [path, live_content, terminal, anew, holes, hidden, offline, finalized, owner_stream_id].join(' ');
};

const count = (commands: Told[], type: string) => commands.filter((command) => command.type === type).length;

/** AT11: something new, without a hole before it. */
const follows = ({ before: { context }, event }: Step<AttachmentContext>): boolean =>
  Number(event.last) > context.cursor && (context.anew || Number(event.first) <= context.cursor + 1);

const rules: Rules<AttachmentContext> = {
  ...timeRules<AttachmentContext>((path) => (path.startsWith('following') ? path : stateOf(path))),

  'AT11 AT2 frames that follow what was taken are taken until it is over; others never': (step) =>
    (step.event.type === 'frames.arrived' && follows(step)) === (count(step.commands, 'take.frames') === 1),

  'AT1 AT10 an end leads to the settled session, by way of a wait where something live is on screen': (
    step,
  ) => {
    const { before, event, after } = step;
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    if (event.type !== 'frames.arrived' || !follows(step)) return true;
    const runs = from.startsWith('following');
    if (event.ended && (runs || from === 'draining.fencing'))
      return to === (before.context.live_content || event.live ? 'draining.deferring' : 'draining.probing');
    if (event.ended && from === 'stale.watching') return to === 'stale.asking';
    if (runs) return to === (event.terminal ? 'draining.fencing' : 'following.live');
    return to === from;
  },

  'AT11 a hole reattaches from the cursor; after three times everything starts over': (step) => {
    const { before, event, commands } = step;
    const from = pathOf(before.value);
    if (event.type === 'retry') return !from.startsWith('following') || count(commands, 'reattach') === 1;
    const { anew, cursor, holes } = before.context;
    const gapes = event.type === 'frames.arrived' && !anew && Number(event.first) > cursor + 1;
    const [isSpent, isFencing] = [holes >= bounds.HOLES_MAX, from === 'draining.fencing'];
    const reattaches = gapes && (from.startsWith('following') || (isFencing && !isSpent));
    if (count(commands, 'reattach') !== Number(reattaches)) return false;
    if (!reattaches || isFencing) return !reattaches || step.after.context.holes === holes + 1;
    return (
      pathOf(step.after.value) === 'following.attaching' &&
      (isSpent ? count(commands, 'clear.view') === 1 : step.after.context.holes === holes + 1)
    );
  },

  'AT5 who wants to know now is told now': ({ before, event, commands }) =>
    event.type !== 'retry' ||
    pathOf(before.value) !== 'stale.watching' ||
    count(commands, 'ask.transcript') === 1,

  'AT6 AT10 the line’s own life is followed while the run goes on; what changes nothing is no change': ({
    before,
    event,
    after,
  }) => {
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    if (!from.startsWith('following') || !event.type.startsWith('line.')) return true;
    const { hidden, offline } = before.context;
    const stays =
      { 'line.opened': 'following.live', 'line.lost': 'following.suspended' }[event.type] === from;
    if (stays && after.context !== before.context) return false;
    if (event.type === 'line.opened') return to === 'following.live';
    if (event.type === 'line.lost')
      return to === (hidden || offline ? 'following.suspended' : 'following.reconnecting');
    return (
      to === 'following.attaching' && (event.type === 'line.reset' || after.context.why === event.reason)
    );
  },

  'AT8 a view is cleared of everything, and only then may frames start anywhere': ({
    before,
    after,
    path,
    commands,
  }) => {
    if (before.context.anew && path.length === 0) return false;
    if (count(commands, 'clear.view') === 0) return true;
    const { cursor, shown, live_content, anew } = after.context;
    return cursor === 0 && shown === 0 && !live_content && anew;
  },

  'AT6 it knows whether anybody looks, and whether the network is there': ({
    before,
    event,
    after,
    path,
  }) => {
    const flag = (was: boolean, off: string, on: string) =>
      event.type === on ? true : event.type === off ? false : was;
    if (path.length === 0 && (before.context.hidden || before.context.offline)) return false;
    return (
      after.context.hidden === flag(before.context.hidden, 'page.shown', 'page.hidden') &&
      after.context.offline === flag(before.context.offline, 'network.returned', 'network.lost')
    );
  },

  'AT2 what was adopted is what is known from there on': ({ before, event, after, commands }) => {
    if (count(commands, 'adopt.transcript') === 0) return true;
    const { cursor, terminal, why } = after.context;
    const known = before.context.terminal ?? event.terminal ?? null;
    return (
      cursor === Math.max(before.context.cursor, Number(event.seq)) && terminal === known && why === null
    );
  },

  'AT5 a reason is of the state that has it: a recovery begins without one': ({ before, after }) =>
    !pathOf(before.value).startsWith('following') ||
    !pathOf(after.value).startsWith('draining') ||
    after.context.why === null,

  'what is live stays so since it became so': ({ before, after }) =>
    pathOf(before.value) !== 'following.live' ||
    pathOf(after.value) !== 'following.live' ||
    after.context.since === before.context.since,

  'AT1 asks are told once there are some': ({ after }) => {
    const said = attachmentState(after);
    return 'try' in said === after.context.of > 0 && (said.state === 'settled') === (after.status === 'done');
  },

  'AT3 the finalizer runs once, and before it is settled': ({ before, after, commands }) =>
    Number(before.context.finalized) + count(commands, 'finalize') === Number(after.context.finalized) &&
    (after.status !== 'done' || after.context.finalized),

  'AT3 the pane is touched only while it belongs to this stream': ({ after, commands }) =>
    commands.every(
      (command) => !('owns_pane' in command) || command.owns_pane === (after.context.owner_stream_id === 's'),
    ),

  'AT4 the pane’s owner is the newest that was told': ({ event, after }) =>
    !('owner_stream_id' in event) || after.context.owner_stream_id === event.owner_stream_id,

  'AT2 only a transcript that reaches what is shown replaces it': ({ before, event, after, commands }) =>
    commands.every(
      (command) =>
        command.type !== 'adopt.transcript' ||
        (event.status === 'restored' &&
          Number(command.seq) >= before.context.shown &&
          after.status === 'done'),
    ),

  'AT7 P4 a first terminal stays': ({ before, after }) =>
    before.context.terminal === null || after.context.terminal === before.context.terminal,

  'AT7 what comes after a terminal is taken as such': ({ before, commands }) =>
    commands.every(
      (command) => command.type !== 'take.frames' || command.fenced === (before.context.terminal !== null),
    ),

  'AT7 once it is over, nothing leads back to a live state': ({ before, after }) =>
    !isRecovery(pathOf(before.value)) || /^(draining|stale|settled)/.test(pathOf(after.value)),

  'AT9 while a recovery runs, no reconnect is asked for': ({ after, commands }) =>
    !isRecovery(pathOf(after.value)) ||
    pathOf(after.value) === 'draining.fencing' ||
    count(commands, 'reattach') === 0,

  'AT11 P3 frames are taken once, in order, without a hole': ({ before, event, after, commands }) =>
    commands.every(
      (command) =>
        command.type !== 'take.frames' ||
        ((before.context.anew ||
          (command.after === before.context.cursor && Number(event.first) <= before.context.cursor + 1)) &&
          Number(command.last) > Number(command.after) &&
          after.context.cursor === command.last),
    ) &&
    (after.context.cursor >= before.context.cursor || count(commands, 'clear.view') === 1),

  'AT11 a hole is never passed over': ({ before, event, after }) =>
    event.type !== 'frames.arrived' ||
    before.context.anew ||
    Number(event.first) <= before.context.cursor + 1 ||
    after.context.cursor <= before.context.cursor,

  'AT1 P9 no ask, and no reattachment of one hole, beyond its bound': ({ after }) =>
    after.context.try <= 1 + bounds.SETTLE_ASKS_MAX && after.context.holes <= bounds.HOLES_MAX,

  'ST4 AT5 whoever drains or is stale has a timer': ({ after, timers }) =>
    !isRecovery(pathOf(after.value)) || timers.size > 0,

  'P11 no timer outlives the attachment': ({ after, timers }) => after.status !== 'done' || timers.size === 0,
};

export const attachmentGround: Ground<AttachmentContext> = {
  machine: attachmentMachine,
  walk: { inputs: [input], events, key: attachmentKey, places_max: 1_500 },
  rules,
};
