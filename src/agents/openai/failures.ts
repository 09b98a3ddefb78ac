// How a model's endpoint can fail a run: a closed set of types, each with what is said of it. The sentences are ours; what
// the endpoint said is added only where it helps, redacted and short.
import type { Usage } from '../../protocol/index.ts';
import type { AgentEnd } from '../port.ts';

const FAILURES = {
  agent_unavailable: ['The agent is not set up.', 'Set the WEIR_OPENAI_… variables and start Weir again.'],
  connect_timeout: [
    'The model’s endpoint took no connection.',
    'Check the base URL, and that the endpoint runs.',
  ],
  first_token_timeout: ['The model did not begin to answer in time.', 'Try again, or choose a faster model.'],
  silence_timeout: ['The model stopped talking in the middle.', 'What it said is kept. Try again.'],
  interrupted_stream: ['The answer was cut off before its end.', 'What came through is kept. Try again.'],
  bad_response: [
    'The endpoint sent something that is no answer of a model.',
    'Check that the base URL is that of an OpenAI-compatible API; most end in /v1.',
  ],
  auth: ['The endpoint refused the key.', 'Check WEIR_OPENAI_API_KEY, and that it may use this model.'],
  not_found: ['The endpoint knows no such model or address.', 'Check WEIR_OPENAI_MODEL and the base URL.'],
  rate_limited: ['The endpoint asks for fewer requests.', 'Wait a little, then try again.'],
  quota_spent: ['The account’s quota is spent.', 'Check the plan and the billing of the account.'],
  context_exceeded: ['The conversation is too long for the model.', 'Start a new session.'],
  request_refused: [
    'The endpoint refused the request.',
    'The model may not support what was asked, such as tools.',
  ],
  model_error: ['The model’s endpoint failed.', 'Try again in a while.'],
  network: ['The model’s endpoint could not be reached.', 'Check the base URL and the network.'],
  tool_rounds_spent: [
    'The model kept calling tools without an answer.',
    'Ask in a simpler way, or try again.',
  ],
} as const satisfies Record<string, readonly [message: string, hint: string]>;

export type FailureType = keyof typeof FAILURES;

export interface Failure {
  type: FailureType;
  /** what the endpoint said, or a code: already redacted */
  detail?: string;
  /** instead of the table's */
  hint?: string;
  status?: number;
}

const DETAIL_LENGTH_MAX = 240;

export function failedEnd({ type, detail, hint, status }: Failure, usage?: Usage): AgentEnd {
  const [message, usualHint] = FAILURES[type];
  const said = detail?.replace(/\s+/gu, ' ').trim();
  const short =
    said && said.length > DETAIL_LENGTH_MAX ? `${said.slice(0, DETAIL_LENGTH_MAX).toWellFormed()}…` : said;
  const where = [status === undefined ? '' : `HTTP ${status}`, short].filter(Boolean).join(': ');
  return {
    kind: 'failed',
    type,
    message: where ? `${message.slice(0, -1)} (${where}).` : message,
    hint: hint ?? usualHint,
    ...(usage ? { usage } : {}),
  };
}
