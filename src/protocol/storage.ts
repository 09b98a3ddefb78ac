// What is kept of settled runs, for how long, and how much room it takes. Live runs are never cut.
import * as z from 'zod/mini';

const count = z.int();

/** Retention: what is over one of these loses its frames, the oldest run first; its transcript stays. 0: no bound. */
export const retentionSchema = z.object({
  /** settled runs whose frames are kept */
  runs: count,
  /** days since they settled */
  days: count,
  /** bytes of all kept frames */
  bytes: count,
});
export type Retention = z.infer<typeof retentionSchema>;

export const RETENTION_RUNS = 20_000;
export const RETENTION_DAYS = 90;
export const RETENTION_BYTES = 4 * 1024 ** 3;
/** How often what is over a bound is looked for (ms). */
export const RETENTION_EVERY_MS = 600_000;
/** And after a start: a server that is started often cleans, too (ms). */
export const RETENTION_FIRST_MS = 60_000;

/** Answer of `GET /api/storage` and of `POST /api/storage/compact`, in bytes. */
export const storageSchema = z.object({
  /** the data folder: database, write-ahead log, attachments */
  total_bytes: count,
  log_bytes: count,
  attachment_bytes: count,
  /** what of the log holds nothing that counts, its write-ahead part included: what compacting gives back */
  free_bytes: count,
  sessions: count,
  /** settled runs whose frames are kept, and those that retention has cut */
  runs: count,
  runs_cut: count,
  retention: retentionSchema,
});
export type Storage = z.infer<typeof storageSchema>;
