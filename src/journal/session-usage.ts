// What the runs of a session used, as its row keeps it. Knows no run.
import { type Session, sumOf, type Usage } from '../protocol/index.ts';

type Used = Session['usage'];

/** Tokens and costs are summed; the size of the last prompt and of the window are the last that were known (lesson 94). */
export function usageAfter(known: Used, usage: Usage): Used {
  const cost = usage.cost === undefined ? known.cost : sumOf(known.cost ?? 0, usage.cost);
  return {
    input_tokens: sumOf(known.input_tokens, usage.input_tokens ?? 0),
    output_tokens: sumOf(known.output_tokens, usage.output_tokens ?? 0),
    last_prompt_tokens: usage.last_prompt_tokens ?? known.last_prompt_tokens,
    context_length: usage.context_length ?? known.context_length,
    context_estimated:
      usage.context_estimated ?? (usage.context_length === undefined && known.context_estimated),
    ...(cost === undefined ? {} : { cost }),
  };
}

export const USAGE_COLUMNS = `input_tokens = ?, output_tokens = ?, last_prompt_tokens = ?, context_length = ?,
  context_estimated = ?, cost = ?`;

/** In the order of `USAGE_COLUMNS`. */
export const usageValues = (used: Used) =>
  [
    used.input_tokens,
    used.output_tokens,
    used.last_prompt_tokens,
    used.context_length,
    used.context_estimated ? 1 : 0,
    used.cost ?? null,
  ] as const;
