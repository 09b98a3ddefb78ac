// One run: the wiring between a stream's actor, the log and the agent. The actor decides; this performs what it commands
// and tells it what came of it. It knows no reader and no socket.
import type { Actor } from 'xstate';
import type { Agent, AgentInput, AgentRun } from '../agents/port.ts';
import type { Journal, SessionRow, StreamRow } from '../journal/port.ts';
import { runState, type StreamCommand, streamMachine } from '../machines/stream.machine.ts';
import type { Clock, Log, StoredRecord, StreamState, Transition } from '../protocol/index.ts';
import { type Asking, type AskingPorts, createAsking } from './asking.ts';
import { describeRun } from './description.ts';
import { type EndingOf, endOf, terminalOf } from './ending.ts';
import { type LogFeed, type Tail, watchActor } from './feed.ts';
import { prepareActor } from './root-actor.ts';
import type { SettledPrompt } from './session-prompts.ts';
import { createWriter, type Loss, type Writer } from './writer.ts';

/** How many of its latest transitions a run remembers for the page. */
const TRANSITIONS_MAX = 64;
/** Signs of life are told to the actor at most this often. */
const SIGN_OF_LIFE_MS = 1_000;
/** What a run fails with when the log does not keep what its agent says. */
const LOSSES: Record<Loss, [type: string, message: string]> = {
  full: ['storage_full', 'The disk is full. What the agent said until then is kept.'],
  damaged: ['session_damaged', 'A record of this session failed its checksum; its log takes nothing more.'],
  bug: ['internal', 'The server met a bug while it wrote what the agent said; its log says more.'],
};

export interface RunPorts extends AskingPorts {
  journal: Journal;
  clock: Clock;
  log: Log;
  /** What the agent needs to know of the session; null: it can't be had any more. */
  agentInput(stream: StreamRow): Promise<AgentInput | null>;
  agent(name: string): Agent | undefined;
  onState(state: StreamState): void;
  /** The settle commit is durable. */
  onSettled(run: StreamRun, session: SessionRow): void;
}

