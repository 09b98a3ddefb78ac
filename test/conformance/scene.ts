// What a run and its queue of questions must be in, worked out apart from the server: the pure machines, the facts of the
// log, and which fact the wiring tells to whom. Knows no socket. What is predicted here is compared with what is served.
import type { AnyStateMachine } from 'xstate';
import { SWEEP_EVERY_MS } from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import {
  type PromptQueueContext,
  promptQueueMachine,
  queueState,
} from '../../src/machines/prompt-queue.machine.ts';
import { runState, type StreamContext, streamMachine } from '../../src/machines/stream.machine.ts';
import type { ClarifyEntry, Outcome, StreamState } from '../../src/protocol/index.ts';
import type { Coverage } from '../support/coverage.ts';
import type { Told } from '../support/paths.ts';
import {
  BEGIN_MS,
  type Counts,
  copyOf,
  type Facts,
  FIRST,
  noCounts,
  nothing,
  type QueueWord,
  questionOf,
  SESSION,
  STREAM,
} from './facts.ts';
import { Life } from './life.ts';

/** What a scene is made of, and who hears what was seen of it; without machines: the house's own. */
export interface Checked {
  stream?: AnyStateMachine;
  queue?: AnyStateMachine;
  coverage?: { stream: Coverage; queue: Coverage };
}

export class Scene {
  /** ms that have passed, of the clock that timers count by */
  elapsed = 0;
  /** what the wall clock was set forward */
  offset = 0;
  facts!: Facts;
  stream!: Life<StreamContext>;
  queue!: Life<PromptQueueContext>;
  /** pushed by the step that was just made, in order */
  states: StreamState[] = [];
  words: QueueWord[] = [];
  counts = noCounts();
  #told = '';
  #version = 0;
  readonly #of: Checked;

  readonly #begin_ms: number;

  constructor(of: Checked, begin_ms: number) {
    this.#of = of;
    this.#begin_ms = begin_ms;
  }

  get at(): number {
    return this.#begin_ms + this.elapsed + this.offset;
  }
  get path(): string {
    return pathOf(this.stream.snapshot.value);
  }
  get queuePath(): string {
    return pathOf(this.queue.snapshot.value);
  }
  get state(): StreamState {
    return runState(this.stream.snapshot);
  }
  get pending(): ClarifyEntry[] {
    return this.queue.snapshot.context.entries as ClarifyEntry[];
  }
  get word(): QueueWord {
    const { pending, pending_count } = queueState(this.queue.snapshot);
    return { question: pending && (pending as ClarifyEntry).question, count: pending_count };
  }

  /** A session whose queue has nothing pending, and a run that is admitted and not yet started. */
  static begin(of: Checked = {}, begin_ms = BEGIN_MS): Scene {
    const scene = new Scene(of, begin_ms);
    scene.facts = nothing();
    scene.#openQueue([], null);
    scene.#openStream();
    return scene;
  }

