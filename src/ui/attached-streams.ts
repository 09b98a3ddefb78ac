// The streams that one pane watches, and which of them owns it: the newest run does, and an older one may still be on its way
// to its end beside it. Knows neither the line nor the log.
import type { AttachmentEvent } from '../machines/attachment.machine.ts';
import { type AttachedStream, attachStream, type StreamPorts, type StreamStart } from './attached-stream.ts';
import type { PaneStore } from './pane-store.ts';

export interface StreamsPorts extends Omit<StreamPorts, 'owner' | 'release' | 'over'> {
  store: PaneStore;
  isLineOpen(): boolean;
  touched(): void;
}

export interface AttachedStreams {
  readonly size: number;
  get(stream_id: string): AttachedStream | undefined;
  /** Watches a stream, or goes on doing so. `owns`: the pane is its from now on. */
  attach(begin: StreamStart, owns: boolean): AttachedStream;
  own(owner_stream_id: string | null): void;
  tell(event: AttachmentEvent): void;
  closeAll(): void;
  /** The transcript on screen holds this stream, settled. */
  isSettled(stream_id: string): boolean;
}

export function createAttachedStreams(ports: StreamsPorts): AttachedStreams {
  const { store, now } = ports;
  const streams = new Map<string, AttachedStream>();
  const pane = () => store.getSnapshot().context;

  function tell(event: AttachmentEvent): void {
    for (const stream of [...streams.values()]) stream.tell(event);
  }

  function own(owner_stream_id: string | null): void {
    if (pane().owner_stream_id === owner_stream_id) return;
    store.trigger.ownerChanged({ owner_stream_id });
    tell({ type: 'pane.changed', owner_stream_id, at: now() });
  }

  return {
    get size() {
      return streams.size;
    },
    get: (stream_id) => streams.get(stream_id),
    own,
    tell,
    attach(begin, owns) {
      if (owns) own(begin.stream_id);
      const known = streams.get(begin.stream_id);
      if (known) return known;
      const stream = attachStream(begin, {
        ...ports,
        owner: () => pane().owner_stream_id,
        release(stream_id) {
          if (pane().owner_stream_id === stream_id) own(null);
          ports.touched();
        },
        over(stream_id) {
          streams.delete(stream_id);
          // AT3: finalized once, it may have been given the pane again since, by a snapshot that still called it active.
          if (pane().owner_stream_id === stream_id) own(null);
        },
      });
      streams.set(begin.stream_id, stream);
      if (ports.isLineOpen()) stream.tell({ type: 'line.opened', at: now() });
      return stream;
    },
    closeAll() {
      for (const stream of [...streams.values()]) stream.close();
      streams.clear();
    },
    isSettled: (stream_id) =>
      pane().messages.some((m) => m.stream_id === stream_id && m.role === 'assistant' && m.settled_at),
  };
}
