// Real processes that behave badly (properties §4: 9). After every run it is asked by pid whether anybody lives.
import { afterAll, describe, expect, test } from 'vitest';
import { GONE_POLL_MS, KILL_MS_MAX, TERMINATE_MS_MAX } from '../../src/agents/openai/command.ts';
import { DRAIN_MS_MAX, UPDATE_EVERY_MS } from '../../src/agents/openai/live-output.ts';
import type { ProcessGroup, SpawnGroup } from '../../src/agents/openai/process-group.ts';
import { FRAME_BYTES_MAX } from '../../src/protocol/index.ts';
import { settled } from '../support/clock.ts';
import {
  gone,
  killSeen,
  LOOK_MS_MAX,
  lives,
  type Shell,
  spawnGroup,
  startShell,
  workFolder,
} from './shell-run.ts';

afterAll(killSeen);

const DEAF = "trap '' TERM; echo $$; while :; do sleep 1000; done";
const FLOOD_BYTES = 100 * 1024 * 1024;

/** Nobody lives, the watcher included, no timer is set, and nothing is said afterwards. */
async function expectNothingLeft(shell: Shell, pids: number[] = []): Promise<void> {
  expect(pids.filter(lives)).toEqual([]);
  while (process.getActiveResourcesInfo().includes('ProcessWrap')) await settled();
  expect(shell.clock.pending()).toBe(0);
  const frames = shell.output.frames.length;
  await shell.clock.advance(1000);
  expect(shell.output.frames).toHaveLength(frames);
}

describe('an end of its own', () => {
  test('AG13 both outputs come in their order, escapes as they are, and the exit code', async () => {
    const shell = startShell(
      'echo one; echo two >&2; printf "\\033[31mred\\033[0m"; echo; echo three >&2; exit 3',
    );
    const result = await shell.finish();
    expect(result).toEqual({ exit_code: 3, output: 'one\ntwo\n\u001b[31mred\u001b[0m\nthree\n' });
    expect(shell.result()).toMatchObject({ is_error: true });
    expect(shell.shown()).toBe(result.output);
    await expectNothingLeft(shell);
  });

  test('AG13 it runs in its folder, without input, and sees nothing of our environment', async () => {
    const shell = startShell('pwd; cat; env | cut -d= -f1');
    const { output, exit_code } = await shell.finish();
    expect(exit_code).toBe(0);
    const [folder, ...names] = output.trimEnd().split('\n');
    expect(folder).toBe(workFolder);
    const ofTheShell = ['PWD', 'OLDPWD', 'SHLVL', '_'];
    expect(names.filter((name) => !ofTheShell.includes(name)).sort()).toEqual(['HOME', 'LANG', 'PATH']);
  });

  test('AG13 what it leaves running in its group dies with it', async () => {
    const shell = startShell('sleep 1000 & echo $!; sleep 1001 >/dev/null 2>&1 & echo $!; echo $$; exit 0');
    const pids = await shell.pids(3);
    expect(await shell.finish()).toMatchObject({ exit_code: 0 });
    await gone(pids);
    await expectNothingLeft(shell, pids);
  });

  test('AG13 somebody who left the group and keeps the pipe does not keep the run', async () => {
    const leaver = "require('child_process').spawn('sleep', ['1000'], {detached: true, stdio: 'inherit'})";
    const shell = startShell(`node -e "const leaver = ${leaver}; console.log(leaver.pid); leaver.unref()"`);
    // Nothing is looked at any more but the pipe: what is next is the end of its patience, or what was said a moment before.
    await shell.until(
      () => (shell.clock.next() ?? 0) > LOOK_MS_MAX && (shell.clock.next() ?? 0) <= DRAIN_MS_MAX,
    );
    expect(shell.end()).toBeNull();
    await shell.clock.advance(DRAIN_MS_MAX);
    await shell.finish();
    const [pid] = await shell.pids(1);
    expect(lives(pid!)).toBe(true);
    expect(shell.result()).toMatchObject({ is_error: false, result: { exit_code: 0 } });
    process.kill(pid!, 'SIGKILL');
    await gone([pid!]);
    await expectNothingLeft(shell, [pid!]);
  });

  test('AG13 one that dies of a signal says of which', async () => {
    const shell = startShell('kill -9 $$');
    expect(await shell.finish()).toEqual({ exit_code: null, signal: 'SIGKILL', output: '' });
    expect(shell.result()).toMatchObject({ is_error: true });
    await expectNothingLeft(shell);
  });

  test('AG13 one that can’t be started is told, and is no bug', async () => {
    const shell = startShell('echo x', { folder: `${workFolder}/missing` });
    await shell.finish();
    expect(shell.result()).toBe('The command could not be started (ENOENT).');
    await expectNothingLeft(shell);
  });

  test('AG13 a system that throws instead of telling is told as well', async () => {
    const group = spawnGroup('echo x\0', workFolder);
    expect(await group.exited).toMatchObject({ exit_code: null, error: 'ERR_INVALID_ARG_VALUE' });
    expect(await group.isGone()).toBe(true);
  });
});

