// A log in a folder of its own, and the few steps that every test of it needs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createFaults, type Faults } from '../../src/journal/faults.ts';
import { openJournal, type TestOptions } from '../../src/journal/open.ts';
import type {
  Admission,
  Commit,
  Journal,
  NewSession,
  SessionRow,
  StreamRow,
} from '../../src/journal/port.ts';
import type { Log, StoredRecord } from '../../src/protocol/index.ts';

export const OWNER = 'owner';

/** What the log told, by level; nothing is printed. */
export interface Told {
  log: Log;
  lines: { level: string; fields: object; text: string }[];
}

export function quietLog(): Told {
  const lines: Told['lines'] = [];
  const at = (level: string) => (fields: object, text: string) => void lines.push({ level, fields, text });
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

/** A folder that is gone when the test is over. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Bench {
  journal: Journal;
  folder: string;
  told: Told['lines'];
  /** every record that a commit told of, in order */
  heard: StoredRecord[];
  commits: Commit[];
  faults: Faults;
}

/** Small reserve and quick looks: tests wait on facts, and the facts should come soon. */
export async function openBench(options: { folder?: string } & TestOptions = {}): Promise<Bench> {
  const folder = options.folder ?? freshFolder();
  const { log, lines } = quietLog();
  const faults = options.faults ?? createFaults();
  const journal = await openJournal({
    reserve_bytes: 1024 * 1024,
    probe_ms: 5,
    ...options,
    folder,
    log,
    faults,
  });
  onTestFinished(() => journal.close());
  const heard: StoredRecord[] = [];
  const commits: Commit[] = [];
  journal.onCommit((commit) => {
    commits.push(commit);
    heard.push(...commit.records);
  });
  return { journal, folder, told: lines, heard, commits, faults };
}

export const newSession = (session_id: string, more: Partial<NewSession> = {}): NewSession => ({
  session_id,
  title: null,
  agent: 'demo',
  model: null,
  cwd: null,
  parent_session_id: null,
  relation: null,
  is_cli_session: false,
  source_tag: null,
  session_source: null,
  source_label: null,
  ...more,
});

export async function createSession(
  journal: Journal,
  session_id: string,
  more: Partial<NewSession> = {},
  at = 1,
): Promise<SessionRow> {
  const created = await journal.createSession(OWNER, newSession(session_id, more), at);
  if (created.kind !== 'created') throw new Error(`not created: ${created.kind}`);
  return created.session;
}

export const admission = (session_id: string, run: string, more: Partial<Admission> = {}): Admission => ({
  session_id,
  stream_id: `stream_${run}`,
  user_message_id: `user_${run}`,
  message_id: `answer_${run}`,
  client_message_id: null,
  text: `question ${run}`,
  on_busy: 'reject',
  ...more,
});

/** A run that is admitted; not started yet. */
export async function startRun(
  journal: Journal,
  session_id: string,
  run: string,
  at = 10,
): Promise<StreamRow> {
  const admitted = await journal.admit(OWNER, admission(session_id, run), at);
  if (admitted.kind !== 'started') throw new Error(`not started: ${admitted.kind}`);
  return admitted.stream;
}

export const frame = (
  stream: { stream_id: string; epoch: number },
  event: string,
  data: object,
  at = 20,
) => ({
  stream_id: stream.stream_id,
  epoch: stream.epoch,
  event,
  payload: JSON.stringify(data),
  at,
});

export const token = (stream: { stream_id: string; epoch: number }, text: string) =>
  frame(stream, 'token', { text });

export const started = (stream: { stream_id: string; epoch: number }) =>
  frame(stream, 'stream_started', { agent: 'demo', epoch: stream.epoch });

export const done = (stream: StreamRow, usage?: object) => ({
  stream_id: stream.stream_id,
  epoch: stream.epoch,
  event: 'done' as const,
  payload: JSON.stringify({ message_id: stream.message_id, ...(usage ? { usage } : {}) }),
  at: 30,
});

export const INTERRUPTED = {
  event: 'apperror',
  payload: JSON.stringify({ type: 'interrupted', message: 'nobody lived to end it' }),
} as const;

/** From the first frame to `stream_end`. */
export async function finishRun(
  journal: Journal,
  stream: StreamRow,
  text: string,
  at = 40,
): Promise<SessionRow> {
  await journal.append(started(stream));
  await journal.append(token(stream, text));
  await journal.terminal(done(stream));
  const settled = await journal.settle({ stream_id: stream.stream_id, epoch: stream.epoch, at });
  if (settled.kind !== 'settled') throw new Error(`not settled: ${settled.kind}`);
  return settled.session;
}

/** A whole log, page by page. */
export async function wholeLog(journal: Journal, session_id: string, limit = 1000): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (;;) {
    const page = await journal.readSession(session_id, records.at(-1)?.pos ?? 0, limit);
    if (page.records.length === 0) return records;
    records.push(...page.records);
  }
}

export const events = (records: StoredRecord[]): string[] => records.map(({ event }) => event);

/** Resolves when `claim` holds, looked at once a turn. The test's own bound ends it if it never does. */
export async function until(claim: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await claim())) await new Promise((resolve) => setImmediate(resolve));
}
