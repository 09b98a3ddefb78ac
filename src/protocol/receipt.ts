// The receipt of a run: the steps of its actor, as the server keeps and tells them.
import * as z from 'zod/mini';
import { transitionSchema } from './runs.ts';
import { OUTCOMES } from './terminal.ts';

const text = z.string();
const count = z.int();

/** What the last owner of a run did until it was over; written in the settle commit. */
export const keptReceiptSchema = z.object({
  /** oldest first, at most TRANSITIONS_MAX */
  transitions: z.array(transitionSchema),
  /** steps before those, which are not kept */
  dropped: count,
});
export type KeptReceipt = z.infer<typeof keptReceiptSchema>;

/** The steps of a run. `kept: false`: it was over before receipts were kept, or its log was damaged; the log tells what it can. */
export const receiptSchema = z.object({
  stream_id: text,
  session_id: text,
  epoch: count,
  admitted_at: count,
  settled_at: z.nullable(count),
  outcome: z.nullable(z.enum(OUTCOMES)),
  kept: z.boolean(),
  ...keptReceiptSchema.shape,
  /** how many of the first steps are read out of the log: those before its last owner, or all */
  from_log: count,
});
export type Receipt = z.infer<typeof receiptSchema>;
