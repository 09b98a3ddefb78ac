// One run: the wiring between a stream's actor, the log and the agent. The actor decides; this has what it commands
// performed, and tells it what came of it. It knows no reader and no socket.
import type { Actor } from 'xstate';
import type { Journal, SessionRow, StreamRow } from '../journal/port.ts';
import type { Observer } from '../machines/observer.ts';
import { runState, type StreamCommand, type StreamEvent, streamMachine } from '../machines/stream.machine.ts';
import {
  type KeptReceipt,
  type StoredRecord,
  type StreamState,
  stepOf,
  TRANSITIONS_MAX,
} from '../protocol/index.ts';
import { type AgentCallPorts, createAgentCall } from './agent-call.ts';
import { type AskingPorts, createAsking } from './asking.ts';
import { describeRun } from './description.ts';
import type { EndingOf } from './ending.ts';
import { type LogFeed, type Tail, watchActor } from './feed.ts';
import { prepareActor } from './root-actor.ts';
import { createRunCommits } from './run-commits.ts';
import type { SettledPrompt } from './session-prompts.ts';
import { createWriter } from './writer.ts';

export interface RunPorts extends AgentCallPorts, AskingPorts {
  journal: Journal;
  inspect?: Observer | undefined;
  onState(state: StreamState): void;
  /** The settle commit is durable. */
  onSettled(run: StreamRun, session: SessionRow): void;
}

export interface StreamRun {
  readonly stream: StreamRow;
  readonly actor: Actor<typeof streamMachine>;
  /** What it did until now; grows. */
  readonly receipt: KeptReceipt;
  state(): StreamState;
  /** The type of its `apperror`, once the log holds one. */
  errorType(): string | null;
  /** As the log says it; null: it has not settled, or another heard of it. */
  settledAt(): number | null;
  readonly feed: LogFeed;
  /** One call per commit that touched this stream. */
  committed(frames: StoredRecord[]): void;
  /** What its questions came to, and how many of them wait (CQ12). */
  promptsChanged(settled: SettledPrompt[], pending: number): void;
  start(): void;
  cancel(): void;
  lose(reason: string): void;
  storageReturned(): void;
  /** Asks the agent to stop, then kills it: shutting down. Resolves when nothing of it runs. */
  quitAgent(kill_after_ms: number): Promise<void>;
  close(): void;
}

