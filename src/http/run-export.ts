// One run as a recording (source `run`): its records as they stand in the log, and between them the steps of its receipt.
// Replay and the inspector's page open it, and the page's time travel folds it.
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { notFound, type Receipt, type Transition } from '../protocol/index.ts';
import {
  type Entry,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordingHead,
} from '../protocol/inspection.ts';
import { ownerOf, type Parts } from './context.ts';
import { type RunRecord, readRun } from './run-log.ts';
import { receiptOf } from './run-receipt.ts';

type WithoutNumber<E> = E extends Entry ? Omit<E, 'n'> : never;

const entryOfRecord = (actor: string, { pos, at, event, data }: RunRecord): WithoutNumber<Entry> => ({
  ...{ at, actor, kind: 'record' },
  ...{ pos, event, data },
});

/** Of the actor's context only what a receipt keeps. */
function entryOfStep(actor: string, step: Transition, isFirst: boolean): WithoutNumber<Entry> {
  const { at, path: state, why } = step;
  const context = { why, ...(step.try !== undefined && { try: step.try, of: step.of }) };
  if (isFirst)
    return { at, actor, kind: 'actor', machine: 'stream', parent: null, input: null, state, context };
  return {
    at,
    actor,
    kind: 'step',
    event_n: null,
    state,
    context,
    status: state === 'settled' ? 'done' : 'active',
  };
}

/** It begins with its actor. Records and steps keep each their own order; of one millisecond the record comes first: it is what the actor is told of. */
async function* entriesOf(
  { transitions, stream_id }: Receipt,
  pages: AsyncGenerator<RunRecord[]>,
): AsyncGenerator<WithoutNumber<Entry>[]> {
  const actor = `stream:${stream_id}`;
  const steps = transitions.map((step, index) => entryOfStep(actor, step, index === 0));
  let next = 0;
  const until = (at: number): WithoutNumber<Entry>[] => {
    const from = next;
    while (next < steps.length && (next === 0 || steps[next]!.at < at)) next += 1;
    return steps.slice(from, next);
  };
  for await (const records of pages)
    yield records.flatMap((record) => [...until(record.at), entryOfRecord(actor, record)]);
  yield until(Number.POSITIVE_INFINITY);
  const last = transitions.at(-1);
  if (last?.path === 'settled') yield [{ at: last.at, actor, kind: 'stopped', why: 'done' }];
}

async function* linesOf(
  head: RecordingHead,
  pages: AsyncGenerator<WithoutNumber<Entry>[]>,
): AsyncGenerator<string> {
  let n = head.n;
  yield `${JSON.stringify(head)}\n`;
  for await (const entries of pages)
    if (entries.length > 0)
      yield entries.map((entry) => `${JSON.stringify({ n: ++n, ...entry })}\n`).join('');
}

/** @throws Rejection not_found */
export async function exportRun(parts: Parts, ctx: Context, stream_id: string): Promise<void> {
  const { journal, clock } = parts;
  const owner = ownerOf(ctx);
  const receipt = await receiptOf(parts, owner, stream_id);
  const { session_id } = receipt;
  const [row, session] = await Promise.all([
    journal.getReceipt(owner, stream_id),
    journal.getSession(owner, session_id),
  ]);
  if (!row || !session) throw notFound('stream');
  const { agent } = row.stream;
  const head: RecordingHead = {
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    source: 'run',
    made_at: clock.now(),
    boot: stream_id,
    n: 0,
    actors: [],
    run: { session_id, stream_id, title: session.title, agent },
  };
  ctx.set('Content-Disposition', `attachment; filename="${stream_id}.jsonl"`);
  ctx.type = 'application/x-ndjson';
  ctx.body = Readable.from(linesOf(head, entriesOf(receipt, readRun(journal, row))));
}
