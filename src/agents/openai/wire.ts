// What really came over the wire of one request. The SDK hides whether a stream had its end; the bytes don't.
import { createResponse } from './transport.ts';

const BODY_BYTES_MAX = 1024 * 1024;
/** P10: what one answer may weigh, and one line of it, which the parser holds whole. */
const STREAM_BYTES_MAX = 64 * 1024 * 1024;
const LINE_BYTES_MAX = 4 * 1024 * 1024;
const LINE_FEED = 10;
/** Enough of the last bytes to find a mark that was cut in two. */
const TAIL_LENGTH = 32;
const DATA_MARK = /(?:^|[\r\n])data:/;
const DONE_MARK = /(?:^|[\r\n])data: ?\[DONE\]/;

export interface Wire {
  /** null: no response yet */
  status: number | null;
  content_type: string;
  bytes: number;
  /** a line of an event stream was seen */
  hasEvents: boolean;
  /** the `[DONE]` line was seen */
  isDone: boolean;
  /** more came than anything sensible has */
  isOversized: boolean;
  /** the body broke instead of ending */
  isCut: boolean;
}

export const createWire = (): Wire => ({
  status: null,
  content_type: '',
  bytes: 0,
  hasEvents: false,
  isDone: false,
  isOversized: false,
  isCut: false,
});

/** The same response; what passes through its body is noted in `wire`, and bounded. */
export function watchResponse(response: Response, wire: Wire, onBytes: () => void): Response {
  wire.status = response.status;
  wire.content_type = response.headers.get('content-type') ?? '';
  if (!response.body) return response;
  const { status, headers } = response;
  return createResponse(watch(response.body, wire, onBytes), { status, headers });
}

async function* watch(body: ReadableStream<Uint8Array>, wire: Wire, onBytes: () => void) {
  const bytes_max = isNoStream(wire) || wire.status !== 200 ? BODY_BYTES_MAX : STREAM_BYTES_MAX;
  let line_bytes = 0;
  let tail = '';
  try {
    for await (const chunk of body) {
      onBytes();
      wire.bytes += chunk.length;
      const lineEnd = chunk.lastIndexOf(LINE_FEED);
      line_bytes = lineEnd < 0 ? line_bytes + chunk.length : chunk.length - lineEnd;
      wire.isOversized = line_bytes > LINE_BYTES_MAX || wire.bytes > bytes_max;
      if (wire.isOversized) throw new RangeError('the response is larger than any answer');
      const text = tail + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
      wire.hasEvents ||= DATA_MARK.test(text);
      wire.isDone ||= DONE_MARK.test(text);
      tail = text.slice(-TAIL_LENGTH);
      yield chunk;
    }
  } catch (error) {
    wire.isCut = true;
    throw error;
  }
}

/** What no event stream calls itself: a web page, or one JSON document. */
export const isNoStream = ({ content_type }: Wire): boolean =>
  /text\/html|application\/json/i.test(content_type);
