// Where the label of a way stands: on its longest straight part, if that is longer than the label; else beside it. Over no
// state, over no arrow's head, over other ways only where there is no room.
import type { Place } from '../../src/ui/inspector/chart.ts';
import { LABEL_HEIGHT } from '../../src/ui/inspector/chart-label.ts';

export interface Point {
  x: number;
  y: number;
}
/** What else there is in a picture. */
export interface Ground {
  width: number;
  height: number;
  /** states, dots and names of regions */
  boxes: Place[];
  /** other ways, and the borders of regions */
  lines: Point[][];
}

const ROOM = 2;
/** Of a way that must be seen on either side of a label on it. */
const SEEN_PX = 16;
const TIP_PX = 12;
/** How far from its way, and in what steps, a place is looked for. */
const [ACROSS_PX, ACROSS_STEP] = [120, 10];
const [ALONG_PX, ALONG_STEP] = [56, 4];
const COST = { box: 2_000, tip: 2_000, line: 120, linePx: 4, ownPx: 3, awayPx: 8, middlePx: 0.05 };

/** How far a straight line runs inside of a box. */
function inside([x, y, width, height]: Place, a: Point, b: Point): number {
  const left = Math.max(Math.min(a.x, b.x), x);
  const right = Math.min(Math.max(a.x, b.x), x + width);
  const top = Math.max(Math.min(a.y, b.y), y);
  const bottom = Math.min(Math.max(a.y, b.y), y + height);
  return left > right || top > bottom ? 0 : Math.max(right - left, bottom - top, 1);
}
const overlaps = ([x, y, width, height]: Place, [left, top, wide, high]: Place): boolean =>
  x < left + wide && left < x + width && y < top + high && top < y + height;
const lengthOf = ([a, b]: [Point, Point]): number => Math.abs(b.x - a.x) + Math.abs(b.y - a.y);
const partsOf = (way: Point[]): [Point, Point][] => way.slice(1).map((end, at) => [way[at] ?? end, end]);
/** How far a box is from a straight line. */
function away([x, y, width, height]: Place, [a, b]: [Point, Point]): number {
  const dx = Math.max(x - Math.max(a.x, b.x), Math.min(a.x, b.x) - x - width, 0);
  const dy = Math.max(y - Math.max(a.y, b.y), Math.min(a.y, b.y) - y - height, 0);
  return dx + dy;
}
const around = ({ x, y }: Point, px: number): Place => [x - px, y - px, 2 * px, 2 * px];

/** Each line with its straight parts. */
const linesOf = ({ lines }: Ground) => lines.map((line) => ({ parts: partsOf(line), tip: line.at(-1) }));

interface Scene {
  boxes: Place[];
  lines: ReturnType<typeof linesOf>;
  tip: Point | undefined;
  /** of the label's own way */
  parts: [Point, Point][];
}

/** From `enough` on nobody asks how much it is. */
function costOf(box: Place, { boxes, lines, tip, parts }: Scene, enough: number): number {
  let cost = Math.min(...parts.map((part) => away(box, part))) * COST.awayPx;
  const isOn = (part: [Point, Point]): boolean =>
    lengthOf(part) >= (part[0].x === part[1].x ? box[3] : box[2]) + 2 * SEEN_PX;
  for (const part of parts) if (!isOn(part)) cost += inside(box, ...part) * COST.ownPx;
  if (tip && overlaps(box, around(tip, TIP_PX))) cost += COST.tip;
  for (const one of boxes) if (overlaps(box, one)) cost += COST.box;
  for (const line of lines) {
    if (cost >= enough) return cost;
    let px = 0;
    for (const [a, b] of line.parts) px += inside(box, a, b);
    if (px > 0) cost += COST.line + px * COST.linePx;
    if (line.tip && overlaps(box, around(line.tip, TIP_PX / 2))) cost += COST.tip / 4;
  }
  return cost;
}

/** How far from the middle of a part: nearest first. */
const STEPS = Array.from({ length: (2 * ACROSS_PX) / ACROSS_STEP + 1 }, (_, across) =>
  Array.from({ length: (2 * ALONG_PX) / ALONG_STEP + 1 }, (_, along) => ({
    dx: across * ACROSS_STEP - ACROSS_PX,
    dy: along * ALONG_STEP - ALONG_PX,
  })),
)
  .flat()
  .sort((a, b) => Math.hypot(a.dx, a.dy) - Math.hypot(b.dx, b.dy));

/** The middle of the best place for a label so wide. */
export function labelSpot(way: Point[], width: number, ground: Ground): [number, number] {
  const parts = partsOf(way).toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const scene = { boxes: ground.boxes, lines: linesOf(ground), tip: way.at(-1), parts };
  const [wide, high] = [width + 2 * ROOM, LABEL_HEIGHT + 2 * ROOM];
  let best: [number, number] = [way[0]?.x ?? 0, way[0]?.y ?? 0];
  let least = Number.POSITIVE_INFINITY;
  for (const [rank, [a, b]] of parts.entries())
    for (const share of [0.5, 0.3, 0.7])
      for (const { dx, dy } of STEPS) {
        const near = (Math.hypot(dx, dy) + rank * 10) * COST.middlePx;
        if (near >= least) break;
        const [x, y] = [a.x + (b.x - a.x) * share + dx, a.y + (b.y - a.y) * share + dy];
        const box: Place = [x - wide / 2, y - high / 2, wide, high];
        if (box[0] < 0 || box[1] < 0 || box[0] + wide > ground.width || box[1] + high > ground.height)
          continue;
        const cost = near + costOf(box, scene, least - near);
        if (cost >= least) continue;
        least = cost;
        best = [x, y];
      }
  return best;
}
