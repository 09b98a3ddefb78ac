import { describe, expect, test } from 'vitest';
import { startRun } from '../../src/agents/run.ts';
import { createManualClock } from '../support/clock.ts';
import { createLogLines, createRecorder } from './recorder.ts';

const ports = () => ({ clock: createManualClock(), log: createLogLines() });

describe('run', () => {
  test('P11 a run that is stopped before its first step plays nothing', async () => {
    let played = 0;
    const run = startRun(ports(), createRecorder(), {
      usage: () => undefined,
      async play() {
        played += 1;
        return { kind: 'finished' };
      },
    });
    run.stop();
    expect(await run.ended).toEqual({ kind: 'stopped' });
    expect(played).toBe(0);
  });

  test('P11 the first step comes after run() has given the run away', async () => {
    const output = createRecorder();
    const run = startRun(ports(), output, {
      usage: () => undefined,
      async play(scope) {
        await scope.frame('token', { text: 'x' });
        return { kind: 'finished' };
      },
    });
    expect(output.frames).toEqual([]);
    expect(await run.ended).toEqual({ kind: 'finished' });
    expect(output.frames).toHaveLength(1);
  });

  test('a bug ends the run with a type, and its text is in the log, not in the end', async () => {
    const given = ports();
    const run = startRun(given, createRecorder(), {
      usage: () => ({ output_tokens: 3 }),
      play: () => Promise.reject(new Error('inner words')),
    });
    const end = await run.ended;
    expect(end).toMatchObject({ kind: 'failed', type: 'agent_bug', usage: { output_tokens: 3 } });
    expect(JSON.stringify(end)).not.toContain('inner words');
    expect(given.log.lines.join()).toContain('inner words');
  });
});
