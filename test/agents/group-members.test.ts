import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { livesAny } from '../../src/agents/openai/group-members.ts';
import { until } from './openai-run.ts';

const isLinux = process.platform === 'linux';

describe('members of a group', () => {
  test('P11 the living count, whatever they are called; the dead whom nobody collected do not', async () => {
    // A parent outside the group that never collects its child: a shell that became a sleep.
    const parent = spawn('/bin/sh', ['-c', 'setsid sh -c "echo \\$\\$; exec sleep 1001" & exec sleep 1000'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [told] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(told.toString());
    expect(await livesAny(child)).toBe(true);
    if (isLinux) {
      process.kill(child, 'SIGKILL');
      await until(() => / Z /.test(readFileSync(`/proc/${child}/stat`, 'utf8')));
      // The system still knows it.
      expect(process.kill(-child, 0)).toBe(true);
      expect(await livesAny(child)).toBe(false);
    }
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});
