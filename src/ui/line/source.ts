// The one EventSource of a browser. It opens, tells and closes; it never reconnects by itself: that is the line machine's to
// decide. Knows no session and no state of the page.
import { boardEventSchemas } from '../../protocol/board.ts';
import { FRAME_NAMES, SESSION_RECORD_NAMES } from '../record-names.ts';

export interface SourceListener {
  opened(): void;
  /** Every event, as it came; `id` is empty where it has none. */
  event(name: string, id: string, data: string): void;
  failed(): void;
}

/** An EventSource hears only what it is asked for by name. */
const NAMES: readonly string[] = [
  ...FRAME_NAMES,
  ...SESSION_RECORD_NAMES,
  ...Object.keys(boardEventSchemas),
  'snapshot',
  'stream_state',
  'clarify',
  'approval',
  'reset',
  'gone',
  'ready',
  'gap',
  'heartbeat',
  'end',
];

/** Opens `path`. What is returned closes it; closing twice is the same as once. */
export function openSource(path: string, listener: SourceListener): () => void {
  const source = new EventSource(path);
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
    source.close();
  };
  // An id stands for all events after it, too: only what belongs to a record is one.
  const recordNames = new Set([...FRAME_NAMES, ...SESSION_RECORD_NAMES]);
  for (const name of NAMES)
    source.addEventListener(name, ({ lastEventId, data }: MessageEvent<string>) => {
      // A closed source may still hold events in its queue: they are no longer ours.
      if (isOpen) listener.event(name, recordNames.has(name) ? lastEventId : '', data);
    });
  source.addEventListener('open', () => isOpen && listener.opened());
  source.addEventListener('error', () => {
    if (!isOpen) return;
    close();
    listener.failed();
  });
  return close;
}
