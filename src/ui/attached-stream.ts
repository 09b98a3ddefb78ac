// One stream that this pane watches: the attachment machine's hands. It folds the frames that the machine takes, asks for the
// settled session when the machine asks, and clears up what is this stream's and nothing else (AT3). Knows no connection.
import {
  type AttachmentCommand,
  type AttachmentEvent,
  attachmentMachine,
  attachmentState,
} from '../machines/attachment.machine.ts';
import { AFTER_TERMINAL_EVENTS, isTerminalEvent, outcomeOf } from '../protocol/terminal.ts';
import { type Answer, answerMessage, emptyAnswer, foldRecord } from '../protocol/transcript.ts';
import type { Message } from '../protocol/views.ts';
import { start } from './actors.ts';
import { ApiError } from './api.ts';
import type { FeedRecord } from './feed.ts';
import type { OpenedSession } from './open-session.ts';
import type { PaneStore } from './pane-store.ts';

const LIVE_EVENTS = new Set([
  'token',
  'reasoning',
  'tool',
  'tool_update',
  'tool_complete',
  'plan',
  'warning',
]);

export interface StreamPorts {
  store: PaneStore;
  now(): number;
  /** The stream that owns the pane at this moment. */
  owner(): string | null;
  askTranscript(signal: AbortSignal): Promise<OpenedSession>;
  /** The line reopens from the cursor; `anew`: from the start of what is kept (AT8). */
  reattach(): void;
  forgetCursor(): void;
  /** The pane is free, if it is still this stream's. */
  release(stream_id: string): void;
  /** AT3: it was given up; its cards go with it. */
  finalized(stream_id: string): void;
  over(stream_id: string): void;
  broken(bug: unknown): void;
}

export interface StreamStart {
  stream_id: string;
  message_id: string;
  created_at: number;
  /** what a load gave of it: text and cursor together (AT6) */
  restored: Message | null;
}

export interface AttachedStream {
  readonly stream_id: string;
  /** Frames without a hole between them. False: they don't fit, and the line is being reopened. */
  take(frames: FeedRecord[]): boolean;
  /** A `prompt_asked` or `prompt_settled` of this stream, between its frames. */
  prompt(record: FeedRecord): void;
  tell(event: AttachmentEvent): void;
  close(): void;
}

const answerOf = (message: Message): Answer => ({
  parts: [...message.parts],
  last_seq: message.last_seq,
  terminal_state: message.terminal_state,
  settled_at: message.settled_at ?? null,
  usage: message.usage ?? {},
  title: null,
});

type Answered = Extract<AttachmentEvent, { type: 'transcript.answered' }>;

/** What an answered transcript means for this stream. Pure. */
export function judge(
  opened: OpenedSession,
  stream_id: string,
): Pick<Answered, 'status' | 'seq' | 'terminal'> {
  const message = opened.messages.findLast((m) => m.role === 'assistant' && m.stream_id === stream_id);
  const seq = message?.last_seq ?? 0;
  if (message?.settled_at !== undefined && message.terminal_state !== null)
    return { status: 'restored', seq, terminal: message.terminal_state };
  if (opened.active_stream_id === stream_id) return { status: 'active', seq };
  return { status: opened.active_stream_id === null ? 'missing' : 'stale', seq };
}

