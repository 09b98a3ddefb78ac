// A title for a first turn: one small request, whose failure is no news. It knows no session.
import type { AgentInput } from '../port.ts';
import type { Redaction } from './redaction.ts';
import type { ModelRequest } from './request.ts';

const READ_LENGTH_MAX = 2000;
const OUTPUT_TOKENS_MAX = 64;
const TITLE_LENGTH_MAX = 80;
const TASK =
  'Write a title of at most six words for this conversation, in its language. Answer with the title alone, without quotes.';

export async function askTitle(
  request: ModelRequest,
  input: AgentInput,
  answer: string,
  redaction: Redaction,
): Promise<string | null> {
  const cut = (text: string) => text.slice(0, READ_LENGTH_MAX).toWellFormed();
  try {
    const { content } = await request.model.doGenerate({
      prompt: [
        { role: 'system', content: TASK },
        {
          role: 'user',
          content: [{ type: 'text', text: `User: ${cut(input.text)}\n\nAnswer: ${cut(answer)}` }],
        },
      ],
      maxOutputTokens: OUTPUT_TOKENS_MAX,
      abortSignal: request.signal,
    });
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return cleanTitle(redaction.strictly(text));
  } finally {
    request.close();
  }
}

/** The first line that says something, without quotes, marks and the thinking that some models print. */
function cleanTitle(text: string): string | null {
  const lines = text.replace(/<think>[\s\S]*?(?:<\/think>|$)/g, '').split(/[\r\n]+/);
  const line = lines
    .map((each) => each.replace(/^[\s"'“”*#`]+|[\s"'“”*`.]+$/g, ''))
    .find((each) => each !== '');
  if (line === undefined) return null;
  const title = line.replace(/^title:\s*/i, '');
  return Array.from(title).slice(0, TITLE_LENGTH_MAX).join('') || null;
}
