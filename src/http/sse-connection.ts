// One server-sent-events response: bytes out, and how many are still unsent. It knows no log and no event's meaning.
import type { ServerResponse } from 'node:http';
import { KEEPALIVE_MS, SSE_BEHIND_BYTES, SSE_HEADERS } from '../protocol/index.ts';

const CRLF = Buffer.from('\r\n');

export interface SseConnection {
  /** It was ended, or the peer is gone: nothing more is written. */
  readonly isClosed: boolean;
  /** Bytes that the peer's socket has not taken yet. */
  readonly unsent: number;
  /** `bytes`: events, as they stand. */
  write(bytes: Buffer | string): void;
  /** The same events twice: as they stand, and as an HTTP/1.1 chunk. One write of shared bytes. */
  writeShared(shared: { plain: Buffer; chunked: Buffer }): void;
  /** Each is called once, when what was unsent is gone and those who waited longer had their turn. */
  whenDrained(then: () => void): void;
  /** Says `bytes` and ends the response. Idempotent. */
  end(bytes?: string): void;
  destroy(): void;
}

/** `bytes` as one chunk of HTTP/1.1's chunked transfer coding. Source: RFC 9112 §7.1. */
export const chunkOf = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF]);

/** Opens the response as a stream. A peer that has something to take and takes nothing for `silent_ms` is destroyed. */
export function openSse(response: ServerResponse, silent_ms: number, onClosed: () => void): SseConnection {
  // The request's: a response has none while it waits behind another on its connection, nor when it is over.
  const { socket } = response.req;
  let isClosed = false;
  let isEnded = false;
  let draining: (() => void)[] = [];

  const closed = () => {
    if (isClosed) return;
    isClosed = true;
    socket.removeListener('drain', drained);
    socket.removeListener('close', closed);
    onClosed();
  };
  /** One after the other, in turn: where several wait, none that fills the socket goes first twice. */
  const drained = () => {
    const waiting = draining;
    draining = [];
    while (waiting.length > 0 && unsent() <= SSE_BEHIND_BYTES) waiting.shift()!();
    draining = [...waiting, ...draining];
  };
  /** Nothing went out for `silent_ms`: the peer takes nothing in, or there was nothing to take. */
  const silent = () => {
    if (unsent() > 0) response.destroy();
    else socket.setTimeout(silent_ms);
  };
  const unsent = () => response.socket?.writableLength ?? response.writableLength;

  response.writeHead(200, SSE_HEADERS);
  response.flushHeaders();
  response.on('close', closed);
  response.on('error', closed);
  response.on('timeout', silent);
  socket.setTimeout(silent_ms);
  socket.setKeepAlive(true, KEEPALIVE_MS);
  socket.setNoDelay(true);
  socket.on('drain', drained);
  // A response that still waits for its turn is not told that its connection is gone.
  socket.on('close', closed);
  // Lesson 28: one that left while its request was looked at has said `close` already, and will not say it again.
  if (response.closed || socket.destroyed) queueMicrotask(closed);

  /** The socket, where chunks may be written past the response: only where it really speaks chunks. */
  const rawSocket = () =>
    response.chunkedEncoding && response.socket && !response.socket.destroyed ? response.socket : null;

  return {
    get isClosed() {
      return isClosed || isEnded;
    },
    get unsent() {
      return unsent();
    },
    write(bytes) {
      if (!this.isClosed && bytes.length > 0) response.write(bytes);
    },
    writeShared(shared) {
      // Past the response's own last chunk, raw bytes would stand before the next answer of this connection.
      if (this.isClosed) return;
      const socket = rawSocket();
      if (socket) socket.write(shared.chunked);
      else response.write(shared.plain);
    },
    whenDrained(then) {
      draining.push(then);
    },
    end(bytes) {
      if (this.isClosed) return;
      isEnded = true;
      response.end(bytes);
    },
    destroy() {
      response.destroy();
      closed();
    },
  };
}