export function attachStream(begin: StreamStart, ports: StreamPorts): AttachedStream {
  const { stream_id } = begin;
  const { store } = ports;
  const abort = new AbortController();
  let answer = begin.restored ? answerOf(begin.restored) : emptyAnswer();
  let title: string | null = null;
  let batch: FeedRecord[] = [];
  let fits = true;
  let answered: OpenedSession | null = null;

  const actor = start(
    attachmentMachine,
    {
      stream_id,
      cursor: answer.last_seq,
      owner_stream_id: ports.owner(),
      live_content: answer.parts.length > 0,
      at: ports.now(),
    },
    { perform, changed, broken: ports.broken },
  );

  function paint(): void {
    const message = answerMessage({ ...answer, parts: [...answer.parts] }, begin);
    store.trigger.answerChanged({ answer: message });
    if (answer.title === null || answer.title === title) return;
    title = answer.title;
    store.trigger.sessionChanged({ patch: { title } });
  }

  function fold(after: number, last: number, fenced: boolean): void {
    for (const { event, data } of batch) {
      if (data.seq <= after || data.seq > last) continue;
      // AT7: a first terminal wins.
      if (fenced && event !== 'stream_end' && !AFTER_TERMINAL_EVENTS.includes(event)) continue;
      foldRecord(answer, { event, data });
    }
    paint();
  }

  async function ask(): Promise<void> {
    let judged: Pick<Answered, 'status' | 'seq' | 'terminal'>;
    try {
      answered = await ports.askTranscript(abort.signal);
      judged = judge(answered, stream_id);
    } catch (error) {
      const isGone = error instanceof ApiError && error.code === 'not_found';
      judged = { status: isGone ? 'missing' : 'error', seq: 0 };
    }
    if (abort.signal.aborted) return;
    // AT4: the owner is read after the await, never before.
    const owner_stream_id = ports.owner();
    actor.send({ type: 'transcript.answered', ...judged, owner_stream_id, at: ports.now() });
  }

  function adopt(owns_pane: boolean): void {
    const message = answered?.messages.findLast((m) => m.role === 'assistant' && m.stream_id === stream_id);
    if (!answered || !message) return;
    answer = answerOf(message);
    store.trigger.answerChanged({ answer: message });
    if (!owns_pane) return;
    const { messages: _m, transcript_pos: _p, head: _h, has_more: _more, ...session } = answered;
    store.trigger.sessionChanged({ patch: session });
  }

  function perform(command: AttachmentCommand): void {
    switch (command.type) {
      case 'take.frames':
        fold(command.after, command.last, command.fenced);
        break;
      case 'clear.view':
        // AT8: the old picture stays until the first of the new frames is painted.
        answer = emptyAnswer();
        ports.forgetCursor();
        break;
      case 'reattach':
        fits = false;
        ports.reattach();
        break;
      case 'ask.transcript':
        void ask();
        break;
      case 'adopt.transcript':
        adopt(command.owns_pane);
        break;
      case 'finalize':
        // AT3: what this stream had in flight; the pane only while it is this stream's. Its text stays where it is, its
        // parser and its open cards end with `attachments[stream_id]`, which `changed` keeps.
        batch = [];
        ports.finalized(stream_id);
        if (command.owns_pane) ports.release(stream_id);
    }
  }

  function changed(): void {
    const snapshot = actor.getSnapshot();
    const { state, why, since } = attachmentState(snapshot);
    const isOver = snapshot.status !== 'active';
    store.trigger.attachmentChanged({ stream_id, view: isOver ? null : { state, why, since } });
    if (isOver) ports.over(stream_id);
  }

  changed();
  return {
    stream_id,
    take(frames) {
      const first = frames[0]?.data.seq;
      const last = frames.at(-1);
      if (first === undefined || !last) return true;
      batch = frames;
      fits = true;
      const terminal = frames.find(({ event }) => isTerminalEvent(event));
      actor.send({
        type: 'frames.arrived',
        first,
        last: last.data.seq,
        live: frames.some(({ event }) => LIVE_EVENTS.has(event)),
        ...(terminal && isTerminalEvent(terminal.event)
          ? { terminal: outcomeOf(terminal.event, terminal.data) }
          : {}),
        ...(last.event === 'stream_end' ? { ended: true } : {}),
        at: ports.now(),
      });
      batch = [];
      return fits;
    },
    prompt(record) {
      foldRecord(answer, record);
      paint();
    },
    tell: (event) => actor.send(event),
    close() {
      abort.abort();
      actor.stop();
      store.trigger.attachmentChanged({ stream_id, view: null });
    },
  };
}
