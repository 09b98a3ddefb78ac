// The routes that the page calls, typed. Answers are checked where they enter; a refusal is one error class with the
// server's own sentence. Knows no state of the page.
import * as z from 'zod/mini';
import { sessionSchema } from '../protocol/views.ts';
import { en } from './text/en.ts';

const ANSWER_MS = 20_000;
/** Sessions of one page of the list. */
const LIST_PAGE = 60;

export type Refusal = 'network' | 'answer' | (string & {});

/** A request without a good answer. `network`: nobody knows whether the server has taken it. */
export class ApiError extends Error {
  readonly code: Refusal;
  readonly status: number;
  readonly data: Record<string, unknown>;
  constructor(code: Refusal, status: number, sentence: string, data: Record<string, unknown> = {}) {
    super(sentence);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.data = data;
  }
}

const refusalSchema = z.looseObject({ error: z.string(), code: z.string() });

async function refused(response: Response): Promise<ApiError> {
  const body = z.safeParse(refusalSchema, await response.json().catch(() => null));
  if (!body.success) return new ApiError('answer', response.status, en.errors.status(response.status));
  const { error, code, ...data } = body.data;
  return new ApiError(code, response.status, error, data);
}

export interface Wanted {
  method: string;
  path: string;
  /** a file as it is, anything else as JSON */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** how long an answer may take */
  answer_ms?: number;
}

/** One request. @throws ApiError */
export async function request<T>(schema: z.ZodMiniType<T>, wanted: Wanted): Promise<T> {
  const { method, path, body, headers, signal, answer_ms = ANSWER_MS } = wanted;
  const bound = AbortSignal.timeout(answer_ms);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: signal ? AbortSignal.any([signal, bound]) : bound,
      ...(body === undefined
        ? {}
        : body instanceof Blob
          ? { body, headers }
          : { body: JSON.stringify(body), headers: { ...headers, 'Content-Type': 'application/json' } }),
    });
  } catch {
    throw new ApiError('network', 0, en.errors.network);
  }
  if (!response.ok) throw await refused(response);
  const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  const parsed = z.safeParse(schema, answer);
  if (!parsed.success) throw new ApiError('answer', response.status, en.errors.answer);
  return parsed.data;
}

const ask = <T>(
  schema: z.ZodMiniType<T>,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> => request(schema, { method, path, body, signal });

const text = z.string();
const nothing = z.unknown();
const listedSchema = z.extend(sessionSchema, { lineage_collapsed_count: z.optional(z.int()) });
export const listSchema = z.object({ sessions: z.array(listedSchema), next: z.optional(text) });
export const oneSchema = z.object({ session: sessionSchema });
const startedSchema = z.union([
  z.object({ queued: z.literal(true), message_id: text, position: z.int() }),
  z.object({ stream_id: text, session_id: text, message_id: text, title: text }),
]);
const agentSchema = z.object({
  agent: text,
  title: text,
  note: text,
  is_demo: z.boolean(),
  available: z.boolean(),
  reason: z.optional(text),
  model: z.optional(z.nullable(text)),
});

export type AgentInfo = z.infer<typeof agentSchema>;

const query = (fields: Record<string, string | number | undefined>): string => {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined) as [
    string,
    string | number,
  ][];
  return new URLSearchParams(set.map(([key, value]) => [key, String(value)])).toString();
};
const sessionPath = (id: string): string => `/api/sessions/${encodeURIComponent(id)}`;

interface ListQuery {
  q: string;
  archived: boolean;
  /** only those that are */
  pinned?: boolean;
  before?: string;
}

export const api = {
  /** One page of the list, newest first; a lineage is one row, but a search finds its members one by one. */
  listSessions: ({ q, archived, pinned, before }: ListQuery) => {
    const listing = {
      q: q || undefined,
      archived: archived ? 1 : undefined,
      pinned: pinned ? 1 : undefined,
      before,
    };
    return ask(
      listSchema,
      'GET',
      `/api/sessions?${query({ limit: LIST_PAGE, collapse: q === '' ? 'lineage' : 'none', ...listing })}`,
    );
  },
  createSession: (agent?: string) =>
    ask(oneSchema, 'POST', '/api/sessions', agent === undefined ? {} : { agent }),
  /** The session without its messages. */
  session: (session_id: string, signal?: AbortSignal) =>
    ask(oneSchema, 'GET', `/api/session?${query({ session_id, messages: 0 })}`, undefined, signal),
  patchSession: (
    session_id: string,
    patch: { title?: string; pinned?: boolean; archived?: boolean; queue_paused?: boolean },
  ) => ask(oneSchema, 'PATCH', sessionPath(session_id), patch),
  deleteSession: (session_id: string) => ask(nothing, 'DELETE', sessionPath(session_id)),
  start: (body: {
    session_id: string;
    message: string;
    client_message_id: string;
    on_busy: 'queue';
    attachments?: string[];
  }) => ask(startedSchema, 'POST', '/api/chat/start', body),
  cancel: (stream_id: string) => ask(nothing, 'POST', '/api/chat/cancel', { stream_id }),
  login: (password: string) => ask(nothing, 'POST', '/api/login', { password }),
  agents: () => ask(z.object({ agents: z.array(agentSchema) }), 'GET', '/api/agents'),
};

/** The sentence of whatever was thrown, for a person. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : en.errors.answer;
