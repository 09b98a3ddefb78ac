// What a run used, over all its requests, as the endpoint counts. What the endpoint does not tell is left out, not guessed.
import { sumOf, type Usage } from '../../protocol/index.ts';
import { contextLength } from './contexts.ts';
import type { ModelUsage } from './model.ts';
import type { Windows } from './windows.ts';

export interface UsageCount {
  add(usage: ModelUsage | undefined): void;
  /** undefined: nothing is known yet */
  value(): Usage | undefined;
}

/** Endpoints have been seen to send fractions, negative numbers and null. */
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined;

/** What an endpoint such as OpenRouter says of money, in US dollars, beside the tokens. */
function costOf(usage: ModelUsage | undefined): number | undefined {
  const cost = usage?.raw?.cost;
  return typeof cost === 'number' && cost >= 0 && cost <= Number.MAX_SAFE_INTEGER ? cost : undefined;
}

type Window = Pick<Usage, 'context_length' | 'context_estimated'>;

/** lesson 94: what the endpoint told, else what the model's name says. Looked at late: it may be told while the run goes on. */
function windowOf(model: string, windows: Windows): Window {
  const told = windows.of(model);
  // Said in so many words: it may take an estimate's place.
  if (told !== undefined) return { context_length: told, context_estimated: false };
  const guess = contextLength(model);
  return guess === undefined ? {} : { context_length: guess, context_estimated: true };
}

export function createUsageCount(model: string, windows: Windows): UsageCount {
  let input: number | undefined;
  let output: number | undefined;
  let last: number | undefined;
  let cost: number | undefined;
  return {
    add(usage) {
      const prompt = count(usage?.inputTokens.total);
      const answer = count(usage?.outputTokens.total);
      if (prompt !== undefined) input = sumOf(input ?? 0, prompt);
      if (answer !== undefined) output = sumOf(output ?? 0, answer);
      last = prompt ?? last;
      const spent = costOf(usage);
      if (spent !== undefined) cost = sumOf(cost ?? 0, spent);
    },
    value: () =>
      input === undefined && output === undefined && cost === undefined
        ? undefined
        : {
            ...(input === undefined ? {} : { input_tokens: input }),
            ...(output === undefined ? {} : { output_tokens: output }),
            ...(last === undefined ? {} : { last_prompt_tokens: last }),
            ...(cost === undefined ? {} : { cost }),
            ...windowOf(model, windows),
          },
  };
}
