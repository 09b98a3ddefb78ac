// What an observer tells, and in which order; and that nobody who is watched does anything else for it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { createBoardStore } from '../../src/machines/board.store.ts';
import { createObserver } from '../../src/machines/observer.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { streamMachine } from '../../src/machines/stream.machine.ts';
import type { Observation } from '../../src/protocol/inspection.ts';
import { createManualClock } from '../support/clock.ts';
import type { Place } from '../support/paths.ts';
import { grounds, lives } from './actors.ts';

const STREAM = { stream_id: 'st_1', session_id: 's_1', epoch: 1, starts: 1, head: 0, terminal: null, at: 1 };
const SESSION = {
  session_id: 's_1',
  head: 0,
  active_stream_id: 'st_1',
  queue_length: 0,
  queue_paused: false,
  at: 1,
};

function observed() {
  const told: Observation[] = [];
  return {
    told,
    observer: createObserver(
      () => 7,
      (observation) => told.push(observation),
    ),
  };
}
/** Such as `stream:st_1 event cancel`. */
const line = (told: Observation): string => {
  const about =
    told.kind === 'event'
      ? `${told.event.type}${told.from ? ` from ${told.from}` : ''}`
      : told.kind === 'command'
        ? told.command.type
        : told.kind === 'stopped'
          ? told.why
          : told.kind === 'step' || told.kind === 'actor'
            ? told.state
            : '';
  return `${told.actor} ${told.kind} ${about}`;
};

test('IN3 an event, its step and its commands come before what came of them, over actors and a store', () => {
  const { told, observer } = observed();
  const clock = createManualClock();
  const stream = createActor(streamMachine, { id: 'stream:st_1', clock, input: STREAM } as never);
  const session = createActor(sessionMachine, { id: 'session:s_1', clock, input: SESSION } as never);
  observer.watch(stream, STREAM, 'stream:st_1');
  observer.watch(session, SESSION, 'session:s_1');
  const board = createBoardStore();
  observer.watchStore(board, 'board', 'board:owner');
  // As the wiring does: commands are performed at once, and the end of one is an event of the other.
  stream.on('*', (command) => {
    if ((command as { type: string }).type === 'write.started')
      stream.send({ type: 'stream.started', head: 1, at: 2 });
    if ((command as { type: string }).type === 'write.terminal')
      stream.send({ type: 'settle.committed', outcome: 'cancelled', head: 2, at: 3 });
  });
  stream.subscribe({
    complete: () => {
      session.send({ type: 'stream.settled', stream_id: 'st_1', at: 3 });
      board.trigger.sessionLeft({ session_id: 's_1' });
    },
    error: () => {},
  });
  stream.start();
  session.start();
  stream.send({ type: 'start', at: 2 });
  stream.send({ type: 'cancel', at: 3 });
  session.stop();
  expect(told.map(line)).toEqual([
    'stream:st_1 actor active.admitted',
    'session:s_1 actor running',
    'board:owner actor ',
    'stream:st_1 event start',
    'stream:st_1 step active.starting',
    'stream:st_1 command write.started',
    'stream:st_1 event stream.started from stream:st_1',
    'stream:st_1 step active.starting',
    'stream:st_1 command call.agent',
    'stream:st_1 event cancel',
    'stream:st_1 step draining.closing',
    'stream:st_1 command stop.agent',
    'stream:st_1 command write.terminal',
    'stream:st_1 event settle.committed from stream:st_1',
    'stream:st_1 step settled',
    'stream:st_1 stopped done',
    'session:s_1 event stream.settled from stream:st_1',
    'session:s_1 step idle.unattended',
    'board:owner event sessionLeft from stream:st_1',
    'board:owner step ',
    'session:s_1 stopped stopped',
  ]);
  expect(told.every(({ at }) => at === 7)).toBe(true);
});

test('IN3 a bug that ends an actor is told as its end, and does not make the next event seem to come from it', () => {
  const { told, observer } = observed();
  const base = setup({
    actions: {
      fail: () => {
        throw new Error('a bug');
      },
    },
  });
  const broken = createActor(
    base.createMachine({
      id: 'broken',
      initial: 'whole',
      states: { whole: { on: { go: { actions: 'fail' } } } },
    }),
  );
  observer.watch(broken, {}, 'broken');
  broken.subscribe({ error: () => {} });
  broken.start();
  broken.send({ type: 'go' });
  const session = createActor(sessionMachine, { clock: createManualClock(), input: SESSION } as never);
  observer.watch(session, SESSION, 'session');
  session.start();
  session.send({ type: 'records.committed', head: 4, at: 2 });
  session.stop();
  expect(told.map(line).filter((each) => !each.includes('actor'))).toEqual([
    'broken event go',
    'broken stopped error',
    'session event records.committed',
    'session step running',
    'session stopped stopped',
  ]);
});

test('IN3 whatever a machine does, watched or not is the same to it: states, commands, timers', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...Object.values(grounds)),
    lives,
    async (ground, life) => {
      const [input] = ground.walk.inputs;
      const run = async (isWatched: boolean) => {
        const clock = createManualClock();
        const actor = createActor(ground.machine, { id: 'one', input, clock } as never);
        if (isWatched) createObserver(clock.now, () => {}).watch(actor, input!);
        const seen: unknown[] = [];
        actor.on('*', (command) => seen.push(command));
        actor.subscribe({ next: ({ value, context }) => seen.push([value, context]), error: () => {} });
        actor.start();
        for (const choice of life) {
          const snapshot = actor.getSnapshot() as Place<object>;
          if (snapshot.status !== 'active') break;
          const events = ground.walk.events(snapshot);
          const next = choice === null ? undefined : events[Math.floor(choice * events.length)];
          if (next) actor.send(next);
          else await clock.advance(clock.next() ?? 1);
        }
        seen.push(clock.pending());
        actor.stop();
        return seen;
      };
      expect(await run(true)).toEqual(await run(false));
    },
  );
  await fc.assert(property, { numRuns: 100 });
});
