// One pure machine and its timers, at a time that is told: what it commands is handed back, what was due is named. Copies
// are cheap, so that paths can be tried before one is taken. Knows no machine, no clock and no actor.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { getInitialMicrosteps, getMicrosteps } from 'xstate';
import { pathOf } from '../../src/machines/path.ts';
import { type Coverage, label } from '../support/coverage.ts';
import { type Place, type Told, unborn } from '../support/paths.ts';

type Micro = [AnyMachineSnapshot, { type: string; params?: unknown }[]];

interface Timer {
  event: Told;
  /** ms of the clock that never jumps */
  due: number;
}

export class Life<C> {
  readonly machine: AnyStateMachine;
  snapshot: Place<C>;
  /** what happened: from where, by what, to where */
  steps: string[] = [];
  #timers = new Map<string, Timer>();
  readonly #coverage: Coverage | undefined;

  private constructor(machine: AnyStateMachine, snapshot: Place<C>, coverage?: Coverage) {
    this.machine = machine;
    this.snapshot = snapshot;
    this.#coverage = coverage;
  }

  /** `coverage`: hears of every step of this life, and of none of its copies. */
  static born<C>(
    machine: AnyStateMachine,
    input: object,
    elapsed: number,
    coverage?: Coverage,
  ): { life: Life<C>; commands: Told[] } {
    const micros = getInitialMicrosteps(machine, input as never) as Micro[];
    const life = new Life<C>(machine, micros.at(-1)![0] as Place<C>, coverage);
    life.steps.push(`${machine.id}: born ${pathOf(life.snapshot.value)}`);
    return { life, commands: life.#after(micros, elapsed) };
  }

  get isOver(): boolean {
    return this.snapshot.status !== 'active';
  }

  /** What it commands. `elapsed`: the time now. */
  tell(event: Told, elapsed: number): Told[] {
    if (this.isOver) return [];
    const { machine, snapshot } = this;
    this.#coverage?.taken(snapshot, event);
    const micros = getMicrosteps(unborn(machine, snapshot), snapshot, event as never) as Micro[];
    if (micros.length === 0) return [];
    this.snapshot = micros.at(-1)![0] as Place<C>;
    const taken = machine.getTransitionData(snapshot, event as never) as unknown as Parameters<typeof label>;
    const from = pathOf(snapshot.value);
    this.steps.push(`${from}: ${taken.map((each) => label(each))} to ${pathOf(this.snapshot.value)}`);
    const passed = micros.slice(0, -1).map(([micro]) => pathOf(micro.value));
    for (const path of passed)
      this.steps.push(`${from}: always in ${path} to ${pathOf(this.snapshot.value)}`);
    return this.#after(micros, elapsed);
  }

  /** When the next of its timers is due; null: none runs. */
  due(): number | null {
    return this.#timers.size === 0 ? null : Math.min(...[...this.#timers.values()].map(({ due }) => due));
  }

  /** The timer that is due next fires. */
  fire(): Told[] {
    const [id, timer] = [...this.#timers].toSorted(([, one], [, other]) => one.due - other.due)[0]!;
    this.#timers.delete(id);
    return this.tell(timer.event, timer.due);
  }

  copy(): Life<C> {
    const life = new Life<C>(this.machine, this.snapshot);
    life.#timers = new Map(this.#timers);
    return life;
  }

  #after(micros: Micro[], elapsed: number): Told[] {
    this.#coverage?.reached(micros.map(([micro]) => micro));
    const commands: Told[] = [];
    for (const { type, params } of micros.flatMap(([, actions]) => actions)) {
      const about = params as { event: Told; id: string; sendId: string; delay: number };
      if (type === 'xstate.emit') commands.push(about.event);
      else if (type === 'xstate.raise')
        this.#timers.set(about.id, { event: about.event, due: elapsed + about.delay });
      else if (type === 'xstate.cancel') this.#timers.delete(about.sendId);
    }
    return commands;
  }
}
