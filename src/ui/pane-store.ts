// What one pane shows: one session, its messages, its run, its connection. A store of plain values; every change is a named
// event, and nothing here asks, waits or draws. Whoever changes it is `session-watch.ts` or `outbox.ts`.
import { createStore } from '@xstate/store';
import type { AttachmentState } from '../machines/attachment.machine.ts';
import type { LineState } from '../machines/line.machine.ts';
import type { PromptKind } from '../protocol/prompts.ts';
import { stepOf, TRANSITIONS_MAX } from '../protocol/runs.ts';
import type { Message, QueuedMessage, Session, StreamState, Transition } from '../protocol/views.ts';
import { noPrompts, type ShownPrompts } from './prompts/shown-prompts.ts';

export interface Run extends StreamState {
  transitions: Transition[];
}

export interface LineView {
  state: LineState;
  since: number;
  try?: number;
  /** the connection was there and is gone */
  lost: boolean;
}

export interface Resumed {
  events: number;
  offline_ms: number;
}

export interface AttachmentView {
  state: AttachmentState;
  why: string | null;
  since: number;
}

export interface Pane {
  status: 'start' | 'loading' | 'ready' | 'missing' | 'failed';
  why: string | null;
  session_id: string | null;
  session: Session | null;
  messages: Message[];
  /** older messages than the first shown exist */
  has_more: boolean;
  queue: QueuedMessage[];
  /** the stream that the pane is busy with; null: none, the composer is free */
  owner_stream_id: string | null;
  run: Run | null;
  attachments: Record<string, AttachmentView>;
  line: LineView;
  resumed: Resumed | null;
  /** what a person's last act ran into */
  alert: string | null;
  /** it speaks of a run: when the pane's run is another one, or none, it is gone */
  passing: boolean;
  stopping: string | null;
  prompts: Record<PromptKind, ShownPrompts>;
}

export const emptyPane = (session_id: string | null): Pane => ({
  status: session_id === null ? 'start' : 'loading',
  why: null,
  session_id,
  session: null,
  messages: [],
  has_more: false,
  queue: [],
  owner_stream_id: null,
  run: null,
  attachments: {},
  line: { state: 'connecting', since: 0, lost: false },
  resumed: null,
  alert: null,
  passing: false,
  stopping: null,
  prompts: { clarify: noPrompts, approval: noPrompts },
});

/** An answer's place in the transcript: where it stands already, else at the end. */
function upsertAnswer(messages: Message[], answer: Message): Message[] {
  const at = messages.findLastIndex((m) => m.role === 'assistant' && m.stream_id === answer.stream_id);
  if (at < 0) return [...messages, answer];
  const next = messages.slice();
  const superseded_by = answer.superseded_by ?? messages[at]?.superseded_by;
  next[at] = superseded_by === undefined ? answer : { ...answer, superseded_by };
  return next;
}

function nextRun(before: Run | null, state: StreamState, transitions?: Transition[]): Run {
  if (transitions) return { ...state, transitions };
  const known = before?.stream_id === state.stream_id ? before.transitions : [];
  const step = stepOf(state, state.since);
  const last = known.at(-1);
  const isNew = last?.path !== step.path || last.why !== step.why || last.try !== step.try;
  return { ...state, transitions: isNew ? [...known, step].slice(-TRANSITIONS_MAX) : known };
}

export const createPaneStore = () =>
  createStore({
    context: emptyPane(null),
    on: {
      /** Another session, or none: everything of the one before is gone. */
      cleared: (_pane, { session_id }: { session_id: string | null }) => emptyPane(session_id),
      opened: (
        pane,
        opened: { session: Session; messages: Message[]; has_more: boolean; owner_stream_id: string | null },
      ) => ({ ...pane, ...opened, status: 'ready' as const, why: null }),
      /** Of a session that is gone nothing stays; one that could not be read may be there. */
      refused: (pane, { status, why }: { status: 'missing' | 'failed'; why: string | null }) => ({
        ...(status === 'missing' ? emptyPane(pane.session_id) : pane),
        status,
        why,
      }),
      earlierCame: (pane, { messages, has_more }: { messages: Message[]; has_more: boolean }) => ({
        ...pane,
        has_more,
        messages: [...messages, ...pane.messages],
      }),
      sessionChanged: (pane, { patch }: { patch: Partial<Session> }) => ({
        ...pane,
        session: pane.session && { ...pane.session, ...patch },
      }),
      messageAdded: (pane, { message }: { message: Message }) =>
        pane.messages.some((known) => known.message_id === message.message_id)
          ? pane
          : { ...pane, messages: [...pane.messages, message] },
      answerChanged: (pane, { answer }: { answer: Message }) => ({
        ...pane,
        messages: upsertAnswer(pane.messages, answer),
      }),
      superseded: (pane, { stream_id, by }: { stream_id: string; by: string }) => ({
        ...pane,
        messages: pane.messages.map((message) =>
          message.role === 'assistant' && message.stream_id === stream_id
            ? { ...message, superseded_by: by }
            : message,
        ),
      }),
      queueChanged: (pane, { queue }: { queue: QueuedMessage[] }) => ({ ...pane, queue }),
      ownerChanged: (pane, { owner_stream_id }: { owner_stream_id: string | null }) => ({
        ...pane,
        owner_stream_id,
        alert: pane.passing ? null : pane.alert,
        stopping: pane.stopping === owner_stream_id ? pane.stopping : null,
      }),
      runChanged: (pane, { state, transitions }: { state: StreamState; transitions?: Transition[] }) => ({
        ...pane,
        run: nextRun(pane.run, state, transitions),
      }),
      runForgotten: (pane) => ({ ...pane, run: null }),
      attachmentChanged: (pane, { stream_id, view }: { stream_id: string; view: AttachmentView | null }) => {
        const { [stream_id]: before, ...others } = pane.attachments;
        // Every frame passes through an attachment; what it says of itself changes seldom.
        if (before?.state === view?.state && before?.why === view?.why) return pane;
        return { ...pane, attachments: view ? { ...others, [stream_id]: view } : others };
      },
      lineChanged(pane, { line }: { line: LineView }) {
        const { state, lost, try: tries } = pane.line;
        if (state === line.state && lost === line.lost && tries === line.try) return pane;
        return { ...pane, line, resumed: line.lost ? null : pane.resumed };
      },
      resumedChanged: (pane, { resumed }: { resumed: Resumed | null }) => ({ ...pane, resumed }),
      alertChanged: (pane, { alert, passing = false }: { alert: string | null; passing?: boolean }) => ({
        ...pane,
        alert,
        passing,
      }),
      promptsChanged: (pane, { kind, shown }: { kind: PromptKind; shown: ShownPrompts }) => ({
        ...pane,
        prompts: { ...pane.prompts, [kind]: shown },
      }),
      stopAsked: (pane, { stream_id }: { stream_id: string | null }) => ({ ...pane, stopping: stream_id }),
    },
  });

export type PaneStore = ReturnType<typeof createPaneStore>;
