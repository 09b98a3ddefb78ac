// Recordings for tests: machines of the house are stepped by the pure functions, and what happens is written down as the
// server's recorder writes it. No actor runs.
import { type AnyMachineSnapshot, type AnyStateMachine, getMicrosteps, initialTransition } from 'xstate';
import { pathOf } from '../../src/machines/path.ts';
import { promptQueueMachine } from '../../src/machines/prompt-queue.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { streamMachine } from '../../src/machines/stream.machine.ts';
import type { Entry, RecordingHead } from '../../src/protocol/inspection.ts';

export const BEGAN_AT = Date.UTC(2026, 0, 5, 14, 0, 0);

type Action = { type: string; params?: unknown };
type Event = { type: string; at: number; [key: string]: unknown };

export const headOf = (entries: Entry[] = [], n = 0): RecordingHead => ({
  format: 'weir-recording',
  version: 1,
  source: 'server',
  made_at: entries.at(-1)?.at ?? BEGAN_AT,
  boot: 'b_test',
  n,
  actors: [],
});

export interface Stage {
  readonly entries: Entry[];
  begin(id: string, machine: AnyStateMachine, parent: string | null, input: object): void;
  send(id: string, event: Event, from?: string | null): void;
}

const plain = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value));

/** Everything that is told is added to `entries`. */
export function createStage(): Stage {
  const entries: Entry[] = [];
  const actors = new Map<string, { machine: AnyStateMachine; snapshot: AnyMachineSnapshot }>();
  const next = (): number => entries.length + 1;
  const statePath = (snapshot: AnyMachineSnapshot): string => pathOf(snapshot.value);
  const isCommand = (action: { type: string }): boolean => action.type === 'xstate.emit';

  function told(id: string, at: number, actions: Action[], event_n: number): void {
    for (const action of actions.filter(isCommand)) {
      const { event: command } = action.params as { event: { type: string } };
      entries.push({ kind: 'command', n: next(), at, actor: id, event_n, command });
    }
  }

  return {
    entries,
    begin(id, machine, parent, input) {
      const [snapshot] = initialTransition(machine, input as never);
      actors.set(id, { machine, snapshot });
      const { at } = input as { at: number };
      const context = plain(snapshot.context);
      const state = statePath(snapshot);
      const of = { n: next(), at, actor: id, machine: machine.id, parent, input: plain(input) };
      entries.push({ kind: 'actor', ...of, state, context });
    },
    send(id, event, from = null) {
      const actor = actors.get(id);
      if (!actor) throw new Error(`nobody is called ${id}`);
      const { at } = event;
      const event_n = next();
      entries.push({ kind: 'event', n: event_n, at, actor: id, from, event });
      const before = plain(actor.snapshot.context);
      const micros = getMicrosteps(actor.machine, actor.snapshot, event as never);
      const after = (micros.at(-1)?.[0] ?? actor.snapshot) as AnyMachineSnapshot;
      actor.snapshot = after;
      for (const [, actions] of micros) told(id, at, actions as Action[], event_n);
      const context = Object.fromEntries(
        Object.entries(plain(after.context)).filter(
          ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]),
        ),
      );
      const status = after.status === 'done' ? ('done' as const) : ('active' as const);
      const micro = micros.map(([snapshot]) => statePath(snapshot as AnyMachineSnapshot));
      entries.push({
        kind: 'step',
        ...(micro.length > 1 && { micro }),
        n: next(),
        at,
        actor: id,
        event_n,
        state: statePath(after),
        context,
        status,
      });
      if (status === 'done') entries.push({ kind: 'stopped', n: next(), at, actor: id, why: 'done' });
    },
  };
}

/** A session with its queues, and a run that is admitted. */
export function beginSession(stage: Stage, name: string, at: number): void {
  const session_id = `s_${name}`;
  const stream_id = `st_${name}`;
  stage.begin(`session:${session_id}`, sessionMachine, null, {
    session_id,
    head: 0,
    active_stream_id: null,
    queue_length: 0,
    queue_paused: false,
    at,
  });
  for (const kind of ['clarify', 'approval'])
    stage.begin(`${kind}:${session_id}`, promptQueueMachine, `session:${session_id}`, {
      session_id,
      kind,
      version: 0,
      entries: [],
      stale: null,
      at,
    });
  stage.send(`session:${session_id}`, { type: 'stream.admitted', stream_id, at });
  stage.begin(`stream:${stream_id}`, streamMachine, `session:${session_id}`, {
    stream_id,
    session_id,
    epoch: 1,
    starts: 1,
    head: 0,
    terminal: null,
    at,
  });
}

