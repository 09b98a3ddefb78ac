// The log in its two threads: starts the writer and the reader, and hands the port what they say. Knows nothing of either.
import { randomBytes } from 'node:crypto';
import type { Log, Random } from '../protocol/index.ts';
import { facade } from './facade.ts';
import { createListeners } from './listeners.ts';
import type { Lock } from './lock.ts';
import { FULL } from './operations.ts';
import type { Damage, Journal } from './port.ts';
import { type ReaderClient, startReader } from './reader-client.ts';
import type { ThreadSettings } from './thread-messages.ts';
import { startWriter } from './writer-client.ts';

const random: Random = { bytes: (count) => randomBytes(count), fraction: () => Math.random() };

export async function createJournal(settings: ThreadSettings, log: Log, lock: Lock): Promise<Journal> {
  const listeners = createListeners();
  let reader: ReaderClient | null = null;
  function onDamage(damage: Damage): void {
    if (listeners.damage(damage)) log.error(damage, 'a session is damaged: it is read-only from here on');
  }
  const writer = await startWriter(settings, {
    log,
    onCommit: listeners.commit,
    onSpace: listeners.space,
    onDamage,
    releaseOthers: async () => reader?.release(),
  });
  const { report, group } = writer;
  for (const damage of report.damaged) log.warn(damage, 'a session is damaged');
  if (report.shorter) log.error(report.shorter, 'the log is shorter than it was');
  listeners.know(report.damaged);
  const reading = startReader(settings, async (damage) => {
    if (listeners.knows(damage.session_id)) return;
    const kept = await group.write('mark', damage).catch(() => FULL);
    // Not kept: whoever meets it next tries again.
    if (kept === null) onDamage(damage);
  });
  reader = reading;
  return facade({
    report,
    listeners,
    write: group.write,
    reader: reading,
    random,
    sessions: writer.sessions,
    counts: () => ({
      commits: writer.state.commit_no,
      pending: group.pending,
      bytes: writer.state.bytes,
      full: writer.state.full !== null,
    }),
    async close() {
      await Promise.all([writer.close(), reading.close()]);
      lock.release();
    },
  });
}
