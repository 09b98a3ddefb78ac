// Before the browser's tests: the page, built from what stands in src/ui now. Built once, and only when it is older.
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

const SOURCES = ['src/ui', 'src/protocol', 'src/machines', 'vite.config.ts'];
const BUILT = 'dist/ui/index.html';

async function newest(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = await readdir(path, { recursive: true });
  const times = await Promise.all(names.map(async (name) => (await stat(join(path, name))).mtimeMs));
  return Math.max(entry.mtimeMs, ...times);
}

export default async function setup(): Promise<void> {
  const built = existsSync(BUILT) ? (await stat(BUILT)).mtimeMs : 0;
  const written = Math.max(...(await Promise.all(SOURCES.map(newest))));
  if (written > built) await build({ logLevel: 'warn' });
}
