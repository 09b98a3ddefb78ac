// Steps of the machines, by name and without actors: how one begins, what an event makes of it, and what it asks for then.
// Pure: nothing is performed, and no timer runs.
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  getInitialMicrosteps,
  getMicrosteps,
  type StateValue,
} from 'xstate';
import { ownOf } from '../protocol/own.ts';
import { attachmentMachine } from './attachment.machine.ts';
import { lineMachine } from './line.machine.ts';
import { pathOf } from './path.ts';
import { promptFeedMachine } from './prompt-feed.machine.ts';
import { promptQueueMachine } from './prompt-queue.machine.ts';
import { sessionMachine } from './session.machine.ts';
import { streamMachine } from './stream.machine.ts';
import { tabLeaderMachine } from './tab-leader.machine.ts';

const machines: Readonly<Record<string, AnyStateMachine>> = {
  session: sessionMachine,
  stream: streamMachine,
  'prompt-queue': promptQueueMachine,
  attachment: attachmentMachine,
  'prompt-feed': promptFeedMachine,
  line: lineMachine,
  'tab-leader': tabLeaderMachine,
};

type Message = { type: string };
type Micro = [AnyMachineSnapshot, { type: string; params?: unknown }[]];

export interface Stepped {
  snapshot: AnyMachineSnapshot;
  path: string;
  /** paths on the way, the last one included */
  micro: string[];
  commands: Message[];
}

export interface Stepping {
  begin(input: object): Stepped;
  step(from: AnyMachineSnapshot, event: Message): Stepped;
  /** As it stands at `path` with `context`. */
  at(path: string, context: object): AnyMachineSnapshot;
}

const stateValue = (path: string): StateValue => {
  const [key = '', ...inner] = path.split('.');
  return inner.length === 0 ? key : { [key]: stateValue(inner.join('.')) };
};

function steppedOf(micros: Micro[], from: AnyMachineSnapshot | null): Stepped {
  const snapshot = micros.at(-1)?.[0] ?? from!;
  const commands = micros.flatMap(([, actions]) =>
    actions
      .filter(({ type }) => type === 'xstate.emit')
      .map(({ params }) => (params as { event: Message }).event),
  );
  return {
    snapshot,
    path: pathOf(snapshot.value),
    micro: micros.map(([{ value }]) => pathOf(value)),
    commands,
  };
}

/** The machine `name`; null: there is none, or it is a store. */
export function steppingOf(name: string): Stepping | null {
  const machine = ownOf(machines, name);
  if (!machine) return null;
  return {
    begin: (input) => steppedOf(getInitialMicrosteps(machine, input as never) as Micro[], null),
    step(from, event) {
      // xstate begins an actor for the scope of each step, with an initial snapshot; here it is given the one there is.
      const scope = Object.create(machine, { getInitialSnapshot: { value: () => from } });
      return steppedOf(getMicrosteps(scope, from, event as never) as Micro[], from);
    },
    at: (path, context) =>
      machine.resolveState({ value: stateValue(path), context } as never) as AnyMachineSnapshot,
  };
}
