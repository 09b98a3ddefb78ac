import { describe, expect, test } from 'vitest';
import { startRun } from '../../src/agents/run.ts';
import { createManualClock, settled } from '../support/clock.ts';
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

  test('P11 the end waits for what must not outlast the run, a stop breaks off everything else', async () => {
    for (const way of ['stop', 'kill'] as const) {
      let go = () => {};
      let isOver = false;
      const broken: unknown[] = [];
      const run = startRun(ports(), createRecorder(), {
        usage: () => undefined,
        async play(scope) {
          scope.outlast(
            new Promise<void>((resolve) => {
              go = resolve;
            }),
          );
          const never = () => scope.wait(new Promise<never>(() => {}));
          const both = [never(), never()];
          broken.push(...(await Promise.allSettled(both)).map(({ status }) => status));
          broken.push(scope.killed.aborted);
          return both[0]!;
        },
      });
      void run.ended.then(() => {
        isOver = true;
      });
      await settled();
      run[way]();
      await settled();
      expect(broken).toEqual(['rejected', 'rejected', way === 'kill']);
      expect(isOver).toBe(false);
      go();
      expect(await run.ended).toEqual({ kind: 'stopped' });
    }
  });
});
