// One session in memory: its actor, its row, its run, and the feed that its readers walk. It lives while somebody reads or
// something runs (SE4); the log can always make it again. It knows no socket and no command of a client.
import type { Actor } from 'xstate';
import type { Journal, PromptRow, SessionRow, StreamRow } from '../journal/port.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import type {
  Clock,
  Log,
  PromptKind,
  Session,
  StoredRecord,
  StreamState,
  Transition,
} from '../protocol/index.ts';
import { type LogFeed, type Tail, watchActor } from './feed.ts';
import { prepareActor } from './root-actor.ts';
import { createSessionPrompts, type SessionPrompts } from './session-prompts.ts';
import { createStreamRun, type RunPorts, type StreamRun } from './stream-run.ts';

export interface CellPorts extends Omit<RunPorts, 'onState' | 'onSettled'> {
  journal: Journal;
  clock: Clock;
  log: Log;
  takeFollowUp(cell: SessionCell): void;
  erase(cell: SessionCell): void;
  /** The actor is at its end: passivated or deleted. */
  onOver(cell: SessionCell): void;
  onRun(run: StreamRun): void;
  /** What it says of itself may be other than before. Its row and its run belong together then. */
  onChange(cell: SessionCell): void;
  onRunSettled(run: StreamRun): void;
}

export interface ActiveStream extends StreamState {
  user_message_id: string;
  message_id: string;
  started_at: number;
  transitions: Transition[];
}

export interface SessionCell {
  readonly owner: string;
  readonly session_id: string;
  readonly actor: Actor<typeof sessionMachine>;
  readonly feed: LogFeed;
  readonly prompts: SessionPrompts;
  row(): SessionRow;
  session(): Session;
  activeStream(): ActiveStream | null;
  run(): StreamRun | null;
  /** Every trace is gone. */
  isDeleted(): boolean;
  /** It left memory because nobody needed it there. */
  isPassivated(): boolean;
  /** A newer row, as a commit left it. */
  adopt(row: SessionRow): void;
  /** Whoever follows what it says of itself looks again. */
  changed(): void;
  /** `error_type`: of an `apperror` that is in its log already */
  begin(stream: StreamRow, error_type?: string | null): StreamRun;
  /** Retention cut its log: it begins with `kept_from` now. */
  retained(kept_from: number): void;
  /** One call per commit that touched this session, its frames included. */
  committed(records: StoredRecord[]): void;
  /** A reader comes; what is returned lets it go. Idempotent. */
  join(): () => void;
  /** Woken with every change of the run's state: what is newest counts. */
  watchState(wake: (state: StreamState) => void): () => void;
  close(): void;
}

