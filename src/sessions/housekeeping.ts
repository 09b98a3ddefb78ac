// What is done now and then, whoever is there: frames of old runs are cut, and attachments that no message names removed.
// One round after another, never two at once. It begins and ends no run.
import type { AttachmentFiles, Journal } from '../journal/port.ts';
import {
  type Clock,
  type Log,
  RETENTION_EVERY_MS,
  RETENTION_FIRST_MS,
  Rejection,
  type Retention,
  type Storage,
} from '../protocol/index.ts';
import type { Attachments } from './attachments.ts';

export interface Housekeeping {
  /** From now on: soon, then every ten minutes. */
  begin(): void;
  storage(): Promise<Storage>;
  /** Cuts what is over its bounds, then gives free room back to the disk. @throws Rejection storage_full, shutting_down */
  compact(): Promise<Storage>;
  /** No more rounds. The one under way ends after its next part: resolves then. */
  close(): Promise<void>;
}

export function createHousekeeping(ports: {
  journal: Journal;
  files: AttachmentFiles;
  attachments: Attachments;
  clock: Clock;
  log: Log;
  retention: Retention;
}): Housekeeping {
  const { journal, files, attachments, clock, log, retention } = ports;
  let round: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  const { signal } = closing;
  let timer: unknown;

  async function clean(): Promise<void> {
    const { runs_cut } = await journal.retain(retention, clock.now(), signal);
    if (runs_cut > 0) log.info({ runs_cut }, 'retention cut the frames of old runs');
    await attachments.sweep();
  }

  const next = (act: () => Promise<void>): Promise<void> => {
    round = round.then(act, act);
    return round;
  };

  function tick(): void {
    void next(clean)
      .catch((bug) => signal.aborted || log.error({ err: bug }, 'old runs could not be cut'))
      .then(() => {
        if (!signal.aborted) later(RETENTION_EVERY_MS);
      });
  }

  function later(ms: number): void {
    timer = clock.setTimeout(tick, ms);
  }

  async function storage(): Promise<Storage> {
    const [log_storage, attachment_bytes] = await Promise.all([journal.storage(), files.size()]);
    return {
      ...log_storage,
      total_bytes: log_storage.total_bytes + attachment_bytes,
      attachment_bytes,
      retention,
    };
  }

  return {
    begin: () => later(RETENTION_FIRST_MS),
    storage,
    async compact() {
      await next(async () => {
        await clean();
        if ((await journal.compact(signal)).kind === 'full')
          throw new Rejection(
            'storage_full',
            'The disk has too little room to rewrite the log. Nothing was lost.',
          );
      });
      return storage();
    },
    async close() {
      clock.clearTimeout(timer);
      closing.abort(new Rejection('shutting_down', 'The server is shutting down.'));
      await round.catch(() => {});
    },
  };
}
