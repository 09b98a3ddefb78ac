// The time of an inspection: its ends, the entry that stands at a moment, and the states of one actor over it. Pure.
import type { Entry } from '../../protocol/inspection.ts';
import type { History } from './history.ts';
import { type Mark, markIn } from './marks.ts';

export interface Segment {
  from: number;
  to: number;
  mark: Mark;
}

/** What is narrower than this part of the whole is drawn with what is before it. */
const NARROWEST = 1 / 1_000;

/** ms since 1970 of the oldest and of the newest entry */
export function endsOf(history: History): { from: number; to: number } {
  const from = history.entry(history.first)?.at ?? 0;
  const to = Math.max(from, history.entry(history.last)?.at ?? from);
  return { from, to };
}

/** The entry by which an actor began, or the oldest that is known of it; null: none is. */
export const birthOf = (history: History, actor: string): Entry | null =>
  history.entry(history.stepsOf(actor)[0] ?? 0);

/** The newest entry that is not after `at`. Entries are in the order in which they were told: a clock may have gone back. */
export function entryAt(history: History, at: number): number {
  let low = history.first;
  let high = history.last + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history.entry(middle)?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return Math.max(history.first, low - 1);
}

export function segmentsOf(history: History, actor: string): Segment[] {
  const { from, to } = endsOf(history);
  const narrowest = (to - from) * NARROWEST;
  const segments: Segment[] = [];
  const numbers = history.stepsOf(actor);
  const begun = numbers[0] === undefined ? null : history.actorAt(actor, numbers[0] - 1);
  const known = begun ?? (numbers[0] === undefined ? history.world.get(actor) : undefined);
  let machine = known?.machine ?? history.world.get(actor)?.machine ?? '';
  let context = known?.context ?? {};
  if (known) segments.push({ from, to: from, mark: markIn(machine, known.state, context) });
  for (const n of numbers) {
    const entry = history.entry(n);
    if (entry?.kind !== 'step' && entry?.kind !== 'actor') continue;
    if (entry.kind === 'actor') machine = entry.machine;
    if ('terminal' in entry.context) context = entry.context;
    const last = segments.at(-1);
    const mark = markIn(machine, entry.state, context);
    if (last) last.to = entry.at;
    if (last?.mark === mark) continue;
    if (last && last.to - last.from < narrowest && segments.length > 1) last.mark = mark;
    else segments.push({ from: entry.at, to: entry.at, mark });
  }
  const last = segments.at(-1);
  if (last) last.to = history.world.get(actor)?.status === 'active' ? to : Math.max(last.to, last.from);
  return segments;
}