export function createSessionCell(
  owner: string,
  first: SessionRow,
  asked: PromptRow[],
  ports: CellPorts,
): SessionCell {
  const { clock, journal, log } = ports;
  const { session_id } = first;
  let row = first;
  let run: StreamRun | null = null;
  let tail: Tail | null = null;
  let readers = 0;
  const watchers = new Set<(state: StreamState) => void>();

  const actor = prepareActor(sessionMachine, {
    id: `session:${session_id}`,
    clock,
    inspect: ports.inspect,
    input: {
      session_id,
      head: first.head,
      active_stream_id: first.active_stream_id,
      queue_length: first.queue_length,
      queue_paused: isHeldBack(first),
      at: clock.now(),
    },
    onBug: (bug) => log.error({ err: bug, session_id }, 'the actor of a session failed'),
  });

  // What a cell finds pending was asked by a run that nobody owns: it is held until that run is brought to its end.
  const stale = asked.length > 0 ? 'owner_lost' : null;
  const prompts = createSessionPrompts(
    { session_id, version: first.head, prompts: asked, stale },
    { clock, log, inspect: ports.inspect, expire },
  );

  async function expire(prompt_kind: PromptKind, prompt_id: string): Promise<boolean> {
    const due = {
      session_id,
      prompt_kind,
      prompt_id,
      how: 'expired' as const,
      by: null,
      answer: null,
      rule: null,
    };
    const { kind } = await journal.answer(owner, { ...due, at: clock.now() });
    // Lost: somebody answered in the last moment, and that is told.
    return kind === 'won' || kind === 'lost';
  }

  /** CQ9: the queues follow the life of the run that asks. */
  function tellPrompts(state: StreamState): void {
    const { stream_id, path, run_state } = state;
    const isEnding = () => path === 'draining.closing' || prompts.pendingOf(stream_id) > 0;
    if (state.state === 'settled') prompts.over(stream_id);
    else if (state.state === 'stale') prompts.lost(stream_id, state.why ?? 'owner_lost');
    else if (state.state === 'draining')
      prompts.tell({ type: isEnding() ? 'stream.ending' : 'entries.closed', stream_id });
    // A run that begins owns nothing of what was pending before it.
    else if (run_state !== 'starting') prompts.tell({ type: 'owner.returned', stream_id });
  }

  const feed: LogFeed = {
    kind: 'session',
    feed_id: session_id,
    get kept_from() {
      return row.kept_from;
    },
    tail: () => tail,
    async read(after, limit) {
      const page = await journal.readSession(session_id, after, limit);
      // P3: it may have been cut while it came into memory.
      cell.retained(page.kept_from);
      return page;
    },
    watch(wake) {
      const head = watchActor(
        actor,
        (snapshot: { context: { head: number } }) => snapshot.context.head,
        wake,
      );
      return {
        head: head.value,
        isOver: () => actor.getSnapshot().status !== 'active',
        unwatch: head.unwatch,
      };
    },
  };

  function tellReaders(count: number): void {
    if (actor.getSnapshot().status === 'active')
      actor.send({ type: 'readers.changed', count, at: clock.now() });
  }

  const cell: SessionCell = {
    owner,
    session_id,
    actor,
    feed,
    row: () => row,
    prompts,
    session: () => ({ ...compact(row, run), ...prompts.waiting() }),
    activeStream: () => run && activeOf(run),
    run: () => run,
    isDeleted: () => actor.getSnapshot().value === 'deleted',
    isPassivated: () => actor.getSnapshot().value === 'passivated',
    adopt(next) {
      if (next.head < row.head) return;
      const queueChanged = next.queue_length !== row.queue_length || isHeldBack(next) !== isHeldBack(row);
      // What was read before a cut knows nothing of it.
      row = { ...next, kept_from: Math.max(next.kept_from, row.kept_from) };
      cell.changed();
      if (!queueChanged || actor.getSnapshot().status !== 'active') return;
      const length = row.queue_length;
      actor.send({ type: 'queue.changed', length, paused: isHeldBack(row), at: clock.now() });
    },
    begin(stream, error_type = null) {
      const runPorts: RunPorts = {
        ...ports,
        onState: (state) => {
          tellPrompts(state);
          for (const wake of watchers) wake(state);
          // Of an end the row says more, and it comes next.
          if (run && state.state !== 'settled') cell.changed();
        },
        onSettled: (settled, settledRow) => {
          cell.adopt(settledRow);
          // Also where a newer row was there already.
          cell.changed();
          ports.onRunSettled(settled);
          // AT3's twin on the server: only the run that holds the session lets it go.
          if (run !== settled) return;
          run = null;
          if (actor.getSnapshot().status !== 'active') return;
          actor.send({ type: 'stream.settled', stream_id: settled.stream.stream_id, at: clock.now() });
        },
      };
      const begun = createStreamRun(stream, runPorts, error_type);
      run = begun;
      ports.onRun(begun);
      // SE3, Q5: a run whose actor met a bug is nobody's; the next cell of this session takes it over.
      begun.actor.subscribe({ error: () => run === begun && ports.onOver(cell) });
      return begun;
    },
    changed: () => ports.onChange(cell),
    retained(kept_from) {
      if (kept_from > row.kept_from) row = { ...row, kept_from };
    },
    committed(records) {
      const settled = prompts.committed(records);
      if (settled && run) run.promptsChanged(settled, prompts.pendingOf(run.stream.stream_id));
      if (settled) cell.changed();
      const last = records[records.length - 1]!;
      tail = { first: records[0]!.pos, last: last.pos, records };
      actor.send({ type: 'records.committed', head: last.pos, at: clock.now() });
    },
    join() {
      let here = true;
      readers += 1;
      tellReaders(readers);
      return () => {
        if (!here) return;
        here = false;
        readers -= 1;
        tellReaders(readers);
      };
    },
    watchState(wake) {
      watchers.add(wake);
      return () => watchers.delete(wake);
    },
    close() {
      run?.close();
      prompts.close();
      actor.stop();
    },
  };
  actor.on('take.follow_up', () => ports.takeFollowUp(cell));
  actor.on('cancel.stream', () => run?.cancel());
  actor.on('erase', () => ports.erase(cell));
  // SE3: an actor that met a bug is let go like one that is over; whoever asks for the session gets a new one.
  const over = () => {
    if (actor.getSnapshot().value === 'deleted') prompts.deleted();
    ports.onOver(cell);
  };
  actor.subscribe({ complete: over, error: over });
  actor.start();
  return cell;
}

/** Q1: a damaged session is read-only: its follow-ups can't begin, and it is not kept in memory for their sake. */
const isHeldBack = ({ queue_paused, damaged }: SessionRow): boolean => queue_paused || damaged !== undefined;

function activeOf(run: StreamRun): ActiveStream {
  const { user_message_id, message_id, created_at } = run.stream;
  return {
    ...run.state(),
    user_message_id,
    message_id,
    started_at: created_at,
    transitions: run.receipt.transitions,
  };
}

/** The table of states, SPEC.md "One table of states": the session's word for what its stream's actor says. */
function stateOf(row: SessionRow, run: StreamRun | null): Session['state'] {
  if (!run) return row.active_stream_id === null ? 'idle' : 'running';
  const { state, run_state } = run.state();
  if (state === 'stale') return 'stale';
  if (state === 'settled') return 'idle';
  return run_state === 'waiting' ? 'waiting' : 'running';
}

/** The compact session of the wire, from a row and the actor of its run. */
export function compact(row: SessionRow, run: StreamRun | null): Session {
  const { head: _head, kept_from: _kept, title_source: _source, ...rest } = row;
  return { ...rest, state: stateOf(row, run), waiting: { clarify: 0, approval: 0 } };
}
