// The labels of the inspector's charts: each stands by its way, and hides nothing that has to be seen.
import { expect, test } from 'vitest';
import {
  type ChartView,
  chartNamed,
  type PageChart,
  type Place,
  shownState,
} from '../../src/ui/inspector/chart.ts';
import { LABEL_HEIGHT, labelWidth, takenBy } from '../../src/ui/inspector/chart-label.ts';
import { machines } from '../support/machines.ts';

type Point = [x: number, y: number];

/** Corners and ends of a way: `L` leads to where a corner begins, `Q` by the corner itself. */
function pointsOf(d: string): Point[] {
  const all = [...d.matchAll(/([MLQ])([-\d. ]+)/g)].map(([, kind, numbers = '']) => {
    const [x = 0, y = 0] = numbers.trim().split(' ').map(Number);
    return { kind, point: [x, y] as Point };
  });
  return all.filter(({ kind }, at) => kind !== 'L' || at === all.length - 1).map(({ point }) => point);
}
const within = ([left, top, width, height]: Place, [x, y]: Point): boolean =>
  x > left && x < left + width && y > top && y < top + height;
/** Ways are horizontal or vertical, but for parts of a pixel. */
const crosses = ([left, top, width, height]: Place, d: string): boolean =>
  pointsOf(d).some(([x, y], at, points) => {
    const [fromX, fromY] = points[at - 1] ?? [x, y];
    return (
      Math.min(x, fromX) < left + width &&
      Math.max(x, fromX) > left &&
      Math.min(y, fromY) < top + height &&
      Math.max(y, fromY) > top
    );
  });
const covers = (a: Place, b: Place): boolean =>
  a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];

/** The widest label of each way of a picture, where it stands. */
function labelsOf(chart: PageChart, view: ChartView) {
  return view.wires.flatMap((wire) => {
    const widths = chart.edges
      .filter(({ from, to }) => shownState(view, from) === wire.from && shownState(view, to) === wire.to)
      .flatMap(({ labels }) => labels.map((label) => labelWidth(takenBy(label))));
    if (widths.length === 0) return [];
    const [width, [x, y]] = [Math.max(...widths), wire.mid];
    return [{ wire, box: [x - width / 2, y - LABEL_HEIGHT / 2, width, LABEL_HEIGHT] as Place }];
  });
}

test.each(Object.keys(machines))(
  'ui a label of the chart of %s hides no state, and no end of its way',
  (name) => {
    const chart = chartNamed(name)!;
    for (const view of [chart.wide, chart.tall, chart.whole ?? chart.wide]) {
      const leaves = Object.entries(view.places).filter(
        ([id]) => !Object.keys(view.places).some((one) => one.startsWith(`${id}.`)),
      );
      for (const { wire, box } of labelsOf(chart, view)) {
        const way = `${wire.from}>${wire.to}`;
        const [left, top, width, height] = box;
        expect(left >= 0 && top >= 0 && left + width <= view.width && top + height <= view.height, way).toBe(
          true,
        );
        expect(
          leaves.filter(([, place]) => covers(box, place)).map(([id]) => id),
          way,
        ).toEqual([]);
        expect(within(box, pointsOf(wire.d).at(-1)!), way).toBe(false);
      }
    }
  },
);

/** The share of labels that lie over other ways. */
function shareOver(views: (chart: PageChart) => ChartView[]): number {
  const over = Object.keys(machines).flatMap((name) => {
    const chart = chartNamed(name)!;
    return views(chart).flatMap((view) =>
      labelsOf(chart, view).map(({ wire, box }) =>
        view.wires.some((other) => other !== wire && crosses(box, other.d)),
      ),
    );
  });
  expect(over.length).toBeGreaterThan(100);
  return over.filter(Boolean).length / over.length;
}

test('ui a label lies over other ways only where there is no room: next to nowhere, but on the narrow charts of a phone', () => {
  expect(shareOver(({ wide, whole }) => (whole ? [wide, whole] : [wide]))).toBeLessThan(0.03);
  expect(shareOver(({ tall }) => [tall])).toBeLessThan(0.4);
});
