import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Journal } from '../../src/journal/port.ts';
import type { StoredRecord } from '../../src/protocol/index.ts';
import { LogModel, type Step } from './log-model.ts';
import { admission, type Bench, createSession, INTERRUPTED, OWNER, openBench, wholeLog } from './support.ts';

const RUNS = 40;
const SESSIONS = ['s0', 's1', 's2'];
const session = fc.constantFrom(...SESSIONS);
/** A run's name is its stream's; the same ones come up again and again, in any state. */
const run = fc.nat({ max: 9 }).map((n) => `r${n}`);
const behind = fc.constantFrom(0, 0, 0, 1);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('admit' as const),
      session,
      run,
      key: fc.constantFrom(null, 'k1', 'k2'),
      text: fc.constantFrom('one', 'two'),
      queue: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('follow' as const), session, run }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      run,
      behind,
      event: fc.constantFrom('stream_started', 'token', 'token', 'token', 'metering', 'title'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('terminal' as const),
      run,
      behind,
      event: fc.constantFrom('done' as const, 'cancel' as const, 'apperror' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('settle' as const), run, behind, otherwise: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take_over' as const), run }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), session, paused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), session, run }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), session }) },
);

/** What is asked at once, and the fault under it. */
const batch = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  fault: fc.constantFrom(null, null, null, null, 'fail_before_commit' as const, 'fail_after_commit' as const),
});

const PAYLOADS: Record<string, string> = {
  stream_started: '{"agent":"demo","epoch":1}',
  token: '{"text":"x"}',
  metering: '{"usage":{"input_tokens":1}}',
  title: '{"title":"A title"}',
  done: '{"message_id":"m"}',
  cancel: '{"message":"stopped"}',
  apperror: INTERRUPTED.payload,
};

/** One world per run: `prefix` keeps the names of one apart from those of the next. */
function ask(
  journal: Journal,
  prefix: string,
  asked: Step,
  epoch: number,
  no: number,
): Promise<{ kind: string }> {
  const name = (id: string) => `${prefix}_${id}`;
  switch (asked.do) {
    case 'admit': {
      const ids = { stream_id: name(asked.run), user_message_id: `u${no}`, message_id: `a${no}` };
      const more = {
        client_message_id: asked.key,
        text: asked.text,
        on_busy: asked.queue ? 'queue' : 'reject',
      } as const;
      return journal.admit(OWNER, admission(name(asked.session), '', { ...ids, ...more }), no);
    }
    case 'follow':
      return journal.takeFollowUp(
        name(asked.session),
        { stream_id: name(asked.run), message_id: `a${no}` },
        no,
      );
    case 'append':
      return journal.append({
        stream_id: name(asked.run),
        epoch,
        event: asked.event,
        payload: PAYLOADS[asked.event]!,
        at: no,
      });
    case 'terminal':
      return journal.terminal({
        stream_id: name(asked.run),
        epoch,
        event: asked.event,
        payload: PAYLOADS[asked.event]!,
        at: no,
      });
    case 'settle': {
      const otherwise = asked.otherwise ? { otherwise: INTERRUPTED } : {};
      return journal.settle({ stream_id: name(asked.run), epoch, at: no, ...otherwise });
    }
    case 'take_over':
      return journal.takeOver(name(asked.run), 'test', no);
    case 'pause':
      return journal.patchSession(OWNER, name(asked.session), { queue_paused: asked.paused }, no);
    case 'withdraw':
      return journal.withdrawQueued(
        OWNER,
        name(asked.session),
        queuedAs.get(name(asked.run)) ?? 'nobody',
        no,
      );
    case 'delete':
      return journal.deleteSession(OWNER, name(asked.session));
  }
}

/** The message that waits under the name of a run, and the sessions that it waits in. */
const queuedAs = new Map<string, string>();

/** A run's name is taken once in the whole log: what would take it twice is left out. */
function sensible(model: LogModel, taken: Set<string>, asked: Step): boolean {
  if (asked.do !== 'admit' && asked.do !== 'follow') return true;
  if (taken.has(asked.run)) return false;
  const { session: name } = asked;
  if (asked.do === 'admit' || model.sessions.has(name)) taken.add(asked.run);
  return true;
}

