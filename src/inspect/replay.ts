// Steps a recording again through the pure machines: each recorded event is given to its machine as that stood, and what
// follows (state, context, the way there, commands, end) must be what was recorded. Starts no actor. A store is not stepped:
// of it only sizes are recorded.
import type { AnyMachineSnapshot } from 'xstate';
import { type Stepped, type Stepping, steppingOf } from '../machines/stepping.ts';
import { type Entry, foldActors, type InspectedActor } from '../protocol/inspection.ts';
import { redact } from '../protocol/redaction.ts';
import type { Recording } from './recording.ts';
import { createRunRecords } from './run-records.ts';

export interface Difference {
  n: number;
  actor: string;
  /** what differs: `state`, `context.head`, `micro`, `command`, `end` */
  what: string;
  recorded: unknown;
  stepped: unknown;
}

export interface Replay {
  actors: number;
  events: number;
  /** steps that were taken again, and those whose event, or whose machine, is not in the recording */
  steps: number;
  unchecked: number;
  commands: number;
  /** of a run's export: records of its log */
  records: number;
  /** in the order of the recording */
  differences: Difference[];
}

interface Stepper {
  stepping: Stepping | null;
  snapshot: AnyMachineSnapshot | null;
  events: Map<number, { type: string }>;
  /** commands that were asked for and are not in the recording yet */
  asked: { type: string }[];
  /** the event whose step asked for them; null: its beginning; undefined: a step that was not taken again */
  answered: number | null | undefined;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Every key of both, so that a key that is missing differs; what is nothing is null. */
function differing(recorded: Record<string, unknown>, context: object): string[] {
  const stepped = redact(context).value;
  const keys = new Set([...Object.keys(recorded), ...Object.keys(stepped)]);
  return [...keys].filter((key) => !same(sorted(recorded[key] ?? null), sorted(stepped[key] ?? null)));
}

/** The order of keys is nobody's promise. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

export function replay({ head, entries }: Recording): Replay {
  const result: Replay = {
    actors: 0,
    events: 0,
    steps: 0,
    unchecked: 0,
    commands: 0,
    records: 0,
    differences: [],
  };
  /** as the recording says that they stand */
  const recorded = new Map<string, InspectedActor>();
  const steppers = new Map<string, Stepper>();

  function differ(entry: Entry, what: string, was: unknown, is: unknown): void {
    result.differences.push({ n: entry.n, actor: entry.actor, what, recorded: was, stepped: is });
  }
  const log = createRunRecords(differ);

  /** As it was recorded, whatever led there; null: the machine has no such state. */
  function standing(entry: Entry & { state: string }, stepping: Stepping | null): AnyMachineSnapshot | null {
    if (!stepping) return null;
    try {
      return stepping.at(entry.state, recorded.get(entry.actor)?.context ?? {});
    } catch {
      differ(entry, 'state', entry.state, null);
      return null;
    }
  }

  /** What it asked for and did not get. */
  function missed(entry: Entry, stepper: Stepper): void {
    for (const asked of stepper.asked.splice(0)) differ(entry, 'command', null, asked.type);
  }

  /** As it was recorded; from here on it is stepped from there, so that one difference is told once. */
  function compare(entry: Entry & { state: string }, stepped: Stepped, stepper: Stepper): void {
    const { state, context } = recorded.get(entry.actor)!;
    if (stepped.path !== state) differ(entry, 'state', state, stepped.path);
    const keys = differing(context, stepped.snapshot.context);
    const is = redact(stepped.snapshot.context).value;
    for (const key of keys) differ(entry, `context.${key}`, context[key] ?? null, is[key] ?? null);
    const isSame = stepped.path === state && keys.length === 0;
    stepper.snapshot = isSame ? stepped.snapshot : standing(entry, stepper.stepping);
    stepper.asked = stepped.commands;
    stepper.answered = entry.kind === 'step' ? entry.event_n : null;
  }

  function begin(entry: InspectedActor): void {
    result.actors += 1;
    const stepping = steppingOf(entry.machine);
    const stepper: Stepper = { stepping, snapshot: null, events: new Map(), asked: [], answered: undefined };
    steppers.set(entry.actor, stepper);
    if (!stepping) return;
    if (entry.input === null) stepper.snapshot = standing(entry, stepping);
    else compare(entry, stepping.begin(entry.input), stepper);
  }

  function step(entry: Extract<Entry, { kind: 'step' }>, stepper: Stepper): void {
    const event = entry.event_n === null ? undefined : stepper.events.get(entry.event_n);
    if (entry.event_n !== null) stepper.events.delete(entry.event_n);
    const { stepping, snapshot } = stepper;
    missed(entry, stepper);
    if (!stepping || !snapshot || !event) {
      result.unchecked += 1;
      stepper.snapshot = standing(entry, stepping);
      stepper.answered = undefined;
      return;
    }
    result.steps += 1;
    const stepped = stepping.step(snapshot, event);
    compare(entry, stepped, stepper);
    const way = stepped.micro.length > 1 ? stepped.micro : undefined;
    if (!same(entry.micro, way)) differ(entry, 'micro', entry.micro ?? null, way ?? null);
    if ((stepped.snapshot.status === 'done') !== (entry.status === 'done'))
      differ(entry, 'end', entry.status, stepped.snapshot.status);
  }

  function command(entry: Extract<Entry, { kind: 'command' }>, stepper: Stepper): void {
    if (stepper.answered !== entry.event_n) return;
    const asked = stepper.asked.shift();
    result.commands += 1;
    const is = asked ? { ...redact(asked).value, type: asked.type } : null;
    if (!same(sorted(entry.command), sorted(is))) differ(entry, 'command', entry.command, is);
  }

  for (const actor of head.actors) {
    recorded.set(actor.actor, actor);
    begin({ ...actor, input: null });
  }
  for (const entry of entries) {
    foldActors(recorded, entry);
    const stepper = steppers.get(entry.actor);
    if (entry.kind === 'record') {
      result.records += 1;
      log.take(entry);
    } else if (entry.kind === 'actor') begin(entry);
    else if (!stepper) continue;
    else if (entry.kind === 'event') {
      result.events += 1;
      stepper.events.set(entry.n, entry.event);
    } else if (entry.kind === 'step') step(entry, stepper);
    else if (entry.kind === 'command') command(entry, stepper);
    else if (entry.kind === 'stopped') {
      missed(entry, stepper);
      steppers.delete(entry.actor);
    }
  }
  return result;
}
