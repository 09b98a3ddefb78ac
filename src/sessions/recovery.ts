// Runs that nobody owns: what a process that died left in the log. Each is taken over with a new epoch and brought to its
// end, or started if its agent was never called (ST9–ST11). Done before anybody is listened to.
import type { Journal, StreamRow } from '../journal/port.ts';
import type { Clock, Log } from '../protocol/index.ts';
import { atRestWhen } from './facts.ts';
import type { Registry } from './registry.ts';
import type { SessionCell } from './session-cell.ts';
import type { StreamRun } from './stream-run.ts';

export interface RecoveryPorts {
  journal: Journal;
  clock: Clock;
  log: Log;
}

/** What stands at the end of a log: the terminal, and after it no more than what describes the run. */
const END_FRAMES = 8;

/** The type of the `apperror` that ended it, where the log holds one. */
async function errorTypeOf(journal: Journal, stream: StreamRow): Promise<string | null> {
  if (stream.terminal_state !== 'errored') return null;
  const { records } = await journal.readStream(
    stream.stream_id,
    Math.max(0, stream.head - END_FRAMES),
    END_FRAMES,
  );
  const error = records.find(({ event }) => event === 'apperror');
  return error ? JSON.parse(error.json).type : null;
}

/** Takes over one orphan, under its session's cell. Resolves when its actor has begun to bring it to its end. */
export async function adoptOrphan(
  ports: RecoveryPorts,
  cell: SessionCell,
  stream_id: string,
  reason: string,
): Promise<StreamRun | null> {
  const { journal, clock, log } = ports;
  const taken = await journal.takeOver(stream_id, reason, clock.now());
  if (taken.kind !== 'taken') {
    log.warn({ stream_id, result: taken.kind }, 'a stream could not be taken over');
    return null;
  }
  const { stream } = taken;
  const run = cell.begin(stream, await errorTypeOf(journal, stream));
  cell.actor.send({ type: 'stream.admitted', stream_id, at: clock.now() });
  // ST11: a stream without `stream_started` never reached its agent: it is started, not buried. The guard counts.
  if (!stream.started && stream.terminal_state === null) run.start();
  else run.lose(reason);
  cell.changed();
  return run;
}

/** Every unsettled stream of the log. Resolves when those that are to end have ended, or wait for the disk (ST4). */
export async function recoverAll(
  ports: RecoveryPorts,
  registry: Registry,
  unsettled: StreamRow[],
): Promise<void> {
  const endings = unsettled.map(async (stream) => {
    // Holding the session makes its cell, and making the cell adopts its orphan.
    const { release } = await registry.hold(stream.owner, stream.session_id);
    const run = registry.run(stream.stream_id);
    try {
      if (run && (run.stream.started || run.stream.terminal_state !== null)) await atRestWhen(run);
    } finally {
      release();
    }
  });
  const results = await Promise.allSettled(endings);
  for (const result of results)
    if (result.status === 'rejected')
      ports.log.error({ err: result.reason }, 'a stream could not be recovered');
}
