// Bytes that never became a request: headers too large, no HTTP, too slow. Answered like any other refusal, then hung up on.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HEADER_BYTES_MAX, Rejection } from '../protocol/index.ts';

/** How long a peer that is still sending has to take in its answer. */
const HANG_UP_MS = 500;

const TIMED_OUT = 'ERR_HTTP_REQUEST_TIMEOUT';

const SENTENCES: Record<string, string> = {
  HPE_HEADER_OVERFLOW: `The headers, the URL among them, are larger than ${HEADER_BYTES_MAX} bytes.`,
  [TIMED_OUT]: 'The request took too long to arrive.',
};

function answerTo(code: string): string {
  const { status, body } = new Rejection(
    code === TIMED_OUT ? 'too_slow' : 'bad_request',
    SENTENCES[code] ?? 'This is not a valid HTTP request.',
  );
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    'Cache-Control: no-store',
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}

/** For a server's `clientError`. Once per socket: what still comes from it makes the parser fail again. */
export function createClientErrors(): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    if (answered.has(socket)) return;
    answered.add(socket);
    // Nothing can be said into the middle of a response that has begun.
    const { _httpMessage: begun } = socket as Socket & { _httpMessage?: ServerResponse | null };
    if (!socket.writable || error.code === 'ECONNRESET' || begun?.headersSent) return void socket.destroy();
    socket.end(answerTo(error.code ?? ''));
    setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
  };
}
