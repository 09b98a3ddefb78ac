// 16 MiB of real blocks that are given back when the disk is full, so that what runs can be ended in words. Knows no database.
import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RESERVE_FILE } from './files.ts';

export const RESERVE_BYTES = 16 * 1024 * 1024;
const BLOCK_BYTES = 64 * 1024;

export interface Reserve {
  /** True when the blocks are held, now or already. False: there is no room for them. */
  hold(): boolean;
  /** Gives them back. */
  release(): void;
}

export function createReserve(folder: string, bytes: number): Reserve {
  const path = join(folder, RESERVE_FILE);
  const partial = `${path}.partial`;
  const held = (): boolean => statSync(path, { throwIfNoEntry: false })?.size === bytes;
  return {
    hold() {
      if (held()) return true;
      try {
        fill(partial, bytes);
        renameSync(partial, path);
        return true;
      } catch {
        rmSync(partial, { force: true });
        return false;
      }
    },
    release() {
      rmSync(path, { force: true });
      rmSync(partial, { force: true });
    },
  };
}

/** Noise, not zeros: a file system that compresses would hold nothing back for zeros. */
function fill(path: string, bytes: number): void {
  const block = randomFillSync(Buffer.alloc(BLOCK_BYTES));
  const file = openSync(path, 'w', 0o600);
  try {
    for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
      const length = Math.min(left, BLOCK_BYTES);
      if (writeSync(file, block, 0, length) !== length) throw new Error('the disk took a part only');
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
