// One run: rounds of a request and the tools it asks for, until the model has answered. It knows no settings.
import type { Log, Usage } from '../../protocol/index.ts';
import type { AgentEnd, AgentInput } from '../port.ts';
import type { RunScope } from '../run.ts';
import { loadAttached } from './attached.ts';
import { answerCalls, askingMessage, type CallPorts } from './calls.ts';
import { type Failure, failedEnd } from './failures.ts';
import type { CallOptions, ModelUsage } from './model.ts';
import { createPrompt } from './prompt.ts';
import type { ModelRequest } from './request.ts';
import { playRound, type Round } from './round.ts';
import type { Tool } from './tool.ts';

/** A model that still calls tools after so many rounds of them gets no more. */
const TOOL_ROUNDS_MAX = 16;

export interface ConversationPorts extends Omit<CallPorts, 'tid'> {
  request(): ModelRequest;
  usage: { add(usage: ModelUsage | undefined): void; value(): Usage | undefined };
  log: Log;
}

export async function converse(input: AgentInput, ports: ConversationPorts): Promise<AgentEnd> {
  const { scope, tools, usage } = ports;
  const prompt = createPrompt(input, tools, await loadAttached(input));
  const options = { prompt, tools: offer(tools) };
  const calls = { ...ports, tid: createTids() };
  for (let rounds = 0; ; rounds++) {
    const round = await playRound(ports.request(), options, ports);
    await meter(round, ports);
    if (round.failure) return failed(round.failure, input, ports);
    if (round.calls.length === 0) {
      await tellLimits(round, scope);
      return { kind: 'finished', usage: usage.value() };
    }
    if (rounds === TOOL_ROUNDS_MAX) return failed({ type: 'tool_rounds_spent' }, input, ports);
    prompt.push(askingMessage(round), await answerCalls(round.calls, calls));
  }
}

const offer = (tools: ReadonlyMap<string, Tool>): CallOptions['tools'] =>
  [...tools.values()].map(({ name, description, parameters }) => ({
    type: 'function',
    name,
    description,
    inputSchema: parameters as { type: 'object' },
  }));

/** Some endpoints count their calls from zero in every answer: a card of the page needs an id of its own. */
function createTids(): (call_id: string) => string {
  const seen = new Set<string>();
  return (call_id) => {
    let tid = call_id;
    for (let n = 2; seen.has(tid); n++) tid = `${call_id}-${n}`;
    seen.add(tid);
    return tid;
  };
}

async function meter(round: Round, { usage, scope }: ConversationPorts): Promise<void> {
  usage.add(round.usage);
  const value = usage.value();
  if (value && round.usage) await scope.frame('metering', { usage: value });
}

async function tellLimits({ finish }: Round, scope: RunScope): Promise<void> {
  if (finish === 'length')
    await scope.frame('warning', {
      type: 'output_limit',
      message: 'The model stopped at its output limit: the answer may lack its end.',
    });
  if (finish === 'content-filter')
    await scope.frame('warning', {
      type: 'content_filter',
      message: 'The endpoint’s content filter ended or withheld the answer.',
    });
}

function failed(failure: Failure, { stream_id }: AgentInput, { usage, log }: ConversationPorts): AgentEnd {
  const { type, status, detail } = failure;
  log.warn(
    { stream_id, type, status: status ?? 0, detail: detail ?? '' },
    'the model’s endpoint failed a run',
  );
  return failedEnd(failure, usage.value());
}
