// The bytes of a log's events, made once and shared: the newest commit for all who stand at the tail, whole pages for all
// who catch up. Everything here can be made again from the log; it is bounded and forgets.
import { encodeEvent, eventId, type StoredRecord } from '../protocol/index.ts';
import { type LogFeed, numberIn, type Tail } from '../sessions/feed.ts';
import { chunkOf } from './sse-connection.ts';

/** Records of a page. What it shows of a log never changes: the log only grows. */
export const PAGE_RECORDS = 256;
/** Bytes of pages that are kept for the next reader. */
export const PAGES_BYTES_MAX = 32 * 1024 * 1024;
/** What a page takes up beside its bytes, roughly: many feeds are short. */
export const PAGE_COST_BYTES = 1024;

export interface SharedBytes {
  plain: Buffer;
  chunked: Buffer;
  /** the number of the last record in it */
  last: number;
}

interface EncodedPage {
  first: number;
  last: number;
  bytes: Buffer;
  /** where each record begins, and the end */
  offsets: Uint32Array;
}

export interface SseBytes {
  ofTail(feed: LogFeed, tail: Tail): SharedBytes;
  /**
   * What follows `after` up to `head`, at least one record where the log has one; null: it has none. `first` is `after + 1`,
   * unless retention cut what was there. @throws DamagedRecord
   */
  ofLog(
    feed: LogFeed,
    after: number,
    head: number,
  ): Promise<{ bytes: Buffer; first: number; last: number } | null>;
}

const encodeRecord = (feed: LogFeed, record: StoredRecord): string =>
  encodeEvent(record.event, record.json, eventId(feed.feed_id, numberIn(feed.kind, record)));

const costOf = ({ bytes }: EncodedPage): number => bytes.length + PAGE_COST_BYTES;

export function createSseBytes(): SseBytes {
  const tails = new WeakMap<Tail, SharedBytes>();
  const pages = new Map<string, EncodedPage>();
  const reading = new Map<string, Promise<EncodedPage | null>>();
  let kept_bytes = 0;

  /** The newest of a page that still grows takes the place of the one before. */
  function keep(key: string, page: EncodedPage): void {
    forget(key);
    pages.set(key, page);
    kept_bytes += costOf(page);
    for (const oldest of pages.keys()) {
      if (kept_bytes <= PAGES_BYTES_MAX) break;
      forget(oldest);
    }
  }

  function forget(key: string): void {
    const page = pages.get(key);
    if (page && pages.delete(key)) kept_bytes -= costOf(page);
  }

  async function readPage(
    feed: LogFeed,
    after: number,
    head: number,
    key: string,
  ): Promise<EncodedPage | null> {
    const { records } = await feed.read(after, PAGE_RECORDS);
    if (records.length === 0) return null;
    const page = encodePage(feed, records);
    // What we have not heard of yet is not for whoever comes after.
    if (page.first === after + 1 && page.last <= head) keep(key, page);
    return page;
  }

  /** One read for all who ask for the same page at the same head, at once or later. */
  function sharedRead(feed: LogFeed, after: number, head: number): Promise<EncodedPage | null> {
    const key = `${feed.kind} ${feed.feed_id} ${after}`;
    const due = Math.min(head, after + PAGE_RECORDS);
    const kept = pages.get(key);
    if (kept && kept.last >= due) return Promise.resolve(kept);
    const readKey = `${key} ${due}`;
    const begun = reading.get(readKey);
    if (begun) return begun;
    const read = readPage(feed, after, head, key).finally(() => reading.delete(readKey));
    reading.set(readKey, read);
    return read;
  }

  return {
    ofTail(feed, tail) {
      const known = tails.get(tail);
      if (known) return known;
      const plain = Buffer.from(tail.records.map((record) => encodeRecord(feed, record)).join(''));
      const shared = { plain, chunked: chunkOf(plain), last: tail.last };
      tails.set(tail, shared);
      return shared;
    },
    async ofLog(feed, after, head) {
      const aligned = after - (after % PAGE_RECORDS);
      let page = await sharedRead(feed, aligned, head);
      // A page of large records may have been cut by bytes before it reached the cursor.
      if (!page || page.last <= after) page = await sharedRead(feed, after, head);
      // The log may hold more than we have heard of; a reader that was shown that would be ahead of us when it comes back.
      const last = Math.min(page?.last ?? 0, head);
      if (!page || last <= after) return null;
      const first = Math.max(after + 1, page.first);
      const from = page.offsets[first - page.first]!;
      return { bytes: page.bytes.subarray(from, page.offsets[last + 1 - page.first]), first, last };
    },
  };
}

function encodePage(feed: LogFeed, records: StoredRecord[]): EncodedPage {
  const events = records.map((record) => encodeRecord(feed, record));
  const bytes = Buffer.from(events.join(''));
  const offsets = new Uint32Array(records.length + 1);
  events.forEach((event, at) => {
    offsets[at + 1] = offsets[at]! + Buffer.byteLength(event);
  });
  const numbers = records.map((record) => numberIn(feed.kind, record));
  return { first: numbers[0]!, last: numbers[numbers.length - 1]!, bytes, offsets };
}