/** `error_type`: of an `apperror` that is in its log already */
export function createStreamRun(
  stream: StreamRow,
  ports: RunPorts,
  error_type: string | null = null,
): StreamRun {
  const { journal, clock, log } = ports;
  const { stream_id, session_id, epoch, starts } = stream;
  const receipt: KeptReceipt = { transitions: [], dropped: 0 };
  const ending: EndingOf = {
    usage: undefined,
    title: undefined,
    lost: undefined,
    error_type,
    settled_at: null,
  };
  const abort = new AbortController();
  const writer = createWriter({ journal, clock, log, stream_id, epoch });
  const asking = createAsking(stream, ports);
  let tail: Tail | null = null;

  const actor = prepareActor(streamMachine, {
    id: `stream:${stream_id}`,
    clock,
    inspect: ports.inspect,
    input: {
      stream_id,
      session_id,
      epoch,
      starts,
      head: stream.head,
      terminal: stream.terminal_state,
      at: clock.now(),
    },
    onBug: (bug) => log.error({ err: bug, stream_id }, 'the actor of a stream failed'),
  });
  const isLive = () => actor.getSnapshot().status === 'active';
  /** What comes after the end is no news: two commits may be under way when one of them ends it. */
  const tell = (event: StreamEvent): void => {
    if (isLive()) actor.send(event);
  };
  const isActive = () => isLive() && state().state === 'active';
  const head = () => actor.getSnapshot().context.head;
  const call = createAgentCall({ stream, writer, asking, ending, tell, isActive, head }, ports);
  const onSettled = (session: SessionRow) => {
    asking.close();
    ports.onSettled(run, session);
  };
  const commits = createRunCommits({
    stream,
    writer,
    call,
    ending,
    receipt,
    journal,
    clock,
    tell,
    onSettled,
  });
  let told = '';

  function note(): void {
    const now = state();
    const key = `${now.path} ${now.why} ${now.try}`;
    if (key === told) return;
    told = key;
    receipt.transitions.push(stepOf(now, actor.getSnapshot().context.now));
    if (receipt.transitions.length > TRANSITIONS_MAX) {
      receipt.transitions.shift();
      receipt.dropped += 1;
    }
    ports.onState(now);
  }

  function state(): StreamState {
    return runState(actor.getSnapshot());
  }

  function perform(command: StreamCommand): Promise<void> | void {
    switch (command.type) {
      case 'write.started':
        return commits.started();
      case 'call.agent':
        return call.make();
      case 'stop.agent':
        return call.stop();
      case 'kill.agent':
        return call.kill();
      case 'write.terminal':
        asking.fence();
        return commits.terminal(command);
      case 'describe':
        return describe();
      case 'write.settle':
        // The state that commands it is a step of the receipt that the commit takes along.
        note();
        asking.close();
        abort.abort();
        return commits.settle(command);
    }
  }

  /** A command that meets a bug is refused like one that storage refuses: the machine's bounds hold for both. */
  async function performOrRefuse(command: StreamCommand): Promise<void> {
    try {
      await perform(command);
    } catch (bug) {
      log.error({ err: bug, stream_id, command: command.type }, 'a command of a stream failed');
      const at = clock.now();
      if (command.type === 'write.terminal') tell({ type: 'terminal.refused', reason: 'bug', at });
      else if (command.type === 'write.settle') tell({ type: 'settle.refused', reason: 'bug', at });
      else call.fail('internal', 'The server met a bug while it ran the agent; its log says more.');
    }
  }

  async function describe(): Promise<void> {
    const agent = ports.agent(stream.agent);
    const { signal } = abort;
    await describeRun({ writer, agent, agentInput: call.input(), ending, signal, journal, stream }).catch(
      (bug) => log.warn({ err: bug, stream_id }, 'the run could not be titled'),
    );
    tell({ type: 'description.finished', at: clock.now() });
  }

  const feed: LogFeed = {
    kind: 'stream',
    feed_id: stream.stream_id,
    kept_from: 1,
    tail: () => tail,
    read: (after, limit) => journal.readStream(stream.stream_id, after, limit),
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

  const run: StreamRun = {
    stream,
    actor,
    receipt,
    state,
    errorType: () => ending.error_type,
    settledAt: () => ending.settled_at,
    feed,
    committed(frames) {
      const error = frames.find(({ event }) => event === 'apperror');
      if (error) ending.error_type = JSON.parse(error.json).type;
      const last = frames[frames.length - 1]!.seq!;
      tail = { first: frames[0]!.seq!, last, records: frames };
      tell({ type: 'frames.committed', head: last, at: clock.now() });
    },
    promptsChanged(settled, pending) {
      for (const prompt of settled) if (prompt.stream_id === stream.stream_id) asking.settled(prompt);
      if (actor.getSnapshot().context.pending !== pending)
        tell({ type: 'prompts.changed', pending, at: clock.now() });
    },
    start: () => tell({ type: 'start', at: clock.now() }),
    cancel: () => tell({ type: 'cancel', at: clock.now() }),
    lose(reason) {
      if (actor.getSnapshot().status !== 'active') return;
      ending.lost = reason;
      tell({ type: 'owner.lost', reason, at: clock.now() });
    },
    storageReturned: () => tell({ type: 'storage.returned', at: clock.now() }),
    quitAgent: call.quit,
    close() {
      asking.close();
      abort.abort();
      call.kill();
      subscription.unsubscribe();
      actor.stop();
    },
  };
  actor.on('*', (command) => void performOrRefuse(command));
  note();
  // SE3: an observer without `error` makes a bug of the actor one of the process. It is told by onBug.
  const subscription = actor.subscribe({ next: note, error: () => {} });
  actor.start();
  return run;
}
