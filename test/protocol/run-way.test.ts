import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createWay,
  isOfEpoch,
  promptRecords,
  type TimedRecord,
  TRANSITIONS_MAX,
} from '../../src/protocol/index.ts';
import { drawnWay, drawnWays } from '../../src/ui/drawer/run-chart.ts';

const record = (at: number, event: string, data: object = {}): TimedRecord => ({
  at: 1000 + at,
  event,
  data,
});
function wayOf(records: TimedRecord[]) {
  const way = createWay(1000);
  for (const one of records) way.take(one);
  return way.steps;
}
const namesOf = (records: TimedRecord[]): string[] =>
  wayOf(records).map(({ path }) => path.replace('active.', ''));

test('ui5 the way of a run that is over is read out of its log', () => {
  const lost = record(4, 'stale', { reason: 'restart', epoch: 2 });
  const steps = wayOf([
    record(0, 'user_message', { text: 'x' }),
    record(1, 'stream_started', { agent: 'demo', epoch: 1 }),
    record(2, 'token', { text: 'a' }),
    record(3, 'token', { text: 'b' }),
    lost,
    record(5, 'apperror', { type: 'interrupted', message: 'Cut.' }),
    record(6, 'stream_end', { terminal_state: 'interrupted' }),
  ]);
  expect(steps.map(({ at, path, why }) => [at, path, why])).toEqual([
    [1000, 'active.admitted', null],
    [1001, 'active.starting', 'demo'],
    [1002, 'active.running', null],
    [1004, 'stale.recovering', 'restart'],
    [1005, 'draining.closing', 'Cut.'],
    [1006, 'settled', 'interrupted'],
  ]);
  expect([1, 2, 3].map((epoch) => isOfEpoch(lost, epoch))).toEqual([true, true, false]);
});

test('ui5 a run has waited as long as a question of it was open', () => {
  const begin = record(1, 'stream_started', { agent: 'demo' });
  const end = [record(95, 'done'), record(96, 'metering'), record(97, 'stream_end')];
  const asked = (at: number) => record(at, 'prompt_asked');
  const settled = (at: number, how: string) => record(at, 'prompt_settled', { how });
  const two = [asked(10), asked(20), settled(30, 'answered'), settled(80, 'expired')];
  const over = ['draining.closing', 'settled'];
  expect(namesOf([begin, ...two, ...end])).toEqual(['admitted', 'starting', 'waiting', 'running', ...over]);
  const taken = [asked(10), record(50, 'cancel'), settled(50, 'cancelled'), record(51, 'stream_end')];
  expect(namesOf([begin, ...taken])).toEqual(['admitted', 'starting', 'waiting', ...over]);
  // A rule answered it: nobody waited.
  const ruled = [asked(10), settled(10, 'answered'), record(20, 'token')];
  expect(namesOf([begin, ...ruled, ...end])).toEqual(['admitted', 'starting', 'running', ...over]);
});

test('ui5 of a run whose log was cut its answer tells what it waited for', () => {
  const prompt = (asked_at: number, settled_at?: number) => ({
    ...{ type: 'prompt', asked_at, how: 'answered' },
    ...(settled_at !== undefined && { settled_at }),
  });
  const parts = [{ type: 'text' }, prompt(1010, 1030), prompt(1040, 1040), prompt(1050)];
  expect(namesOf(promptRecords(parts))).toEqual(['admitted', 'waiting', 'running']);
});

const prompt = fc.tuple(fc.nat(60), fc.nat(30), fc.constantFrom('answered', 'declined', 'expired'));

test('ui5 whatever a log tells, its way is one that the machine has, and it waits when somebody was asked', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(90), { maxLength: 6 }),
      fc.array(prompt, { maxLength: 4 }),
      fc.boolean(),
      (tokens, prompts, isLost) => {
        const among = [
          ...tokens.map((at) => record(10 + at, 'token')),
          ...prompts.flatMap(([at, took, how]) => [
            record(10 + at, 'prompt_asked'),
            record(10 + at + took, 'prompt_settled', { how }),
          ]),
        ].sort((a, b) => a.at - b.at);
        const steps = wayOf([
          record(5, 'stream_started'),
          ...among,
          ...(isLost ? [record(200, 'stale')] : []),
          record(201, isLost ? 'apperror' : 'done'),
          record(202, 'title'),
          record(203, 'stream_end'),
        ]);
        expect(steps.at(-1)?.path).toBe('settled');
        expect(steps.some(({ run_state }) => run_state === 'waiting')).toBe(
          prompts.some(([, took]) => took > 0),
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

test('ui5 P10 of a run with many questions the newest steps are told, and those before them counted', () => {
  const way = createWay(1000);
  way.take(record(1, 'stream_started', { agent: 'demo', epoch: 1 }));
  for (let at = 2; at < 2_000; at += 2) {
    way.take(record(at, 'prompt_asked'));
    way.take(record(at + 1, 'prompt_settled', { how: 'answered' }));
  }
  expect(way.steps).toHaveLength(TRANSITIONS_MAX);
  expect(way.dropped).toBe(2 + 1_998 - TRANSITIONS_MAX);
  expect(way.steps.at(-1)).toMatchObject({ at: 2_999, path: 'active.running' });
});
