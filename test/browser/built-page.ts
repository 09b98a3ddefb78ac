// Before the browser's tests: the page, built from what stands in src/ui now. Built once, and only when it is older.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SOURCES = ['src/ui', 'src/protocol', 'src/machines', 'vite.config.ts'];
const VITE = 'node_modules/vite/bin/vite.js';
const BUILT = 'dist/ui/index.html';

async function newest(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = await readdir(path, { recursive: true });
  const times = await Promise.all(names.map(async (name) => (await stat(join(path, name))).mtimeMs));
  return Math.max(entry.mtimeMs, ...times);
}

async function build(): Promise<void> {
  const built = existsSync(BUILT) ? (await stat(BUILT)).mtimeMs : 0;
  const written = Math.max(...(await Promise.all(SOURCES.map(newest))));
  if (written <= built) return;
  // As a process of its own: the runner's NODE_ENV would make a development build of it.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [VITE, 'build', '--logLevel', 'error'], { env });
}

/** Two groups of tests ask for it in one process, each with a copy of this module. */
const shared = globalThis as { weirPage?: Promise<void> };

export default function setup(): Promise<void> {
  shared.weirPage ??= build();
  return shared.weirPage;
}
