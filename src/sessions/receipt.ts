// The receipt of a run: every step that led to its end, with times and tries. While the run lives its actor's steps; after
// that what the settle commit took along, and its end as the log knows it: at the time that stands in that commit, which is
// when it began. The actor, and who watched it, heard of `settled` when it was durable.
import type { ReceiptRow } from '../journal/port.ts';
import type { KeptReceipt, Receipt, Transition } from '../protocol/index.ts';

/** `live`: of its actor, if it has one. */
export function receiptOf(
  { stream, settled_at, receipt }: ReceiptRow,
  live: KeptReceipt | undefined,
): Receipt {
  const end: Transition[] =
    receipt && settled_at !== null
      ? [{ at: settled_at, path: 'settled', run_state: 'settled', why: stream.terminal_state }]
      : [];
  const known = receipt ?? live;
  return {
    stream_id: stream.stream_id,
    session_id: stream.session_id,
    epoch: stream.epoch,
    admitted_at: stream.created_at,
    settled_at,
    outcome: stream.terminal_state,
    kept: known !== undefined,
    transitions: [...(known?.transitions ?? []), ...end],
    dropped: known?.dropped ?? 0,
    from_log: 0,
  };
}
