// What a demo run used. There is no model behind it, so the numbers are estimates and say so; only what it was told
// to say token by token is counted.
import type { Message, Usage } from '../../protocol/index.ts';
import type { AgentInput } from '../port.ts';

/** The usual rule of thumb for English text. */
const CHARACTERS_PER_TOKEN = 4;
const CONTEXT_LENGTH = 8192;

const estimateTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);

const length = (message: Message): number =>
  message.parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);

export interface Tally {
  /** Counts text that was handed over. `tokens`: how many it stands for, where that is known. */
  said(text: string, tokens?: number): void;
  usage(): Usage;
}

export function createTally(input: AgentInput): Tally {
  const read = input.history.reduce((sum, message) => sum + length(message), input.text.length);
  let written = 0;
  return {
    said(text, tokens = text.length / CHARACTERS_PER_TOKEN) {
      written += tokens;
    },
    usage: () => ({
      input_tokens: estimateTokens(read),
      output_tokens: Math.ceil(written),
      last_prompt_tokens: estimateTokens(read),
      context_length: CONTEXT_LENGTH,
      context_estimated: true,
    }),
  };
}
