// @vitest-environment jsdom
// When what arrived is painted: in the next frame where somebody looks, and in steps where nobody does.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPaint } from '../../src/ui/paint.ts';

const BEGIN = 1_000_000;
let isHidden = false;
let painted: number[] = [];
const paint = () => createPaint(() => painted.push(Date.now() - BEGIN), Date.now);
/** All that was asked for by the end of this turn. */
const turn = () => Promise.resolve();

beforeEach(() => {
  vi.useFakeTimers({ now: BEGIN });
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
  isHidden = false;
  painted = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('ui a tab that is seen paints in its next frame, once, however much came', () => {
  const { ask } = paint();
  for (let word = 0; word < 100; word += 1) ask();
  vi.advanceTimersToNextFrame();
  vi.advanceTimersByTime(2_000);
  expect(painted).toHaveLength(1);
  expect(painted[0]).toBeLessThanOrEqual(16);
});

test('ui a hidden tab paints what comes after a pause with no timer, and what flows in steps of half a second', async () => {
  isHidden = true;
  const { ask } = paint();
  for (let word = 0; word < 100; word += 1) ask();
  expect(painted).toEqual([]);
  await turn();
  expect(painted).toEqual([0]);
  for (let ms = 0; ms < 1_000; ms += 100) {
    vi.advanceTimersByTime(100);
    ask();
    await turn();
  }
  expect(painted).toEqual([0, 500, 1_000]);
});

test('ui a clock that is set back keeps no hidden tab from painting', async () => {
  isHidden = true;
  const { ask } = paint();
  ask();
  await turn();
  vi.setSystemTime(BEGIN - 3_600_000);
  ask();
  await turn();
  expect(painted).toHaveLength(2);
});

test('ui a tab that is hidden after it was asked paints without a frame', () => {
  vi.stubGlobal('requestAnimationFrame', () => 1);
  const { ask } = paint();
  ask();
  isHidden = true;
  vi.advanceTimersByTime(500);
  expect(painted).toEqual([500]);
});

test.each([
  { who: 'seen', hidden: false },
  { who: 'hidden', hidden: true },
])(
  'ui of a tab that is $who: whoever reads the cursor paints first, and what is cancelled is not painted',
  async ({ hidden }) => {
    isHidden = hidden;
    const { ask, now, cancel } = paint();
    now();
    expect(painted).toHaveLength(0);
    ask();
    now();
    expect(painted).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    ask();
    cancel();
    await turn();
    vi.advanceTimersByTime(2_000);
    expect(painted).toHaveLength(1);
  },
);
