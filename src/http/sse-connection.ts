// One server-sent-events response: bytes out, and how many are still unsent. It knows no log and no event's meaning.
import type { ServerResponse } from 'node:http';
import { KEEPALIVE_MS, SSE_HEADERS } from '../protocol/index.ts';

const CRLF = Buffer.from('\r\n');

export interface SseConnection {
  readonly isClosed: boolean;
  /** Bytes that the peer's socket has not taken yet. */
  readonly unsent: number;
  /** `bytes`: events, as they stand. */
  write(bytes: Buffer | string): void;
  /** The same events twice: as they stand, and as an HTTP/1.1 chunk. One write of shared bytes. */
  writeShared(shared: { plain: Buffer; chunked: Buffer }): void;
  /** Each is called once, when what was unsent is gone. */
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
  // Kept: the response lets go of its socket before it says that it is closed, and the socket may live on.
  const { socket } = response;
  let isClosed = false;
  let draining: (() => void)[] = [];

  const closed = () => {
    if (isClosed) return;
    isClosed = true;
    socket?.removeListener('drain', drained);
    onClosed();
  };
  const drained = () => {
    const waiting = draining;
    draining = [];
    for (const then of waiting) then();
  };
  /** Nothing went out for `silent_ms`: the peer takes nothing in, or there was nothing to take. */
  const silent = () => {
    if (unsent() > 0) response.destroy();
    else socket?.setTimeout(silent_ms);
  };
  const unsent = () => response.socket?.writableLength ?? response.writableLength;

  response.writeHead(200, SSE_HEADERS);
  response.flushHeaders();
  response.on('close', closed);
  response.on('error', closed);
  response.on('timeout', silent);
  socket?.setTimeout(silent_ms);
  socket?.setKeepAlive(true, KEEPALIVE_MS);
  socket?.setNoDelay(true);
  socket?.on('drain', drained);
  // Lesson 28: one that left while its request was looked at has said `close` already, and will not say it again.
  if (response.closed || !socket || socket.destroyed) queueMicrotask(closed);

  /** The socket, where chunks may be written past the response: only where it really speaks chunks. */
  const rawSocket = () =>
    response.chunkedEncoding && response.socket && !response.socket.destroyed ? response.socket : null;

  return {
    get isClosed() {
      return isClosed;
    },
    get unsent() {
      return unsent();
    },
    write(bytes) {
      if (!isClosed && bytes.length > 0) response.write(bytes);
    },
    writeShared(shared) {
      if (isClosed) return;
      const socket = rawSocket();
      if (socket) socket.write(shared.chunked);
      else response.write(shared.plain);
    },
    whenDrained(then) {
      draining.push(then);
    },
    end(bytes) {
      if (isClosed) return;
      if (bytes) response.write(bytes);
      response.end();
    },
    destroy() {
      response.destroy();
      closed();
    },
  };
}
