// Which states and transitions of a machine a walk has seen. Every transition of the definition is one, told apart by its
// state, its event and its place among the alternatives.
import type { AnyMachineSnapshot, AnyStateMachine, StateNode } from 'xstate';

// biome-ignore lint/suspicious/noExplicitAny: any machine's nodes
type Node = StateNode<any, any>;
type Transition = { source: Node; eventType: string; guard?: unknown };

export const nodesOf = (machine: AnyStateMachine): Node[] => {
  const nodes: Node[] = [];
  const visit = (node: Node): void => {
    nodes.push(node);
    for (const child of Object.values(node.states)) visit(child as Node);
  };
  visit(machine.root);
  return nodes;
};

export const transitionsOf = (node: Node): Transition[] =>
  [...[...node.transitions.values()].flat(), ...(node.always ?? [])] as Transition[];

/** `state on event #n`: n counts the alternatives of that event. */
export const label = (transition: Transition): string => {
  const rivals = transitionsOf(transition.source).filter((other) => other.eventType === transition.eventType);
  return `${transition.source.id} on ${transition.eventType || 'always'} #${rivals.indexOf(transition) + 1}`;
};

export class Coverage {
  readonly #machine: AnyStateMachine;
  readonly #states = new Set<string>();
  readonly #transitions = new Set<Transition>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
  }

  /** The microsteps of one event: every snapshot but the last was left by an `always`. */
  reached(micros: AnyMachineSnapshot[]): void {
    for (const snapshot of micros) for (const node of snapshot._nodes) this.#states.add(node.id);
    for (const snapshot of micros.slice(0, -1)) {
      const eventless = this.#eventless(snapshot);
      if (eventless) this.#transitions.add(eventless);
    }
  }

  taken(snapshot: AnyMachineSnapshot, event: object): void {
    for (const transition of this.#machine.getTransitionData(snapshot, event as never))
      this.#transitions.add(transition as unknown as Transition);
  }

  /** What was never seen; empty when everything was. */
  get missing(): { states: string[]; transitions: string[] } {
    const nodes = nodesOf(this.#machine);
    return {
      states: nodes.map((node) => node.id).filter((id) => !this.#states.has(id)),
      transitions: nodes
        .flatMap(transitionsOf)
        .filter((transition) => !this.#transitions.has(transition))
        .map(label),
    };
  }

  #eventless(snapshot: AnyMachineSnapshot): Transition | undefined {
    const { guards } = this.#machine.implementations;
    const deepestFirst = [...snapshot._nodes].sort((a, b) => b.order - a.order);
    for (const node of deepestFirst)
      for (const transition of (node.always ?? []) as unknown as Transition[]) {
        const guard = guards[String(transition.guard)] as ((args: object) => boolean) | undefined;
        if (!guard || guard({ context: snapshot.context, event: { type: '' } })) return transition;
      }
    return undefined;
  }
}
