// Runs the tools that a model asked for, one after the other, as frames and as answers to the model.
import type { Clock } from '../../protocol/index.ts';
import type { RunScope } from '../run.ts';
import type { ModelCall, PromptMessage } from './model.ts';
import type { Redaction } from './redaction.ts';
import type { Round } from './round.ts';
import { type Tool, ToolRefusal, type ToolResult, type ToolUse } from './tool.ts';

type ToolMessage = Extract<PromptMessage, { role: 'tool' }>;

export interface CallPorts {
  scope: RunScope;
  clock: Clock;
  tools: ReadonlyMap<string, Tool>;
  redaction: Redaction;
  /** a tid for the page, which no other call of this run has */
  tid(call_id: string): string;
}

type Outcome = ToolResult & { is_error: boolean };

/** What the model said in a round that ends in calls, as it wants to read it again. */
export const askingMessage = ({ text, reasoning, calls }: Round): PromptMessage => ({
  role: 'assistant',
  content: [
    ...(reasoning ? [{ type: 'reasoning' as const, text: reasoning }] : []),
    ...(text ? [{ type: 'text' as const, text }] : []),
    ...calls.map(({ toolCallId, toolName, input, providerMetadata }) => ({
      type: 'tool-call' as const,
      toolCallId,
      toolName,
      // A string of the model's own is sent back as it came, if it is JSON.
      input: readArgs(input).ok ? input : '{}',
      ...(providerMetadata ? { providerOptions: providerMetadata } : {}),
    })),
  ],
});

export async function answerCalls(calls: readonly ModelCall[], ports: CallPorts): Promise<ToolMessage> {
  const content: ToolMessage['content'] = [];
  for (const call of calls) {
    const { is_error, result } = await answerCall(call, ports);
    const output = { type: is_error ? ('error-text' as const) : ('text' as const), value: textOf(result) };
    content.push({ type: 'tool-result', toolCallId: call.toolCallId, toolName: call.toolName, output });
  }
  return { role: 'tool', content };
}

async function answerCall(
  call: ModelCall,
  { scope, clock, tools, redaction, tid: tidOf }: CallPorts,
): Promise<Outcome> {
  const tid = tidOf(redaction.exactly(call.toolCallId));
  const name = redaction.exactly(call.toolName);
  const args = readArgs(redaction.exactly(call.input));
  const tool = tools.get(call.toolName);
  await scope.frame('tool', {
    tid,
    name,
    preview: args.ok && tool ? tool.preview(args.value) : '',
    args: args.value,
  });
  const since = clock.now();
  const outcome = await runTool(tool, args, { tid, scope, redaction });
  const duration_ms = Math.max(0, Math.round(clock.now() - since));
  await scope.frame('tool_complete', { tid, name, ...outcome, duration_ms });
  return outcome;
}

async function runTool(tool: Tool | undefined, args: Args, use: ToolUse): Promise<Outcome> {
  if (!tool) return { is_error: true, result: 'There is no such tool.' };
  if (!args.ok) return { is_error: true, result: 'The arguments are no valid JSON.' };
  try {
    return { is_error: false, ...(await use.scope.wait(tool.run(args.value, use))) };
  } catch (error) {
    if (error instanceof ToolRefusal) return { is_error: true, result: error.message };
    throw error;
  }
}

type Args = { ok: true; value: unknown } | { ok: false; value: string };

/** Models send an empty string for "no arguments". */
function readArgs(input: string): Args {
  try {
    return { ok: true, value: input.trim() === '' ? {} : JSON.parse(input) };
  } catch {
    return { ok: false, value: input };
  }
}

const textOf = (result: unknown): string =>
  typeof result === 'string' ? result : JSON.stringify(result ?? null);
