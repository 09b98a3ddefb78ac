// How a run ends: the frames that fix it, what may follow them, and the outcome that each stands for. No schemas: the
// log's threads need these and nothing else of the wire.
export const OUTCOMES = ['completed', 'cancelled', 'errored', 'interrupted'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** ST1: exactly one of these ends a stream. */
export const TERMINAL_EVENTS = ['done', 'cancel', 'apperror'] as const;
export type TerminalEvent = (typeof TERMINAL_EVENTS)[number];
export const isTerminalEvent = (event: string): event is TerminalEvent =>
  (TERMINAL_EVENTS as readonly string[]).includes(event);

/** What may still follow a terminal frame, before `stream_end`. */
export const AFTER_TERMINAL_EVENTS: readonly string[] = ['metering', 'title_status', 'title'];

/** The outcome that a terminal frame stands for. `apperror {type:"interrupted"}` is an interruption. */
export function outcomeOf(event: TerminalEvent, data: { type?: string }): Outcome {
  if (event === 'done') return 'completed';
  if (event === 'cancel') return 'cancelled';
  return data.type === 'interrupted' ? 'interrupted' : 'errored';
}
