// A reader is one cursor: it walks the log from where it stands to the head, and stands there until the head moves. Replay
// and live are this one walk. It has no queue: a socket that is behind is left alone until it drains.
import { SSE_BEHIND_BYTES, SSE_UNSENT_BYTES_MAX } from '../protocol/index.ts';
import type { LogFeed } from '../sessions/feed.ts';
import type { SseBytes } from './sse-bytes.ts';
import type { SseConnection } from './sse-connection.ts';

/** What one write of catching up holds at most, unless one event alone is larger. */
const PIECE_BYTES = SSE_BEHIND_BYTES;
const EVENT_END = '\n\n';
/** A commit larger than this is walked like any other part of the log: never more than the maximum is unsent. */
const TAIL_BYTES_MAX = SSE_UNSENT_BYTES_MAX - SSE_BEHIND_BYTES;

export interface LogReader {
  readonly cursor: number;
  wake(): void;
  close(): void;
}

export interface ReaderSettings {
  feed: LogFeed;
  connection: SseConnection;
  bytes: SseBytes;
  /** everything `> after` is to be sent */
  after: number;
  head: () => number;
  isOver: () => boolean;
  /** The log has ended and all of it was written. */
  onEnd(): void;
  /** The log can't be read on; null: what comes next was cut. */
  onFault(bug: unknown): void;
}

export function createLogReader(settings: ReaderSettings): LogReader {
  const { feed, connection, bytes, head, isOver, onEnd, onFault } = settings;
  let cursor = settings.after;
  let busy = false;
  let closed = false;
  /** bytes of a page that the socket was not asked to take yet */
  let rest: Buffer | null = null;

  const isDone = () => closed || connection.isClosed;

  /** Writes at the tail, in the same turn as the commit. False: this reader is elsewhere. */
  function writeTail(): boolean {
    const tail = feed.tail();
    if (!tail || tail.first !== cursor + 1) return false;
    const shared = bytes.ofTail(feed, tail);
    if (shared.plain.length > TAIL_BYTES_MAX) return false;
    connection.writeShared(shared);
    cursor = tail.last;
    return true;
  }

  function writeRest(): void {
    while (rest && connection.unsent <= SSE_BEHIND_BYTES) {
      const end = pieceEnd(rest);
      connection.write(rest.subarray(0, end));
      rest = end < rest.length ? rest.subarray(end) : null;
    }
  }

  /** True: go on; false: wait for the socket, the log or the head. */
  function step(): boolean {
    writeRest();
    if (connection.unsent > SSE_BEHIND_BYTES || rest) {
      busy = true;
      connection.whenDrained(resume);
      return false;
    }
    if (cursor < head()) {
      if (writeTail()) return true;
      busy = true;
      bytes.ofLog(feed, cursor, head()).then(take, onFault);
      return false;
    }
    if (isOver()) onEnd();
    return false;
  }

  function take(page: { bytes: Buffer; first: number; last: number } | null): void {
    if (isDone()) return;
    // P3: retention cut the log under this reader. It comes back with its cursor, and is told so.
    if (page && page.first > cursor + 1) {
      onFault(null);
      return;
    }
    if (page) {
      rest = page.bytes;
      cursor = page.last;
    }
    busy = false;
    // A head that the log does not show yet: the next change wakes us again. One that it will not show any more: deleted.
    if (page) wake();
    else if (isOver()) onEnd();
  }

  function resume(): void {
    busy = false;
    wake();
  }

  function wake(): void {
    if (busy || isDone()) return;
    while (!isDone() && step());
  }

  return {
    get cursor() {
      return cursor;
    },
    wake,
    close() {
      closed = true;
    },
  };
}

/** Where a piece of whole events ends: what else is said on this connection must never stand inside one. */
function pieceEnd(bytes: Buffer): number {
  if (bytes.length <= PIECE_BYTES) return bytes.length;
  const last = bytes.lastIndexOf(EVENT_END, PIECE_BYTES - EVENT_END.length);
  return (last >= 0 ? last : bytes.indexOf(EVENT_END)) + EVENT_END.length;
}
