// The statecharts as the page draws them: made from the machines by scripts/diagrams, places included, so that no layout
// library comes to the page. Knows no actor.
import { ownOf } from '../../protocol/own.ts';
import charts from './charts.json' with { type: 'json' };

export interface ChartState {
  id: string;
  key: string;
  kind: 'atomic' | 'compound' | 'final';
  /** the longest that it lasts, such as `60 s` */
  within: string | null;
  rules: string[];
}
export interface ChartEdge {
  from: string;
  to: string;
  /** `event [guard] / command`, one per transition between the two */
  labels: string[];
}
/** Where a state lies: x, y, width, height. */
export type Place = [number, number, number, number];
export interface ViewWire {
  from: string;
  to: string;
  /** the way, as of a path of SVG */
  d: string;
  /** where a label may stand */
  mid: [number, number];
}
/** One picture of a chart. A state without a place lies in a closed one. */
export interface ChartView {
  width: number;
  height: number;
  places: Record<string, Place>;
  wires: ViewWire[];
  /** dots that regions begin with: x, y */
  dots: [number, number][];
  /** the pill that stands for any state */
  any: Place | null;
}
export interface PageChart {
  id: string;
  states: ChartState[];
  edges: ChartEdge[];
  /** ids of rules that hold in every state */
  rules: string[];
  wide: ChartView;
  tall: ChartView;
  /** with every region open, where the others have closed ones */
  whole: ChartView | null;
}
export interface PageCharts {
  machines: Record<string, PageChart>;
  /** what each rule says */
  rules: Record<string, string>;
}

const drawn = charts as unknown as PageCharts;

/** null: a store, or a machine that this page does not know */
export const chartNamed = (machine: string): PageChart | null => ownOf(drawn.machines, machine) ?? null;

export const ruleText = (id: string): string => drawn.rules[id] ?? '';

/** The state that stands for `id` in a picture: itself, or the closed one around it; null: none does. */
export function shownState(view: ChartView, id: string): string | null {
  if (id === '') return '';
  for (let path = id; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('.'))))
    if (ownOf(view.places, path)) return path;
  return null;
}