describe('an end that it is given', () => {
  test('AG13 at its time limit it is asked to go, and the model reads how long it had', async () => {
    const shell = startShell('echo $$; exec sleep 1000', { timeout_seconds: 5 });
    const pids = await shell.pids(1);
    await shell.clock.advance(4000);
    expect(lives(pids[0]!)).toBe(true);
    await shell.clock.advance(1000);
    await gone(pids);
    expect(await shell.finish()).toMatchObject({
      exit_code: null,
      signal: 'SIGTERM',
      ended_after_seconds: 5,
    });
    expect(shell.result()).toMatchObject({ is_error: true });
    await expectNothingLeft(shell, pids);
  });

  test('AG13 the time limit is two minutes when the model names none', async () => {
    const shell = startShell('echo $$; exec sleep 1000');
    const pids = await shell.pids(1);
    await shell.clock.advance(119_000);
    expect(lives(pids[0]!)).toBe(true);
    expect(shell.output.alives()).toBeGreaterThan(5);
    await shell.clock.advance(1000);
    await gone(pids);
    expect(await shell.finish()).toMatchObject({ ended_after_seconds: 120 });
    await expectNothingLeft(shell, pids);
  });

  test('P11 a stop asks the whole group, and the run ends when it is gone', async () => {
    const shell = startShell('sleep 1000 & echo $!; (sleep 1001 & echo $!; wait) & echo $!; echo $$; wait');
    const pids = await shell.pids(4);
    shell.run.stop();
    shell.run.stop();
    await gone(pids);
    await shell.finish();
    expect(shell.end()).toMatchObject({ kind: 'stopped' });
    expect(shell.result()).toBeNull();
    await expectNothingLeft(shell, pids);
  });

  test('P11 who ignores being asked is killed after two seconds, and the run does not end before', async () => {
    const shell = startShell(`(${DEAF.replace('$$', '0')}) & echo $!; ${DEAF}`);
    const pids = (await shell.pids(3)).filter((pid) => pid !== 0);
    expect(pids).toHaveLength(2);
    shell.run.stop();
    await shell.clock.advance(TERMINATE_MS_MAX - GONE_POLL_MS);
    expect(pids.map(lives)).toEqual([true, true]);
    expect(shell.end()).toBeNull();
    await shell.clock.advance(GONE_POLL_MS);
    await gone(pids);
    await shell.finish();
    expect(shell.end()).toMatchObject({ kind: 'stopped' });
    await expectNothingLeft(shell, pids);
  });

  test('P11 a kill waits for no two seconds, before a stop or after it', async () => {
    for (const isAsked of [false, true]) {
      const shell = startShell(DEAF);
      const pids = await shell.pids(1);
      const before = shell.clock.now();
      if (isAsked) {
        shell.run.stop();
        await shell.clock.advance(GONE_POLL_MS);
        expect(lives(pids[0]!)).toBe(true);
      }
      shell.run.kill();
      await gone(pids);
      await shell.finish();
      expect(shell.end()).toMatchObject({ kind: 'stopped' });
      expect(shell.clock.now() - before).toBeLessThan(KILL_MS_MAX);
      await expectNothingLeft(shell, pids);
    }
  });

  test('P11 an orphan that ignores being asked dies after a good end, and the result waits for it', async () => {
    // What a shell ignores its children ignore, from their first moment.
    const shell = startShell("trap '' TERM; sleep 1000 >/dev/null & echo $!; exit 0");
    const pids = await shell.pids(1);
    const { clock } = shell;
    await shell.until(() => clock.next()! > GONE_POLL_MS && clock.next()! <= TERMINATE_MS_MAX);
    await clock.advance(TERMINATE_MS_MAX / 2);
    expect(shell.result()).toBeNull();
    expect(lives(pids[0]!)).toBe(true);
    await shell.clock.advance(TERMINATE_MS_MAX);
    await gone(pids);
    expect(await shell.finish()).toMatchObject({ exit_code: 0 });
    await expectNothingLeft(shell, pids);
  });

  test.each([0, 1, 2, 5, 20, 100])('P11 a stop %i turns after the start leaves nobody', async (turns) => {
    const groups: ProcessGroup[] = [];
    const spawn: SpawnGroup = (command, folder) => {
      groups.push(spawnGroup(command, folder));
      return groups[0]!;
    };
    const shell = startShell('sleep 1000 & sleep 1001 & wait', { spawn });
    for (let turn = 0; turn < turns; turn++) await settled();
    shell.run.stop();
    await shell.finish();
    for (const group of groups) expect(await group.isGone()).toBe(true);
    expect(shell.end()).toMatchObject({ kind: 'stopped' });
    expect(groups).toHaveLength(turns === 0 ? 0 : 1);
    await expectNothingLeft(shell);
  });
});

