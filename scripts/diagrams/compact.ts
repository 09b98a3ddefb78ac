// A chart as the page's inspector draws it: without labels, with the inner states of all but its first region folded away
// where there are many. The page writes beside it what may happen next.
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartState } from '../../src/machines/chart.ts';
import type { ChartView, Place, ViewWire } from '../../src/ui/inspector/chart.ts';
import { elk, sectionsOf } from './elk.ts';
import { ANY, START, TITLE_PX } from './layout.ts';
import { pathOf } from './path.ts';

type Point = { x: number; y: number };
export type Direction = 'RIGHT' | 'DOWN';

/** A chart of more states is drawn with closed regions first. */
const OPEN_STATES_MAX = 12;
const BOX_HEIGHT = 34;
const PILL = { width: 58, height: 20 };
const DOT_PX = 9;
/** What the name of an event needs, and how far from its way it may stand. */
const LABEL = { width: 104, height: 14 };
const LABEL_STEPS = [0, 10, 18, 26, 34, 44];

/** From the first state on, as a run comes by; said to every region, for none inherits it. */
const ORDER = { 'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST' };

const round = (value: number): number => Math.round(value * 10) / 10;
const parentsOf = (id: string): string[] =>
  id.split('.').map((_, index, keys) => keys.slice(0, index + 1).join('.'));

/** Regions that are drawn as one box. */
export function closedOf(chart: Chart): Set<string> {
  if (chart.states.length <= OPEN_STATES_MAX) return new Set();
  const isOpen = (id: string): boolean => parentsOf(chart.initial).includes(id);
  const regions = chart.states.filter(({ kind, id }) => kind === 'compound' && !isOpen(id));
  return new Set(regions.map(({ id }) => id));
}

/** The chart with what lies in `closed` folded away. Ways that begin and end in one closed region are not drawn. */
function fold(chart: Chart, closed: Set<string>): Chart {
  const shown = (id: string): string => parentsOf(id).find((parent) => closed.has(parent)) ?? id;
  const edges = new Map<string, Chart['edges'][number]>();
  for (const { from, to } of chart.edges) {
    const ends = { from: shown(from), to: shown(to), labels: [] };
    if (ends.from === ends.to && closed.has(ends.from)) continue;
    edges.set(`${ends.from}>${ends.to}`, ends);
  }
  const states = chart.states
    .filter(({ id }) => shown(id) === id)
    .map((state): ChartState => (closed.has(state.id) ? { ...state, kind: 'atomic' } : state));
  return { ...chart, states, edges: [...edges.values()] };
}

function nodeOf(chart: Chart, state: ChartState): ElkNode {
  const width = Math.ceil(state.key.length * TITLE_PX * 0.56) + 22;
  if (state.kind !== 'compound') return { id: state.id, width: Math.max(width, 76), height: BOX_HEIGHT };
  const inner = chart.states.filter(({ parent }) => parent === state.id);
  return {
    id: state.id,
    children: [
      { id: `${state.id}${START}`, width: DOT_PX, height: DOT_PX },
      ...inner.map((child) => nodeOf(chart, child)),
    ],
    layoutOptions: { ...ORDER, 'elk.padding': '[top=30,left=14,bottom=14,right=14]' },
  };
}

const wayOf = (from: string, to: string): ElkExtendedEdge => ({
  id: `${from}>${to}`,
  sources: [from === '' ? ANY : from],
  targets: [to],
});

function graphOf(chart: Chart, direction: Direction): ElkNode {
  const tops = chart.states.filter(({ parent }) => parent === null);
  const hasAny = chart.edges.some(({ from }) => from === '');
  return {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
      'elk.randomSeed': '1',
      'elk.padding': '[top=8,left=8,bottom=8,right=8]',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      ...ORDER,
      'elk.layered.spacing.nodeNodeBetweenLayers': '26',
      'elk.layered.spacing.edgeNodeBetweenLayers': '12',
      'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
      'elk.spacing.nodeNode': '36',
      'elk.spacing.edgeNode': '16',
      'elk.spacing.edgeEdge': '10',
    },
    children: [
      { id: START, width: DOT_PX, height: DOT_PX },
      ...(hasAny ? [{ id: ANY, ...PILL }] : []),
      ...tops.map((state) => nodeOf(chart, state)),
    ],
    edges: [
      wayOf(START, chart.initial),
      ...chart.states.flatMap(({ id, kind, initial }) =>
        kind === 'compound' && initial ? [wayOf(`${id}${START}`, initial)] : [],
      ),
      ...chart.edges.map(({ from, to }) => wayOf(from, to)),
    ],
  };
}

/** How much of a label in the middle of `at` would lie over states. */
function covered({ x, y }: Point, places: Place[]): number {
  let area = 0;
  for (const [left, top, width, height] of places) {
    const wide = Math.min(x + LABEL.width / 2, left + width) - Math.max(x - LABEL.width / 2, left);
    const high = Math.min(y + LABEL.height / 2, top + height) - Math.max(y - LABEL.height / 2, top);
    if (wide > 0 && high > 0) area += wide * high;
  }
  return area;
}

/** Where a label of this way lies over the least of what else there is: beside the middle of one of its straight parts. */
function labelSpot(points: Point[], places: Place[]): [number, number] {
  let best: Point = points[0] ?? { x: 0, y: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (const [index, end] of points.entries()) {
    const begin = points[index - 1];
    if (!begin) continue;
    const middle = { x: (begin.x + end.x) / 2, y: (begin.y + end.y) / 2 };
    for (const [step, far] of LABEL_STEPS.entries())
      for (const { x, y } of [
        { x: 0, y: -far },
        { x: 0, y: far },
      ]) {
        const spot = { x: middle.x + x, y: middle.y + y };
        const cost = covered(spot, places) + step * LABEL.height;
        if (cost >= least || spot.y < LABEL.height) continue;
        least = cost;
        best = spot;
      }
  }
  return [round(best.x), round(best.y)];
}

function* nodesOf(node: ElkNode): Generator<ElkNode> {
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
}

export async function viewOf(chart: Chart, closed: Set<string>, direction: Direction): Promise<ChartView> {
  const laid = await elk.layout(graphOf(fold(chart, closed), direction));
  const places: Record<string, Place> = {};
  const wires: ViewWire[] = [];
  const dots: [number, number][] = [];
  const ways: { id: string; points: Point[] }[] = [];
  let any: Place | null = null;
  for (const node of nodesOf(laid)) {
    const { x = 0, y = 0, width = 0, height = 0 } = node;
    if (node.id.endsWith(START)) dots.push([round(x + width / 2), round(y + height / 2)]);
    else if (node.id === ANY) any = [round(x), round(y), width, height];
    else if (node !== laid) places[node.id] = [round(x), round(y), round(width), round(height)];
    for (const [edge, points] of sectionsOf(node)) ways.push({ id: edge.id, points });
  }
  const open = Object.entries(places).filter(
    ([id]) => !Object.keys(places).some((one) => one.startsWith(`${id}.`)),
  );
  const boxes = open.map(([, place]) => place);
  for (const { id, points } of ways) {
    const [from = '', to = ''] = id.split('>');
    wires.push({ from: from === ANY ? '' : from, to, d: pathOf(points), mid: labelSpot(points, boxes) });
  }
  return { width: round(laid.width ?? 0), height: round(laid.height ?? 0), places, wires, dots, any };
}
