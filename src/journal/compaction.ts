// Room: how much the log takes, and how free pages go back to the disk, a part at a time. A database that was made before
// there was an order for that (auto_vacuum) is written anew once; see docs/decisions/compaction.md.
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { LOCK_FILE, LOG_FILE, RESERVE_FILE, WATERMARK_FILE } from './files.ts';
import type { Answer } from './operations.ts';
import type { Journal } from './port.ts';
import type { Writing } from './writing.ts';

/** What one part gives back at most (pages of 4 KiB): an append that comes meanwhile waits for no more. */
const PART_PAGES = 256;
const INCREMENTAL = 2;

const pragma = (database: Database, name: string): number =>
  Number(Object.values(database.sql(`PRAGMA ${name}`).get() ?? {})[0]);

/** One part. `free_pages`: what is left; `unordered`: it can't give back parts, and has to be written anew. */
export function compact({ database }: Writing): Answer<'compact'> {
  if (pragma(database, 'auto_vacuum') !== INCREMENTAL)
    return { kind: 'compacted', free_pages: pragma(database, 'freelist_count'), unordered: true };
  if (pragma(database, 'freelist_count') > 0) database.exec(`PRAGMA incremental_vacuum(${PART_PAGES})`);
  return { kind: 'compacted', free_pages: pragma(database, 'freelist_count'), unordered: false };
}

/** It is copied twice on its way. False: the disk has not the room for that. */
export function rewrite(database: Database, folder: string, spare_bytes: number): boolean {
  const { bavail, bsize } = statfsSync(folder);
  const bytes = pragma(database, 'page_count') * pragma(database, 'page_size');
  if (bavail * bsize < 2 * bytes + spare_bytes) return false;
  database.exec('PRAGMA auto_vacuum=INCREMENTAL; VACUUM');
  return true;
}

type Room = Awaited<ReturnType<Journal['storage']>>;

/** In bytes. `log_bytes`: database and write-ahead log; `total_bytes`: all files of the log, its reserve too. */
export function readStorage(database: Database, folder: string): Room {
  const size = (file: string): number => statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0;
  const log_bytes = size(LOG_FILE) + size(`${LOG_FILE}-wal`);
  const others = [`${LOG_FILE}-shm`, LOCK_FILE, RESERVE_FILE, WATERMARK_FILE];
  const count = (text: string): number => Number(database.sql(text).get()?.n);
  const runs = count('SELECT count(*) AS n FROM streams WHERE settled = 1 AND cut = 0');
  const held_bytes =
    (pragma(database, 'page_count') - pragma(database, 'freelist_count')) * pragma(database, 'page_size');
  return {
    total_bytes: others.reduce((sum, file) => sum + size(file), log_bytes),
    log_bytes,
    free_bytes: Math.max(0, log_bytes - held_bytes),
    sessions: count('SELECT count(*) AS n FROM sessions'),
    runs,
    runs_cut: count('SELECT count(*) AS n FROM streams WHERE settled = 1') - runs,
  };
}
