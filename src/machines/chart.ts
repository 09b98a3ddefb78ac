// A machine as a graph of states and edges, for diagrams and for the page's State drawer. Read from the machine's own
// definition, so that no picture can differ from the code. Knows no layout and no drawing.
import type { AnyStateMachine, StateNode } from 'xstate';
import { boundOf, duration } from './bounded.ts';

export interface ChartState {
  /** path without the machine's name, such as `draining.closing` */
  id: string;
  key: string;
  parent: string | null;
  kind: 'atomic' | 'compound' | 'final';
  /** id of the child that is entered first */
  initial: string | null;
  /** the longest that it lasts, such as `60 s`; null: until an event */
  within: string | null;
  /** commands given on entry */
  commands: string[];
  /** transitions that stay inside, as labels */
  inside: string[];
}

export interface ChartEdge {
  from: string;
  to: string;
  /** every transition between the two: `event [guard] / command` */
  labels: string[];
}

export interface Chart {
  id: string;
  initial: string;
  states: ChartState[];
  edges: ChartEdge[];
}

// biome-ignore lint/suspicious/noExplicitAny: the definition is read, whatever its types
type Node = StateNode<any, any>;
type Transition = Node['always'] extends (infer T)[] | undefined ? T & { delay?: unknown } : never;
type Named = string | { type: string; params?: Record<string, unknown> };

const nameOf = (named: unknown): string =>
  typeof named === 'string'
    ? named
    : typeof named === 'object' && named
      ? (named as { type: string }).type
      : '';
const idOf = (node: Node): string => node.path.join('.');

/** An action that says something to the outside; bookkeeping is not drawn. */
function isCommand(machine: AnyStateMachine, action: unknown): boolean {
  const implementation = machine.implementations.actions[nameOf(action)] as { type?: string } | undefined;
  return implementation?.type === 'xstate.emit' || implementation?.type === 'xstate.enqueueActions';
}
const commandsOf = (machine: AnyStateMachine, actions: readonly unknown[]): string[] =>
  actions.filter((action) => isCommand(machine, action)).map(nameOf);

function withBound(name: string, implementation: unknown): string {
  const bound = typeof implementation === 'number' ? duration(implementation) : boundOf(implementation);
  return bound === null ? name : `${name} ${bound}`;
}

/** Such as `terminal.refused [mayRetry 10 tries] / writeTerminal`. */
function labelOf(machine: AnyStateMachine, transition: Transition): string {
  const { guards, delays } = machine.implementations;
  const delay = typeof transition.delay === 'string' ? transition.delay : null;
  const event =
    delay !== null ? `after ${withBound(delay, delays[delay])}` : transition.eventType || 'always';
  const guard = nameOf(transition.guard);
  const commands = commandsOf(machine, transition.actions);
  return [
    event,
    ...(guard ? [`[${withBound(guard, guards[guard])}]`] : []),
    ...(commands.length > 0 ? [`/ ${commands.join(', ')}`] : []),
  ].join(' ');
}

function transitionsOf(node: Node): Transition[] {
  const after = (node.after ?? []) as Transition[];
  const delayed = new Set(after.map((transition) => transition.eventType));
  const told = [...node.transitions.values()].flat() as Transition[];
  return [
    ...told.filter((transition) => !delayed.has(transition.eventType)),
    ...after,
    ...((node.always ?? []) as Transition[]),
  ];
}

function withinOf(entry: readonly unknown[]): string | null {
  for (const action of entry as Named[]) {
    if (typeof action === 'string' || action.type !== 'enter') continue;
    const within_ms = action.params?.within_ms;
    if (typeof within_ms === 'number') return duration(within_ms);
  }
  return null;
}

function stateOf(machine: AnyStateMachine, node: Node): ChartState {
  const kind = node.type === 'final' ? 'final' : node.type === 'compound' ? 'compound' : 'atomic';
  const initial = kind === 'compound' ? node.initial.target[0] : undefined;
  return {
    id: idOf(node),
    key: node.key,
    parent: node.path.length > 1 ? node.path.slice(0, -1).join('.') : null,
    kind,
    initial: initial ? idOf(initial) : null,
    within: withinOf(node.entry),
    commands: commandsOf(machine, node.entry),
    inside: transitionsOf(node)
      .filter(
        (transition) => !transition.target?.length && commandsOf(machine, transition.actions).length > 0,
      )
      .map((transition) => labelOf(machine, transition)),
  };
}

function addEdge(edges: Map<string, ChartEdge>, from: string, to: string, label: string): void {
  const key = `${from} ${to}`;
  const edge = edges.get(key) ?? { from, to, labels: [] };
  if (!edge.labels.includes(label)) edge.labels.push(label);
  edges.set(key, edge);
}

/** The root's own transitions start at every top-level state that has not answered the event itself; drawn from the root. */
export function chartOf(machine: AnyStateMachine): Chart {
  const states: ChartState[] = [];
  const edges = new Map<string, ChartEdge>();
  const visit = (node: Node): void => {
    if (node.path.length > 0) states.push(stateOf(machine, node));
    for (const transition of transitionsOf(node))
      for (const target of transition.target ?? [])
        addEdge(edges, idOf(node), idOf(target), labelOf(machine, transition));
    for (const child of Object.values(node.states) as Node[]) visit(child);
  };
  visit(machine.root);
  const first = machine.root.initial.target[0];
  return { id: machine.id, initial: first ? idOf(first) : '', states, edges: [...edges.values()] };
}
