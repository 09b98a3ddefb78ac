// Where everything of a chart lies: the layered layout of ELK, with sizes that are computed and not measured, so that the
// same chart lies the same everywhere.
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartEdge } from '../../src/machines/chart.ts';
import { elk, sectionsOf } from './elk.ts';
import type { RuledChart, RuledState } from './rules.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Wire {
  points: { x: number; y: number }[];
  labels: { box: Box; lines: string[] }[];
}
export interface Layout {
  width: number;
  height: number;
  boxes: Map<string, Box>;
  wires: Wire[];
}

export const TITLE_PX = 13;
export const SMALL_PX = 10.5;
export const LINE_PX = 14;
const LABEL_CHARS_MAX = 38;
/** id of the dot that every chart begins with; of the pill that stands for any state */
export const START = '(start)';
export const ANY = '(any)';
/** A compound state that leads to its own inside does so from a pill. */
export const pillOf = (id: string): string => `${id || 'root'}${ANY}`;
export const dotOf = (id: string): string => `${id}${START}`;

const widthOf = (line: string, px: number): number => Math.ceil(line.length * px * 0.56);

/** Breaks a label at spaces. */
export function wrap(label: string, chars = LABEL_CHARS_MAX): string[] {
  const lines: string[] = [];
  for (const word of label.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= chars)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}

/** The small lines under a state's name. */
export const detailsOf = (state: RuledState): string[] => [
  ...(state.rules.length > 0 ? [state.rules.join(' ')] : []),
  ...(state.within ? [`≤ ${state.within}`] : []),
  ...state.commands.map((command) => `/ ${command}`),
  ...state.inside.flatMap((label) => wrap(label)),
];

const own = (edge: ChartEdge): boolean => edge.to === edge.from || edge.to.startsWith(`${edge.from}.`);
export const leadsInside = (chart: Chart, id: string): boolean =>
  chart.edges.some((edge) => edge.from === id && edge.to !== id && (id === '' || own(edge)));

function nodeOf(chart: RuledChart, state: RuledState): ElkNode {
  const details = detailsOf(state);
  const textWidth = Math.max(
    widthOf(state.key, TITLE_PX + 1),
    ...details.map((line) => widthOf(line, SMALL_PX)),
  );
  if (state.kind !== 'compound')
    return {
      id: state.id,
      width: Math.max(textWidth + 24, 72),
      height: 26 + details.length * LINE_PX + (details.length > 0 ? 4 : 0),
    };
  const top = 30 + details.length * LINE_PX;
  return {
    id: state.id,
    children: [
      ...(state.initial ? [{ id: dotOf(state.id), width: 10, height: 10 }] : []),
      ...(leadsInside(chart, state.id) ? [{ id: pillOf(state.id), width: 64, height: 20 }] : []),
      ...chart.states.filter((child) => child.parent === state.id).map((child) => nodeOf(chart, child)),
    ],
    layoutOptions: {
      'elk.padding': `[top=${top},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${textWidth + 32}, ${top + 20})`,
    },
  };
}

function wireOf(chart: Chart, edge: ChartEdge, index: number): ElkExtendedEdge {
  const lines = edge.labels.flatMap((label) => wrap(label));
  return {
    id: `edge ${index}`,
    sources: [
      leadsInside(chart, edge.from) && (edge.from === '' || own(edge)) ? pillOf(edge.from) : edge.from,
    ],
    targets: [edge.to],
    labels: [
      {
        id: `label ${index}`,
        text: lines.join('\n'),
        width: Math.max(...lines.map((line) => widthOf(line, SMALL_PX))) + 6,
        height: lines.length * (LINE_PX - 1) + 2,
      },
    ],
  };
}

function graphOf(chart: RuledChart): ElkNode {
  const compounds = chart.states.filter((state) => state.kind === 'compound');
  return {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
      'elk.randomSeed': '1',
      'elk.padding': '[top=20,left=20,bottom=20,right=20]',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.spacing.nodeNodeBetweenLayers': '34',
      'elk.layered.spacing.edgeNodeBetweenLayers': '14',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
      'elk.edgeLabels.placement': 'CENTER',
      'elk.spacing.nodeNode': '26',
      'elk.spacing.edgeNode': '14',
      'elk.spacing.edgeEdge': '12',
      'elk.spacing.edgeLabel': '3',
      'elk.edgeLabels.inline': 'false',
    },
    children: [
      ...(chart.initial ? [{ id: START, width: 12, height: 12 }] : []),
      ...(leadsInside(chart, '') ? [{ id: pillOf(''), width: 64, height: 20 }] : []),
      ...chart.states.filter((state) => state.parent === null).map((state) => nodeOf(chart, state)),
    ],
    edges: [
      ...(chart.initial ? [{ id: 'start', sources: [START], targets: [chart.initial] }] : []),
      ...compounds.flatMap((state) =>
        state.initial
          ? [{ id: `start ${state.id}`, sources: [dotOf(state.id)], targets: [state.initial] }]
          : [],
      ),
      ...chart.edges.map((edge, index) => wireOf(chart, edge, index)),
    ],
  };
}

export async function layOut(chart: RuledChart): Promise<Layout> {
  const laid = await elk.layout(graphOf(chart));
  const boxes = new Map<string, Box>();
  const wires: Wire[] = [];
  const visit = (node: ElkNode): void => {
    boxes.set(node.id, { x: node.x ?? 0, y: node.y ?? 0, width: node.width ?? 0, height: node.height ?? 0 });
    for (const child of node.children ?? []) visit(child);
    for (const [edge, points] of sectionsOf(node))
      wires.push({
        points,
        labels: (edge.labels ?? []).map((label) => ({
          box: { x: label.x ?? 0, y: label.y ?? 0, width: label.width ?? 0, height: label.height ?? 0 },
          lines: (label.text ?? '').split('\n'),
        })),
      });
  };
  visit(laid);
  return { width: laid.width ?? 0, height: laid.height ?? 0, boxes, wires };
}
