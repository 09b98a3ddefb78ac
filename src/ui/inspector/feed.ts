// What the server tells of its actors, live: a head, then entries. Knows the way there and nothing of what it means.
import { type Entry, type RecordingHead, recordingHeadSchema } from '../../protocol/inspection.ts';
import { readBatch } from './recording.ts';

/** `again`: it was there or should be, and is tried again by itself; `lost`: it is not. */
export type FeedState = 'connecting' | 'open' | 'again' | 'lost';

export interface FeedPorts {
  /** Forget all that was told: what follows begins here. */
  begun(head: RecordingHead): void;
  told(entries: Entry[]): void;
  changed(state: FeedState): void;
}

/** The browser opens it again by itself, with the number of the newest entry. */
export function openFeed(ports: FeedPorts, url = '/inspect/events'): { close(): void } {
  const source = new EventSource(url);
  const on = (type: string, take: (data: string) => void): void =>
    source.addEventListener(type, (event) => take((event as MessageEvent<string>).data));
  source.addEventListener('open', () => ports.changed('open'));
  source.addEventListener('error', () =>
    ports.changed(source.readyState === EventSource.CLOSED ? 'lost' : 'again'),
  );
  on('head', (data) => ports.begun(recordingHeadSchema.parse(JSON.parse(data))));
  on('entries', (data) => ports.told(readBatch(data)));
  return { close: () => source.close() };
}
