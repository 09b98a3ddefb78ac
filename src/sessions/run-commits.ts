// The commits that begin and end a run, and what the log made of each, as facts for the run's actor. The log decides; a
// refusal is a fact like any other.
import type { Ended, Journal, SessionRow, Settled, StreamRow } from '../journal/port.ts';
import type { StreamCommand, StreamEvent } from '../machines/stream.machine.ts';
import type { Clock, KeptReceipt } from '../protocol/index.ts';
import { type AgentCall, LOSSES } from './agent-call.ts';
import { type EndingOf, terminalOf } from './ending.ts';
import type { Writer } from './writer.ts';

type Command<T extends StreamCommand['type']> = Extract<StreamCommand, { type: T }>;

export interface RunCommits {
  started(): Promise<void>;
  terminal(command: Command<'write.terminal'>): Promise<void>;
  settle(command: Command<'write.settle'>): Promise<void>;
}

export interface CommitsOf {
  stream: StreamRow;
  writer: Writer;
  call: AgentCall;
  ending: EndingOf;
  receipt: KeptReceipt;
  journal: Journal;
  clock: Clock;
  tell(event: StreamEvent): void;
  onSettled(session: SessionRow): void;
}

/** The machine's word for what the log refused. */
const reasonOf = ({ kind }: Ended | Settled): string => (kind === 'full' ? 'storage' : kind);

export function createRunCommits(of: CommitsOf): RunCommits {
  const { stream, writer, call, ending, receipt, journal, clock, tell } = of;
  const { stream_id, owner, epoch } = stream;

  /** Q1: a damaged log takes no end, so its rows say how the run ended. False: they don't yet. */
  async function endAsDamaged(): Promise<boolean> {
    const row = await journal.getStream(owner, stream_id);
    const session = await journal.getSession(owner, stream.session_id);
    if (!row?.settled || !session) return false;
    call.kill();
    const outcome = row.terminal_state ?? 'interrupted';
    tell({ type: 'settle.committed', outcome, head: row.head, at: clock.now() });
    of.onSettled(session);
    return true;
  }

  return {
    async started() {
      const { agent, model } = stream;
      const result = await writer.write('stream_started', {
        agent,
        ...(model === null ? {} : { model }),
        epoch,
      });
      // ST11: the agent is called by the machine only after this fact.
      if (result.kind === 'committed') tell({ type: 'stream.started', head: result.seq, at: clock.now() });
      else if (result.kind !== 'fenced') call.fail(...LOSSES[result.kind]);
    },
    async terminal(command) {
      const at = clock.now();
      writer.fence();
      const frame = terminalOf(stream, command, ending, at);
      const result = await journal.terminal({ stream_id, epoch: command.epoch, at, ...frame });
      if (result.kind === 'damaged' && (await endAsDamaged())) return;
      const now = clock.now();
      if (result.kind === 'won' || result.kind === 'lost')
        tell({ type: 'terminal.committed', outcome: result.outcome, head: result.seq, at: now });
      else tell({ type: 'terminal.refused', reason: reasonOf(result), at: now });
    },
    async settle(command) {
      const at = clock.now();
      const otherwise = terminalOf(stream, command, ending, at);
      const result = await journal.settle({ stream_id, epoch: command.epoch, at, otherwise, receipt });
      if (result.kind === 'damaged' && (await endAsDamaged())) return;
      const now = clock.now();
      if (result.kind === 'settled') ending.settled_at = at;
      if (result.kind === 'settled' || result.kind === 'already') {
        tell({ type: 'settle.committed', outcome: result.outcome, head: result.head, at: now });
        of.onSettled(result.session);
      } else tell({ type: 'settle.refused', reason: reasonOf(result), at: now });
    },
  };
}
