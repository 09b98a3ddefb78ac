import { expect, test } from 'vitest';
import { contextOf, totalsOf } from '../../src/ui/context-meter.ts';
import { dollars } from '../../src/ui/money.ts';

const known = {
  input_tokens: 900_000,
  output_tokens: 4000,
  last_prompt_tokens: 100_000,
  context_length: 200_000,
  context_estimated: false,
};

test('ui the context is what the last prompt had of the window, never the running sum', () => {
  expect(contextOf(known, null)).toMatchObject({ used: 100_000, percent: 50, isExceeded: false });
  // A run under way has made its fourth request: its sum is large, its last prompt is not.
  const live = { input_tokens: 420_000, last_prompt_tokens: 110_000 };
  expect(contextOf(known, live)).toMatchObject({ used: 110_000, size: 200_000, percent: 55 });
});

test('ui the last known window is kept by a run that does not tell it; its own takes its place', () => {
  expect(contextOf(known, { last_prompt_tokens: 20_000 })?.size).toBe(200_000);
  expect(contextOf(known, { context_length: 50_000 })).toMatchObject({ size: 50_000, percent: 200 });
});

test('ui more than the window is exceeded, by however little; exactly the window is not', () => {
  expect(contextOf({ ...known, last_prompt_tokens: 200_000 }, null)?.isExceeded).toBe(false);
  expect(contextOf({ ...known, last_prompt_tokens: 200_001 }, null)?.isExceeded).toBe(true);
});

test('ui an estimated window says so, and a known one that takes its place does not', () => {
  expect(contextOf({ ...known, context_estimated: true }, null)?.isEstimated).toBe(true);
  expect(contextOf(known, { context_length: 8000, context_estimated: true })?.isEstimated).toBe(true);
  expect(contextOf({ ...known, context_estimated: true }, { context_length: 8000 })?.isEstimated).toBe(false);
});

test('ui without a window or a prompt no percent is made up', () => {
  expect(contextOf({ ...known, context_length: 0 }, null)).toBeNull();
  expect(contextOf({ ...known, last_prompt_tokens: 0 }, {})).toBeNull();
});

test('ui the totals are those of all runs, the one under way included', () => {
  expect(totalsOf(known, { input_tokens: 10, output_tokens: 5 })).toEqual({
    input: 900_010,
    output: 4005,
    cost: null,
  });
});

test('ui the cost is what the runs were told, and where none was told there is none', () => {
  expect(totalsOf({ ...known, cost: 0.5 }, { cost: 0.25 }).cost).toBe(0.75);
  expect(totalsOf({ ...known, cost: 0.5 }, {}).cost).toBe(0.5);
  expect(totalsOf(known, { cost: 0 }).cost).toBe(0);
  expect([0, 0.000423, 0.3, 1.239, 12_345.678].map(dollars)).toEqual([
    '$0.00',
    '$0.000423',
    '$0.300',
    '$1.24',
    '$12,345.68',
  ]);
});
