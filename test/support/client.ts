// A client as strangers write one: fetch for commands, an SSE reader that keeps its cursor, and nothing of ours but the URL.
import { createParser } from 'eventsource-parser';

export interface SseEvent {
  id: string | undefined;
  event: string;
  data: string;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every route
type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface Client {
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  /** A new session of the demo agent; its id. */
  session(fields?: object): Promise<string>;
  /** Starts a run; its stream_id. */
  start(session_id: string, message: string, fields?: object): Promise<string>;
  /** `hear` is told of each event as it comes. */
  read(path: string, headers?: Record<string, string>, hear?: (event: SseEvent) => void): Promise<Reader>;
}

export interface Reader {
  status: number;
  headers: Headers;
  /** Everything that came so far. */
  events: SseEvent[];
  /** What the server told it to wait before it comes back; null: nothing. */
  readonly retry_ms: number | null;
  /** Resolves with the first event, so far or later, that `is`; rejects when the stream ends without one. */
  until(is: (event: SseEvent) => boolean): Promise<SseEvent>;
  /** Resolves when the stream has ended. */
  ended: Promise<void>;
  close(): void;
}

/** `at`: the server's URL, or what will know it by the first request. */
export function createClient(at: string | (() => string), base: Record<string, string> = {}): Client {
  const urlOf = (path: string): string => (typeof at === 'string' ? at : at()) + path;
  async function request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(urlOf(path), {
      method,
      headers: { ...base, ...type, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? JSON.parse(text) : text,
    };
  }

  const expect = (answer: Answer, status: number) => {
    if (answer.status === status) return answer.body;
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  };

  return {
    request,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    async session(fields = {}) {
      return expect(await request('POST', '/api/sessions', fields), 201).session.session_id;
    },
    async start(session_id, message, fields = {}) {
      return expect(await request('POST', '/api/chat/start', { session_id, message, ...fields }), 200)
        .stream_id;
    },
    read: (path, headers = {}, hear = () => {}) => openReader(urlOf(path), { ...base, ...headers }, hear),
  };
}

async function openReader(
  url: string,
  headers: Record<string, string>,
  hear: (event: SseEvent) => void,
): Promise<Reader> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: SseEvent[] = [];
  let waiting: {
    is: (event: SseEvent) => boolean;
    resolve: (event: SseEvent) => void;
    reject: (error: Error) => void;
  }[] = [];
  let isOver = false;
  let retry_ms: number | null = null;
  const parser = createParser({
    onRetry: (ms) => {
      retry_ms = ms;
    },
    onEvent({ id, event = 'message', data }) {
      const seen = { id, event, data };
      events.push(seen);
      hear(seen);
      waiting = waiting.filter((each) => !each.is(seen) || each.resolve(seen));
    },
  });
  const ended = (async () => {
    const decoder = new TextDecoder();
    try {
      if (response.body)
        for await (const part of response.body) parser.feed(decoder.decode(part, { stream: true }));
    } catch {
      // closed by us or cut by the server: what came so far is what counts
    }
    isOver = true;
    for (const each of waiting) each.reject(new Error(`the stream ended after ${events.length} events`));
  })();
  return {
    status: response.status,
    headers: response.headers,
    events,
    get retry_ms() {
      return retry_ms;
    },
    until: (is) =>
      new Promise((resolve, reject) => {
        const seen = events.find(is);
        if (seen) resolve(seen);
        else if (isOver) reject(new Error(`the stream ended after ${events.length} events`));
        else waiting.push({ is, resolve, reject });
      }),
    ended,
    close: () => abort.abort(),
  };
}

/** The numbers behind the colon of the ids, in the order in which they came. */
export const numbersOf = (events: SseEvent[]): number[] =>
  events.filter(({ id }) => id).map(({ id }) => Number(id!.slice(id!.lastIndexOf(':') + 1)));

/** 1 … n, for comparison. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, at) => at + 1);

export const named =
  (...names: string[]) =>
  ({ event }: SseEvent): boolean =>
    names.includes(event);