async function play(
  bench: Bench,
  prefix: string,
  batches: { steps: Step[]; fault: keyof Bench['faults'] | null }[],
) {
  const { journal, faults, heard } = bench;
  const model = new LogModel();
  const taken = new Set<string>();
  const from = heard.length;
  for (const name of SESSIONS) {
    model.create(name);
    await createSession(journal, `${prefix}_${name}`);
  }
  let no = 1;
  for (const { steps, fault } of batches) {
    if (fault === 'fail_before_commit' || fault === 'fail_after_commit') faults[fault] = 1;
    const expected: string[] = [];
    const answers: Promise<{ kind: string }>[] = [];
    for (const asked of steps.filter((one) => sensible(model, taken, one))) {
      const epoch = 'run' in asked ? model.epochOf(asked.run, 'behind' in asked ? asked.behind : 0) : 0;
      no += 1;
      if (asked.do === 'admit') queuedAs.set(`${prefix}_${asked.run}`, `u${no}`);
      answers.push(ask(journal, prefix, asked, epoch, no));
      expected.push(`${asked.do} ${model.step(asked)}`);
    }
    const kinds = (await Promise.all(answers)).map(
      ({ kind }, index) => `${expected[index]?.split(' ')[0]} ${kind}`,
    );
    expect(kinds).toEqual(expected);
    faults.fail_before_commit = 0;
    faults.fail_after_commit = 0;
  }
  model.check();
  return { model, heard: heard.slice(from) };
}

const shape = (prefix: string, records: StoredRecord[]) =>
  records.map(({ event, stream_id, seq }) => [event, stream_id?.slice(prefix.length + 1) ?? null, seq]);

async function compare(
  journal: Journal,
  prefix: string,
  model: LogModel,
  heard: StoredRecord[],
): Promise<void> {
  for (const name of SESSIONS) {
    const session_id = `${prefix}_${name}`;
    const expected = model.sessions.get(name);
    const records = await wholeLog(journal, session_id, 7);
    expect(shape(prefix, records)).toEqual(expected?.log ?? []);
    expect(records.map(({ pos }) => pos)).toEqual(records.map((_, index) => index + 1));
    if (expected) expect(heard.filter((record) => record.session_id === session_id)).toEqual(records);
    const row = await journal.getSession(OWNER, session_id);
    expect(row?.active_stream_id ?? null).toBe(expected?.active ? `${prefix}_${expected.active}` : null);
    expect(row?.queue_length ?? 0).toBe(expected?.queue.length ?? 0);
    expect(row?.message_count ?? 0).toBe(expected?.messages ?? 0);
  }
  for (const [name, expected] of model.streams) {
    const row = await journal.getStream(OWNER, `${prefix}_${name}`);
    const { epoch, starts, started, settled, outcome: terminal_state } = expected;
    expect(row).toMatchObject({
      epoch,
      starts,
      started,
      settled,
      terminal_state,
      head: expected.frames.length,
    });
    const page = await journal.readStream(`${prefix}_${name}`, 0, 1000);
    expect(page.records.map(({ event }) => event)).toEqual(expected.frames);
  }
}

test('P1 P2 P4 P5 P6 P12 SE1 SE2 SE5 ST1 ST3 whatever is asked, in whatever groups, under I/O errors, the log is the model', async () => {
  const bench = await openBench();
  let no = 0;
  const property = fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 14 }), async (batches) => {
    const prefix = `w${no++}`;
    const { model, heard } = await play(bench, prefix, batches);
    await compare(bench.journal, prefix, model, heard);
  });
  await fc.assert(property, { numRuns: RUNS });
}, 120_000);

test('P2 ST9 the log is the model after it was opened again', async () => {
  const worlds: { prefix: string; model: LogModel; heard: StoredRecord[] }[] = [];
  const bench = await openBench();
  for (const [no, batches] of fc.sample(fc.array(batch, { minLength: 4, maxLength: 10 }), 5).entries()) {
    const prefix = `z${no}`;
    worlds.push({ prefix, ...(await play(bench, prefix, batches)) });
  }
  await bench.journal.close();
  const { journal } = await openBench({ folder: bench.folder });
  for (const { prefix, model, heard } of worlds) await compare(journal, prefix, model, heard);
  const unsettled = worlds.flatMap(({ prefix, model }) =>
    [...model.streams].filter(([, { settled }]) => !settled).map(([name]) => `${prefix}_${name}`),
  );
  expect(journal.report.unsettled.map(({ stream_id }) => stream_id).sort()).toEqual(unsettled.sort());
});
