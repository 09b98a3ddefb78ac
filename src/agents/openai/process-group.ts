// A command as a process group of its own: how it is started, read and signalled. It knows no time and no tool.
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { livesAny } from './group-members.ts';

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
/** One pipe for both outputs: two would lose their order. */
const MERGED = 'exec /bin/sh -c "$1" 2>&1';

export function createSpawnGroup(environment: NodeJS.ProcessEnv): SpawnGroup {
  const env = Object.fromEntries(ENVIRONMENT.map((name) => [name, environment[name]]));
  return (command, folder) => {
    try {
      const child = spawn('/bin/sh', ['-c', MERGED, 'sh', command], {
        cwd: folder,
        env,
        // A session of its own, so that a signal reaches the command's children and never us.
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const exited = new Promise<Exit>((resolve) => {
        child.on('error', (error) => resolve(unstarted(error)));
        child.on('exit', (exit_code, signal) => resolve({ exit_code, signal }));
      });
      return { output: child.stdout, exited, ...membersOf(child.pid) };
    } catch (error) {
      // Some refusals of the system are thrown, others are told by an event.
      return {
        output: Readable.from([]),
        exited: Promise.resolve(unstarted(error)),
        ...membersOf(undefined),
      };
    }
  };
}

const unstarted = (error: unknown): Exit => ({
  exit_code: null,
  signal: null,
  error: (error as NodeJS.ErrnoException).code ?? 'unknown',
});

function membersOf(pid: number | undefined): Pick<ProcessGroup, 'signal' | 'isGone'> {
  let isGone = pid === undefined;
  const signal = (name: NodeJS.Signals | 0) => {
    if (isGone) return;
    try {
      process.kill(-pid!, name);
    } catch (error) {
      // Once nobody is left the number may be given to somebody else.
      isGone = (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  };
  return {
    signal,
    async isGone() {
      signal(0);
      if (isGone || (await livesAny(pid!))) return isGone;
      // Somebody may have been born while we looked; killed, nobody can be.
      signal('SIGKILL');
      isGone ||= !(await livesAny(pid!));
      return isGone;
    },
  };
}
