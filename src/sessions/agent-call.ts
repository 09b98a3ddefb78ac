// One call of an agent: from the machine's command to the end of everything that the agent left running. It turns what the
// agent does into facts for the run's actor; what may happen next is not its business.
import type { Agent, AgentEnd, AgentInput, AgentRun } from '../agents/port.ts';
import type { StreamRow } from '../journal/port.ts';
import type { StreamEvent } from '../machines/stream.machine.ts';
import type { Clock, Log } from '../protocol/index.ts';
import type { Asking } from './asking.ts';
import { type EndingOf, endOf } from './ending.ts';
import type { Loss, Writer } from './writer.ts';

/** Signs of life are told to the actor at most this often. */
const SIGN_OF_LIFE_MS = 1_000;
/** What a run fails with when the log does not keep what its agent says. */
export const LOSSES: Record<Loss, [type: string, message: string]> = {
  full: ['storage_full', 'The disk takes no writes. What the agent said until then is kept.'],
  damaged: ['session_damaged', 'A record of this session failed its checksum; its log takes nothing more.'],
  bug: ['internal', 'The server met a bug while it wrote what the agent said; its log says more.'],
};

export interface AgentCallPorts {
  clock: Clock;
  log: Log;
  /** What the agent needs to know of the session; null: it can't be had any more. */
  agentInput(stream: StreamRow): Promise<AgentInput | null>;
  agent(name: string): Agent | undefined;
}

export interface AgentCall {
  /** Resolves when the call is over, however. */
  make(): Promise<void>;
  /** What it was given, once it was called. */
  input(): AgentInput | undefined;
  /** The run fails; the agent, if there is one, is the machine's to stop. */
  fail(type: string, message: string): void;
  stop(): void;
  kill(): void;
  /** Asks the agent to stop, then kills it: shutting down. Resolves when nothing of it runs. */
  quit(kill_after_ms: number): Promise<void>;
}

export interface CallOf {
  stream: StreamRow;
  writer: Writer;
  asking: Asking;
  ending: EndingOf;
  tell(event: StreamEvent): void;
  /** Nobody has ended the run yet. */
  isActive(): boolean;
  head(): number;
}

export function createAgentCall(of: CallOf, ports: AgentCallPorts): AgentCall {
  const { stream, writer, asking, ending, tell } = of;
  const { clock, log } = ports;
  const { epoch, stream_id } = stream;
  let run: AgentRun | undefined;
  let input: AgentInput | undefined;
  let isQuitting = false;
  let lastSign = 0;

  const gone = () => tell({ type: 'agent.gone', epoch, at: clock.now() });

  function fail(type: string, message: string): void {
    tell({ type: 'agent.failed', epoch, at: clock.now(), error: { type, message } });
    if (!run) gone();
  }

  function alive(): void {
    const at = clock.now();
    if (Math.abs(at - lastSign) < SIGN_OF_LIFE_MS) return;
    lastSign = at;
    tell({ type: 'frames.committed', head: of.head(), at });
  }

  function tellEnd(end: AgentEnd): void {
    const at = clock.now();
    if (end.kind === 'finished') tell({ type: 'agent.finished', epoch, at });
    else if (end.kind === 'failed') tell({ type: 'agent.failed', epoch, at, error: endOf(end) });
  }

  async function make(): Promise<void> {
    const agent = ports.agent(stream.agent);
    const given = await ports.agentInput(stream).catch((bug) => {
      log.error({ err: bug, stream_id }, 'the transcript could not be read for the agent');
      return null;
    });
    if (!agent) return fail('agent_unavailable', `The agent "${stream.agent}" is not configured any more.`);
    if (!given) return fail('storage', 'The transcript could not be read for the agent.');
    // A cancel, or the end of the server, may have come while the transcript was read: then nobody is called (lesson 62).
    if (!of.isActive()) return gone();
    input = given;
    run = agent.run(given, {
      frame: async (event, data) => {
        const loss = await writer.agentFrame(event, data);
        if (loss) fail(...LOSSES[loss]);
      },
      clarify: asking.clarify,
      approve: asking.approve,
      alive,
    });
    const end = await run.ended;
    const loss = await writer.drained();
    ending.usage = end.usage;
    if (end.kind === 'finished') ending.title = end.title;
    // Told to quit, an agent that stops has not failed: `owner.lost` says why the run ends.
    if (isQuitting && end.kind !== 'finished') return;
    if (loss) fail(...LOSSES[loss]);
    else tellEnd(end);
    gone();
  }

  return {
    make,
    input: () => input,
    fail,
    stop: () => run?.stop(),
    kill: () => run?.kill(),
    async quit(kill_after_ms) {
      if (!run) return;
      isQuitting = true;
      asking.fence();
      run.stop();
      const timer = clock.setTimeout(() => run?.kill(), kill_after_ms);
      await run.ended;
      clock.clearTimeout(timer);
      await writer.drained();
    },
  };
}
