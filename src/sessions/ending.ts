// The words of an end: which terminal frame an outcome is, and what it says. Pure.
import type { AgentEnd } from '../agents/port.ts';
import type { StreamRow } from '../journal/port.ts';
import type { Outcome, TerminalEvent, Usage } from '../protocol/index.ts';

/** What the agent left behind for the end of its run. */
export interface EndingOf {
  usage: Usage | undefined;
  title: string | undefined;
  /** why nobody owns the run any more, if so */
  lost: string | undefined;
  /** of the `apperror` that the log holds, if it holds one */
  error_type: string | null;
  /** when the log says that the run settled (ms), if this run has heard it */
  settled_at: number | null;
}

export interface TerminalFrame {
  event: TerminalEvent;
  payload: string;
}

export const endOf = (end: Extract<AgentEnd, { kind: 'failed' }>) => ({
  type: end.type,
  message: end.message,
  ...(end.hint === undefined ? {} : { hint: end.hint }),
});

/** The terminal frame for an outcome (ST1). `at`: now, in ms. */
export function terminalOf(
  stream: StreamRow,
  end: { outcome: Outcome; error?: { type: string; message: string; hint?: string } },
  ending: EndingOf,
  at: number,
): TerminalFrame {
  // What is not known is undefined, which JSON leaves out.
  if (end.outcome === 'completed')
    return { event: 'done', payload: JSON.stringify({ message_id: stream.message_id, usage: ending.usage }) };
  if (end.outcome === 'cancelled') {
    const seconds = Math.max(0, Math.round((at - stream.created_at) / 1000));
    return { event: 'cancel', payload: JSON.stringify({ message: `Stopped after ${seconds} s.` }) };
  }
  const error = end.error ?? { type: end.outcome, message: 'The run ended without a word.' };
  if (end.outcome !== 'interrupted') return { event: 'apperror', payload: JSON.stringify(error) };
  const interrupted = { ...error, type: 'interrupted', reason: ending.lost };
  return { event: 'apperror', payload: JSON.stringify(interrupted) };
}
