// The room above a real log, with an agent on strings that asks. It can die and start again on the same folder, and its
// log can be stood in the way of. It knows no socket and no expectation.
import type { Catalog } from '../../src/agents/port.ts';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal } from '../../src/journal/port.ts';
import type { ApprovalAsk, PromptEntry, PromptKind } from '../../src/protocol/index.ts';
import { promptId } from '../../src/protocol/index.ts';
import { systemRandom } from '../../src/server.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import { eventually } from '../support/eventually.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { type Call, createPuppet, OWNER, type Puppet } from './puppet.ts';
import { quietLog } from './server.ts';

/** The hand's step while a room closes: what it waits for by its clock must come. */
const STEP_MS = 100;

export interface PromptRoom {
  sessions: Sessions;
  journal: Journal;
  clock: ManualClock;
  puppet: Puppet;
  /** A session, with a run whose agent was called. */
  begin(session_id?: string): Promise<Begun>;
  /** Ends as a process that is killed does: nothing is written any more. */
  die(): Promise<void>;
  /** Ends as one that is asked to. */
  close(): Promise<void>;
}

export interface Begun {
  session_id: string;
  stream_id: string;
  call: Call;
}

export interface RoomSettings {
  folder: string;
  timeout_seconds?: Record<PromptKind, number>;
  clock?: ManualClock;
  /** What stands between the sessions and their log. */
  between?: (journal: Journal) => Journal;
}

/** Resolves with the first value that `look` has. */
export async function when<T>(
  what: string,
  look: () => T | null | undefined | Promise<T | null | undefined>,
): Promise<T> {
  const isSeen = (value: T | null | undefined) => value !== undefined && value !== null;
  const seen = await eventually(look, isSeen).catch(() => null);
  if (seen === null || seen === undefined) throw new Error(`never came: ${what}`);
  return seen;
}

export async function openPromptRoom(settings: RoomSettings): Promise<PromptRoom> {
  const { folder, clock = createManualClock(Date.now()), between = (same) => same } = settings;
  const { timeout_seconds = { clarify: 0, approval: 0 } } = settings;
  const journal = await openJournal({ folder, log: quietLog });
  const puppet = createPuppet();
  const catalog: Catalog = {
    list: () => [puppet.describe()],
    get: (name) => (name === 'puppet' ? puppet : undefined),
    default: 'puppet',
  };
  const sessions = createSessions({
    journal: between(journal),
    files: createAttachmentFiles(folder),
    catalog,
    clock,
    random: systemRandom,
    log: quietLog,
    timeout_seconds,
  });
  await sessions.recover();
  return {
    sessions,
    journal,
    clock,
    puppet,
    async begin(of) {
      const session_id = of ?? (await sessions.create(OWNER, {})).session_id;
      const started = await sessions.start(OWNER, { session_id, message: 'hello' });
      if ('queued' in started) throw new Error('it was queued');
      const { stream_id } = started;
      const called = () => puppet.calls.find(({ input }) => input.stream_id === stream_id);
      return { session_id, stream_id, call: await when('the call of the agent', called) };
    },
    die: () => journal.close(),
    async close() {
      let isOver = false;
      const closing = sessions.close().then(() => {
        isOver = true;
      });
      for (const call of puppet.calls) call.end({ kind: 'stopped' });
      while (!isOver) await clock.advance(STEP_MS);
      await closing;
      await journal.close();
    },
  };
}

/** The pending prompts of a queue, oldest first, as its cell holds them. */
export async function pendingIn(
  { sessions }: Pick<PromptRoom, 'sessions'>,
  session_id: string,
  kind: PromptKind,
): Promise<{ head: PromptEntry | null; count: number; version: number }> {
  const { cell, release } = await sessions.hold(OWNER, session_id);
  const { pending, pending_count, version } = cell.prompts.state(kind);
  release();
  return { head: pending, count: pending_count, version };
}

/** Resolves with the id of the head once `count` are pending. */
export const untilPending = (
  room: Pick<PromptRoom, 'sessions'>,
  session_id: string,
  kind: PromptKind,
  count = 1,
): Promise<string> =>
  when(`${count} pending ${kind}`, async () => {
    const now = await pendingIn(room, session_id, kind);
    return now.count === count ? (now.head ? promptId(now.head) : '') : undefined;
  });

/** What a promise has come to so far. */
export function outcomeOf<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error) => {
      seen.error = error;
    },
  );
  return seen;
}

/** Every record of a session's log. */
export async function logOf(
  { journal }: Pick<PromptRoom, 'journal'>,
  session_id: string,
): Promise<{ pos: number; event: string; stream_id: string | null; data: Record<string, never> }[]> {
  const { records } = await journal.readSession(session_id, 0, 100_000);
  return records.map(({ pos, event, stream_id, json }) => ({
    pos,
    event,
    stream_id,
    data: JSON.parse(json),
  }));
}

export const SHELL: ApprovalAsk = {
  tool: 'shell',
  command: 'ls',
  description: 'lists files',
  args: { command: 'ls' },
};
