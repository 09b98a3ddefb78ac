// The one folder of a log: made where it is not there. What can't be one is refused in words; whose setting it is, the process
// knows.
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FolderRefusal, JournalRefusal } from './failures.ts';
import { isOurs, LOCK_FILE, LOG_FILE } from './files.ts';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Folder by folder: asked for all of them at once where the system makes none (`/proc/x`), Node asks for ever. */
function makeWithParents(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeWithParents(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

function reasonOf({ code, path = '', message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EEXIST':
      return `${path} is no folder`;
    case 'ENOENT':
      return `nothing can be made in ${dirname(path)}`;
    case 'EACCES':
    case 'EPERM':
      return `this user may not make or change ${path}`;
    case 'EROFS':
      return `the disk of ${path} takes no writes`;
    default:
      return message;
  }
}

function inWords<T>(folder: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === 'ENOSPC') throw new JournalRefusal(`The disk that holds ${folder} is full.`);
    throw new FolderRefusal(`${folder} can't hold the data: ${reasonOf(failure)}.`);
  }
}

/** What the system puts into an empty disk, and what a tool hides. */
const isNothing = (name: string): boolean => name === 'lost+found' || name.startsWith('.');

/** Others use it: it would be closed to them. */
function isForeign(folder: string): boolean {
  const names = readdirSync(folder);
  const isLog = [LOCK_FILE, LOG_FILE].some((ours) => names.includes(ours));
  return !isLog && !names.every((name) => isNothing(name) || isOurs(name));
}

/** @throws JournalRefusal */
export function makeFolder(folder: string): void {
  inWords(folder, () => makeWithParents(resolve(folder)));
  if (inWords(folder, () => isForeign(folder)))
    throw new FolderRefusal(`${folder} can't hold the data: it holds something else.`);
}

/** @throws JournalRefusal */
export const closeToOthers = (folder: string): void => inWords(folder, () => chmodSync(folder, 0o700));
