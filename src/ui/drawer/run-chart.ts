// The states and ways of a run that are drawn: the machine's own graph, with what happens inside `draining` and `stale` drawn
// as one. Pure.
import { chartOf } from '../../machines/chart.ts';
import { streamMachine } from '../../machines/stream.machine.ts';

const REGION = 'active';

/** The drawn state that a path of the machine lies in: `active.running` is `running`, `draining.closing` is `draining`. */
export function drawnState(path: string): string {
  const [outer = '', inner] = path.split('.');
  return outer === REGION ? (inner ?? REGION) : outer;
}

const isInside = (path: string): boolean => path.startsWith(`${REGION}.`);

/** The way between two states, as it is drawn: what leaves or enters the region does so at its border. */
export function drawnWay(from: string, to: string): string | null {
  const bothInside = isInside(from) && isInside(to);
  const start = bothInside || !isInside(from) ? drawnState(from) : REGION;
  const end = bothInside || !isInside(to) ? drawnState(to) : REGION;
  return start === end ? null : `${start}>${end}`;
}

const chart = chartOf(streamMachine);

export const drawnStates: string[] = [
  ...new Set(chart.states.map((state) => drawnState(state.id)).filter((name) => name !== REGION)),
];
export const drawnWays: string[] = [
  ...new Set(chart.edges.map(({ from, to }) => drawnWay(from, to)).filter((way) => way !== null)),
];
