// The whole receipt of a run: what its last owner kept, and before that what the log tells of others.
import { createWay, isOfEpoch, notFound, promptRecords, type Receipt, type Way } from '../protocol/index.ts';
import type { Parts } from './context.ts';
import { answerOf } from './cut-off.ts';
import { readRun } from './run-log.ts';

/** The steps that the log tells of; with `epoch`: those before its owner took the run over. */
async function toldByLog(parts: Parts, owner: string, receipt: Receipt): Promise<Way> {
  const { journal } = parts;
  const row = await journal.getReceipt(owner, receipt.stream_id);
  if (!row) throw notFound('stream');
  const way = createWay(receipt.admitted_at);
  if (row.stream.kept_from > 1)
    for (const message of await answerOf(journal, owner, row.stream))
      for (const record of promptRecords(message.parts)) way.take(record);
  for await (const records of readRun(journal, row))
    for (const record of records) {
      const isLast = receipt.kept && (isOfEpoch(record, receipt.epoch) || record.event === 'stream_end');
      if (isLast) return way;
      way.take(record);
    }
  return way;
}

/** @throws Rejection not_found */
export async function receiptOf(parts: Parts, owner: string, stream_id: string): Promise<Receipt> {
  const receipt = await parts.sessions.receipt(owner, stream_id);
  if (receipt.kept && receipt.epoch === 1) return receipt;
  const { kept, settled_at, outcome } = receipt;
  const way = await toldByLog(parts, owner, receipt);
  const before = [...way.steps];
  if (!kept && settled_at !== null && before.at(-1)?.path !== 'settled')
    before.push({ at: settled_at, path: 'settled', run_state: 'settled', why: outcome });
  // Who takes over what has begun is admitted only to recover it.
  const begun = before.length > 1 && receipt.transitions[0]?.path === 'active.admitted';
  const rest = receipt.transitions.slice(begun ? 1 : 0);
  const dropped = way.dropped + receipt.dropped;
  return { ...receipt, transitions: [...before, ...rest], dropped, from_log: before.length };
}
