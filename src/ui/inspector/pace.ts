// How fast a recording is played: for as long as an event took to be followed, within bounds that let a person read what is
// little and see the end of what is much. Pure.
import type { Rows } from './rows.ts';

/** An event is shown at least this long. */
const EVENT_MIN_MS = 120;
/** And at most this long. */
const EVENT_MAX_MS = 1_000;
/** Of many events each is shown shorter: the whole takes at most this long. */
export const WHOLE_MAX_MS = 30_000;
/** Faster than this nothing is drawn: of very many events several pass at once. */
const DRAW_MIN_MS = 40;

/** The event that is shown next, and when; null: there is none. */
export function nextOf(rows: Rows, n: number): { n: number; wait_ms: number } | null {
  const { numbers } = rows;
  const here = rows.placeOf(n);
  const last = numbers.length - 1;
  if (here >= last) return null;
  const share = WHOLE_MAX_MS / numbers.length;
  const [least, most] = [Math.min(EVENT_MIN_MS, share), Math.min(EVENT_MAX_MS, share)];
  const place = Math.min(here + Math.max(1, Math.round(DRAW_MIN_MS / least)), last);
  const next = numbers[place] ?? n;
  const took = (rows.row(next)?.at ?? 0) - (rows.row(numbers[here] ?? next)?.at ?? 0);
  const passed = place - here;
  return { n: next, wait_ms: Math.min(Math.max(took, least * passed), most * passed) };
}
