// A raw model endpoint for what the mock can't do: it says what each test tells it, byte by byte, and counts its sockets.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Endpoint {
  base_url: string;
  /** the bodies of the requests so far */
  requests: { authorization: string | undefined; body: Record<string, unknown> }[];
  /** Resolves when no client is connected any more. */
  quiet(): Promise<void>;
  sockets(): number;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage, nth: number) => void;

const noList: Answer = (response) => response.writeHead(404).end();

/** `list`: what it says when it is asked for its models. */
export async function createEndpoint(answer: Answer, list: Answer = noList): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  const requests: Endpoint['requests'] = [];
  let waiting: (() => void)[] = [];
  let lists = 0;
  const server = createServer(async (request, response) => {
    if (request.url?.endsWith('/models')) return list(response, request, ++lists);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({
      authorization: request.headers.authorization,
      body: JSON.parse(Buffer.concat(chunks).toString() || '{}'),
    });
    answer(response, request, requests.length);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const go of waiting.splice(0)) go();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    base_url: `http://127.0.0.1:${port}/v1`,
    requests,
    sockets: () => sockets.size,
    quiet: () => (sockets.size === 0 ? Promise.resolve() : new Promise<void>((go) => waiting.push(go))),
    async close() {
      waiting = [];
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export const STREAM_HEADERS = { 'content-type': 'text/event-stream' };

/** One event of a chat completion stream. */
export const chunk = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, ...more }] })}\n\n`;

export const DONE = 'data: [DONE]\n\n';
export const STOP = chunk({}, { finish_reason: 'stop' });

/** Sends `bytes` as a stream, and ends it. */
export const sends =
  (bytes: string | Uint8Array, headers: Record<string, string> = STREAM_HEADERS, status = 200): Answer =>
  (response) => {
    response.writeHead(status, headers);
    response.end(bytes);
  };
