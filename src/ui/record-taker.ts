// Which record changes what: a frame goes to its stream, a message into the transcript, a queue entry into the queue. In the
// order of the log; holes and cursors are `session-watch.ts`'s.
import { attachmentPart } from '../protocol/attachment-part.ts';
import { answeredStream } from '../protocol/transcript.ts';
import type { Message, QueuedMessage, Session, StreamState } from '../protocol/views.ts';
import type { AttachedStreams } from './attached-streams.ts';
import type { FeedRecord } from './feed.ts';
import type { PaneStore } from './pane-store.ts';

export interface RecordPorts {
  store: PaneStore;
  streams: AttachedStreams;
  prompt(record: FeedRecord): void;
  touched(): void;
  /** A message that somebody submitted is in the log. */
  submitted(client_message_id: string): void;
}

export interface RecordTaker {
  /** Takes the record at `at`, with the frames of the same stream that follow it. How many; 0: they don't fit. */
  take(batch: FeedRecord[], at: number): number;
  state(state: StreamState): void;
}

const userMessage = (data: FeedRecord['data']): Message => ({
  message_id: data.message_id,
  role: 'user',
  parts: [{ type: 'text', text: data.text }, ...(data.attachments ?? []).map(attachmentPart)],
  created_at: data.at,
  stream_id: data.stream_id,
  last_seq: 0,
  terminal_state: null,
});

export function createRecordTaker(ports: RecordPorts): RecordTaker {
  const { store, streams } = ports;
  const pane = () => store.getSnapshot().context;
  const setQueue = (queue: QueuedMessage[]): void => store.trigger.queueChanged({ queue });

  function takeUserMessage(data: FeedRecord['data']): void {
    store.trigger.messageAdded({ message: userMessage(data) });
    setQueue(pane().queue.filter((entry) => entry.message_id !== data.message_id));
    if (typeof data.retry_of === 'string')
      store.trigger.superseded({ stream_id: data.retry_of, by: data.stream_id });
    ports.touched();
    if (streams.isSettled(data.stream_id)) return;
    streams.attach({ stream_id: data.stream_id, message_id: '', created_at: data.at, restored: null }, true);
  }

  function takeRecord(record: FeedRecord): void {
    const { event, data } = record;
    const { queue } = pane();
    if (typeof data.client_message_id === 'string') ports.submitted(data.client_message_id);
    switch (event) {
      case 'user_message':
        takeUserMessage(data);
        break;
      case 'message_queued': {
        if (queue.some((entry) => entry.message_id === data.message_id)) return;
        const entry = {
          message_id: data.message_id,
          text: data.text,
          attachments: data.attachments,
          position: queue.length + 1,
          queued_at: data.at,
        };
        setQueue([...queue, entry]);
        break;
      }
      case 'message_edited':
        setQueue(
          queue.map((entry) =>
            entry.message_id === data.message_id ? { ...entry, text: data.text } : entry,
          ),
        );
        break;
      case 'message_withdrawn':
        setQueue(queue.filter((entry) => entry.message_id !== data.message_id));
        break;
      case 'prompt_asked':
      case 'prompt_settled':
        // Of a stream that is settled on screen, or given up, the transcript tells.
        streams.get(String(answeredStream(record)))?.prompt(record);
        ports.prompt(record);
        ports.touched();
        break;
      case 'session_updated':
        store.trigger.sessionChanged({ patch: data.session as Partial<Session> });
        ports.touched();
    }
  }

  function takeFrames(batch: FeedRecord[], at: number): number {
    const { stream_id } = batch[at]!.data;
    let end = at + 1;
    while (end < batch.length && isNext(batch[end - 1]!, batch[end]!)) end += 1;
    const count = end - at;
    let stream = streams.get(stream_id);
    if (!stream) {
      // A replay from the start passes runs that are settled on screen already.
      if (streams.isSettled(stream_id)) return count;
      const begin = { stream_id, message_id: '', created_at: batch[at]!.data.at, restored: null };
      stream = streams.attach(begin, pane().owner_stream_id === null);
    }
    return stream.take(batch.slice(at, end)) ? count : 0;
  }

  return {
    take(batch, at) {
      const record = batch[at]!;
      if (typeof record.data.seq === 'number') return takeFrames(batch, at);
      takeRecord(record);
      return 1;
    },
    state(state) {
      const { owner_stream_id, run } = pane();
      // A late word of an older run changes nothing of the newer one's badge (AT3).
      const isOurs = state.stream_id === owner_stream_id || state.stream_id === run?.stream_id;
      if (!isOurs && owner_stream_id !== null && run?.run_state !== 'settled') return;
      store.trigger.runChanged({ state });
      ports.touched();
    },
  };
}

const isNext = (before: FeedRecord, next: FeedRecord): boolean =>
  next.pos === before.pos + 1 &&
  next.data.stream_id === before.data.stream_id &&
  next.data.seq === before.data.seq + 1;
