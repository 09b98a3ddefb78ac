// An agent on any endpoint that speaks OpenAI's chat protocol. Where it talks to, and with which key, comes only from the
// settings; a session may choose the model. It knows no log and no session.
import type { Clock, Log } from '../../protocol/index.ts';
import type { Agent, AgentDescription, AgentEnd, AgentInput } from '../port.ts';
import { startRun } from '../run.ts';
import { converse } from './conversation.ts';
import { failedEnd } from './failures.ts';
import { type Endpoint, endpointOf, settingsProblem } from './model.ts';
import { createRedaction, redactLog } from './redaction.ts';
import { createRequest, type RequestOptions } from './request.ts';
import { askTitle } from './title.ts';
import type { Tool } from './tool.ts';
import type { ConnectingFetch } from './transport.ts';
import { createUsageCount } from './usage.ts';
import type { Windows } from './windows.ts';

export interface OpenAiOptions {
  /** from the settings, never from a request */
  baseURL: string | undefined;
  apiKey: string | undefined;
  model: string | undefined;
  fetch: ConnectingFetch;
  clock: Clock;
  log: Log;
  tools: ReadonlyMap<string, Tool>;
  windows: Windows;
  /** why it can't run whatever its endpoint is; in words */
  problem?: string | null;
}

const trim = (text: string | null | undefined): string | undefined => text?.trim() || undefined;

export function createOpenAiAgent(options: OpenAiOptions): Agent {
  const { clock, fetch, tools, windows } = options;
  const endpoint = endpointOf(options.baseURL, options.apiKey);
  const usualModel = trim(options.model);
  const reason = settingsProblem(endpoint, usualModel) ?? options.problem ?? null;
  const redaction = createRedaction([endpoint.api_key]);
  const log = redactLog(options.log, redaction);
  const modelOf = (input: AgentInput): string => trim(input.model) ?? usualModel ?? '';
  const open = (of: Pick<RequestOptions, 'model' | 'answer' | 'signal' | 'onBytes'>) =>
    createRequest({ ...of, endpoint, fetch, clock });

  return {
    describe: () => describe(endpoint, usualModel, reason),
    run(input, output) {
      const model = modelOf(input);
      const usage = createUsageCount(model, windows);
      const onBytes = () => output.alive();
      return startRun({ clock, log }, output, {
        usage: usage.value,
        async play(scope): Promise<AgentEnd> {
          if (reason !== null) return failedEnd({ type: 'agent_unavailable', detail: reason });
          const request = () => open({ model, answer: 'stream', signal: scope.signal, onBytes });
          const unasked = windows.ask();
          return converse(input, { scope, request, usage, redaction, log, tools, clock }).finally(unasked);
        },
      });
    },
    async title(input, answer, signal) {
      if (reason !== null) return null;
      const request = open({ model: modelOf(input), answer: 'json', signal, onBytes: () => {} });
      try {
        return await askTitle(request, input, answer, redaction);
      } catch (error) {
        log.debug({ stream_id: input.stream_id, error }, 'the model gave no title');
        return null;
      }
    },
  };
}

function describe(endpoint: Endpoint, model: string | undefined, reason: string | null): AgentDescription {
  const note = 'A model behind an OpenAI-compatible endpoint.';
  return {
    agent: 'openai',
    title: 'Model',
    note: reason === null ? `${model} at ${new URL(endpoint.base_url).host}.` : note,
    is_demo: false,
    available: reason === null,
    ...(reason === null ? {} : { reason }),
    ...(model === undefined ? {} : { model }),
  };
}
