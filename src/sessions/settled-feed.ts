// The feed of a stream that has settled: a log that grows no more.
import type { Journal, StreamRow } from '../journal/port.ts';
import type { LogFeed } from './feed.ts';

export const createSettledFeed = (journal: Journal, stream: StreamRow): LogFeed => ({
  kind: 'stream',
  feed_id: stream.stream_id,
  kept_from: stream.kept_from,
  tail: () => null,
  read: (after, limit) => journal.readStream(stream.stream_id, after, limit),
  watch: () => ({ head: () => stream.head, isOver: () => true, unwatch: () => {} }),
});
