// The stream machine, walked through everything that it can be told, in every order, timers included.
import { beforeAll, describe, expect, test } from 'vitest';
import { transition } from 'xstate';
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { StreamContext, StreamInput } from '../../src/machines/stream.machine.ts';
import { runState, streamMachine } from '../../src/machines/stream.machine.ts';
import type { Coverage } from '../support/coverage.ts';
import { type Place, type Step, type Told, walk } from '../support/paths.ts';

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
const key = ({ value, context }: Place<StreamContext>): string =>
  [
    pathOf(value),
    context.agent,
    context.terminal,
    context.outcome === 'completed',
    context.try,
    context.starts,
    pathOf(value) === 'active.running' && isHeard(context),
  ].join(' ');

/** What a working house would answer here; null: only time goes on. */
function fairAnswer({ value, context }: Place<StreamContext>): Told | null {
  const at = context.now + 1;
  const head = context.head + 1;
  switch (pathOf(value)) {
    case 'active.waiting':
      return { type: 'prompts.changed', pending: 0, at };
    case 'draining.closing':
      return { type: 'terminal.committed', outcome: context.outcome, head, at };
    case 'draining.settling':
      return { type: 'settle.committed', outcome: context.terminal, head, at };
    case 'stale.recovering':
      return { type: 'settle.committed', outcome: context.terminal ?? 'interrupted', head, at };
    case 'stale.held':
      return { type: 'storage.returned', at };
    default:
      return null;
  }
}

describe('the stream machine, walked', () => {
  const steps: Step<StreamContext>[] = [];
  let coverage: Coverage & { places: number };
  beforeAll(() => {
    coverage = walk<StreamContext>(streamMachine, {
      inputs: [
        input,
        { ...input, starts: bounds.STARTS_MAX + 1 },
        { ...input, head: 9, terminal: 'completed' },
      ],
      events,
      key,
      onStep: (step) => steps.push(step),
      places_max: 5_000,
    });
  });

  test('every state and every transition is reached', () => {
    expect(coverage.missing).toEqual({ states: [], transitions: [] });
    expect(coverage.places).toBeGreaterThan(100);
  });

  test('ST1 P4 a terminal is set once and stays; a settled stream has one', () => {
    for (const { before, after } of steps) {
      if (before.context.terminal) expect(after.context.terminal).toBe(before.context.terminal);
      if (after.status === 'done') expect(after.context.terminal).not.toBeNull();
    }
  });

  test('ST2 the terminal commit comes before the settle commit, except in recovery', () => {
    for (const { after, commands } of steps)
      for (const command of commands) {
        if (command.type === 'write.terminal') expect(after.context.terminal).toBeNull();
        if (command.type === 'write.settle' && pathOf(after.value).startsWith('draining'))
          expect(after.context.terminal).not.toBeNull();
      }
  });

  test('ST3 P5 P6 what another owner says changes nothing; epochs never fall', () => {
    for (const { before, event, after, commands } of steps) {
      expect(after.context.epoch).toBeGreaterThanOrEqual(before.context.epoch);
      for (const command of commands) expect(command.epoch).toBe(after.context.epoch);
      if (typeof event.epoch !== 'number' || event.epoch >= before.context.epoch) continue;
      expect(commands).toEqual([]);
      expect(after.context).toEqual(before.context);
      expect(after.value).toEqual(before.value);
    }
  });

  test('ST4 P9 no try beyond its bound, and every state but `waiting` has a due time and a timer', () => {
    for (const { after, timers } of steps) {
      expect(after.context.try).toBeLessThanOrEqual(bounds.COMMIT_TRIES_MAX);
      if (after.status !== 'active' || pathOf(after.value) === 'active.waiting') continue;
      expect(after.context.due_at).not.toBeNull();
      expect(timers.size).toBeGreaterThan(0);
    }
  });

  test('ST6 P12 the agent is called once, asked once, and never after the fence', () => {
    for (const { before, commands, after } of steps) {
      const told = (type: string) => commands.filter((command) => command.type === type).length;
      expect(told('call.agent')).toBe(
        before.context.agent === 'none' && after.context.agent === 'alive' ? 1 : 0,
      );
      if (told('call.agent')) expect(pathOf(after.value)).toBe('active.starting');
      if (told('stop.agent')) expect(before.context.agent).toBe('alive');
      if (told('kill.agent')) expect(before.context.agent).not.toBe('killed');
    }
  });

  test('ST7 nothing settles over an agent that was neither gone nor killed', () => {
    for (const { after, commands, path, event } of steps)
      if (commands.some(({ type }) => type === 'write.settle'))
        expect(['none', 'gone', 'killed'], [...path, event].map((told) => told.type).join(' → ')).toContain(
          after.context.agent,
        );
  });

  test('ST11 the agent is called only after `stream_started` is durable', () => {
    for (const { event, commands } of steps)
      if (commands.some(({ type }) => type === 'call.agent')) expect(event.type).toBe('stream.started');
  });

  test('P1 the head never falls; P11 no timer outlives the stream', () => {
    for (const { before, after, timers } of steps) {
      expect(after.context.head).toBeGreaterThanOrEqual(before.context.head);
      if (after.status === 'done') expect([...timers]).toEqual([]);
    }
  });

  test('what the page is told is what the machine is in', () => {
    for (const { after } of steps) {
      const said = runState(after);
      const [state, inner] = said.path.split('.');
      const expected = state !== 'active' ? state : inner === 'admitted' ? 'starting' : inner;
      expect(said.run_state).toBe(expected);
      expect(said.state).toBe(state);
      expect(said.since).toBeLessThanOrEqual(Math.max(after.context.now, after.context.due_at ?? 0));
      if (said.of !== undefined) expect(said.try).toBeLessThanOrEqual(said.of);
    }
  });

  test('Q1 from everywhere the stream settles, once the house answers', () => {
    const places = new Map(steps.map(({ after }) => [key(after), after]));
    for (const after of places.values()) {
      let place = after;
      for (let turns = 0; place.status === 'active' && turns < 20; turns++) {
        const due = place._nodes.flatMap((node) => node.after).at(-1)?.eventType;
        const answer = fairAnswer(place) ?? { type: String(due) };
        place = transition(streamMachine, place as never, answer as never)[0] as typeof place;
      }
      expect(place.status, `${pathOf(after.value)} does not settle`).toBe('done');
    }
  });
});
