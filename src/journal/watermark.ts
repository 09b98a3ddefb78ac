// The highest commit, in a small file of its own, a second old at most. SQLite drops a damaged tail of its write-ahead log
// in silence; this lets the start say that the log is shorter than it was.
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { WATERMARK_FILE } from './files.ts';

const DIGITS = 16;

const lineOf = (commit_no: number): string => {
  const number = String(commit_no).padStart(DIGITS, '0');
  return `${number} ${crc32(number).toString(16).padStart(8, '0')}\n`;
};

/** What was written last; null: nothing, or nothing that can be believed. */
export function readWatermark(folder: string): number | null {
  try {
    const line = readFileSync(join(folder, WATERMARK_FILE), 'latin1');
    const commit_no = Number(line.slice(0, DIGITS));
    return lineOf(commit_no) === line ? commit_no : null;
  } catch {
    return null;
  }
}

export interface Watermark {
  /** Durable when it returns. Writes nothing that is there already. @throws an error of the file system */
  move(commit_no: number): void;
  close(): void;
}

export function openWatermark(folder: string): Watermark {
  const file = openSync(join(folder, WATERMARK_FILE), 'a+', 0o600);
  closeSync(file);
  const handle = openSync(join(folder, WATERMARK_FILE), 'r+');
  let at = readWatermark(folder) ?? -1;
  let open = true;
  return {
    move(commit_no) {
      if (commit_no === at) return;
      writeSync(handle, lineOf(commit_no), 0, 'latin1');
      fsyncSync(handle);
      at = commit_no;
    },
    close() {
      if (open) closeSync(handle);
      open = false;
    },
  };
}
