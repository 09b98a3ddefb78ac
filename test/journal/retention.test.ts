import fc from 'fast-check';
import { expect, test } from 'vitest';
import { getTranscript, readSession, readStream } from '../../src/journal/log-reads.ts';
import type { ReaderClient } from '../../src/journal/reader-client.ts';
import { type RetainingPorts, retain } from '../../src/journal/retaining.ts';
import { listTrims, planCuts } from '../../src/journal/retention.ts';
import type { Retention, StoredRecord } from '../../src/protocol/index.ts';
import { type Desk, openDesk } from './desk.ts';
import { admission, newSession, OWNER } from './support.ts';

const DAY_MS = 86_400_000;
const SESSIONS = ['s0', 's1', 's2'];
const NOW = 100 * DAY_MS;

interface Run {
  no: number;
  session: string;
  stream_id: string;
  finished_at: number | null;
  bytes: number;
  last_pos: number;
  frames: number;
  isCut: boolean;
}

const runArbitrary = fc.record({
  session: fc.constantFrom(...SESSIONS),
  tokens: fc.nat({ max: 6 }),
  length: fc.nat({ max: 40 }),
  /** days after the one before it; below 0: the clock was set back */
  days: fc.constantFrom(0, 1, 5, -30, -30),
  isLive: fc.boolean(),
});
const boundsArbitrary: fc.Arbitrary<Retention> = fc.record({
  runs: fc.nat({ max: 8 }),
  days: fc.constantFrom(0, 10, 60),
  bytes: fc.constantFrom(0, 1, 800, 3000),
});

/** Runs one after another in each session; the last of a session may go on. */
function play(desk: Desk, planned: (typeof runArbitrary extends fc.Arbitrary<infer T> ? T : never)[]): Run[] {
  const { database, write } = desk;
  for (const id of SESSIONS) write('create', { owner: OWNER, session: newSession(id), at: 1 });
  const live = new Set<string>();
  let at = 50 * DAY_MS;
  return planned.flatMap(({ session, tokens, length, days, isLive }, no) => {
    if (live.has(session)) return [];
    at += days * DAY_MS;
    const writer = { stream_id: `stream_${no}`, epoch: 1 };
    write('admit', { owner: OWNER, admission: admission(session, `${no}`), at });
    for (let n = 0; n < tokens; n++)
      write('append', {
        ...writer,
        event: 'token',
        payload: JSON.stringify({ text: 'x'.repeat(length) }),
        at,
      });
    if (isLive && tokens > 0) live.add(session);
    else write('settle', { ...writer, at, otherwise: { event: 'cancel', payload: '{"message":"no"}' } });
    const frames = readStream(database, writer.stream_id, 0, 99).records;
    const sizes = frames.map(({ json }) => Buffer.byteLength(json));
    return {
      no,
      session,
      stream_id: writer.stream_id,
      finished_at: live.has(session) ? null : at,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      last_pos: frames.at(-1)!.pos,
      frames: frames.length,
      isCut: false,
    };
  });
}

/** What has to go: the oldest, and with it all before it in its session, until nothing is over a bound. */
function cutModel(runs: Run[], { runs: count, days, bytes }: Retention, damaged: string): number {
  let cut = 0;
  for (;;) {
    const kept = runs.filter((run) => run.finished_at !== null && !run.isCut && run.session !== damaged);
    const [oldest] = kept.toSorted((a, b) => a.finished_at! - b.finished_at! || a.no - b.no);
    const sum = kept.reduce((total, run) => total + run.bytes, 0);
    const isOver =
      (count > 0 && kept.length > count) ||
      (bytes > 0 && sum > bytes) ||
      (days > 0 && oldest !== undefined && oldest.finished_at! < NOW - days * DAY_MS);
    if (!oldest || !isOver) return cut;
    for (const run of kept)
      if (run.session === oldest.session && run.no <= oldest.no) {
        run.isCut = true;
        cut += 1;
      }
  }
}

function portsOf({ database, write }: Desk): RetainingPorts & { told: Map<string, number> } {
  const told = new Map<string, number>();
  const reads = { planCuts, listTrims };
  const ask = async (name: keyof typeof reads, ...input: unknown[]) =>
    (reads[name] as (...given: unknown[]) => unknown)(database, ...input);
  return {
    write: async (name, input) => write(name, input),
    reader: { ask: ask as ReaderClient['ask'] },
    onRetained: ({ session_id, kept_from }) => void told.set(session_id, kept_from),
    told,
  };
}

const everything = ({ database }: Desk) =>
  new Map(
    SESSIONS.map((id) => [
      id,
      {
        log: readSession(database, id, 0, 999).records,
        messages: getTranscript(database, OWNER, id, { limit: 99 })!.messages,
      },
    ]),
  );

function compare(
  desk: Desk,
  runs: Run[],
  before: ReturnType<typeof everything>,
  told: Map<string, number>,
): void {
  const { database } = desk;
  for (const id of SESSIONS) {
    const { log, messages } = before.get(id)!;
    const kept_from =
      Math.max(0, ...runs.filter((run) => run.session === id && run.isCut).map((run) => run.last_pos)) + 1;
    const kept = log.filter(({ pos }: StoredRecord) => pos >= kept_from);
    expect(readSession(database, id, 0, 999)).toEqual({ records: kept, head: log.length, kept_from });
    expect(getTranscript(database, OWNER, id, { limit: 99 })?.messages).toEqual(messages);
    expect(told.get(id) ?? 1).toBe(kept_from);
  }
  for (const run of runs) {
    const page = readStream(database, run.stream_id, 0, 99);
    expect(page.records.length).toBe(run.isCut ? 0 : run.frames);
    expect(page).toMatchObject({ head: run.frames, kept_from: run.isCut ? run.frames + 1 : 1 });
  }
  const [left] = database.sql('SELECT count(*) AS n FROM records').all();
  const kept = SESSIONS.map((id) => readSession(database, id, 0, 999).records.length);
  expect(left?.n).toBe(kept.reduce((sum, count) => sum + count, 0));
}

test('lesson 41 retention cuts whole settled runs, the oldest first, no more than has to go, and nothing that runs', async () => {
  const property = fc.asyncProperty(
    fc.array(runArbitrary, { minLength: 4, maxLength: 14 }),
    boundsArbitrary,
    fc.constantFrom('none', 's1', 's1'),
    async (planned, bounds, damaged) => {
      const desk = openDesk();
      const runs = play(desk, planned);
      if (damaged !== 'none') desk.write('mark', { session_id: damaged, pos: 1, reason: 'a test' });
      const before = everything(desk);
      const ports = portsOf(desk);
      expect(await retain(ports, bounds, NOW)).toEqual({ runs_cut: cutModel(runs, bounds, damaged) });
      compare(desk, runs, before, ports.told);
      expect(await retain(ports, bounds, NOW)).toEqual({ runs_cut: 0 });
    },
  );
  await fc.assert(property, { numRuns: 100 });
});
