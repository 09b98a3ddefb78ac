// Kills a process group when this process dies, also when it can't do so itself (kill -9, no memory left): a shell whose input
// only we hold. It is outside of the group. It knows no command, and not why we died.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Nothing that is sent to many but a kill takes it away; it hears which group, and from then on only our end. */
const WATCH = `trap '' HUP INT TERM; read -r group || exit; read -r end; kill -s KILL -- "-$group"`;

/** Told a group, by a line of input, it kills it when its input ends. To dismiss it, kill it: then it kills nobody. */
export function spawnWatcher(): ChildProcessByStdio<Writable, null, null> {
  return spawn('/bin/sh', ['-c', WATCH], {
    cwd: '/',
    env: {},
    // A session of its own: no key of a terminal and no signal to our group reaches it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
