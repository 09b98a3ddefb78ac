// @vitest-environment jsdom
// When what arrived is painted: in the next frame where somebody looks, and in steps where nobody does.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPaint } from '../../src/ui/paint.ts';

let isHidden = false;
let painted: number[] = [];
const paint = () => createPaint(() => painted.push(Date.now()), Date.now);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
  painted = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('ui a tab that is seen paints in its next frame, once, however much came', () => {
  isHidden = false;
  const { ask } = paint();
  for (let word = 0; word < 100; word += 1) ask();
  vi.advanceTimersToNextFrame();
  vi.advanceTimersByTime(2_000);
  expect(painted).toHaveLength(1);
  expect(painted[0]! - 1_000_000).toBeLessThanOrEqual(16);
});

test('ui a hidden tab takes what comes after a pause at once, and what flows in steps of half a second', () => {
  isHidden = true;
  const { ask } = paint();
  for (let ms = 0; ms <= 1_000; ms += 100) {
    ask();
    vi.advanceTimersByTime(100);
  }
  expect(painted.map((at) => at - 1_000_000)).toEqual([0, 500, 1_000]);
});

test('ui a tab that is hidden after it was asked paints without a frame', () => {
  isHidden = false;
  vi.stubGlobal('requestAnimationFrame', () => 1);
  const { ask } = paint();
  ask();
  isHidden = true;
  vi.advanceTimersByTime(500);
  expect(painted).toHaveLength(1);
  vi.unstubAllGlobals();
});

test('ui whoever reads the cursor paints first, and what is cancelled is not painted', () => {
  const { ask, now, cancel } = paint();
  now();
  expect(painted).toHaveLength(0);
  ask();
  now();
  expect(painted).toHaveLength(1);
  ask();
  cancel();
  vi.advanceTimersByTime(2_000);
  expect(painted).toHaveLength(1);
});
