// One thing that happens on the server, carried through its machines as the wiring in `src/sessions` does: what a machine
// commands is on its way to the log, what the log has taken is told to everybody at once.
import { runState } from '../../src/machines/stream.machine.ts';
import type { Outcome } from '../../src/protocol/index.ts';
import type { Told } from '../support/paths.ts';
import { type Backend, type Note, type Owner, promptOf, type Role, type Work } from './backend.ts';
import {
  activeOf,
  epochOf,
  framesOf,
  has,
  isSettled,
  pendingOf,
  type StreamNo,
  streamId,
  terminalOf,
  type Writer,
  type Written,
} from './log.ts';
import type { House } from './parts.ts';
import type { Scene } from './scene.ts';
import { AT } from './stepper.ts';

export class Turn {
  readonly house: House;
  readonly scene: Scene;
  readonly next: Backend;
  /** who wrote to the log in this turn */
  writer: Writer | null = null;
  /** connections end with it */
  cut = false;

  constructor(house: House, scene: Scene, before: Backend) {
    this.house = house;
    this.scene = scene;
    this.next = { ...before, owners: { ...before.owners }, spent: { ...before.spent } };
  }

  /** A write lands. */
  write(written: Written, writer: Writer | null): Written {
    if (written.log.entries.length > this.next.log.entries.length) this.writer = writer;
    this.next.log = written.log;
    return written;
  }

  change(role: Role, change: Partial<Owner>): void {
    const owner = this.next.owners[role];
    if (owner) this.next.owners[role] = { ...owner, ...change };
  }

  isLive(role: Role): boolean {
    const owner = this.next.owners[role];
    return owner !== null && !this.house.stream.at(owner.actor).isOver;
  }

  pathOf(role: Role): string {
    const owner = this.next.owners[role];
    return owner === null ? '' : this.house.stream.at(owner.actor).path;
  }

  tell(role: Role, event: Told): void {
    const owner = this.next.owners[role];
    if (owner) this.#stepped(role, owner.actor, this.house.stream.tell(owner.actor, event));
  }

  fire(role: Role, timer: string): void {
    const { actor } = this.next.owners[role]!;
    this.#stepped(role, actor, this.house.stream.fire(actor, timer));
  }

  #stepped(role: Role, was: number, { place, commands }: { place: number; commands: Told[] }): void {
    this.change(role, { actor: place });
    for (const command of commands) this.#perform(role, command);
    if (role !== 'lost' && this.#saidBy(was) !== this.#saidBy(place)) this.#tellPrompts(place);
  }

