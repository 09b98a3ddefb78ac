// The attachment machine's ground: everything that it can be told, in every order, and what must hold at every step.
import type { AttachmentContext, AttachmentInput } from '../../src/machines/attachment.machine.ts';
import { attachmentMachine } from '../../src/machines/attachment.machine.ts';
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Place, Told } from '../support/paths.ts';
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

const rules: Rules<AttachmentContext> = {
  ...timeRules<AttachmentContext>((path) => (path.startsWith('following') ? path : stateOf(path))),

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
