// A chart as the page's inspector draws it: without labels, with the inner states of all but its first region folded away
// where there are many. The page writes beside it what may happen next.
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartState } from '../../src/machines/chart.ts';
import type { ChartView, Place, ViewWire } from '../../src/ui/inspector/chart.ts';
import { labelWidth, takenBy } from '../../src/ui/inspector/chart-label.ts';
import { elk, sectionsOf } from './elk.ts';
import { type Ground, labelSpot, type Point } from './label-spot.ts';
import { ANY, START, TITLE_PX } from './layout.ts';
import { pathOf } from './path.ts';

export type Direction = 'RIGHT' | 'DOWN';

/** A chart of more states is drawn with closed regions first. */
const OPEN_STATES_MAX = 12;
const BOX_HEIGHT = 34;
const PILL = { width: 58, height: 20 };
const DOT_PX = 9;
/** Where the name of a region stands in it. */
const NAME = { x: 8, y: 6, height: 18 };

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
  for (const edge of chart.edges) {
    const [from, to] = [shown(edge.from), shown(edge.to)];
    if (from === to && closed.has(from)) continue;
    const others = edges.get(`${from}>${to}`)?.labels ?? [];
    edges.set(`${from}>${to}`, { from, to, labels: [...others, ...edge.labels] });
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

function* nodesOf(node: ElkNode): Generator<ElkNode> {
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
}

const borderOf = ([x, y, width, height]: Place): Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
  { x, y },
];

/** What the label of a way may not lie over, but for the other ways. */
function groundOf(places: Record<string, Place>, dots: [number, number][], any: Place | null) {
  const isRegion = (id: string): boolean => Object.keys(places).some((one) => one.startsWith(`${id}.`));
  const all = Object.entries(places);
  const regions = all.filter(([id]) => isRegion(id));
  const names = regions.map(([id, [x, y]]): Place => {
    const key = id.slice(id.lastIndexOf('.') + 1);
    return [x + NAME.x, y + NAME.y, labelWidth(key), NAME.height];
  });
  const states = all.filter(([id]) => !isRegion(id)).map(([, place]) => place);
  const around = dots.map(([x, y]): Place => [x - DOT_PX / 2, y - DOT_PX / 2, DOT_PX, DOT_PX]);
  return {
    boxes: [...states, ...names, ...around, ...(any ? [any] : [])],
    borders: regions.map(([, place]) => borderOf(place)),
  };
}

export async function viewOf(chart: Chart, closed: Set<string>, direction: Direction): Promise<ChartView> {
  const folded = fold(chart, closed);
  const laid = await elk.layout(graphOf(folded, direction));
  const places: Record<string, Place> = {};
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
  const [width, height] = [round(laid.width ?? 0), round(laid.height ?? 0)];
  const { boxes, borders } = groundOf(places, dots, any);
  const wires = ways.map(({ id, points }): ViewWire => {
    const [begin = '', to = ''] = id.split('>');
    const from = begin === ANY ? '' : begin;
    const labels = folded.edges.find((edge) => edge.from === from && edge.to === to)?.labels ?? [];
    const widest = Math.max(0, ...labels.map((label) => labelWidth(takenBy(label))));
    const others = ways.filter((way) => way.id !== id).map((way) => way.points);
    const ground: Ground = { width, height, boxes, lines: [...others, ...borders] };
    const [x, y] = widest > 0 ? labelSpot(points, widest, ground) : [0, 0];
    return { from, to, d: pathOf(points), mid: [round(x), round(y)] };
  });
  return { width, height, places, wires, dots, any };
}
