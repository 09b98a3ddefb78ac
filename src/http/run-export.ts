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
function entryOfStep(
  actor: string,
  step: Transition,
  { isFirst, terminal }: { isFirst: boolean; terminal: Receipt['outcome'] },
): WithoutNumber<Entry> {
  const { at, path: state, why } = step;
  const tried = step.try !== undefined && { try: step.try, of: step.of };
  const context = { why, ...tried, ...(state === 'settled' && { terminal }) };
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

/**
 * A clock was set back where the next record is older by more. Of steps twice as much: a quiet spell may have begun, so long
 * after the last record, before it was. By less than that a step may stand wrongly.
 */
const SET_BACK_MS = 30_000;

/** How often the clock had been set back before each step. */
function erasOf(transitions: Transition[]): number[] {
  let era = 0;
  return transitions.map(({ at }, index) => {
    if ((transitions[index - 1]?.at ?? at) - at > 2 * SET_BACK_MS) era += 1;
    return era;
  });
}

/**
 * How many steps stand before a record; asked of one record after the other. The first comes before all, the end after all.
 * Of one millisecond the record comes first: it is what the actor is told of.
 */
function createOrder(transitions: Transition[]): (record: RunRecord) => number {
  const eras = erasOf(transitions);
  const lastEra = eras.at(-1) ?? 0;
  let next = 0;
  let era = 0;
  let before = 0;
  function isBefore({ at, path }: Transition, record: RunRecord): boolean {
    if (next === 0) return true;
    if (path === 'settled') return false;
    return eras[next] === era ? at < record.at : eras[next]! < era;
  }
  return (record) => {
    if (before - record.at > SET_BACK_MS) era = Math.min(era + 1, lastEra);
    before = record.at;
    while (transitions[next] && isBefore(transitions[next]!, record)) next += 1;
    return next;
  };
}

/** It begins with its actor. Records and steps keep each their own order. */
async function* entriesOf(
  { transitions, stream_id, outcome: terminal }: Receipt,
  pages: AsyncGenerator<RunRecord[]>,
): AsyncGenerator<WithoutNumber<Entry>[]> {
  const actor = `stream:${stream_id}`;
  const steps = transitions.map((step, index) =>
    entryOfStep(actor, step, { isFirst: index === 0, terminal }),
  );
  const stepsBefore = createOrder(transitions);
  let told = 0;
  for await (const records of pages)
    yield records.flatMap((record) => {
      const from = told;
      told = stepsBefore(record);
      return [...steps.slice(from, told), entryOfRecord(actor, record)];
    });
  yield steps.slice(told);
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
