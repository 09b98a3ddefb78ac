import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Journal } from '../../src/journal/port.ts';
import type { StoredRecord } from '../../src/protocol/index.ts';
import {
  freshSession,
  type ModelSession,
  meant,
  nextId,
  type PromptStep,
  pendingOf,
  play,
} from './prompt-model.ts';
import { answerOf, askOf } from './prompt-steps.ts';
import {
  admission,
  type Bench,
  createSession,
  INTERRUPTED,
  OWNER,
  openBench,
  started,
  wholeLog,
} from './support.ts';

const RUNS = 40;
const SESSIONS = ['s0', 's1'];
const session = fc.constantFrom(...SESSIONS);
const behind = fc.constantFrom(0, 0, 0, 0, 1);
const kind = fc.constantFrom('clarify' as const, 'clarify' as const, 'approval' as const);
const starts = fc.constantFrom(true, true, true, false);
const always = <T extends string>(word: T) => fc.constant(word);

const step: fc.Arbitrary<PromptStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: always('begin'), session, starts }) },
  {
    weight: 14,
    arbitrary: fc.record({
      do: always('ask'),
      session,
      kind,
      key: fc.constantFrom(null, 'k1', 'k2'),
      behind,
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      do: always('answer'),
      session,
      which: fc.nat({ max: 20 }),
      how: fc.constantFrom('answered' as const, 'declined' as const, 'expired' as const),
      by: fc.constantFrom('tab1', 'tab2', 'tab3'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: always('terminal'),
      session,
      event: fc.constantFrom('done' as const, 'cancel' as const, 'apperror' as const),
      behind,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: always('settle'), session, otherwise: fc.boolean(), behind }),
  },
  { weight: 1, arbitrary: fc.record({ do: always('take_over'), session }) },
  { weight: 1, arbitrary: fc.record({ do: always('delete'), session }) },
);

/** What is asked at once, the fault under it, and whether the log is opened again before it. */
const batch = fc.record({
  steps: fc.array(step, { minLength: 2, maxLength: 16, size: 'max' }),
  fault: fc.constantFrom(null, null, null, null, 'fail_before_commit' as const, 'fail_after_commit' as const),
  restart: fc.integer({ min: 0, max: 11 }).map((n) => n === 0),
});
type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

const PAYLOADS = {
  done: '{"message_id":"m"}',
  cancel: '{"message":"stopped"}',
  apperror: INTERRUPTED.payload,
};

/** The sessions of one schedule: a deleted one goes on under a new name. */
class World {
  readonly prefix: string;
  readonly sessions = new Map<string, ModelSession>();
  readonly names = new Map<string, string>();
  #no = 0;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  async create(journal: Journal, name: string): Promise<void> {
    this.sessions.set(name, freshSession());
    this.names.set(name, `${this.prefix}_${name}_${this.#no++}`);
    await createSession(journal, this.names.get(name)!);
    const begin = { do: 'begin', session: name, starts: true } as const;
    for (const asked of [begin, begin]) {
      const answer = perform(journal, this.names.get(name)!, this.sessions.get(name)!, asked);
      expect(shown(asked, await answer)).toBe(play(this.sessions.get(name)!, asked));
    }
  }
}

const streamId = (session_id: string, { runs }: ModelSession) => `${session_id}_r${runs.length}`;
const promptId = (session_id: string, id: string) => `${session_id}_${id}`;

/** Before the model has played the step: its ids are those of the state that the step meets. */
function perform(journal: Journal, session_id: string, model: ModelSession, asked: PromptStep) {
  const stream_id = streamId(session_id, model);
  const epoch = (model.runs.at(-1)?.epoch ?? 1) - ('behind' in asked ? asked.behind : 0);
  const writer = { stream_id, epoch, at: 30 };
  switch (asked.do) {
    case 'begin': {
      const run = model.runs.at(-1);
      if (run && !run.settled && asked.starts && !run.started && !run.outcome)
        return journal.append(started(writer));
      const next = `${session_id}_r${model.runs.length + 1}`;
      const ids = { stream_id: next, user_message_id: `${next}u`, message_id: `${next}a` };
      return journal.admit(OWNER, admission(session_id, '', ids), 10);
    }
    case 'ask': {
      const of = { stream_id, session_id, epoch } as Parameters<typeof askOf>[0];
      const ask = askOf(of, asked.kind, promptId(session_id, nextId(model)), { same_as: asked.key });
      return journal.ask(ask);
    }
    case 'answer': {
      const prompt = meant(model, asked.which);
      const id = promptId(session_id, prompt?.id ?? 'nobody');
      const said = asked.how === 'answered' ? '{"response":"this"}' : null;
      const by = asked.how === 'expired' ? null : asked.by;
      const more = { how: asked.how, by, answer: said };
      return journal.answer(OWNER, answerOf(session_id, prompt?.kind ?? 'clarify', id, more));
    }
    case 'terminal':
      return journal.terminal({ ...writer, event: asked.event, payload: PAYLOADS[asked.event] });
    case 'settle':
      return journal.settle({ ...writer, ...(asked.otherwise ? { otherwise: INTERRUPTED } : {}) });
    case 'take_over':
      return journal.takeOver(stream_id, 'test', 30);
    case 'delete':
      return journal.deleteSession(OWNER, session_id);
  }
}

