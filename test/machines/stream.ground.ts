// The stream machine's ground: everything that it can be told, in every order, and what must hold at every step.
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { StreamContext, StreamInput } from '../../src/machines/stream.machine.ts';
import { runState, streamMachine } from '../../src/machines/stream.machine.ts';
import type { Place, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { endRules, has } from './stream.rules.ts';
import { stateOf, timeRules } from './time.rules.ts';

const input: StreamInput = {
  stream_id: 's',
  session_id: 'x',
  epoch: 5,
  starts: 1,
  head: 0,
  terminal: null,
  at: 1_000,
};
const error = { type: 'boom', message: 'It broke.' };

/** Everything the outside may say, sensible or not, to this owner and as an older one. */
function events({ context }: Place<StreamContext>): Told[] {
  const at = context.now + 1;
  const { epoch, head } = context;
  return [
    { type: 'start', at },
    { type: 'stream.started', head: head + 1, at },
    { type: 'frames.committed', head, at },
    { type: 'frames.committed', head: head + 1, at },
    { type: 'stream.started', at },
    { type: 'prompts.changed', pending: 1, at },
    { type: 'prompts.changed', pending: 0, at },
    ...[epoch, epoch - 1].flatMap((epoch) => [
      { type: 'agent.finished', epoch, at },
      { type: 'agent.failed', epoch, error, at },
      { type: 'agent.gone', epoch, at },
    ]),
    { type: 'cancel', at },
    { type: 'terminal.committed', outcome: 'completed', head: head + 1, at },
    { type: 'terminal.committed', outcome: 'cancelled', head: head + 1, at },
    { type: 'terminal.refused', reason: 'storage', at },
    { type: 'description.finished', at },
    { type: 'settle.committed', outcome: context.terminal ?? 'interrupted', head: head + 1, at },
    { type: 'settle.committed', outcome: 'errored', head: head + 1, at },
    { type: 'settle.refused', reason: 'storage', at },
    { type: 'settle.refused', reason: 'storage', at: context.recovery_due_at },
    { type: 'settle.refused', reason: 'storage', at: at + bounds.RECOVERY_MS },
    { type: 'owner.lost', reason: 'restart', at },
    { type: 'owner.lost', reason: 'producer_silent', at },
    { type: 'producer.returned', epoch, at },
    { type: 'producer.returned', epoch: epoch + 1, at },
    { type: 'producer.returned', epoch: epoch - 1, at },
    { type: 'storage.returned', at },
  ];
}

const isHeard = (context: StreamContext) =>
  context.last_frame_at + bounds.QUIET_AFTER_MS > (context.due_at ?? context.now);
export const streamKey = ({ value, context }: Place<StreamContext>): string =>
  [
    pathOf(value),
    context.agent,
    context.terminal,
    context.outcome === 'completed',
    context.try,
    context.starts,
    pathOf(value) === 'active.running' && isHeard(context),
  ].join(' ');

const rules: Rules<StreamContext> = {
  ...endRules,
  ...timeRules<StreamContext>((path) =>
    path === 'active.quiet'
      ? null
      : path === 'active.admitted'
        ? 'active.starting'
        : path.startsWith('active')
          ? path
          : stateOf(path),
  ),

  'ST1 P4 a terminal is set once and stays; a settled stream has one': ({ before, after }) =>
    (before.context.terminal === null || after.context.terminal === before.context.terminal) &&
    (after.status !== 'done' || after.context.terminal !== null),

  'ST2 the terminal commit comes before the settle commit, except in recovery': ({ after, commands }) =>
    (!has(commands, 'write.terminal') || after.context.terminal === null) &&
    (!has(commands, 'write.settle') ||
      !pathOf(after.value).startsWith('draining') ||
      after.context.terminal !== null),

  'ST3 P6 what another owner says changes nothing': ({ before, event, after, commands }) =>
    typeof event.epoch !== 'number' ||
    event.epoch >= before.context.epoch ||
    (commands.length === 0 && after.context === before.context && after.value === before.value),

  'P5 P1 epochs never fall, and every command carries the owner’s': ({ before, after, commands }) =>
    after.context.epoch >= before.context.epoch &&
    commands.every(({ epoch }) => epoch === after.context.epoch),

  'ST4 every state but `waiting` has a due time and a timer': ({ after, timers }) =>
    after.status !== 'active' ||
    pathOf(after.value) === 'active.waiting' ||
    (after.context.due_at !== null && timers.size > 0),

  'P9 no try beyond its bound': ({ after }) => after.context.try <= bounds.COMMIT_TRIES_MAX,

  'ST6 the agent is never called after the fence, and P12 once': ({ before, after, commands }) =>
    !has(commands, 'call.agent') ||
    (before.context.agent === 'none' && pathOf(after.value) === 'active.starting'),

  'P12 the agent is asked once and killed once': ({ before, commands }) =>
    (!has(commands, 'stop.agent') || before.context.agent === 'alive') &&
    (!has(commands, 'kill.agent') || before.context.agent !== 'killed'),

  'ST7 nothing settles over an agent that was neither gone nor killed': ({ after, commands }) =>
    !has(commands, 'write.settle') || ['none', 'gone', 'killed'].includes(after.context.agent),

  'ST11 the agent is called only after `stream_started` is durable': ({ event, commands }) =>
    !has(commands, 'call.agent') || event.type === 'stream.started',

  'P1 the head never falls': ({ before, after }) => after.context.head >= before.context.head,

  'P11 no timer outlives the stream': ({ after, timers }) => after.status !== 'done' || timers.size === 0,

  'what the page is told is what the machine is in': ({ after }) => {
    const said = runState(after);
    const [state, inner] = said.path.split('.');
    const expected = state !== 'active' ? state : inner === 'admitted' ? 'starting' : inner;
    return (
      said.run_state === expected &&
      said.state === state &&
      said.since <= Math.max(after.context.now, after.context.due_at ?? 0) &&
      (said.of === undefined || (said.try ?? 0) <= said.of)
    );
  },
};

export const streamGround: Ground<StreamContext> = {
  machine: streamMachine,
  walk: {
    inputs: [
      input,
      { ...input, starts: bounds.STARTS_MAX },
      { ...input, starts: bounds.STARTS_MAX + 1 },
      { ...input, head: 9, terminal: 'completed' },
    ],
    events,
    key: streamKey,
    places_max: 2_500,
  },
  rules,
};