describe('a flood', () => {
  test.each([
    ['lines', `yes 'the same line again' | head -c ${FLOOD_BYTES}; echo; echo $$`],
    ['one line', `head -c ${FLOOD_BYTES} /dev/zero | tr '\\0' x; echo; echo $$`],
    ['nothing but zeros', `head -c ${FLOOD_BYTES} /dev/zero; echo; echo $$`],
  ])('P10 100 MB of %s keep their beginning and end, and fit into a frame', async (_name, command) => {
    const shell = startShell(command, { timeout_seconds: 600 });
    const { output, exit_code } = await shell.finish();
    expect(exit_code).toBe(0);
    expect(output).toMatch(/characters left out …\n[\s\S]*\n\d+\n$/);
    expect(shell.result()).toMatchObject({ truncated: true, full_bytes: expect.any(Number) });
    expect((shell.result() as { full_bytes: number }).full_bytes).toBeGreaterThan(FLOOD_BYTES);
    const bytes = Buffer.byteLength(JSON.stringify(output));
    expect(bytes).toBeLessThan(FRAME_BYTES_MAX);
    expect(bytes).toBeGreaterThan(FRAME_BYTES_MAX / 2);
    expect(shell.shown().length).toBeLessThan(160 * 1024);
    for (const frame of shell.output.frames)
      expect(Buffer.byteLength(JSON.stringify(frame.data))).toBeLessThan(FRAME_BYTES_MAX);
    await expectNothingLeft(shell, [Number(output.trimEnd().split('\n').at(-1))]);
  });

  test('P10 a flood without end waits for us, and is ended by a stop', async () => {
    const shell = startShell('echo $$; exec yes');
    const pids = await shell.pids(1);
    // No time goes by: what is read stands still, and yes waits at its pipe.
    for (let turn = 0; turn < 2000; turn++) await settled();
    shell.run.stop();
    await gone(pids);
    await shell.finish();
    expect(shell.end()).toMatchObject({ kind: 'stopped' });
    await expectNothingLeft(shell, pids);
  });

  test('P10 frames that nobody takes hold no memory, and a stop still works', async () => {
    const shell = startShell(`echo $$; yes | head -c ${FLOOD_BYTES / 10}; exec sleep 1000`, {
      take: () => new Promise(() => {}),
    });
    const pids = await shell.pids(1);
    await shell.clock.advance(10_000);
    expect(shell.output.of('tool_update')).toHaveLength(1);
    shell.run.stop();
    await gone(pids);
    await shell.finish();
    expect(shell.end()).toMatchObject({ kind: 'stopped' });
    await expectNothingLeft(shell, pids);
  });

  test('AG14 at most ten updates come in a second', async () => {
    const times: number[] = [];
    const shell: Shell = startShell('echo $$; while :; do echo .; done', {
      take: async () => void times.push(shell.clock.now()),
    });
    const pids = await shell.pids(1);
    await shell.until(() => times.length >= 12);
    const between = times.slice(1).map((time, n) => time - times[n]!);
    expect(Math.min(...between)).toBeGreaterThanOrEqual(UPDATE_EVERY_MS);
    shell.run.kill();
    await gone(pids);
    await shell.finish();
    await expectNothingLeft(shell, pids);
  });
});

describe('a place to write to', () => {
  test('AG14 that breaks is a bug of the run’s, and the process is gone all the same', async () => {
    const shell = startShell('echo $$; sleep 0', { take: () => Promise.reject(new Error('disk on fire')) });
    await shell.finish();
    expect(shell.end()).toMatchObject({ kind: 'failed', type: 'agent_bug' });
    await expectNothingLeft(shell);
  });

  test('AG14 a secret does not come through, in whatever pieces it is printed', async () => {
    const secret = 'sk-test-4f9a0c1e77b2d3';
    const shell = startShell(`printf 'sk-test-4f9a'; echo 0c1e77b2d3; echo ${secret}${secret}`, { secret });
    const { output } = await shell.finish();
    expect(output).toBe('[redacted]\n[redacted][redacted]\n');
    expect(shell.shown()).toBe(output);
  });
});
