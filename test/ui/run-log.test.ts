import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawnWay, drawnWays } from '../../src/ui/drawer/run-chart.ts';
import type { LogRow } from '../../src/ui/drawer/run-log.ts';
import { type ToldRun, transitionsOf } from '../../src/ui/drawer/run-way.ts';

const words = { firstFrame: (seq: number) => `first frame, seq ${seq}` };
const row = (seq: number, event: string, payload: object = {}, at = 1000 + seq): LogRow => ({
  seq,
  at,
  event,
  json: JSON.stringify({ stream_id: 'r', seq, at, ...payload }),
});
const told = (rows: LogRow[], rest: Partial<ToldRun> = {}): ToldRun => ({
  rows,
  admitted_at: 1000,
  settled_at: 2000,
  outcome: 'completed',
  prompts: [],
  ...rest,
});
const namesOf = (run: ToldRun): string[] =>
  transitionsOf(run, words).map(({ path }) => path.replace('active.', ''));

test('ui the way of a run that is over is read out of its log', () => {
  const steps = transitionsOf(
    told([
      row(1, 'stream_started', { agent: 'demo', epoch: 1 }),
      row(2, 'token', { text: 'a' }),
      row(3, 'token', { text: 'b' }),
      row(4, 'stale', { reason: 'restart', epoch: 2 }),
      row(5, 'apperror', { type: 'interrupted', message: 'Cut.' }),
      row(6, 'stream_end', { terminal_state: 'interrupted' }),
    ]),
    words,
  );
  expect(steps.map(({ path, why }) => [path, why])).toEqual([
    ['active.admitted', null],
    ['active.starting', 'demo'],
    ['active.running', 'first frame, seq 2'],
    ['stale.recovering', 'restart'],
    ['draining.closing', 'Cut.'],
    ['settled', 'interrupted'],
  ]);
  expect(steps.map((step) => step.at)).toEqual([1000, 1001, 1002, 1004, 1005, 1006]);
});

test('ui a run that is over has waited as long as a question of it was open', () => {
  const rows = [
    row(1, 'stream_started', { agent: 'demo' }),
    row(2, 'token', {}, 1090),
    row(3, 'done', {}, 1095),
    row(4, 'metering', {}, 1096),
    row(5, 'stream_end', {}, 1097),
  ];
  const two = [
    { asked_at: 1010, settled_at: 1030, how: 'answered' },
    { asked_at: 1020, settled_at: 1080, how: 'expired' },
  ];
  const end = ['draining.closing', 'settled'];
  expect(namesOf(told(rows, { prompts: two }))).toEqual([
    'admitted',
    'starting',
    'waiting',
    'running',
    ...end,
  ]);
  const stopped = [...rows.slice(0, 1), row(2, 'cancel', {}, 1050), row(3, 'stream_end', {}, 1051)];
  const taken = [{ asked_at: 1010, settled_at: 1050, how: 'cancelled' }];
  expect(namesOf(told(stopped, { prompts: taken }))).toEqual(['admitted', 'starting', 'waiting', ...end]);
  // A rule answered it: nobody waited.
  const ruled = [{ asked_at: 1010, settled_at: 1010, how: 'answered' }];
  expect(namesOf(told(rows, { prompts: ruled }))).toEqual(['admitted', 'starting', 'running', ...end]);
});

test('ui of a run whose log was cut its answer tells the way', () => {
  const prompts = [{ asked_at: 1010, settled_at: 1030, how: 'answered' }];
  expect(namesOf(told([], { prompts }))).toEqual(['admitted', 'waiting', 'running', 'settled']);
});

const prompt = fc
  .record({ asked_at: fc.nat(60), took: fc.nat(30), how: fc.constantFrom('answered', 'declined', 'expired') })
  .map(({ asked_at, took, how }) => ({ asked_at: 1010 + asked_at, settled_at: 1010 + asked_at + took, how }));

test('ui whatever a log tells, its way is one that the machine has', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(90), { maxLength: 6 }),
      fc.array(prompt, { maxLength: 4 }),
      fc.boolean(),
      (tokens, prompts, isLost) => {
        const events: [string, number][] = [
          ['stream_started', 1005],
          ...tokens.toSorted((a, b) => a - b).map((at): [string, number] => ['token', 1010 + at]),
          ...(isLost ? [['stale', 1200] as [string, number]] : []),
          [isLost ? 'apperror' : 'done', 1201],
          ['title', 1202],
          ['stream_end', 1203],
        ];
        const run = told(
          events.map(([event, at], index) => row(index + 1, event, {}, at)),
          { prompts },
        );
        const steps = transitionsOf(run, words);
        expect(steps.at(-1)?.path).toBe('settled');
        expect(steps.some(({ run_state }) => run_state === 'waiting')).toBe(
          prompts.some(({ asked_at, settled_at }) => settled_at > asked_at),
        );
        steps.slice(1).forEach((step, at) => {
          expect(step.at).toBeGreaterThanOrEqual(steps[at]!.at);
          const way = drawnWay(steps[at]!.path, step.path);
          if (way !== null) expect(drawnWays).toContain(way);
        });
      },
    ),
  );
});
