import { expect, test } from 'vitest';
import { BOXES, CHART_HEIGHT, CHART_WIDTH, WAYS } from '../../src/ui/drawer/chart-layout.ts';
import { drawnState, drawnStates, drawnWay, drawnWays } from '../../src/ui/drawer/run-chart.ts';

test('ui every state and every way of the stream machine has its place in the drawer, and nothing else has', () => {
  expect(Object.keys(BOXES).sort()).toEqual([...drawnStates].sort());
  expect(Object.keys(WAYS).sort()).toEqual([...drawnWays].sort());
});

test('ui no two states are drawn over each other', () => {
  const boxes = Object.entries(BOXES);
  for (const [name, a] of boxes) {
    expect(a.x + a.width).toBeLessThan(CHART_WIDTH);
    expect(a.y + a.height).toBeLessThan(CHART_HEIGHT);
    for (const [other, b] of boxes) {
      if (name === other) continue;
      const apart =
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(apart, `${name} and ${other}`).toBe(true);
    }
  }
});

test('ui what leaves or enters the running states does so at their border', () => {
  expect(drawnWay('active.running', 'draining.closing')).toBe('active>draining');
  expect(drawnWay('stale.awaiting', 'active.running')).toBe('stale>active');
  expect(drawnWay('active.running', 'active.quiet')).toBe('running>quiet');
  expect(drawnWay('draining.closing', 'draining.settling')).toBeNull();
  expect(drawnState('active.waiting')).toBe('waiting');
});
