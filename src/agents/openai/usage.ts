// What a run used, over all its requests, as the endpoint counts. What the endpoint does not tell is left out, not guessed.
import type { Usage } from '../../protocol/index.ts';
import { contextLength } from './contexts.ts';
import type { ModelUsage } from './model.ts';

export interface UsageCount {
  add(usage: ModelUsage | undefined): void;
  /** undefined: nothing is known yet */
  value(): Usage | undefined;
}

/** Endpoints have been seen to send fractions, negative numbers and null. */
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined;

export function createUsageCount(model: string): UsageCount {
  const context_length = contextLength(model);
  let input: number | undefined;
  let output: number | undefined;
  let last: number | undefined;
  return {
    add(usage) {
      const prompt = count(usage?.inputTokens.total);
      const answer = count(usage?.outputTokens.total);
      if (prompt !== undefined) input = (input ?? 0) + prompt;
      if (answer !== undefined) output = (output ?? 0) + answer;
      last = prompt ?? last;
    },
    value: () =>
      input === undefined && output === undefined
        ? undefined
        : {
            ...(input === undefined ? {} : { input_tokens: input }),
            ...(output === undefined ? {} : { output_tokens: output }),
            ...(last === undefined ? {} : { last_prompt_tokens: last }),
            ...(context_length === undefined ? {} : { context_length, context_estimated: true }),
          },
  };
}
