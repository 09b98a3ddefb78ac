// Which run a pane speaks of, and in which words: from the server's own state of the live run, else from the transcript.
// Pure; the only guess it makes is none.
import type { Outcome } from '../protocol/terminal.ts';
import type { Message, RunState, Session, Transition } from '../protocol/views.ts';
import type { Pane } from './pane-store.ts';
import { en } from './text/en.ts';

export interface ShownRun {
  stream_id: string;
  run_state: RunState;
  /** the machine's own path */
  path: string;
  outcome: Outcome | null;
  since: number;
  why: string | null;
  try?: number;
  of?: number;
  epoch?: number;
  head: number;
  transitions: Transition[];
}

export const lastAnswer = (messages: Message[]): Message | undefined =>
  messages.findLast((message) => message.role === 'assistant' && message.stream_id !== null);

/** Why a run ended as it did, in the word that the live run had for it; null: its outcome says all. */
export function endedWhy({ parts }: Message): string | null {
  const part = parts.findLast((one) => one.type === 'error');
  if (part?.type !== 'error') return null;
  // The reason of the log's `stale` record, as the server puts it into its sentence.
  return part.error === 'interrupted' ? (/\(([a-z_]+)\)/.exec(part.message)?.[1] ?? null) : part.error;
}

function settledRun(message: Message): ShownRun {
  return {
    stream_id: message.stream_id ?? '',
    run_state: 'settled',
    path: 'settled',
    outcome: message.terminal_state,
    since: message.settled_at ?? message.created_at,
    why: endedWhy(message),
    head: message.last_seq,
    transitions: [],
  };
}

/** The run of the badge; null: this session never ran. */
export function shownRun(pane: Pane): ShownRun | null {
  const { run, owner_stream_id, attachments, messages } = pane;
  // AT5: an overdue settlement is said, but only of the newest run: an older one's is no state of the pane.
  const stream_id = owner_stream_id ?? run?.stream_id ?? lastAnswer(messages)?.stream_id ?? '';
  const view = attachments[stream_id];
  if (view?.state === 'stale' && owner_stream_id === null) {
    const why = view.why === 'settlement_overdue' ? en.badge.overdue : view.why;
    const base = run?.stream_id === stream_id ? run : null;
    return {
      ...(base ?? { stream_id, head: 0, transitions: [], path: 'stale' }),
      run_state: 'stale',
      outcome: null,
      since: view.since,
      why,
    };
  }
  if (run && (run.stream_id === owner_stream_id || owner_stream_id === null)) {
    const shown = messages.findLast((m) => m.role === 'assistant' && m.stream_id === run.stream_id);
    return { ...run, head: Math.max(run.head, shown?.last_seq ?? 0) };
  }
  if (owner_stream_id !== null) {
    const live = messages.findLast((m) => m.role === 'assistant' && m.stream_id === owner_stream_id);
    const run_state = live && live.parts.length > 0 ? 'running' : 'starting';
    const since = live?.created_at ?? pane.session?.updated_at ?? 0;
    const head = live?.last_seq ?? 0;
    return {
      stream_id: owner_stream_id,
      run_state,
      path: run_state,
      outcome: null,
      since,
      why: null,
      head,
      transitions: [],
    };
  }
  const last = lastAnswer(messages);
  return last?.terminal_state ? settledRun(last) : null;
}

/** Changes when something of the run does that is worth drawing; the head grows with every frame and is not. */
export const runKey = (run: ShownRun | null): string =>
  run === null
    ? ''
    : [
        run.stream_id,
        run.path,
        run.run_state,
        run.outcome,
        run.since,
        run.why,
        run.try,
        run.transitions.length,
      ].join(' ');

/** The run of one stream: the live one, or what its message says of how it ended. */
export function runOf(pane: Pane, stream_id: string): ShownRun | null {
  const shown = shownRun(pane);
  if (shown?.stream_id === stream_id) return shown;
  const message = pane.messages.findLast((m) => m.role === 'assistant' && m.stream_id === stream_id);
  return message ? settledRun(message) : null;
}

export function wordOf(run: Pick<ShownRun, 'run_state' | 'outcome'>): string {
  if (run.run_state === 'settled' && run.outcome) return en.outcomeWords[run.outcome];
  if (run.run_state === 'draining' && run.outcome === 'cancelled') return en.badge.stopping;
  return en.stateWords[run.run_state];
}

/** The state mark of a session's row. */
export function markOf(session: Session): string {
  if (session.state !== 'idle') return session.state;
  return session.last_outcome ?? 'idle';
}

export function rowWord(session: Session): string {
  if (session.state !== 'idle') return en.stateWords[session.state];
  return session.last_outcome ? en.outcomeWords[session.last_outcome] : en.sidebar.idle;
}

/** Something runs that can be stopped: the pane has an owner, and the server does not call it settled. */
export const isBusy = ({ owner_stream_id, run }: Pane): boolean =>
  owner_stream_id !== null && !(run?.stream_id === owner_stream_id && run.run_state === 'settled');

/** A message whose run this pane still watches, and which may grow. */
export function isLive(pane: Pane, message: Message): boolean {
  if (message.stream_id === null || message.settled_at !== undefined) return false;
  const view = pane.attachments[message.stream_id];
  return view !== undefined && view.state !== 'stale' && view.state !== 'settled';
}
