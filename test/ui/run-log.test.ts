import { expect, test } from 'vitest';
import { type LogRow, transitionsOf } from '../../src/ui/drawer/run-log.ts';

const words = { firstFrame: (seq: number) => `first frame, seq ${seq}` };
const row = (seq: number, event: string, payload: object = {}): LogRow => ({
  seq,
  at: 1000 + seq,
  event,
  json: JSON.stringify({ stream_id: 'r', seq, at: 1000 + seq, ...payload }),
});

test('ui the way of a run that is over is read out of its log', () => {
  const steps = transitionsOf(
    [
      row(1, 'stream_started', { agent: 'demo', epoch: 1 }),
      row(2, 'token', { text: 'a' }),
      row(3, 'token', { text: 'b' }),
      row(4, 'stale', { reason: 'restart', epoch: 2 }),
      row(5, 'apperror', { type: 'interrupted', message: 'Cut.' }),
      row(6, 'stream_end', { terminal_state: 'interrupted' }),
    ],
    words,
  );
  expect(steps.map(({ run_state, why }) => [run_state, why])).toEqual([
    ['starting', 'demo'],
    ['running', 'first frame, seq 2'],
    ['stale', 'restart'],
    ['draining', 'Cut.'],
    ['settled', 'interrupted'],
  ]);
  expect(steps.map((step) => step.at)).toEqual([1001, 1002, 1004, 1005, 1006]);
});
