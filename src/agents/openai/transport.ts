// fetch, plus the one thing that fetch can't tell: when the connection stands. Without it a slow model and a dead address
// look alike. One connection per request: nothing idles after a run, and no request is lost on a connection that the
// other side has just given up. It follows no redirect, so that a conversation goes nowhere but where the settings say.
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { ReadableStream as ByteStream } from 'node:stream/web';

export interface ConnectingInit extends RequestInit {
  onConnected?: () => void;
}
export type ConnectingFetch = (url: string, init: ConnectingInit) => Promise<Response>;

/** Statuses whose responses have no body. */
const BODILESS = new Set([204, 205, 304]);

export const connectingFetch: ConnectingFetch = (url, { method, headers, body, signal, onConnected }) =>
  new Promise((resolve, reject) => {
    const target = new URL(url);
    const isSecure = target.protocol === 'https:';
    const request = (isSecure ? https : http).request(target, {
      method: method ?? 'GET',
      headers: { ...Object.fromEntries(new Headers(headers)), connection: 'close' },
      // The header is not enough: endpoints that answer "keep-alive" all the same would bring the connection back.
      agent: false,
      ...(signal ? { signal } : {}),
    });
    request.on('error', reject);
    // Every connection is new, so that this event is always still to come.
    request.once('socket', (socket) =>
      socket.once(isSecure ? 'secureConnect' : 'connect', () => onConnected?.()),
    );
    request.once('response', (incoming) => {
      onConnected?.();
      try {
        resolve(toResponse(incoming));
      } catch (error) {
        request.destroy();
        reject(error);
      }
    });
    request.end(typeof body === 'string' ? body : undefined);
  });

/** @throws RangeError or TypeError for a status or a header that no Response can have. */
function toResponse(incoming: IncomingMessage): Response {
  // A body that nobody reads any more may still break.
  incoming.on('error', () => {});
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    for (const each of value ?? []) headers.append(name, each);
  const status = incoming.statusCode ?? 0;
  if (!BODILESS.has(status)) return createResponse(incoming, { status, headers });
  incoming.resume();
  return new Response(null, { status, headers });
}

/** A response whose body is read no faster than it is asked for. */
export const createResponse = (bytes: AsyncIterable<Uint8Array>, init: ResponseInit): Response =>
  new Response(ByteStream.from(bytes) as unknown as ReadableStream<Uint8Array>, init);