const entry = (name: string, at: number) => ({
  approval_id: `p_${name}`,
  session_id: `s_${name}`,
  stream_id: `st_${name}`,
  asked_at: at,
  expires_at: null,
});

/** A run that asks, waits three minutes, goes quiet, goes on, and is done. */
export function playRun(stage: Stage, name: string, began: number): void {
  const stream = `stream:st_${name}`;
  const approval = `approval:s_${name}`;
  const session = `session:s_${name}`;
  let at = began;
  const say = (id: string, type: string, ms: number, data: object = {}, from: string | null = null): void => {
    at += ms;
    stage.send(id, { type, at, ...data }, from);
  };
  beginSession(stage, name, began);
  say(stream, 'start', 2, {}, session);
  say(stream, 'stream.started', 6, { head: 1 });
  for (let head = 2; head < 8; head += 1) say(stream, 'frames.committed', 900, { head });
  say(stream, 'xstate.after.quietAfter.stream.active.running', 30_000);
  say(stream, 'frames.committed', 9_000, { head: 9 });
  say(approval, 'prompt.asked', 400, { entry: entry(name, at), pos: 12 });
  say(stream, 'prompts.changed', 1, { pending: 1 });
  say(approval, 'prompt.settled', 180_000, { prompt_id: `p_${name}`, how: 'answered', by: 'tab', pos: 13 });
  say(stream, 'prompts.changed', 1, { pending: 0 });
  for (let head = 10; head < 16; head += 1) say(stream, 'frames.committed', 700, { head });
  say(stream, 'agent.finished', 300, { epoch: 1 });
  say(stream, 'terminal.committed', 8, { outcome: 'completed', head: 16 });
  say(stream, 'agent.gone', 3, { epoch: 1 });
  say(stream, 'description.finished', 40);
  say(stream, 'settle.committed', 9, { outcome: 'completed', head: 18 });
  say(session, 'stream.settled', 1, { stream_id: `st_${name}` }, stream);
}

export const recordingText = (entries: Entry[]): string =>
  [headOf(entries), ...entries].map((line) => JSON.stringify(line)).join('\n');

/** Runs of `sessions` sessions at once, four actors each, that commit frames, ask and are answered, for `events` events. */
export function crowd(
  sessions: number,
  events: number,
  rate_per_second: number,
): { born: Entry[]; lively: Entry[] } {
  const stage = createStage();
  const names = Array.from({ length: sessions }, (_, index) => `c${index}`);
  for (const name of names) {
    beginSession(stage, name, BEGAN_AT);
    stage.send(`stream:st_${name}`, { type: 'start', at: BEGAN_AT }, `session:s_${name}`);
    stage.send(`stream:st_${name}`, { type: 'stream.started', at: BEGAN_AT, head: 1 });
  }
  const born = stage.entries.length;
  for (let index = 0; index < events; index += 1) {
    const name = names[index % sessions]!;
    const at = BEGAN_AT + 1_000 + Math.floor((index * 1_000) / rate_per_second);
    const turn = Math.floor(index / sessions);
    const head = 2 + turn;
    const stream = `stream:st_${name}`;
    if (turn % 8 === 5) stage.send(stream, { type: 'prompts.changed', at, pending: 1 }, `clarify:s_${name}`);
    else if (turn % 8 === 6)
      stage.send(stream, { type: 'prompts.changed', at, pending: 0 }, `clarify:s_${name}`);
    else if (turn % 2 === 0) stage.send(`session:s_${name}`, { type: 'records.committed', at, head });
    else stage.send(stream, { type: 'frames.committed', at, head });
  }
  return { born: stage.entries.slice(0, born), lively: stage.entries.slice(born) };
}
