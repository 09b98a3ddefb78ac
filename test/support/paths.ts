// Walks a machine through everything that it can do: breadth first over `transition()`, timers included, so that a machine
// with `after` is walked as it runs. Knows no machine.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { getInitialMicrosteps, getMicrosteps } from 'xstate';
import { Coverage } from './coverage.ts';

export type Told = { type: string } & Record<string, unknown>;
type Micro = [AnyMachineSnapshot, { type: string; params?: unknown }[]];
export type Place<C> = AnyMachineSnapshot & { context: C };

/** One edge: what was so, what was told, what is so, and what was commanded. */
export interface Step<C> {
  before: Place<C>;
  event: Told;
  /** when it was told, in ms since 1970: what it carries, or when its timer fired */
  at: number;
  after: Place<C>;
  commands: Told[];
  /** the events that led to `before` */
  path: Told[];
  /** ids of the timers that run afterwards */
  timers: ReadonlySet<string>;
  /** of those that a state runs, when each fires, in ms since 1970 */
  due: ReadonlyMap<string, number>;
}

export interface Walk<C> {
  inputs: object[];
  /** what may be told here; timers that run are added */
  events(snapshot: Place<C>): Told[];
  /** what of a snapshot matters: two with the same key are one place */
  key(snapshot: Place<C>): string;
  onStep(step: Step<C>): void;
  places_max: number;
}

/** Timers by their id, and what each tells when it is due: `after` its own name, a delayed raise its event. */
type Timers = Map<string, { event: Told; due_at: number }>;

function effects(micros: Micro[], timers: Timers): Told[] {
  const commands: Told[] = [];
  const now = Number((micros.at(-1)?.[0].context as { now: number } | undefined)?.now);
  for (const { type, params } of micros.flatMap(([, actions]) => actions)) {
    const about = params as { event: Told; id: string; sendId: string; delay: number };
    if (type === 'xstate.emit') commands.push(about.event);
    else if (type === 'xstate.raise') timers.set(about.id, { event: about.event, due_at: now + about.delay });
    else if (type === 'xstate.cancel') timers.delete(about.sendId);
  }
  return commands;
}

const dueOf = (timers: Timers): Map<string, number> =>
  new Map([...timers].flatMap(([id, { due_at }]) => (id.startsWith('xstate.after.') ? [[id, due_at]] : [])));

/**
 * The machine, without being born for every step: `getMicrosteps` makes an actor of what it is given, for its scope only,
 * and an actor begins with an initial snapshot. A step is taken from the snapshot, whose machine is the real one.
 */
export function unborn(machine: AnyStateMachine, snapshot: AnyMachineSnapshot): AnyStateMachine {
  return Object.create(machine, { getInitialSnapshot: { value: () => snapshot } });
}

/** Walks, calls `onStep` for every edge, and tells which states and transitions were seen. */
export function walk<C>(machine: AnyStateMachine, options: Walk<C>): Coverage & { places: number } {
  const coverage = new Coverage(machine);
  const seen = new Set<string>();
  const queue: { snapshot: Place<C>; path: Told[]; timers: Timers }[] = [];
  const arrive = (micros: Micro[], path: Told[], timers: Timers) => {
    const snapshot = micros.at(-1)![0] as Place<C>;
    const key = options.key(snapshot);
    coverage.reached(micros.map(([micro]) => micro));
    if (seen.has(key)) return;
    if (seen.size >= options.places_max)
      throw new Error(`More than ${options.places_max} places; last: ${key}`);
    seen.add(key);
    queue.push({ snapshot, path, timers });
  };
  for (const input of options.inputs) {
    const timers: Timers = new Map();
    const micros = getInitialMicrosteps(machine, input as never) as Micro[];
    effects(micros, timers);
    arrive(micros, [], timers);
  }
  for (let place = queue.shift(); place; place = queue.shift()) {
    const { snapshot, path } = place;
    if (snapshot.status !== 'active') continue;
    const told = options.events(snapshot).map((event) => ({ event, id: null, at: Number(event.at) }));
    const due = [...place.timers].map(([id, { event, due_at: at }]) => ({ event, id, at }));
    for (const { event, id, at } of [...told, ...due]) {
      coverage.taken(snapshot, event);
      const timers: Timers = new Map([...place.timers].filter(([other]) => other !== id));
      const micros = getMicrosteps(unborn(machine, snapshot), snapshot, event as never) as Micro[];
      const commands = effects(micros, timers);
      // What nobody listens to is a step, too: nothing may be missing there.
      const after = (micros.at(-1)?.[0] ?? snapshot) as Place<C>;
      const [running, fires] = [new Set(timers.keys()), dueOf(timers)];
      options.onStep({ before: snapshot, event, at, after, commands, path, timers: running, due: fires });
      if (micros.length === 0) continue;
      arrive(micros, [...path, event], timers);
    }
  }
  return Object.assign(coverage, { places: seen.size });
}
