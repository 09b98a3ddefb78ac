// A machine of the house as a table: numbered places, and from each what an event makes of it. Steps are the machine's own
// (`getMicrosteps`), taken once per place and event. Time is abstract: a timer that runs may fire at any moment, so the
// times of a context say nothing, and `settle` makes them one; without that no context would ever come back.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { getInitialMicrosteps, getMicrosteps } from 'xstate';
import { pathOf } from '../../src/machines/path.ts';
import type { Told } from '../support/paths.ts';

type Micro = [AnyMachineSnapshot, { type: string; params?: unknown }[]];

/** One moment for everything, in ms since 1970. */
export const AT = 1_000;

export interface Stepped {
  place: number;
  commands: Told[];
}

interface Place<C> {
  snapshot: AnyMachineSnapshot;
  context: C;
  path: string;
  isOver: boolean;
  /** what each running timer tells when it is due */
  timers: ReadonlyMap<string, Told>;
}

/** Commands that were given; timers that were set and stopped. */
function effects(micros: Micro[], timers: Map<string, Told>): Told[] {
  const commands: Told[] = [];
  for (const { type, params } of micros.flatMap(([, actions]) => actions)) {
    const about = params as { event: Told; id: string; sendId: string };
    if (type === 'xstate.emit') commands.push(about.event);
    else if (type === 'xstate.raise') timers.set(about.id, about.event);
    else if (type === 'xstate.cancel') timers.delete(about.sendId);
  }
  return commands;
}

export class Stepper<C> {
  readonly machine: AnyStateMachine;
  readonly #settle: (context: C) => C;
  readonly #places: Place<C>[] = [];
  readonly #known = new Map<string, number>();
  readonly #steps = new Map<string, Stepped>();

  constructor(machine: AnyStateMachine, settle: (context: C) => C) {
    this.machine = machine;
    this.#settle = settle;
    // 0 is nobody.
    this.#places.push({ path: '' } as Place<C>);
  }

  born(input: object): Stepped {
    const key = `born ${JSON.stringify(input)}`;
    return this.#step(key, new Map(), () => getInitialMicrosteps(this.machine, input as never) as Micro[])!;
  }

  tell(place: number, event: Told): Stepped {
    const { snapshot, timers, isOver } = this.at(place);
    if (isOver) return { place, commands: [] };
    const told = { ...event, at: AT };
    const step = () => getMicrosteps(this.#unborn(snapshot), snapshot, told as never) as Micro[];
    return this.#step(`${place} ${JSON.stringify(told)}`, timers, step) ?? { place, commands: [] };
  }

  fire(place: number, timer: string): Stepped {
    const { snapshot, timers } = this.at(place);
    const rest = new Map([...timers].filter(([id]) => id !== timer));
    const step = () => getMicrosteps(this.#unborn(snapshot), snapshot, timers.get(timer) as never) as Micro[];
    const stepped = this.#step(`${place} fires ${timer}`, rest, step);
    // A timer that nobody heeds is over all the same.
    return stepped ?? { place: this.#arrive(snapshot, rest), commands: [] };
  }

  at(place: number): Place<C> {
    return this.#places[place]!;
  }

  /** States that were ever entered. */
  get paths(): Set<string> {
    return new Set(this.#places.map(({ path }) => path));
  }

  #step(key: string, running: ReadonlyMap<string, Told>, step: () => Micro[]): Stepped | null {
    const known = this.#steps.get(key);
    if (known) return known;
    const micros = step();
    if (micros.length === 0) return null;
    const timers = new Map(running);
    const commands = effects(micros, timers);
    const stepped = { place: this.#arrive(micros.at(-1)![0], timers), commands };
    this.#steps.set(key, stepped);
    return stepped;
  }

  #arrive(micro: AnyMachineSnapshot, timers: ReadonlyMap<string, Told>): number {
    const context = this.#settle(micro.context as C);
    const snapshot = { ...micro, context } as AnyMachineSnapshot;
    const key = JSON.stringify([micro.value, micro.status, context, [...timers.keys()].sort()]);
    let place = this.#known.get(key);
    if (place === undefined) {
      const path = pathOf(micro.value as string);
      place = this.#places.push({ snapshot, context, path, timers, isOver: micro.status !== 'active' }) - 1;
      this.#known.set(key, place);
    }
    return place;
  }

  /** The machine without being born for every step: see `test/support/paths.ts`. */
  #unborn(snapshot: AnyMachineSnapshot): AnyStateMachine {
    return Object.create(this.machine, { getInitialSnapshot: { value: () => snapshot } });
  }
}
