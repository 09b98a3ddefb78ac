// What time it is for a machine. Machines have no clock: an event from outside carries `at`, and a timer of the machine's
// own fires at the time it was due.

export interface Timed {
  /** ms since 1970, of the last event that this machine took notice of */
  now: number;
  /** when the present state is due to be left; null: nothing but an event ends it */
  due_at: number | null;
}

/** The time of `event`, in ms since 1970. */
export function moment(context: Timed, event: object): number {
  return 'at' in event && typeof event.at === 'number' ? event.at : (context.due_at ?? context.now);
}

/** What is left of a bound, in ms; never negative, never more than the bound itself, whatever the wall clock does. */
export function remaining(context: Pick<Timed, 'now'>, since: number, bound_ms: number): number {
  return Math.min(Math.max(since + bound_ms - context.now, 0), bound_ms);
}