  #saidBy(actor: number): string {
    const { path, why, try: tries } = runState(this.house.stream.at(actor).snapshot as never);
    return `${path} ${why} ${tries}`;
  }

  #perform(role: Role, command: Told): void {
    const owner = this.next.owners[role]!;
    const outcome = (command.outcome ?? null) as Outcome | null;
    switch (command.type) {
      case 'write.started':
        this.#enqueue(role, { kind: 'started', outcome: null });
        break;
      case 'call.agent':
        this.change(role, { agent: 'called' });
        break;
      case 'kill.agent':
        this.change(role, { agent: owner.agent === 'running' ? 'dying' : owner.agent });
        break;
      case 'describe':
        this.change(role, { describing: true });
        break;
      case 'write.terminal':
        this.change(role, { fenced: true });
        this.#enqueue(role, { kind: 'terminal', outcome });
        break;
      case 'write.settle':
        this.#enqueue(role, { kind: 'settle', outcome });
        break;
    }
  }

  /** The same write twice in a row finds its own result: one of a kind is enough. */
  #enqueue(role: Role, work: Work): void {
    const owner = this.next.owners[role]!;
    if (!owner.work.some(({ kind }) => kind === work.kind))
      this.change(role, { work: [...owner.work, work] });
  }

  /** CQ9: as `session-cell.ts` has it. */
  #tellPrompts(actor: number): void {
    const state = runState(this.house.stream.at(actor).snapshot as never);
    const { stream_id, path, run_state } = state;
    const { entries } = this.house.queue.at(this.next.queue).context;
    const isEnding = path === 'draining.closing' || entries.some((entry) => entry.stream_id === stream_id);
    if (state.state === 'settled') this.tellQueue({ type: 'entries.closed', stream_id });
    else if (state.state === 'stale')
      this.tellQueue({ type: 'owner.lost', stream_id, reason: state.why ?? 'owner_lost' });
    else if (state.state === 'draining')
      this.tellQueue({ type: isEnding ? 'stream.ending' : 'entries.closed', stream_id });
    else if (run_state !== 'starting') this.tellQueue({ type: 'owner.returned', stream_id });
  }

  tellQueue(event: Told): void {
    const { place, commands } = this.house.queue.tell(this.next.queue, event);
    this.#queued(place, commands);
  }

  fireQueue(timer: string): void {
    const { place, commands } = this.house.queue.fire(this.next.queue, timer);
    this.#queued(place, commands);
  }

  #queued(place: number, commands: Told[]): void {
    this.next.queue = place;
    for (const { prompt_id } of commands) this.next.expiring = String(prompt_id);
  }

  tellSession(event: Told): void {
    const { place, commands } = this.house.session.tell(this.next.session, event);
    this.#advanced(place, commands);
  }

  fireSession(timer: string): void {
    const { place, commands } = this.house.session.fire(this.next.session, timer);
    this.#advanced(place, commands);
  }

  #advanced(place: number, commands: Told[]): void {
    this.next.session = place;
    if (commands.some(({ type }) => type === 'take.follow_up')) this.next.taking = true;
  }

  /** A run gets an owner from what the log says of it. */
  begin(role: Role, stream: StreamNo): void {
    const { log } = this.next;
    const epoch = epochOf(log, stream);
    const { place, commands } = this.house.stream.born({
      stream_id: streamId(stream),
      session_id: 'x',
      epoch,
      starts: log.starts[stream - 1],
      head: framesOf(log, stream).length,
      terminal: terminalOf(log, stream),
      at: AT,
    });
    this.next.owners[role] = {
      stream,
      epoch,
      actor: place,
      agent: 'none',
      fenced: false,
      describing: false,
      work: [],
    };
    // ST10: where the log has its terminal already, the end is asked for at once.
    for (const command of commands) this.#perform(role, command);
  }

  /** A cell from the log, and whoever holds its session taken over: what a start does, and a sweep. Null: it is born. */
  load(reason: string | null): void {
    const { next, house } = this;
    const active = activeOf(next.log);
    const pending = pendingOf(next.log, next.log.entries.length);
    const stale = pending.length > 0 ? 'owner_lost' : null;
    next.queue = house.queue.born({
      session_id: 'x',
      kind: 'clarify',
      version: next.log.entries.length,
      entries: pending.map((prompt) => promptOf(prompt, this.scene.isTimed)),
      stale,
      at: AT,
    }).place;
    const { place, commands } = house.session.born({
      session_id: 'x',
      head: 0,
      active_stream_id: active === 0 ? null : streamId(active),
      queue_length: next.log.queued ? 1 : 0,
      queue_paused: false,
      at: AT,
    });
    Object.assign(next, { taking: false, expiring: null, note: null });
    this.#advanced(place, commands);
    this.tellSession({ type: 'readers.changed', count: 1 });
    if (active !== 0) this.#adopt(active, reason);
    next.heard = next.log.entries.length;
  }

  #adopt(stream: StreamNo, reason: string | null): void {
    if (reason !== null) this.write(this.house.journal.takeOver(this.next.log, stream), null);
    const role = stream === 1 ? 'first' : 'second';
    this.begin(role, stream);
    this.tellSession({ type: 'stream.admitted', stream_id: streamId(stream) });
    const { log } = this.next;
    if (!has(log, stream, 'started') && terminalOf(log, stream) === null) this.tell(role, { type: 'start' });
    else this.tell(role, { type: 'owner.lost', reason });
  }

  /** What a commit says, to everybody at once, and then its result to whoever asked for it. */
  hear(note: Note): void {
    const { next } = this;
    const said = next.log.entries.slice(next.heard);
    const first = next.heard + 1;
    next.heard = next.log.entries.length;
    next.note = null;
    said.forEach((entry, index) => {
      const pos = first + index;
      if (entry.kind === 'asked')
        this.tellQueue({ type: 'prompt.asked', entry: promptOf(entry.prompt!, this.scene.isTimed), pos });
      else if (entry.kind === 'settled')
        this.tellQueue({ type: 'prompt.settled', prompt_id: entry.prompt, how: entry.how, by: 'tab', pos });
    });
    if (said.some(({ prompt }) => prompt)) {
      const pending = this.house.queue.at(next.queue).context.entries.length;
      this.tell('first', { type: 'prompts.changed', pending });
    }
    for (const role of ['first', 'second'] as const) {
      const stream = next.owners[role]?.stream;
      const frames = said.filter((entry) => entry.seq && entry.stream === stream);
      if (frames.length > 0) this.tell(role, { type: 'frames.committed', head: frames.at(-1)!.seq });
    }
    if (note.event) this.#tellResult(note.to, note.event);
  }

  #tellResult(to: Note['to'], event: Told): void {
    if (to === 'queue') this.tellQueue(event);
    else if (to === 'session' && event.type === 'follow_up.started') this.#beginNext(event);
    else if (to === 'session') this.tellSession(event);
    else if (to !== null) this.#tellOwner(to, event);
  }

  #beginNext(event: Told): void {
    this.begin('second', 2);
    this.next.log = { ...this.next.log, queued: false };
    this.tellSession(event);
    this.tellSession({ type: 'queue.changed', length: 0, paused: false });
    this.tell('second', { type: 'start' });
  }

  #tellOwner(role: Role, event: Told): void {
    const { log, owners } = this.next;
    this.tell(role, event);
    const stream = owners[role]?.stream;
    if (event.type === 'settle.committed' && stream && isSettled(log, stream) && role !== 'lost')
      this.tellSession({ type: 'stream.settled', stream_id: streamId(stream) });
  }
}
