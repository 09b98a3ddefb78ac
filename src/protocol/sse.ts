// Server-sent events: the one encoder. Whatever an agent prints, it can't forge a line. Knows no socket.
// Source: WHATWG HTML, §9.2 "Server-sent events".

// biome-ignore lint/suspicious/noControlCharactersInRegex: these three are what the encoder refuses
const FORBIDDEN = /[\r\n\u0000]/;
const LINE_BREAK = /\r\n|\r|\n/;

function refuseForged(name: string, value: string): void {
  if (FORBIDDEN.test(value)) throw new TypeError(`an SSE ${name} must not contain CR, LF or NUL`);
}

/** One event. `data` is split on CR, LF and CRLF. @throws TypeError for CR, LF or NUL in `id` or `event`. */
export function encodeEvent(event: string, data: string, id?: string): string {
  refuseForged('event name', event);
  if (id !== undefined) refuseForged('id', id);
  const head = id === undefined ? `event: ${event}\n` : `id: ${id}\nevent: ${event}\n`;
  // The common case is JSON of ours on one line: no split, no join.
  if (!data.includes('\n') && !data.includes('\r')) return `${head}data: ${data}\n\n`;
  const lines = data.split(LINE_BREAK).map((line) => `data: ${line}\n`);
  return `${head}${lines.join('')}\n`;
}

/** The named heartbeat with its comment, in one piece: an `EventSource` hides comments. */
export const encodeHeartbeat = (at: number): string =>
  `: keepalive\n${encodeEvent('heartbeat', JSON.stringify({ at }))}`;

/** First bytes of every stream: the reconnection delay in ms. */
export const encodeRetry = (ms: number): string => `retry: ${Math.trunc(ms)}\n\n`;

/** Headers of every stream. Never `Connection: close`; never compressed. */
export const SSE_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;