export interface StreamRun {
  readonly stream: StreamRow;
  readonly actor: Actor<typeof streamMachine>;
  readonly transitions: Transition[];
  state(): StreamState;
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

export function createStreamRun(stream: StreamRow, ports: RunPorts): StreamRun {
  const { journal, clock, log } = ports;
  const transitions: Transition[] = [];
  const writer: Writer = createWriter({
    journal,
    clock,
    log,
    stream_id: stream.stream_id,
    epoch: stream.epoch,
  });
  const asking: Asking = createAsking(stream, ports);
  const abort = new AbortController();
  let agentRun: AgentRun | undefined;
  let agentInput: AgentInput | undefined;
  let quitting = false;
  let lastSign = 0;
  let tail: Tail | null = null;
  const ending: EndingOf = { usage: undefined, title: undefined, lost: undefined };

  const actor = prepareActor(streamMachine, {
    id: `stream:${stream.stream_id}`,
    clock,
    input: {
      stream_id: stream.stream_id,
      session_id: stream.session_id,
      epoch: stream.epoch,
      starts: stream.starts,
      head: stream.head,
      terminal: stream.terminal_state,
      at: clock.now(),
    },
    onBug: (bug) => log.error({ err: bug, stream_id: stream.stream_id }, 'the actor of a stream failed'),
  });
  let told = '';

  /** What comes after the end is no news: two commits may be under way when one of them ends it. */
  const tell: typeof actor.send = (event) => {
    if (actor.getSnapshot().status === 'active') actor.send(event);
  };

  function note(): void {
    const now = state();
    const key = `${now.path} ${now.why} ${now.try}`;
    if (key === told) return;
    told = key;
    transitions.push({
      at: actor.getSnapshot().context.now,
      path: now.path,
      run_state: now.run_state,
      why: now.why,
    });
    if (transitions.length > TRANSITIONS_MAX) transitions.shift();
    ports.onState(now);
  }

  function state(): StreamState {
    return runState(actor.getSnapshot());
  }

  function perform(command: StreamCommand): Promise<void> | void {
    switch (command.type) {
      case 'write.started':
        return writeStarted();
      case 'call.agent':
        return callAgent();
      case 'stop.agent':
        return agentRun?.stop();
      case 'kill.agent':
        return agentRun?.kill();
      case 'write.terminal':
        return writeTerminal(command);
      case 'describe':
        return describe();
      case 'write.settle':
        return writeSettle(command);
    }
  }

  /** A command that meets a bug is refused like one that storage refuses: the machine's bounds hold for both. */
  async function performOrRefuse(command: StreamCommand): Promise<void> {
    try {
      await perform(command);
    } catch (bug) {
      log.error(
        { err: bug, stream_id: stream.stream_id, command: command.type },
        'a command of a stream failed',
      );
      const at = clock.now();
      if (command.type === 'write.terminal') tell({ type: 'terminal.refused', reason: 'bug', at });
      else if (command.type === 'write.settle') tell({ type: 'settle.refused', reason: 'bug', at });
      else fail('internal', 'The server met a bug while it ran the agent; its log says more.');
    }
  }

  async function writeStarted(): Promise<void> {
    const result = await writer.write('stream_started', {
      agent: stream.agent,
      ...(stream.model === null ? {} : { model: stream.model }),
      epoch: stream.epoch,
    });
    // ST11: the agent is called by the machine only after this fact.
    if (result.kind === 'committed') tell({ type: 'stream.started', head: result.seq, at: clock.now() });
    else if (result.kind !== 'fenced') fail(...LOSSES[result.kind]);
  }

  async function callAgent(): Promise<void> {
    const agent = ports.agent(stream.agent);
    const input = await ports.agentInput(stream).catch((bug) => {
      log.error({ err: bug, stream_id: stream.stream_id }, 'the transcript could not be read for the agent');
      return null;
    });
    if (!agent) return fail('agent_unavailable', `The agent "${stream.agent}" is not configured any more.`);
    if (!input) return fail('storage', 'The transcript could not be read for the agent.');
    // A cancel, or the end of the server, may have come while the transcript was read: then nobody is called (lesson 62).
    if (state().state !== 'active' || actor.getSnapshot().status !== 'active') return gone();
    agentInput = input;
    agentRun = agent.run(input, {
      frame: async (event, data) => {
        const loss = await writer.agentFrame(event, data);
        if (loss) fail(...LOSSES[loss]);
      },
      clarify: asking.clarify,
      approve: asking.approve,
      alive() {
        const at = clock.now();
        if (Math.abs(at - lastSign) < SIGN_OF_LIFE_MS) return;
        lastSign = at;
        tell({ type: 'frames.committed', head: actor.getSnapshot().context.head, at });
      },
    });
    const end = await agentRun.ended;
    const loss = await writer.drained();
    ending.usage = end.usage;
    if (end.kind === 'finished') ending.title = end.title;
    // Told to quit, an agent that stops has not failed: `lose` says why the run ends.
    if (quitting && end.kind !== 'finished') return;
    if (loss) fail(...LOSSES[loss]);
    else tellEnd(end);
    gone();
  }

  function tellEnd(end: Awaited<AgentRun['ended']>): void {
    const at = clock.now();
    const { epoch } = stream;
    if (end.kind === 'finished') tell({ type: 'agent.finished', epoch, at });
    else if (end.kind === 'failed') tell({ type: 'agent.failed', epoch, at, error: endOf(end) });
  }

  const gone = () => tell({ type: 'agent.gone', epoch: stream.epoch, at: clock.now() });

  function fail(type: string, message: string): void {
    tell({ type: 'agent.failed', epoch: stream.epoch, at: clock.now(), error: { type, message } });
    if (!agentRun) gone();
  }

  async function writeTerminal(command: Extract<StreamCommand, { type: 'write.terminal' }>): Promise<void> {
    const at = clock.now();
    writer.fence();
    const terminal = terminalOf(stream, command, ending, at);
    const result = await journal.terminal({
      stream_id: stream.stream_id,
      epoch: command.epoch,
      at,
      ...terminal,
    });
    if (result.kind === 'damaged' && (await endAsDamaged())) return;
    const now = clock.now();
    if (result.kind === 'won' || result.kind === 'lost')
      tell({ type: 'terminal.committed', outcome: result.outcome, head: result.seq, at: now });
    else
      tell({
        type: 'terminal.refused',
        reason: result.kind === 'full' ? 'storage' : result.kind,
        at: now,
      });
  }

  async function describe(): Promise<void> {
    const agent = ports.agent(stream.agent);
    await describeRun({ writer, agent, agentInput, ending, signal: abort.signal, journal, stream }).catch(
      (bug) => log.warn({ err: bug, stream_id: stream.stream_id }, 'the run could not be titled'),
    );
    tell({ type: 'description.finished', at: clock.now() });
  }

  async function writeSettle(command: Extract<StreamCommand, { type: 'write.settle' }>): Promise<void> {
    const at = clock.now();
    asking.close();
    abort.abort();
    const otherwise = terminalOf(stream, command, ending, at);
    const result = await journal.settle({ stream_id: stream.stream_id, epoch: command.epoch, at, otherwise });
    if (result.kind === 'damaged' && (await endAsDamaged())) return;
    const now = clock.now();
    if (result.kind === 'settled' || result.kind === 'already') {
      tell({ type: 'settle.committed', outcome: result.outcome, head: result.head, at: now });
      ports.onSettled(run, result.session);
    } else
      tell({
        type: 'settle.refused',
        reason: result.kind === 'full' ? 'storage' : result.kind,
        at: now,
      });
  }

  /** Q1: a damaged log takes no end, so its rows say how the run ended. False: they don't yet. */
  async function endAsDamaged(): Promise<boolean> {
    const row = await journal.getStream(stream.owner, stream.stream_id);
    const session = await journal.getSession(stream.owner, stream.session_id);
    if (!row?.settled || !session) return false;
    agentRun?.kill();
    const outcome = row.terminal_state ?? 'interrupted';
    tell({ type: 'settle.committed', outcome, head: row.head, at: clock.now() });
    ports.onSettled(run, session);
    return true;
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
    transitions,
    state,
    feed,
    committed(frames) {
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
    async quitAgent(kill_after_ms) {
      if (!agentRun) return;
      quitting = true;
      agentRun.stop();
      const timer = clock.setTimeout(() => agentRun?.kill(), kill_after_ms);
      await agentRun.ended;
      clock.clearTimeout(timer);
      await writer.drained();
    },
    close() {
      asking.close();
      abort.abort();
      agentRun?.kill();
      subscription.unsubscribe();
      actor.stop();
    },
  };
  actor.on('*', (command) => void performOrRefuse(command));
  note();
  const subscription = actor.subscribe(note);
  actor.start();
  return run;
}
