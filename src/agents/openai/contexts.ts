// How many tokens a model takes in, where its endpoint does not tell: a table of public figures, and always an estimate.

const CONTEXT_LENGTHS: readonly (readonly [RegExp, number])[] = [
  [/gpt-4\.1/, 1_047_576],
  [/gpt-5/, 400_000],
  [/gpt-4o|gpt-4-turbo|gpt-oss|chatgpt-4o/, 128_000],
  [/gpt-4-32k/, 32_768],
  [/gpt-4/, 8192],
  [/gpt-3\.5/, 16_385],
  [/(?:^|\/)o[134](?:-|$)/, 200_000],
  [/claude/, 200_000],
  [/gemini/, 1_048_576],
  [/deepseek/, 128_000],
  [/kimi-k2/, 128_000],
  [/llama-?3\.[123]|llama3\.[123]/, 131_072],
  [/llama-?3/, 8192],
  [/qwen-?3/, 131_072],
  [/qwen-?2/, 32_768],
  [/mistral-large|mistral-small|ministral/, 128_000],
  [/mistral|mixtral/, 32_768],
  [/gemma-?3/, 131_072],
  [/gemma/, 8192],
];

/** undefined: not known, and not guessed. */
export function contextLength(model: string): number | undefined {
  const name = model.toLowerCase();
  return CONTEXT_LENGTHS.find(([pattern]) => pattern.test(name))?.[1];
}
