// The provider's words, named once. Everything that the SDK gives or takes has its type here.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ConnectingFetch } from './transport.ts';

export interface Endpoint {
  base_url: string;
  api_key: string | undefined;
}

/** As the settings have it; `base_url` is empty where they have none. */
export const endpointOf = (baseURL: string | undefined, apiKey: string | undefined): Endpoint => ({
  base_url: baseURL?.trim() ?? '',
  api_key: apiKey?.trim() || undefined,
});

export type ChatModel = ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>;
export type CallOptions = Parameters<ChatModel['doStream']>[0];
export type Prompt = CallOptions['prompt'];
export type PromptMessage = Prompt[number];
export type StreamPart =
  Awaited<ReturnType<ChatModel['doStream']>>['stream'] extends ReadableStream<infer P> ? P : never;
export type ModelUsage = Extract<StreamPart, { type: 'finish' }>['usage'];
export type ModelCall = Extract<StreamPart, { type: 'tool-call' }>;

export function chatModel(endpoint: Endpoint, model: string, fetch: ConnectingFetch): ChatModel {
  const provider = createOpenAICompatible({
    name: 'weir',
    baseURL: endpoint.base_url,
    includeUsage: true,
    fetch: (url, init) => fetch(String(url), init ?? {}),
    ...(endpoint.api_key ? { apiKey: endpoint.api_key } : {}),
  });
  return provider.chatModel(model);
}

const HEADER_VALUE = /^[\x21-\x7e]+$/;

/** Why a run can't start with these settings, in words that name the variable; null: it can. Never quotes a value. */
export function settingsProblem(endpoint: Partial<Endpoint>, model: string | undefined): string | null {
  if (!endpoint.base_url) return 'WEIR_OPENAI_BASE_URL is not set.';
  if (!model) return 'WEIR_OPENAI_MODEL is not set.';
  return settingsMistake(endpoint);
}

/** What is set and can't work, whatever else is set, in the same words; null: nothing. */
export function settingsMistake(endpoint: Partial<Endpoint>): string | null {
  if (endpoint.api_key && !HEADER_VALUE.test(endpoint.api_key))
    return 'WEIR_OPENAI_API_KEY holds characters that no key has.';
  if (!endpoint.base_url) return null;
  const url = URL.parse(endpoint.base_url);
  if (!url || !/^https?:$/.test(url.protocol))
    return 'WEIR_OPENAI_BASE_URL is no http or https address, such as https://host/v1.';
  if (url.username || url.password) return 'WEIR_OPENAI_BASE_URL must not hold a user name or a password.';
  if (url.search || url.hash) return 'WEIR_OPENAI_BASE_URL must not hold a query or a fragment.';
  return null;
}
