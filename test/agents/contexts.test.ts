import { expect, test } from 'vitest';
import { contextLength } from '../../src/agents/openai/contexts.ts';

test.each([
  ['gpt-4o-mini', 128_000],
  ['openai/GPT-4.1-nano', 1_047_576],
  ['gpt-4-0613', 8192],
  ['gpt-4-32k', 32_768],
  ['azure/o3-mini', 200_000],
  ['meta-llama/Llama-3.1-8B-Instruct', 131_072],
  ['meta-llama/Meta-Llama-3-8B', 8192],
])('lesson 94 the window of %s is estimated from its name: %d tokens', (model, tokens) => {
  expect(contextLength(model)).toBe(tokens);
});

test.each(['', 'my-own-model', 'foo4', 'turbo3', '\u0000', 'x'.repeat(100_000)])(
  'lesson 94 a model that no table knows has no window, and no run fails of that: %j',
  (model) => {
    expect(contextLength(model)).toBeUndefined();
  },
);