function shown(asked: PromptStep, answer: Awaited<ReturnType<typeof perform>>): string {
  if (!('prompt' in answer)) return answer.kind;
  const { prompt_id, how } = answer.prompt;
  const id = prompt_id.split('_').at(-1);
  return asked.do === 'ask' ? `${answer.kind} ${id}` : `${answer.kind} ${id} ${how}`;
}

async function playBatch(bench: Bench, world: World, { steps, fault }: Batch): Promise<void> {
  const { journal, faults } = bench;
  if (fault) faults[fault] = 1;
  const expected: string[] = [];
  const answers: Promise<string>[] = [];
  const deleted = new Set<string>();
  for (const asked of steps) {
    const model = world.sessions.get(asked.session)!;
    if (deleted.has(asked.session)) continue;
    const answer = perform(journal, world.names.get(asked.session)!, model, asked);
    answers.push(answer.then((value) => `${asked.do} ${shown(asked, value)}`));
    expected.push(`${asked.do} ${play(model, asked)}`);
    if (expected.at(-1) === 'delete deleted') deleted.add(asked.session);
  }
  expect(await Promise.all(answers)).toEqual(expected);
  faults.fail_before_commit = 0;
  faults.fail_after_commit = 0;
  for (const name of deleted) await world.create(journal, name);
}

function toldBy({ event, json }: StoredRecord): string {
  const { entry, id, how } = JSON.parse(json);
  const short = (name: string) => name.split('_').at(-1);
  if (event === 'prompt_asked') return `${event} ${short(entry.clarify_id ?? entry.approval_id)}`;
  return event === 'prompt_settled' ? `${event} ${short(id)} ${how}` : event;
}

/** CQ1, P7: what a reader of commits knows to be pending, record by record; each is asked once and ends once. */
function folded(records: StoredRecord[]): string[] {
  const pending: string[] = [];
  const seen = new Set<string>();
  for (const { event, json } of records) {
    const { entry, id } = JSON.parse(json);
    if (event === 'prompt_asked') {
      const asked: string = entry.clarify_id ?? entry.approval_id;
      if (seen.has(asked)) throw new Error(`CQ6: ${asked} is asked twice`);
      seen.add(asked);
      pending.push(asked);
    } else if (event === 'prompt_settled') {
      if (!pending.includes(id)) throw new Error(`CQ5: ${id} ends, and was not pending`);
      pending.splice(pending.indexOf(id), 1);
    }
  }
  return pending;
}

/** What the transcript says of prompts, with the run whose answer says it. */
async function promptParts(journal: Journal, session_id: string) {
  const { messages } = (await journal.getTranscript(OWNER, session_id, { limit: 1000 }))!;
  return messages.flatMap(({ stream_id, parts }) =>
    parts.flatMap((part) => (part.type === 'prompt' ? [{ ...part, stream_id }] : [])),
  );
}

async function compare(journal: Journal, world: World, heard: StoredRecord[]): Promise<void> {
  for (const [name, model] of world.sessions) {
    const session_id = world.names.get(name)!;
    const opened = await journal.openSession(OWNER, session_id);
    const pending = pendingOf(model).map(({ id }) => promptId(session_id, id));
    expect(opened?.prompts.map(({ prompt_id }) => prompt_id)).toEqual(pending);
    const records = await wholeLog(journal, session_id, 7);
    expect(records.map(toldBy)).toEqual(model.log);
    expect(opened?.session.head).toBe(records.length);
    expect(heard.filter((record) => record.session_id === session_id)).toEqual(records);
    expect(folded(records)).toEqual(pending);
    const parts = await promptParts(journal, session_id);
    expect(parts.map(({ prompt_id }) => prompt_id)).toEqual(
      model.prompts.map(({ id }) => promptId(session_id, id)),
    );
    for (const [at, { id, kind: of, how, by }] of model.prompts.entries()) {
      const { stream_id, ...part } = parts[at]!;
      expect(part).toMatchObject({ kind: of, how, ...(by === null ? {} : { by }) });
      expect(await journal.getPrompt(OWNER, session_id, promptId(session_id, id))).toMatchObject({
        kind: of,
        stream_id,
        how,
        by,
        answer: how === 'answered' ? '{"response":"this"}' : null,
      });
    }
  }
}

test('P7 CQ1 CQ4 CQ5 CQ6 CQ7 CQ8 CQ9 ST5 whatever is asked and answered, in whatever groups, under I/O errors and restarts, the log is the model', async () => {
  let bench = await openBench();
  let no = 0;
  const property = fc.asyncProperty(
    fc.array(batch, { minLength: 2, maxLength: 12, size: 'max' }),
    async (batches) => {
      const world = new World(`w${no++}`);
      const heard: StoredRecord[] = [];
      let from = bench.heard.length;
      for (const name of SESSIONS) await world.create(bench.journal, name);
      for (const one of batches) {
        if (one.restart) {
          heard.push(...bench.heard.slice(from));
          await bench.journal.close();
          bench = await openBench({ folder: bench.folder });
          from = 0;
        }
        await playBatch(bench, world, one);
      }
      await compare(bench.journal, world, [...heard, ...bench.heard.slice(from)]);
    },
  );
  await fc.assert(property, { numRuns: RUNS });
}, 180_000);