  #openQueue(entries: ClarifyEntry[], stale: string | null): void {
    const input = {
      session_id: SESSION,
      kind: 'clarify',
      version: this.#version,
      entries,
      stale,
      at: this.at,
    };
    const { queue = promptQueueMachine, coverage } = this.#of;
    this.queue = Life.born<PromptQueueContext>(queue, input, this.elapsed, coverage?.queue).life;
    this.#watchWall();
  }

  #openStream(): void {
    const { epoch, starts, head, terminal } = this.facts;
    const input = { stream_id: STREAM, session_id: SESSION, epoch, starts, head, terminal, at: this.at };
    const { stream = streamMachine, coverage } = this.#of;
    const born = Life.born<StreamContext>(stream, input, this.elapsed, coverage?.stream);
    this.stream = born.life;
    this.#told = '';
    this.#note();
    // What it commands when it is born is performed before anybody looks.
    this.#perform(born.commands);
  }

  /** Before a step: what the last one pushed is forgotten. */
  clear(): this {
    this.states = [];
    this.words = [];
    this.stream.steps = [];
    this.queue.steps = [];
    return this;
  }

  copy(): Scene {
    const scene = new Scene({}, this.#begin_ms);
    scene.elapsed = this.elapsed;
    scene.offset = this.offset;
    scene.facts = copyOf(this.facts);
    scene.stream = this.stream.copy();
    scene.queue = this.queue.copy();
    scene.counts = { ...this.counts };
    scene.#told = this.#told;
    scene.#version = this.#version;
    return scene;
  }

  tellStream(event: Told): void {
    if (this.stream.isOver) return;
    this.#perform(this.stream.tell({ ...event, at: this.at }, this.elapsed));
    this.#note();
  }

  tellQueue(event: Told): void {
    if (this.queue.isOver) return;
    this.#perform(this.queue.tell({ ...event, at: this.at }, this.elapsed));
    this.#noteQueue();
  }

  #noteQueue(): void {
    const { version } = this.queue.snapshot.context;
    if (version === this.#version) return;
    this.#version = version;
    this.words.push(this.word);
  }

  /** The wiring: a new word of the run is pushed, and its queue follows (CQ9). */
  #note(): void {
    const state = this.state;
    const key = `${state.path} ${state.why} ${state.try}`;
    if (key === this.#told) return;
    this.#told = key;
    this.states.push(state);
    if (state.state === 'settled') this.#runIsOver();
    else if (state.state === 'stale')
      this.tellQueue({ type: 'owner.lost', stream_id: STREAM, reason: state.why ?? 'owner_lost' });
    else if (state.state === 'draining') {
      const isEnding = state.path === 'draining.closing' || this.pending.length > 0;
      this.tellQueue({ type: isEnding ? 'stream.ending' : 'entries.closed', stream_id: STREAM });
    } else if (state.run_state !== 'starting') this.tellQueue({ type: 'owner.returned', stream_id: STREAM });
  }

  #runIsOver(): void {
    for (const { clarify_id } of [...this.pending]) this.#settled(clarify_id, 'cancelled');
    this.tellQueue({ type: 'entries.closed', stream_id: STREAM });
    this.#watchWall();
  }

  #settled(prompt_id: string, how: string): void {
    const pos = this.queue.snapshot.context.version + 1;
    this.tellQueue({ type: 'prompt.settled', prompt_id, how, by: null, pos });
  }

  /** One commit: `frames` of the run, then what it says of questions, then how many of them wait (CQ12). */
  commit(frames: number, asked: ClarifyEntry[] = [], settled: [id: string, how: string][] = []): void {
    const { facts } = this;
    facts.head += frames;
    if (frames > 0) this.tellStream({ type: 'frames.committed', head: facts.head });
    if (asked.length + settled.length === 0) return;
    for (const entry of asked) {
      const pos = this.queue.snapshot.context.version + 1;
      this.tellQueue({ type: 'prompt.asked', entry, pos });
    }
    for (const [id, how] of settled) this.#settled(id, how);
    if (settled.some(([id]) => id === FIRST)) facts.ended_first = true;
    this.#watchWall();
    const pending = this.pending.length;
    if (this.stream.snapshot.context.pending !== pending)
      this.tellStream({ type: 'prompts.changed', pending });
  }

  /** The terminal, with the end of every question that waits, or with it and `stream_end`. */
  commitEnd(outcome: Outcome, frames: number): void {
    this.facts.terminal ??= outcome;
    const ends = this.pending.map(({ clarify_id }): [string, string] => [clarify_id, 'cancelled']);
    this.commit(frames, [], ends);
  }

  entry(timeout_seconds: number): ClarifyEntry {
    this.facts.asked += 1;
    return questionOf(`q${this.facts.asked}`, this.at, timeout_seconds);
  }

  /** ms until something of the machines is due by itself; null: nothing is. */
  wait(): number | null {
    const dues = [this.stream.due(), this.queue.due()].filter((due) => due !== null);
    return dues.length === 0 ? null : Math.max(0, Math.min(...dues) - this.elapsed);
  }

  /** Time goes on by `ms`, timer by timer. */
  pass(ms: number): void {
    const until = this.elapsed + ms;
    for (;;) {
      const dues = [this.stream.due(), this.queue.due(), this.facts.look?.due ?? null];
      const due = Math.min(...dues.map((each) => each ?? Infinity));
      if (due > until) break;
      this.elapsed = Math.max(this.elapsed, due);
      if (due === dues[2]) this.#look();
      else if (due === dues[0]) {
        this.#perform(this.stream.fire());
        this.#note();
      } else {
        this.#perform(this.queue.fire());
        this.#noteQueue();
      }
    }
    this.elapsed = until;
  }

  #watchWall(): void {
    const { facts } = this;
    const isNeeded = !this.queue.isOver && this.pending.some(({ expires_at }) => expires_at !== null);
    if (!isNeeded) facts.look = null;
    else facts.look ??= { due: this.elapsed + SWEEP_EVERY_MS, wall: this.at + SWEEP_EVERY_MS };
  }

  #look(): void {
    const isMoved = Math.abs(this.at - this.facts.look!.wall) > 1_000;
    this.facts.look = { due: this.elapsed + SWEEP_EVERY_MS, wall: this.at + SWEEP_EVERY_MS };
    if (isMoved) this.tellQueue({ type: 'clock.moved' });
  }

  /** The process dies and another one begins: both machines are made again of what the log holds. */
  restart(): void {
    const { facts } = this;
    const pending = this.pending;
    const before = { ...facts };
    Object.assign(facts, nothing(), {
      started: before.started === 'yes' ? 'yes' : 'no',
      starts: before.started === 'yes' ? before.starts : before.starts + 1,
      epoch: before.epoch + 1,
      head: before.head,
      terminal: before.terminal,
      asked: before.asked,
      ended_first: before.ended_first,
    });
    this.counts = noCounts();
    this.#openQueue(pending, pending.length > 0 ? 'owner_lost' : null);
    // The frame `stale`, of the one who takes it over.
    if (facts.started === 'yes' && facts.terminal === null) facts.head += 1;
    this.#openStream();
    if (facts.started === 'no' && facts.terminal === null) this.tellStream({ type: 'start' });
    else this.tellStream({ type: 'owner.lost', reason: 'restart' });
  }

  deleteSession(): void {
    this.facts.deleted = true;
    this.tellQueue({ type: 'session.deleted' });
    this.#watchWall();
  }

  #perform(commands: Told[]): void {
    const { facts } = this;
    for (const { type, outcome, prompt_id } of commands) {
      this.counts[type as keyof Counts] += 1;
      if (type === 'write.started') facts.started = 'held';
      else if (type === 'call.agent') facts.agent = 'alive';
      else if (type === 'describe') facts.titling = true;
      else if (type === 'expire') facts.expiries.push(String(prompt_id));
      else if (type === 'write.terminal') {
        facts.fenced = true;
        facts.muted = true;
        facts.terminals.push(outcome as Outcome);
      } else if (type === 'write.settle') {
        facts.muted = true;
        facts.settles.push(outcome as Outcome);
        facts.settles_at.push(this.at);
      }
    }
  }
}
