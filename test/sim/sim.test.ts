// A part of the simulator, and all faults: its command is run as a person runs it, in a process of its own, because what it
// traps is a whole thread's.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Ten seconds on two quiet cores; others may be at work. */
const LOADED_MS = 240_000;
const run = promisify(execFile);
const MAIN = new URL('./main.ts', import.meta.url).pathname;
interface Machine {
  flags?: string[];
  cwd?: string;
  env?: Record<string, string>;
}

const simOn = ({ flags = [], cwd, env = {} }: Machine, ...args: string[]) =>
  run(process.execPath, [...flags, MAIN, ...args], {
    maxBuffer: 64 * 1024 * 1024,
    cwd,
    env: { ...process.env, ...env },
  }).then(({ stdout }) => stdout);
const sim = (...args: string[]) => simOn({}, ...args);

test('P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 Q1 Q2 Q3 Q4 Q5 Q6 Q7 simulated worlds with random faults', async () => {
  const came = await sim('--seeds', '80');
  expect(came).toMatch(/^80 seeds, .* 0 violations/);
  // Every step of them is as it was on the machine that wrote them down (`npm run made`, after a change to what is simulated).
  const kept = await readFile(new URL('kept.txt', import.meta.url), 'utf8');
  expect(came.slice(0, came.lastIndexOf(','))).toBe(kept.trimEnd());
});

test(
  'house every fault that is put into the code is found by a simulated world',
  async () => {
    expect(await sim('--faults', '--focus', '--seeds', '200')).toMatch(/17 of 17 faults found/);
  },
  LOADED_MS,
);

test('house a recorded world is the same, byte for byte, on a machine with another clock, language, engine and folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-sim-'));
  const file = join(folder, 'one.jsonl');
  const here: Machine = { env: { TZ: 'America/St_Johns', LANG: 'C' } };
  const elsewhere: Machine = {
    env: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    flags: ['--stack-size=700', '--single-threaded', '--no-opt', '--random-seed=7'],
    cwd: folder,
  };
  await simOn(here, '--seed', '29', '--trace', '--file', file);
  expect(await simOn(elsewhere, '--replay', file)).toContain('byte for byte the same');
  await rm(folder, { recursive: true });
});
