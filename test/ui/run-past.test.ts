// A run as it was after each entry of its export: what the page and the server would have folded until then.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '../../src/protocol/inspection.ts';
import { emptyAnswer, foldRecord, type LogRecord } from '../../src/protocol/transcript.ts';
import { createPast, PAST_COPY_EVERY, runAt } from '../../src/ui/drawer/run-past.ts';
import type { ShownRun } from '../../src/ui/shown-run.ts';

const of = { actor: 'stream:r' };
const step = (n: number, state: string, context = {}): Entry => ({
  ...{ ...of, n, at: n, kind: 'step', event_n: null },
  ...{ state, context, status: 'active' as const },
});
const record = (n: number, event: string, data: object): Entry => ({
  ...{ ...of, n, at: n, kind: 'record', pos: n, event, data },
});

const frames = fc.oneof(
  fc.string({ maxLength: 4 }).map((text) => ['token', { text }] as const),
  fc.string({ maxLength: 4 }).map((text) => ['reasoning', { text }] as const),
  fc.nat(3).map((tid) => ['tool', { tid: `${tid}`, name: 'read', preview: '', args: {} }] as const),
  fc.nat(3).map((tid) => ['tool_update', { tid: `${tid}`, output: 'more' }] as const),
  fc
    .nat(3)
    .map((tid) => ['tool_complete', { tid: `${tid}`, is_error: false, result: 1, duration_ms: 1 }] as const),
  fc
    .nat(3)
    .map(
      (id) => ['prompt_asked', { kind: 'clarify', entry: { clarify_id: `${id}`, question: '?' } }] as const,
    ),
  fc.nat(3).map((id) => ['prompt_settled', { kind: 'clarify', id: `${id}`, how: 'answered' }] as const),
  fc.constant(['plan', { entries: [] }] as const),
);

/** An export: a question, frames and steps in any order, and an end. */
function exported(said: (readonly [string, object])[], steps: number): Entry[] {
  let seq = 0;
  const every = Math.max(1, Math.floor(said.length / steps));
  const events = [['user_message', { text: 'x' }] as const, ...said, ['done', {}] as const];
  return events
    .flatMap(([event, data], at) => [
      ...(at % every === 1 ? [['step'] as const] : []),
      [event, event.startsWith('prompt') ? data : { ...data, seq: ++seq }] as const,
    ])
    .map(([event, data], at) =>
      data ? record(at + 1, event, data) : step(at + 1, 'active.quiet', { why: 'x' }),
    );
}

test('ui a run at record N is what its first N records fold to, in whatever order one looks', () => {
  fc.assert(
    fc.property(
      fc.array(frames, { minLength: 1, maxLength: 3 * PAST_COPY_EVERY, size: 'max' }),
      fc.array(fc.nat({ max: 4 * PAST_COPY_EVERY }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (said, looks, steps) => {
        const entries = exported(said, steps);
        const past = createPast(entries);
        expect(past.count).toBe(entries.length);
        for (const look of looks) {
          const n = 1 + (look % past.count);
          const until = entries.slice(0, n);
          const records = until.flatMap((one) => (one.kind === 'record' ? [one as Entry & LogRecord] : []));
          const answer = emptyAnswer();
          for (const { event, data } of records)
            if (event !== 'user_message') foldRecord(answer, { event, data });
          const moment = past.at(n);
          expect(moment).toMatchObject({ n, at: n, records: records.length });
          expect(moment.answer).toEqual(answer);
          expect(moment.steps).toHaveLength(n - records.length);
          expect(moment.question).toEqual({ text: 'x', attachments: [], at: 1 });
          const open = answer.parts.flatMap((part) =>
            part.type === 'prompt' && part.how === null ? [part.prompt_id] : [],
          );
          expect(new Set(moment.pending.map(({ id }) => id))).toEqual(new Set(open));
          expect(past.at(n).steps).toBe(moment.steps);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('ui a step of the past says its state, why, and which try it was', () => {
  const past = createPast([
    {
      ...of,
      n: 1,
      at: 5,
      kind: 'actor',
      machine: 'stream',
      parent: null,
      input: null,
      state: 'active.admitted',
      context: {},
    },
    step(2, 'stale.recovering', { why: 'restart', try: 2, of: 5 }),
    step(3, 'draining.closing'),
  ]);
  expect(past.at(3).steps).toEqual([
    { at: 5, path: 'active.admitted', run_state: 'starting', why: null },
    { at: 2, path: 'stale.recovering', run_state: 'stale', why: 'restart', try: 2, of: 5 },
    { at: 3, path: 'draining.closing', run_state: 'draining', why: null },
  ]);
  expect(past.at(1)).toMatchObject({ at: 5, label: 'active.admitted', question: null, pending: [] });
});

test('ui the end of a run has the same reason in the past as now; what was before it has its own', () => {
  const past = createPast([
    step(1, 'active.quiet', { why: 'idle' }),
    record(2, 'apperror', { seq: 1, type: 'boom', message: 'x' }),
    step(3, 'settled', { why: 'errored' }),
  ]);
  const live = { ...runAt({} as ShownRun, past.at(3)), why: 'boom' };
  expect(runAt(live, past.at(3))).toMatchObject({ run_state: 'settled', why: 'boom' });
  expect(runAt(live, past.at(1))).toMatchObject({ run_state: 'quiet', why: 'idle' });
});

test('ui a run of ten thousand frames is looked at step by step in far less than a frame of the screen', () => {
  const entries = Array.from({ length: 10_000 }, (_, at) =>
    record(at + 1, 'token', { seq: at + 1, text: `${at} ` }),
  );
  const past = createPast(entries);
  past.at(past.count);
  const began = performance.now();
  const looks = 200;
  for (let look = 0; look < looks; look += 1) past.at(1 + ((look * 7919) % past.count));
  expect((performance.now() - began) / looks).toBeLessThan(4);
});
