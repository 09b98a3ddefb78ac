// The one file of the page that starts actors. Each gets an observer for its errors: a bug in one stops that one and is
// told, and takes nothing else down.
import {
  type Actor,
  type AnyActor,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type InputFrom,
} from 'xstate';
import { type LineCommand, type LineInput, lineMachine } from '../machines/line.machine.ts';
import {
  type TabLeaderCommand,
  type TabLeaderInput,
  tabLeaderMachine,
} from '../machines/tab-leader.machine.ts';

export type TabLeaderActor = Actor<typeof tabLeaderMachine>;
export type LineActor = Actor<typeof lineMachine>;

declare global {
  /** Put there before the page begins, where its server inspects (inspected.ts). */
  var weirInspect: ((actor: AnyActor, input: object) => void) | undefined;
}

export interface Wiring<Command> {
  /** Called in the turn in which the machine commands it. */
  perform(command: Command): void;
  /** The snapshot has changed. */
  changed(): void;
  broken(bug: unknown): void;
}

/** For a machine that comes in a chunk of its own. */
export function start<Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
  wiring: Wiring<EmittedFrom<Machine>>,
): Actor<Machine> {
  const actor = createActor(machine, { input } as never) as Actor<Machine>;
  globalThis.weirInspect?.(actor, input as object);
  actor.on('*', (command) => wiring.perform(command as EmittedFrom<Machine>));
  actor.subscribe({ error: wiring.broken });
  actor.start();
  // Only now: the first snapshot is the caller's to read, once it holds the actor.
  actor.subscribe({ next: wiring.changed, complete: wiring.changed, error: () => {} });
  return actor;
}

export const startLine = (input: LineInput, wiring: Wiring<LineCommand>): LineActor =>
  start(lineMachine, input, wiring);

export const startTabLeader = (input: TabLeaderInput, wiring: Wiring<TabLeaderCommand>): TabLeaderActor =>
  start(tabLeaderMachine, input, wiring);
