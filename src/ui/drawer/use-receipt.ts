// The receipt of a run: asked for when the drawer shows it, again when another owner takes it over, and when it is over.
import { useEffect, useState } from 'react';
import { type Receipt, receiptSchema } from '../../protocol/receipt.ts';
import type { Transition } from '../../protocol/views.ts';
import { request } from '../api.ts';
import type { ShownRun } from '../shown-run.ts';

export type ReceiptView = Receipt | 'asked' | 'failed';

export function useReceipt({ stream_id, run_state, epoch }: ShownRun): ReceiptView {
  const [receipt, setReceipt] = useState<ReceiptView>('asked');
  const isOver = run_state === 'settled';
  useEffect(() => {
    const leaving = new AbortController();
    const path = `/api/chat/receipt?stream_id=${encodeURIComponent(stream_id)}`;
    request(receiptSchema, { method: 'GET', path, signal: leaving.signal }).then(setReceipt, () => {
      if (!leaving.signal.aborted) setReceipt((before) => (before === 'asked' ? 'failed' : before));
    });
    return () => leaving.abort();
  }, [stream_id, isOver, epoch]);
  return receipt;
}

/** Its steps, oldest first. While it lives the page is told of its owner's; what was before stands in the receipt. */
export function stepsOf(run: ShownRun, receipt: ReceiptView): Transition[] {
  if (typeof receipt === 'string') return run.transitions;
  if (run.transitions.length === 0 || receipt.settled_at !== null) return receipt.transitions;
  const before = receipt.transitions.slice(0, receipt.from_log);
  const isTaken = before.length > 1 && run.transitions[0]?.path === 'active.admitted';
  return before.length === 0 ? run.transitions : [...before, ...run.transitions.slice(isTaken ? 1 : 0)];
}

/** How often what was tried longest was tried. */
export const triesOf = (steps: readonly Transition[]): number =>
  steps.reduce((most, step) => Math.max(most, step.try ?? 1), 1);
