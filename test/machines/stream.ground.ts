// The stream machine's ground: everything that it can be told, in every order, and what must hold at every step.
import { isDeepStrictEqual } from 'node:util';
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { StreamContext, StreamInput } from '../../src/machines/stream.machine.ts';
import { runState, streamMachine } from '../../src/machines/stream.machine.ts';
import type { Place, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
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
    { type: 'frames.committed', head: head + 1, at },
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
    { type: 'settle.refused', reason: 'storage', at: at + bounds.RECOVERY_MS },
    { type: 'owner.lost', reason: 'restart', at },
    { type: 'owner.lost', reason: 'producer_silent', at },
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

const has = (commands: Told[], type: string): boolean => commands.some((command) => command.type === type);

const rules: Rules<StreamContext> = {
  ...timeRules<StreamContext>((path) =>
    path === 'active.quiet'
      ? null
      : path === 'active.admitted'
        ? 'active.starting'
        : path.startsWith('active')
          ? path
          : stateOf(path),
  ),

  'P1 CQ12 what is told of frames and of prompts is known from there on': ({ before, event, after }) => {
    if (event.type === 'prompts.changed') return after.context.pending === event.pending;
    if (event.type !== 'frames.committed') return true;
    return (
      after.context.head === Math.max(before.context.head, Number(event.head)) &&
      after.context.last_frame_at === event.at
    );
  },

  'ST7 an agent of which nothing runs is gone, and is neither asked nor killed': ({
    before,
    event,
    after,
    commands,
  }) => {
    const { agent, epoch } = before.context;
    if (event.type !== 'agent.gone' || event.epoch !== epoch || agent === 'none') return true;
    return after.context.agent === 'gone' && !has(commands, 'stop.agent') && !has(commands, 'kill.agent');
  },

  'ST1 ST6 a run ends as what ended it: finished, stopped, failed with its error, or with the bound that was spent':
    ({ before, event, after, commands }) => {
      if (!pathOf(before.value).startsWith('active') || !pathOf(after.value).startsWith('draining'))
        return true;
      const [end] = commands.filter(({ type }) => type === 'write.terminal');
      const type = event.type.split('.').slice(0, 3).join('.');
      const ends: Record<string, [outcome: string, error: unknown]> = {
        'agent.finished': ['completed', undefined],
        cancel: ['cancelled', undefined],
        'agent.failed': ['errored', event.error],
        'agent.gone': [
          'errored',
          { type: 'agent_exited', message: 'The agent exited before it had finished.' },
        ],
        'xstate.after.startingBound': [
          'errored',
          { type: 'start_timeout', message: 'The agent did not start within 60 s.' },
        ],
        'xstate.after.silentBound': [
          'errored',
          { type: 'silent', message: 'The agent said nothing for 600 s.' },
        ],
      };
      const [outcome, error] = ends[type] ?? [];
      const asks = event.type === 'cancel' && before.context.agent === 'alive';
      return (
        end?.outcome === outcome &&
        isDeepStrictEqual(end?.error, error) &&
        has(commands, 'stop.agent') === asks &&
        runState(after).outcome === outcome &&
        runState(after).why !== null
      );
    },

  'ST10 ST5 what settles is what the log holds; without a terminal there it is an interruption, which says why':
    ({ before, after, commands }) =>
      commands.every((command) => {
        if (command.type !== 'write.settle') return true;
        const { terminal, why } = after.context;
        const error = command.error as { type: string; message: string } | undefined;
        if (command.outcome !== (terminal ?? 'interrupted') || (error === undefined) !== (terminal !== null))
          return false;
        const said = why ?? before.context.why;
        return (
          error === undefined ||
          (error.type === 'interrupted' && error.message.includes(`(${said ?? 'unknown'})`))
        );
      }),

  'ST9 why nobody owns it is what was told; what storage holds back says so': ({ before, event, after }) => {
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    if (to === 'stale.held') return after.context.why === 'storage';
    const isTold = event.type === 'owner.lost' && !from.startsWith('stale');
    return !isTold || (to.startsWith('stale') && after.context.why === event.reason);
  },

  'ST2 a title is made for a run that completed, and for no other': ({ before, after, commands }) =>
    has(commands, 'describe') ===
      (pathOf(after.value) === 'draining.describing' && pathOf(before.value) !== 'draining.describing') &&
    (!has(commands, 'describe') || after.context.terminal === 'completed'),

  'ST4 every end counts its tries from one': ({ before, after, commands }) => {
    const isWrite = (command: Told) => command.type === 'write.terminal' || command.type === 'write.settle';
    if (!commands.some(isWrite) || pathOf(after.value) === 'stale.held') return true;
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    const isAgain = from.endsWith('retrying') && stateOf(from) === stateOf(to);
    return after.context.try === (isAgain ? before.context.try + 1 : 1) && after.context.of > 0;
  },

  'P5 a producer that comes back begins anew, as the owner that it is': ({ before, event, after }) => {
    if (event.type !== 'producer.returned' || pathOf(before.value) !== 'stale.awaiting') return true;
    if (Number(event.epoch) < before.context.epoch) return after.context === before.context;
    const { epoch, outcome, error, why, last_frame_at } = after.context;
    return (
      epoch === event.epoch &&
      outcome === null &&
      error === null &&
      why === null &&
      last_frame_at === event.at
    );
  },

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
      { ...input, starts: bounds.STARTS_MAX + 1 },
      { ...input, head: 9, terminal: 'completed' },
    ],
    events,
    key: streamKey,
    places_max: 1_500,
  },
  rules,
};
