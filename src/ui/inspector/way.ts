// The way of an actor to a moment, on its chart: the states it was in, the ways it took, the last of them, and by which guard.
// Pure.
import { type ChartEdge, type ChartView, type PageChart, shownState } from './chart.ts';
import type { History } from './history.ts';

/** Steps of one actor that are followed back. */
const STEPS_BACK_MAX = 2_000;

export interface Hop {
  from: string;
  to: string;
  /** the event, or `always`; empty: nobody has told */
  by: string;
  /** of the step */
  n: number;
}
export interface Way {
  now: string;
  been: ReadonlySet<string>;
  hops: readonly Hop[];
}

const lies = (path: string, within: string): boolean =>
  within === '' || path === within || path.startsWith(`${within}.`);

/** The event of a label: what it begins with. A due time is told as `xstate.after.<delay>.<state>`. */
function isLabelOf(label: string, by: string): boolean {
  if (by === '') return true;
  const [word, delay] = label.split(' ');
  return word === 'after' ? by.startsWith(`xstate.after.${delay}.`) : word === by;
}

/** The transition of the chart that a hop took: the innermost that could; null: it stayed where it was. */
export function edgeOf(chart: PageChart, { from, to, by }: Omit<Hop, 'n'>): ChartEdge | null {
  let best: ChartEdge | null = null;
  for (const edge of chart.edges) {
    if (!lies(from, edge.from) || !lies(to, edge.to)) continue;
    if (!edge.labels.some((label) => isLabelOf(label, by))) continue;
    const isCloser = !best || edge.from.length > best.from.length;
    const isAsClose = best?.from.length === edge.from.length;
    if (isCloser || (isAsClose && edge.to.length > best!.to.length)) best = edge;
  }
  return best;
}

/** What had to hold for it; one for each transition that it may have been; null: nothing, or it is not drawn. */
export function guardOf(edge: ChartEdge | null, by: string): string | null {
  const guards = (edge?.labels ?? [])
    .filter((label) => isLabelOf(label, by))
    .flatMap((label) => /\[(.+?)\]/.exec(label)?.[1] ?? []);
  return guards.length > 0 ? guards.join(' or ') : null;
}

/** The hops of one step: its event's, then those without one. */
export function hopsOf(history: History, n: number, from: string): Hop[] {
  const step = history.entry(n);
  if (step?.kind !== 'step') return [];
  const event = step.event_n === null ? null : history.entry(step.event_n);
  const first = event?.kind === 'event' ? event.event.type : '';
  let before = from;
  return (step.micro ?? [step.state]).map((to, index) => {
    const hop = { from: before, to, by: index === 0 ? first : 'always', n };
    before = to;
    return hop;
  });
}

/** From the beginning of the actor that bore the id at entry `n`, or as far as is kept. */
export function wayOf(history: History, id: string, n: number): Way {
  const numbers = history.stepsOf(id);
  const upTo = numbers.filter((one) => one <= n).slice(-STEPS_BACK_MAX);
  const birth = upTo.findLastIndex((one) => history.entry(one)?.kind === 'actor');
  const own = upTo.slice(Math.max(0, birth));
  const begun = own[0] === undefined ? null : history.actorAt(id, own[0] - 1);
  let now = begun?.state ?? '';
  const been = new Set<string>();
  const hops: Hop[] = [];
  for (const one of own) {
    const entry = history.entry(one);
    if (entry?.kind === 'actor') now = entry.state;
    else if (entry?.kind === 'step') {
      if (now !== '') been.add(now);
      hops.push(...hopsOf(history, one, now));
      now = entry.state;
    }
  }
  if (now === '') now = history.actorAt(id, n)?.state ?? '';
  return { now, been, hops };
}

/**
 * What of a picture is drawn as gone through: `from>to` of its ways. `hop`: the newest that led elsewhere, or is drawn;
 * `last`: its way.
 */
export function drawnWay(chart: PageChart, view: ChartView, hops: readonly Hop[]) {
  const gone = new Set<string>();
  let last: string | null = null;
  let newest: Hop | null = null;
  const seen = new Map<string, string | null>();
  for (const hop of hops) {
    const key = `${hop.from} ${hop.by} ${hop.to}`;
    let way = seen.get(key);
    if (way === undefined) {
      const edge = edgeOf(chart, hop);
      const drawn = edge && `${shownState(view, edge.from)}>${shownState(view, edge.to)}`;
      way = drawn !== null && view.wires.some(({ from, to }) => `${from}>${to}` === drawn) ? drawn : null;
      seen.set(key, way);
    }
    if (way !== null) gone.add(way);
    // A step that stays where it was is no news on the chart.
    if (hop.from === hop.to && way === null) continue;
    last = way;
    newest = hop;
  }
  return { gone, last, hop: newest };
}

/** What may happen next: every way out of a state and of those around it. */
export const exitsOf = (chart: PageChart, state: string): ChartEdge[] =>
  chart.edges.filter(({ from }) => lies(state, from)).toSorted((a, b) => b.from.length - a.from.length);
