// The bar of time: an event beside the other, each as wide, however long nothing happened between them; of it, the states of
// one actor, and what time it was here and there. Pure.
import type { Entry } from '../../protocol/inspection.ts';
import type { History } from './history.ts';
import { type Mark, markIn } from './marks.ts';
import { above, type Rows } from './rows.ts';

/** `from` and `to` are places among the rows that are shown. */
export interface Segment {
  from: number;
  to: number;
  mark: Mark;
}

/** What is narrower than this part of the whole is drawn with what is before it. */
const NARROWEST = 1 / 1_000;

/** ms since 1970 of the newest entry; 0: there is none */
export const endOf = (history: History): number => history.entry(history.last)?.at ?? 0;

/** The entry by which an actor began, or the oldest that is known of it; null: none is. */
export const birthOf = (history: History, actor: string): Entry | null =>
  history.entry(history.stepsOf(actor)[0] ?? 0);

/** When the events happened that divide the bar into as many `parts`: the first, the last, and those between. */
export function timesOf(history: History, { numbers, first }: Rows, parts: number): number[] {
  const last = numbers.length - 1;
  if (last - first < parts) return [];
  return Array.from(
    { length: parts + 1 },
    (_, part) => history.entry(numbers[first + Math.round(((last - first) * part) / parts)] ?? 0)?.at ?? 0,
  );
}

export function segmentsOf(history: History, { numbers, first }: Rows, actor: string): Segment[] {
  const end = numbers.length - 1;
  if (end < 0) return [];
  const narrowest = Math.max(1, (end - first) * NARROWEST);
  const segments: Segment[] = [];
  const own = history.stepsOf(actor);
  const begun = own[0] === undefined ? null : history.actorAt(actor, own[0] - 1);
  const known = begun ?? (own[0] === undefined ? history.world.get(actor) : undefined);
  let machine = known?.machine ?? history.world.get(actor)?.machine ?? '';
  let context = known?.context ?? {};
  if (known) segments.push({ from: first, to: first, mark: markIn(machine, known.state, context) });
  // A step is shown with its event: from there on it stood so.
  const placeOf = (entry: Entry): number => {
    const told = (entry.kind === 'step' && entry.event_n) || entry.n;
    return Math.min(Math.max(above(numbers, told - 1), first), end);
  };
  let latest: Entry | null = null;
  for (const n of own) {
    const entry = history.entry(n);
    if (entry?.kind !== 'step' && entry?.kind !== 'actor') continue;
    if (entry.kind === 'actor') machine = entry.machine;
    if ('terminal' in entry.context) context = entry.context;
    latest = entry;
    const last = segments.at(-1);
    const mark = markIn(machine, entry.state, context);
    if (last?.mark === mark) continue;
    const from = placeOf(entry);
    if (last) last.to = from;
    if (last && from - last.from < narrowest) last.mark = mark;
    else segments.push({ from, to: from, mark });
  }
  const last = segments.at(-1);
  const isOver = history.world.get(actor)?.status !== 'active';
  if (last) last.to = isOver && latest ? placeOf(latest) : end;
  return segments;
}
