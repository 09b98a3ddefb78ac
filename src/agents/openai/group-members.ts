// Whether anybody of a process group lives. The dead whom nobody has collected yet still count as members for the system:
// in a container whose first process collects nobody, they would for ever.
import { readdir, readFile } from 'node:fs/promises';

/** pid (name) state ppid pgrp …; the name may hold anything. */
const STAT = /\) (\S) \d+ (\d+) [^)]*$/;
const DEAD = new Set(['Z', 'X']);

/** True also where the system does not tell. */
export async function livesAny(group: number): Promise<boolean> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return true;
  const living = await Promise.all(pids.map((pid) => livesIn(group, pid)));
  return living.includes(true);
}

async function livesIn(group: number, pid: string): Promise<boolean> {
  // Who is gone meanwhile has no file.
  const found = STAT.exec(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
  return found !== null && Number(found[2]) === group && !DEAD.has(found[1]!);
}
