// How full an agent's window is: from the last prompt's tokens, never from the running sum. Pure.
import type { Usage } from '../protocol/frames.ts';
import type { Session } from '../protocol/views.ts';

const FULL_PERCENT = 100;

export interface ContextUse {
  /** tokens of the last prompt */
  used: number;
  /** tokens of the window */
  size: number;
  percent: number;
  isExceeded: boolean;
  isEstimated: boolean;
}

/**
 * `live`: what the run that is under way has said of itself; a field that it leaves out is as it was last known (lesson 94).
 * null: the prompt or the window is not known, and nothing is guessed here.
 */
export function contextOf(known: Session['usage'], live: Usage | null): ContextUse | null {
  const used = live?.last_prompt_tokens ?? known.last_prompt_tokens;
  const size = live?.context_length ?? known.context_length;
  if (!(used > 0) || !(size > 0)) return null;
  const isOwn = live?.context_length === undefined;
  const percent = Math.round((used / size) * FULL_PERCENT);
  return {
    used,
    size,
    percent,
    isExceeded: used > size,
    isEstimated: isOwn ? known.context_estimated : live?.context_estimated === true,
  };
}

/** Tokens of all runs, the one under way included, and what those cost that said so; null: none did. */
export function totalsOf(known: Session['usage'], live: Usage | null) {
  const costs = [known.cost, live?.cost].filter((cost) => cost !== undefined);
  return {
    input: known.input_tokens + (live?.input_tokens ?? 0),
    output: known.output_tokens + (live?.output_tokens ?? 0),
    cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
  };
}
