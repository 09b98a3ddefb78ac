// One machine on a stage: it is told things, time goes on by hand, and what it commands is kept.
import type { Actor, AnyStateMachine, EventFrom, InputFrom } from 'xstate';
import { createActor } from 'xstate';
import { pathOf } from '../../src/machines/path.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import type { Told } from './paths.ts';

type Untimed<E> = E extends { at: number } ? Omit<E, 'at'> : E;

export interface Stage<M extends AnyStateMachine> {
  actor: Actor<M>;
  clock: ManualClock;
  /** Tells it something now. */
  tell(event: Untimed<EventFrom<M>>): void;
  /** Lets time go on, timer by timer. */
  pass(ms: number): Promise<void>;
  path(): string;
  /** What it commanded since the last call. */
  take(): Told[];
  /** The same, by type only. */
  types(): string[];
}

export function stage<M extends AnyStateMachine>(
  machine: M,
  input: Omit<InputFrom<M>, 'at'>,
  clock = createManualClock(1_000_000),
): Stage<M> {
  const commands: Told[] = [];
  const options = { clock, input: { ...input, at: clock.now() } } as never;
  const actor = createActor(machine, options) as Actor<M>;
  actor.on('*', (command) => commands.push(command as Told));
  actor.start();
  const take = () => commands.splice(0);
  return {
    actor,
    clock,
    tell: (event) => actor.send({ ...event, at: clock.now() } as never),
    pass: (ms) => clock.advance(ms),
    path: () => pathOf((actor.getSnapshot() as { value: string }).value),
    take,
    types: () => take().map(({ type }) => type),
  };
}
