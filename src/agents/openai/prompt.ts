// The conversation as a model reads it: settled turns and the new message. What was shown and what is sent are the same
// text (lesson 44), but for errors and superseded answers, which are not sent, and cut-off answers, which say so.
import type { Message, Part, ToolPart } from '../../protocol/index.ts';
import type { AgentInput } from '../port.ts';
import { type Attached, attachedContent, type UserContent } from './attached.ts';
import type { Prompt, PromptMessage } from './model.ts';
import type { Tool } from './tool.ts';

type AssistantPart = Extract<PromptMessage, { role: 'assistant' }>['content'][number];

const CUT_OFF = {
  cancelled: 'stopped by the user',
  interrupted: 'interrupted',
  errored: 'ended by an error',
} as const;

export function createPrompt(
  input: AgentInput,
  tools: ReadonlyMap<string, Tool>,
  attached: Attached = new Map(),
): Prompt {
  const turns = input.history.filter((message) => !isReplaced(message, input));
  const nextCall = callIds();
  const prompt: Prompt = [];
  for (const message of turns)
    if (message.role === 'user')
      pushUser(prompt, textOf(message.parts), attachedContent(message.parts, attached));
    else pushAnswer(prompt, message, tools, nextCall);
  pushUser(prompt, input.text, attachedContent(input.attachments, attached));
  return prompt;
}

/** Nine letters and digits: the only form of a call's id that every endpoint takes. */
function callIds(): () => string {
  let calls = 0;
  return () => `call${String(++calls).padStart(5, '0')}`;
}

/** An answer that another run gave again; and its question, where that run brings the question with it. */
function isReplaced(message: Message, { history, stream_id }: AgentInput): boolean {
  const replacing = history.find(
    (other) => other.stream_id === message.stream_id && other.superseded_by,
  )?.superseded_by;
  if (replacing === undefined) return false;
  if (message.role === 'assistant') return true;
  return (
    replacing === stream_id || history.some((other) => other.role === 'user' && other.stream_id === replacing)
  );
}

const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** Two questions in a row, after a run without an answer, become one: many models insist on turns. */
function pushUser(prompt: Prompt, text: string, attached: UserContent): void {
  const last = prompt.at(-1);
  const before = last?.role === 'user' ? last.content : [];
  if (before.length > 0) prompt.pop();
  const [first, ...others] = before;
  const content: UserContent =
    first?.type === 'text' && others.length === 0
      ? [{ type: 'text', text: `${first.text}\n\n${text}` }]
      : [...before, { type: 'text', text }];
  prompt.push({ role: 'user', content: [...content, ...attached] });
}

function pushAnswer(
  prompt: Prompt,
  { parts, terminal_state }: Message,
  tools: ReadonlyMap<string, Tool>,
  nextCall: () => string,
): void {
  const isKnown = (part: Part): part is ToolPart =>
    part.type === 'tool' && tools.has(part.name) && (part.status === 'completed' || part.status === 'failed');
  let said: AssistantPart[] = [];
  const answers: Prompt = [];
  const flush = () => {
    if (said.length > 0) answers.push({ role: 'assistant', content: said });
    said = [];
  };
  for (const part of parts)
    if (part.type === 'text' && part.text !== '') said.push({ type: 'text', text: part.text });
    else if (isKnown(part)) {
      const call = { toolCallId: nextCall(), toolName: part.name };
      said.push({ type: 'tool-call', ...call, input: part.args ?? {} });
      flush();
      const value = JSON.stringify(part.result ?? null);
      answers.push({
        role: 'tool',
        content: [{ type: 'tool-result', ...call, output: { type: 'text', value } }],
      });
    }
  const why = terminal_state === null || terminal_state === 'completed' ? null : CUT_OFF[terminal_state];
  if (why !== null && (said.length > 0 || answers.length > 0))
    said.push({ type: 'text', text: `\n\n[This answer is partial: it was ${why}.]` });
  flush();
  prompt.push(...answers);
}
