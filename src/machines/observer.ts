// Watches actors and tells what becomes of them: what they were sent and in whose step, the step that followed, what they
// asked for, their end. In the order of causes: an event, its step, its commands, then what came of them. What is told is
// redacted here, before anybody has it. Starts no actor, keeps no history, and has its clock handed in.
//
// It listens to xstate's own inspection, not to an adapter's: that one puts each event off by a timer, reads its time and its
// actor's snapshot only then, makes the snapshot's JSON twice, and leaves out microsteps, commands, ends and stores.
import type { AnyActor, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import type { Observation } from '../protocol/inspection.ts';
import { redact } from '../protocol/redaction.ts';
import { pathOf } from './path.ts';

/** `bytes`: roughly what it weighs as JSON */
export type Tell = (observation: Observation, bytes: number) => void;

export interface ObservedStore {
  getSnapshot(): { context: object };
  inspect(next: (seen: { event: { type: string } }) => void): unknown;
}

export interface Observer {
  /**
   * From its birth on: before the actor is started, and before anybody else subscribes. `id`: what it is called, with a number
   * where another of that name has not ended.
   */
  watch(actor: AnyActor, input: object, id?: string): void;
  /** A store, of which sizes are told, not contents. It has no end. */
  watchStore(store: ObservedStore, machine: string, id: string): void;
}

type Context = Record<string, unknown>;
type Message = { type: string };
interface Acting {
  readonly id: string;
  /** Tells what of its step has not been told yet. */
  settle(): void;
}

/** About an entry itself, beside its redacted values. */
const ENTRY_BYTES = 120;

/** Its type is one of ours, whatever it looks like. */
function said(message: Message): { value: Message; bytes: number } {
  const { value, bytes } = redact(message);
  return { value: Object.assign(value, { type: message.type }), bytes };
}

function changeOf(before: Context, after: Context): { value: Context; bytes: number } {
  const change: Context = {};
  if (before !== after)
    for (const key in after) if (after[key] !== before[key]) change[key] = after[key] ?? null;
  return redact(change);
}

function sizesOf(context: object): Context {
  const sizes: Context = {};
  for (const [key, value] of Object.entries(context))
    sizes[key] = Array.isArray(value) ? value.length : value instanceof Map ? value.size : value;
  return sizes;
}

/** The session of whatever belongs to one. */
const parentOf = (machine: string, { session_id }: { session_id?: unknown }): string | null =>
  machine !== 'session' && typeof session_id === 'string' ? `session:${session_id}` : null;

/** Of an actor that was not named: its machine, and what it is about. */
function nameOf(
  machine: string,
  input: { kind?: unknown; stream_id?: unknown; session_id?: unknown },
): string {
  const about = [input.kind, input.stream_id ?? input.session_id];
  return [machine, ...about.filter((part) => typeof part === 'string')].join(':');
}

export function createObserver(now: () => number, tell: Tell): Observer {
  /** The actors that take a step at this moment, the innermost last: what is sent now is sent by it. */
  const acting: Acting[] = [];
  /** names of those that have not ended */
  const names = new Set<string>();
  function unlike(name: string): string {
    let free = name;
    for (let number = 2; names.has(free); number++) free = `${name}~${number}`;
    names.add(free);
    return free;
  }
  function sender(): string | null {
    const innermost = acting.at(-1);
    innermost?.settle();
    return innermost?.id ?? null;
  }

  return {
    watch(actor, input, id) {
      const machine: string = actor.logic.id;
      const name = unlike(id ?? nameOf(machine, input));
      const ended = () => void names.delete(name);
      watchActor(actor, { id: name, machine, input }, { now, tell, acting, sender, ended });
    },
    watchStore(store, machine, id) {
      const about = { kind: 'actor', at: now(), actor: id, machine, parent: null, input: null } as const;
      let before = sizesOf(store.getSnapshot().context);
      tell({ ...about, state: '', context: before }, ENTRY_BYTES);
      let isFirst = true;
      store.inspect(({ event }) => {
        // The first is what it is now.
        if (isFirst) {
          isFirst = false;
          return;
        }
        const from = sender();
        const { value, bytes } = said(event);
        tell({ kind: 'event', at: now(), actor: id, from, event: value }, bytes + ENTRY_BYTES);
        const after = sizesOf(store.getSnapshot().context);
        const { value: context } = changeOf(before, after);
        before = after;
        tell({ kind: 'step', at: now(), actor: id, state: '', context, status: 'active' }, ENTRY_BYTES);
      });
    },
  };
}

interface Ports {
  now(): number;
  tell: Tell;
  acting: Acting[];
  sender(): string | null;
  ended(): void;
}

function watchActor(
  actor: AnyActor,
  { id, machine, input }: { id: string; machine: string; input: object },
  { now, tell, acting, sender, ended }: Ports,
): void {
  const snapshot = () => actor.getSnapshot() as AnyMachineSnapshot;
  let seen = snapshot();
  let micro: AnyMachineSnapshot['value'][] = [];
  let commands: Message[] = [];
  /** events, its beginning among them, whose step has not ended */
  let waiting = 0;
  /** what became of the newest of them has been told */
  let isTold = true;
  let isOver = false;

  function tellStep(after: AnyMachineSnapshot): void {
    const { value: context, bytes } = changeOf(seen.context, after.context);
    const way = micro.length > 1 ? { micro: micro.map(pathOf) } : {};
    const status = after.status === 'done' ? 'done' : 'active';
    seen = after;
    isTold = true;
    const state = pathOf(after.value);
    tell({ kind: 'step', at: now(), actor: id, state, context, ...way, status }, bytes + ENTRY_BYTES);
  }

  function tellCommands(): void {
    const told = commands;
    commands = [];
    for (const each of told) {
      const { value: command, bytes } = said(each);
      tell({ kind: 'command', at: now(), actor: id, command }, bytes + ENTRY_BYTES);
    }
  }

  const own: Acting = {
    id,
    // Commands are carried out after the step is taken: whoever is sent something in that moment is told of it after.
    settle() {
      const after = snapshot();
      const isStep = after.status === 'active' || after.status === 'done';
      if (!isTold && isStep && (after !== seen || commands.length > 0)) tellStep(after);
      tellCommands();
    },
  };

  function begin(isBirth: boolean): void {
    acting.push(own);
    micro = [];
    isTold = isBirth;
  }

  function finish(): void {
    const at = acting.lastIndexOf(own);
    if (at >= 0) acting.length = at;
    waiting -= 1;
    if (waiting > 0 && !isOver) begin(false);
  }

  function sent(event: Message): void {
    const isBirth = event.type === 'xstate.init';
    if (!isBirth) {
      const from = sender();
      const { value, bytes } = said(event);
      tell({ kind: 'event', at: now(), actor: id, from, event: value }, bytes + ENTRY_BYTES);
    }
    waiting += 1;
    if (waiting === 1) begin(isBirth);
  }

  function hear(heard: InspectionEvent): void {
    if (heard.type === '@xstate.snapshot') {
      // To be stopped is no event that anybody sent.
      if (heard.event.type !== 'xstate.stop') finish();
    } else if (isOver) return;
    else if (heard.type === '@xstate.event') sent(heard.event);
    else if (heard.type === '@xstate.microstep') micro.push((heard.snapshot as AnyMachineSnapshot).value);
    else if (heard.type === '@xstate.action' && heard.action.type === 'xstate.emit')
      commands.push((heard.action.params as { event: Message }).event);
  }

  function end(): void {
    own.settle();
    isOver = true;
    const { status } = snapshot();
    const why = status === 'done' || status === 'error' ? status : 'stopped';
    // At its end it acts until all have heard of it; a bug, or whoever lets go of it, ends that at once.
    if (why !== 'done' && acting.includes(own)) acting.length = acting.indexOf(own);
    ended();
    tell({ kind: 'stopped', at: now(), actor: id, why }, ENTRY_BYTES);
  }

  const { value: first, bytes } = redact(input);
  const { value: context, bytes: more } = redact(seen.context);
  const about = { actor: id, machine, parent: parentOf(machine, input as Context), input: first };
  tell(
    { kind: 'actor', at: now(), ...about, state: pathOf(seen.value), context },
    bytes + more + ENTRY_BYTES,
  );
  actor.system.inspect({ next: hear });
  actor.subscribe({
    next: (after: AnyMachineSnapshot) => {
      if (!isTold) tellStep(after);
      tellCommands();
    },
    complete: end,
    error: end,
  });
}
