// What must hold at every step of a run's way to its end: which event leads where, and what is said of it. The rest of a run's
// rules stand in its ground.
import { isDeepStrictEqual } from 'node:util';
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import { runState, type StreamContext } from '../../src/machines/stream.machine.ts';
import type { Told } from '../support/paths.ts';
import type { Rules } from '../support/rules.ts';
import { stateOf } from './time.rules.ts';

export const has = (commands: Told[], type: string): boolean =>
  commands.some((command) => command.type === type);

export const endRules: Rules<StreamContext> = {
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
      const why: Record<string, string> = { 'agent.finished': 'finished', cancel: 'cancelled' };
      const asks = event.type === 'cancel' && before.context.agent === 'alive';
      return (
        end?.outcome === outcome &&
        isDeepStrictEqual(end?.error, error) &&
        has(commands, 'stop.agent') === asks &&
        runState(after).outcome === outcome &&
        runState(after).why === (why[event.type] ?? (error as { type: string }).type)
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

  'CQ12 a run that asks waits, and goes on when it is answered': ({ before, event, after }) => {
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    if (event.type !== 'prompts.changed' || !/active\.(starting|running|waiting|quiet)/.test(from))
      return true;
    if (Number(event.pending) > 0) return to === 'active.waiting';
    return from === 'active.waiting' ? to === 'active.running' : to === from;
  },

  'ST7 ST9 a Stop is taken while the run goes on, and while its producer is away': ({
    before,
    event,
    after,
    commands,
  }) => {
    const from = pathOf(before.value);
    if (event.type !== 'cancel' || !(from.startsWith('active') || from === 'stale.awaiting')) return true;
    const { agent } = after.context;
    const isAsked = before.context.agent === 'alive';
    return (
      pathOf(after.value) === 'draining.closing' &&
      has(commands, 'stop.agent') === isAsked &&
      (!isAsked || (agent === 'asked' && after.context.asked_at === event.at)) &&
      commands.some(({ type, outcome }) => type === 'write.terminal' && outcome === 'cancelled')
    );
  },

  'ST9 a lost owner makes a run stale, wherever it was; only a silent producer may return, to a run without an end':
    ({ before, event, after }) => {
      const [from, to] = [pathOf(before.value), pathOf(after.value)];
      if (event.type !== 'owner.lost' || from.startsWith('settled')) return true;
      const isSilent = event.reason === 'producer_silent';
      if (from.startsWith('active'))
        return to === (isSilent && before.context.terminal === null ? 'stale.awaiting' : 'stale.recovering');
      if (from.startsWith('draining')) return to === 'stale.recovering';
      if (from === 'stale.awaiting') return to === (isSilent ? 'stale.awaiting' : 'stale.recovering');
      return to === from;
    },

  'ST10 ST11 a run that is not started says why: its end is in the log, or its starts are spent': ({
    before,
    event,
    after,
    path,
  }) => {
    if (path.length === 0 && before.context.terminal !== null)
      return pathOf(before.value) === 'stale.recovering' && before.context.why === 'restart';
    if (event.type !== 'start' || pathOf(before.value) !== 'active.admitted') return true;
    if (before.context.starts <= bounds.STARTS_MAX) return pathOf(after.value) === 'active.starting';
    return pathOf(after.value) === 'stale.recovering' && after.context.why === 'starts_spent';
  },

  'P4 a terminal that the log tells of is the run’s, also where nobody owned it': ({
    before,
    event,
    after,
  }) => {
    const from = pathOf(before.value);
    if (event.type !== 'terminal.committed' || !/^(draining\.closing|stale)/.test(from)) return true;
    const first = before.context.terminal ?? event.outcome;
    return (
      after.context.terminal === first &&
      (from !== 'stale.awaiting' || pathOf(after.value) === 'stale.recovering')
    );
  },

  'ST4 a recovery that is refused is tried again until its tries or its time are spent': ({
    before,
    event,
    after,
  }) => {
    if (event.type !== 'settle.refused' || pathOf(before.value) !== 'stale.recovering') return true;
    const { try: tries, of, recovery_due_at } = before.context;
    const mayGoOn = tries < of && Number(event.at) < recovery_due_at;
    return pathOf(after.value) === (mayGoOn ? 'stale.retrying' : 'stale.held');
  },

  'ST1 after the end of a run its title is awaited, unless it did not complete or its agent still runs': ({
    before,
    event,
    after,
  }) => {
    if (event.type !== 'terminal.committed' || pathOf(before.value) !== 'draining.closing') return true;
    const remains = ['alive', 'asked', 'killed'].includes(before.context.agent);
    const isDone = after.context.terminal === 'completed';
    return pathOf(after.value) === `draining.${remains ? 'stopping' : isDone ? 'describing' : 'settling'}`;
  },

  'ST4 tries are told where there are some to tell: of a stale run, and of an end that is tried again': ({
    after,
  }) => {
    const { try: tries, of } = after.context;
    const said = runState(after);
    const isTold = of > 0 && (said.state === 'stale' || (said.state === 'draining' && tries > 1));
    const outcome = said.state === 'draining' ? after.context.outcome : after.context.terminal;
    return (
      said.outcome === outcome &&
      said.try === (isTold ? tries : undefined) &&
      said.of === (isTold ? of : undefined)
    );
  },

  'ST1 ST3 what the owner’s agent says at its end is taken: it ends the run, or what is waited for': ({
    before,
    event,
    after,
  }) => {
    const [from, to] = [pathOf(before.value), pathOf(after.value)];
    const { epoch, agent, terminal } = before.context;
    if (!event.type.startsWith('agent.') || event.epoch !== epoch) return true;
    const remains = ['alive', 'asked', 'killed'].includes(agent);
    if (event.type === 'agent.gone' && !remains) return to === from;
    if (from.startsWith('active')) return to === 'draining.closing';
    if (from !== 'draining.stopping' || event.type !== 'agent.gone') return to === from;
    return to === (terminal === 'completed' ? 'draining.describing' : 'draining.settling');
  },

  'ST4 a run that stays what it is has been so since it became so': ({ before, after }) =>
    before.context.run_state !== after.context.run_state ||
    after.context.run_state === 'quiet' ||
    after.context.since === before.context.since,

  'ST11 frames up to the start are not the agent’s': ({ before, event, after }) => {
    const { agent, floor } = before.context;
    if (pathOf(before.value) !== 'active.starting') return true;
    if (event.type === 'stream.started' && agent === 'none')
      return after.context.floor === Math.max(after.context.head, 1);
    if (event.type !== 'frames.committed') return true;
    return (pathOf(after.value) === 'active.running') === (agent !== 'none' && Number(event.head) > floor);
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
};
