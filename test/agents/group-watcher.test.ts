// A process with a command dies by kill -9, at each moment of the start and later: nobody of the command lives on.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { gone, lives } from './shell-run.ts';

/** Dies in the moment in which it has started its n-th process; 0: waits to be killed. Prints every pid. */
const DOOMED = `
import child_process from 'node:child_process';
import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { spawn } = child_process;
const [command, dies_after] = process.argv.slice(1);
let started = 0;
child_process.spawn = (...given) => {
  const child = spawn(...given);
  writeSync(1, child.pid + '\\n');
  if (++started === Number(dies_after)) process.kill(process.pid, 'SIGKILL');
  return child;
};
syncBuiltinESMExports();
const { createSpawnGroup } = await import('./src/agents/openai/process-group.ts');
const { output } = createSpawnGroup(process.env)(command, '/');
output.pipe(process.stdout);
`;
const DEAF_FAMILY = "trap '' TERM HUP; sleep 1000 & echo $!; (sleep 1001 & echo $!; wait) & echo $!; wait";

/** Starts a command with 0, 1, 2 … files to spare; prints how many processes began, and how it ended or what it said. */
const SCARCE = `
import child_process from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { spawn } = child_process;
let began = 0;
child_process.spawn = (...given) => {
  const child = spawn(...given);
  if (child.pid !== undefined) began++;
  return child;
};
syncBuiltinESMExports();
const { createSpawnGroup } = await import('./src/agents/openai/process-group.ts');
const spawnGroup = createSpawnGroup(process.env);
for (let spare = 0; began < 2; spare++) {
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null')); } catch {}
  for (const fd of taken.splice(0, spare)) closeSync(fd);
  began = 0;
  const { output, exited, isGone } = spawnGroup('echo done', '/');
  let said = '';
  output.on('data', (part) => { said += part; });
  const { error } = await exited;
  for (const fd of taken) closeSync(fd);
  while (!(await isGone()) || process.getActiveResourcesInfo().includes('ProcessWrap'))
    await new Promise(setImmediate);
  console.log(began, error ?? said.trim());
}
`;

const left: ChildProcess[] = [];
const seen = new Set<number>();
afterEach(() => {
  for (const child of left.splice(0)) child.kill('SIGKILL');
  for (const pid of seen) if (lives(pid)) process.kill(pid, 'SIGKILL');
  seen.clear();
});

/** The first `count` pids that it prints: the watcher's, the command's, its children's. */
async function pidsOf(child: ChildProcess, count: number): Promise<number[]> {
  const pids: number[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    pids.push(Number(line));
    seen.add(Number(line));
    if (pids.length === count) break;
  }
  return pids;
}

function node(script: string, args: string[], files_max = 1024): ChildProcess {
  const limited = `ulimit -n ${files_max}; exec "$0" --input-type=module -e "$@"`;
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  left.push(child);
  return child;
}

function doomed(dies_after: number): ChildProcess {
  return node(DOOMED, [DEAF_FAMILY, String(dies_after)]);
}

test.each([1, 2])(
  'AG13 P11 kill -9 in the moment in which %i of the two processes of a start live leaves nobody',
  async (started) => {
    const child = doomed(started);
    const ended = once(child, 'exit');
    const pids = await pidsOf(child, started);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(pids).toHaveLength(started);
    await gone(pids);
  },
);

test('AG13 P11 kill -9 while a command runs that is deaf to everything else leaves nobody of its group', async () => {
  const child = doomed(0);
  const pids = await pidsOf(child, 5);
  expect(pids.map(lives)).toEqual([true, true, true, true, true]);
  child.kill('SIGKILL');
  await gone(pids);
});

test('AG13 where the system gives too few files, a command is refused in words, or runs; nothing stays behind', async () => {
  const ends: string[] = [];
  for await (const line of createInterface({ input: node(SCARCE, [], 64).stdout! })) ends.push(line);
  expect([...new Set(ends)]).toEqual(['0 EMFILE', '1 EMFILE', '2 done']);
});
