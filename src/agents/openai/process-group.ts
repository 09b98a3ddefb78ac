// A command as a process group of its own: how it is started, read and signalled, and that it never outlives us (AG13). It
// knows no time and no tool.
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { livesAny } from './group-members.ts';
import { spawnWatcher } from './group-watcher.ts';

export interface Exit {
  /** null: a signal ended it, or it never started */
  exit_code: number | null;
  signal: string | null;
  /** why it could not be started: a code such as ENOENT */
  error?: string;
}

export interface ProcessGroup {
  /** both outputs in one, in the order in which they were written */
  output: Readable;
  /** How the shell itself ended; its children may live on. Never rejects. */
  exited: Promise<Exit>;
  /** Signals everybody in the group. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Nobody of the group lives, and nobody will be signalled any more. */
  isGone(): Promise<boolean>;
}

export type SpawnGroup = (command: string, folder: string) => ProcessGroup;

/** What a command sees of our environment: no key, no password, none of our settings. */
const ENVIRONMENT = ['PATH', 'HOME', 'LANG'];
/** It waits for a word, so that nothing is run unwatched. One pipe for both outputs: two would lose their order. */
const MERGED = 'read -r go && exec /bin/sh -c "$1" 2>&1 </dev/null';

export function createSpawnGroup(environment: NodeJS.ProcessEnv): SpawnGroup {
  const env = Object.fromEntries(ENVIRONMENT.map((name) => [name, environment[name]]));
  return (command, folder) => {
    let watcher: ReturnType<typeof spawnWatcher> | undefined;
    const dismiss = () => void watcher?.kill('SIGKILL');
    try {
      watcher = spawnWatcher();
      if (watcher.pid === undefined) return refused(refusalOf(watcher), dismiss);
      const child = spawn('/bin/sh', ['-c', MERGED, 'sh', command], {
        cwd: folder,
        env,
        // A session of its own, so that a signal reaches the command's children and never us.
        detached: true,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      if (child.pid === undefined) return refused(refusalOf(child), dismiss);
      const exited = new Promise<Exit>((resolve) => {
        child.on('exit', (exit_code, signal) => resolve({ exit_code, signal }));
      });
      // Who died before it read has an exit, and needs no word.
      for (const { stdin } of [watcher, child]) stdin.on('error', () => {});
      watcher.stdin.write(`${child.pid}\n`);
      child.stdin.end('go\n');
      return { output: child.stdout, exited, ...membersOf(child.pid, dismiss) };
    } catch (error) {
      // Some refusals of the system are thrown, others are told by an event.
      return refused(Promise.resolve(unstarted(error)), dismiss);
    }
  };
}

function refused(exited: Promise<Exit>, dismiss: () => void): ProcessGroup {
  dismiss();
  return { output: Readable.from([]), exited, signal: () => {}, isGone: async () => true };
}

const refusalOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => child.once('error', (error) => resolve(unstarted(error))));

const unstarted = (error: unknown): Exit => ({
  exit_code: null,
  signal: null,
  error: (error as NodeJS.ErrnoException).code ?? 'unknown',
});

/** `dismiss`: nobody of the group is left, or soon will be; its number may be given to somebody else. */
function membersOf(pid: number, dismiss: () => void): Pick<ProcessGroup, 'signal' | 'isGone'> {
  let isGone = false;
  const signal = (name: NodeJS.Signals | 0) => {
    if (isGone) return;
    try {
      process.kill(-pid, name);
    } catch (error) {
      // Once nobody is left the number may be given to somebody else.
      isGone = (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
    if (isGone || name === 'SIGKILL') dismiss();
  };
  return {
    signal,
    async isGone() {
      signal(0);
      if (isGone || (await livesAny(pid))) return isGone;
      // Somebody may have been born while we looked; killed, nobody can be.
      signal('SIGKILL');
      isGone ||= !(await livesAny(pid));
      return isGone;
    },
  };
}
