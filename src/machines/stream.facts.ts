// The words of the stream machine: what it is told, what it commands, what it remembers. No behaviour.
import type { Outcome, RunState } from '../protocol/index.ts';
import type { Timed } from './moment.ts';

export type StreamError = { type: string; message: string; hint?: string };

/** `producer_silent` is the one reason after which the owner may come back. Any other word is kept and shown. */
export type OwnerLostReason = 'restart' | 'shutdown' | 'lease_lost' | 'producer_silent' | (string & {});

export interface StreamInput {
  stream_id: string;
  session_id: string;
  /** the owner's fencing number */
  epoch: number;
  /** starts of this run, this one included, as the log counts them (ST11) */
  starts: number;
  /** highest committed seq; 0: none */
  head: number;
  /** what the log already holds (ST10) */
  terminal: Outcome | null;
  at: number;
}

/** Every event carries `at`, ms since 1970. */
export type StreamEvent = { at: number } & (
  | { type: 'start' }
  /** The `stream_started` frame is durable. `head`: its seq, if known. */
  | { type: 'stream.started'; head?: number }
  | { type: 'frames.committed'; head: number }
  /** Prompts of this stream, of both kinds, that are unanswered. */
  | { type: 'prompts.changed'; pending: number }
  | { type: 'agent.finished'; epoch: number }
  | { type: 'agent.failed'; epoch: number; error: StreamError }
  /** Nothing of the agent runs any more. Before it finished or failed, that is a failure. */
  | { type: 'agent.gone'; epoch: number }
  | { type: 'cancel' }
  /** `outcome` is the log's: another one than asked for, if one was there already (first terminal wins). */
  | { type: 'terminal.committed'; outcome: Outcome; head: number }
  | { type: 'terminal.refused'; reason: string }
  | { type: 'description.finished' }
  | { type: 'settle.committed'; outcome: Outcome; head: number }
  | { type: 'settle.refused'; reason: string }
  | { type: 'owner.lost'; reason: OwnerLostReason }
  | { type: 'producer.returned'; epoch: number }
  | { type: 'storage.returned' }
);

/** What the wiring does for the machine. Each carries the epoch that it may act under (P5). */
export type StreamCommand = { epoch: number } & (
  | { type: 'write.started' }
  | { type: 'call.agent' }
  /** Ask the agent to stop. */
  | { type: 'stop.agent' }
  /** Kill the agent's process group. Idempotent. */
  | { type: 'kill.agent' }
  | { type: 'write.terminal'; outcome: Outcome; error?: StreamError }
  /** Title and metering. */
  | { type: 'describe' }
  /** Settle. Where the log has no terminal yet, both commits in one transaction (ST5). */
  | { type: 'write.settle'; outcome: Outcome; error?: StreamError }
);

export interface StreamContext extends Timed {
  stream_id: string;
  session_id: string;
  epoch: number;
  starts: number;
  head: number;
  /** head when the agent was called: frames above it are the agent's own */
  floor: number;
  agent: 'none' | 'alive' | 'asked' | 'killed' | 'gone';
  /** when the agent was asked to stop */
  asked_at: number | null;
  pending: number;
  last_frame_at: number;
  /** what the end that is being made should be */
  outcome: Outcome | null;
  error: StreamError | null;
  /** what the log holds; set once (P4) */
  terminal: Outcome | null;
  /** what the page shows: the state, since when, why, which try of how many */
  run_state: RunState;
  since: number;
  why: string | null;
  try: number;
  of: number;
  /** ST4: the end of all tries of a recovery */
  recovery_due_at: number;
}
