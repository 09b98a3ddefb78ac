// The sessions room, put together: what routes may ask for, and nothing of how it is stored or sent.
import type { Agent, AgentInput, Catalog } from '../agents/port.ts';
import type { AttachmentFiles, Journal, StreamRow } from '../journal/port.ts';
import type { Observer } from '../machines/observer.ts';
import type { OwnerLostReason } from '../machines/stream.facts.ts';
import {
  type Clock,
  createId,
  type Log,
  notFound,
  type PromptKind,
  type Random,
  type Receipt,
  type Retention,
  type StreamStatus,
} from '../protocol/index.ts';
import { type Attachments, createAttachments } from './attachments.ts';
import { createBoards, type OwnerBoard } from './board.ts';
import { type Chat, createChat } from './chat.ts';
import { deletedWhen, overWhen } from './facts.ts';
import type { LogFeed } from './feed.ts';
import { createHousekeeping, type Housekeeping } from './housekeeping.ts';
import { createLibrary, type Library } from './library.ts';
import { receiptOf } from './receipt.ts';
import { adoptOrphan, recoverAll } from './recovery.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createResponses, type Responses } from './respond.ts';
import type { SessionCell } from './session-cell.ts';
import type { SessionPrompts } from './session-prompts.ts';
import { createSettledFeed } from './settled-feed.ts';
import { createSweep } from './sweep.ts';

/** SIGTERM: agents are asked at once and killed after this long. */
export const SHUTDOWN_KILL_MS = 6_000;
/** Then runs have this long to settle. What has not is found and settled by the next start. */
export const SHUTDOWN_SETTLE_MS = 3_000;
/** Turns that an agent is given of what was said before. */
const HISTORY_MESSAGES_MAX = 400;

export interface SessionsPorts {
  journal: Journal;
  files: AttachmentFiles;
  catalog: Catalog;
  clock: Clock;
  random: Random;
  log: Log;
  /** seconds that a prompt waits when its asker names no time; 0: for ever */
  timeout_seconds: Record<PromptKind, number>;
  /** what is kept of settled runs; absent: everything */
  retention?: Retention;
  /** Watches every actor from its birth. */
  inspect?: Observer | undefined;
}

export interface Sessions extends Chat, Library {
  respond: Responses;
  attachments: Attachments;
  housekeeping: Housekeeping;
  /** Cancels and settles a live run first, then removes every trace. */
  remove(owner: string, session_id: string): Promise<void>;
  hold: Registry['hold'];
  /** What this owner's runs are doing, and what changes of it and of the sessions. */
  board(owner: string): OwnerBoard;
  /** The frames of one stream, live or settled. @throws Rejection not_found */
  streamFeed(owner: string, stream_id: string): Promise<LogFeed>;
  /** The queues of a live stream's session. */
  promptsOf(stream_id: string): SessionPrompts | undefined;
  status(owner: string, stream_id: string): Promise<StreamStatus>;
  receipt(owner: string, stream_id: string): Promise<Receipt>;
  counts(): Record<string, Record<string, number>>;
  /** Settles what a dead process left behind. */
  recover(): Promise<void>;
  readonly isClosing: boolean;
  /** No new runs from here on. */
  refuseStarts(): void;
  /** Stops agents, settles runs as interrupted, stops actors. Idempotent. */
  close(): Promise<void>;
}

export function createSessions(ports: SessionsPorts): Sessions {
  const { journal, catalog, clock, random, log, inspect } = ports;
  let closing: Promise<void> | null = null;
  let refusing = false;
  /** Why nobody owns what is found without an owner. */
  let lost: OwnerLostReason = 'restart';
  const boards = createBoards({ boot: createId('b', random), journal, clock, log, inspect });

  const registry: Registry = createRegistry({
    journal,
    clock,
    random,
    log,
    inspect,
    timeout_seconds: ports.timeout_seconds,
    agent: (name) => catalog.get(name),
    agentInput: (stream) => agentInput(journal, attachments, stream),
    takeFollowUp: (cell) => guarded(cell, refusing ? Promise.resolve() : chat.takeFollowUp(cell)),
    erase: (cell) => guarded(cell, erase(cell)),
    adoptOrphan: async (cell, stream_id) => (await adoptOrphan(ports, cell, stream_id, lost)) !== null,
    boards,
  });
  const sweep = createSweep({ journal, clock, log, registry, boards });

  const chat = createChat({
    journal,
    clock,
    random,
    registry: () => registry,
    agent: (name): Agent | undefined => catalog.get(name),
    isClosing: () => refusing,
  });

  const attachments = createAttachments(ports);
  const retention = ports.retention ?? { runs: 0, days: 0, bytes: 0 };
  const housekeeping = createHousekeeping({ ...ports, attachments, retention });

  const guarded = (cell: SessionCell, work: Promise<void>) =>
    void work.catch((bug) =>
      log.error({ err: bug, session_id: cell.session_id }, 'a session could not go on'),
    );

  async function erase(cell: SessionCell): Promise<void> {
    const result = await journal.deleteSession(cell.owner, cell.session_id);
    const done = result.kind === 'deleted' || result.kind === 'not_found';
    cell.actor.send({ type: done ? 'erased' : 'erase.refused', at: clock.now() });
    // BR1: who lost its parent or its root is another than before.
    if (result.kind === 'deleted')
      for (const session_id of result.changed ?? []) await registry.changed(cell.owner, session_id);
  }

  async function shutDown(): Promise<void> {
    refusing = true;
    sweep.close();
    // Nobody waits for it who has an agent to stop.
    const kept = housekeeping.close();
    const runs = registry.runs();
    // Each by itself: one agent that is slow to stop keeps no other run from its end.
    const quits = runs.map(async (run) => {
      await run.quitAgent(SHUTDOWN_KILL_MS);
      run.lose('shutdown');
    });
    await Promise.all(quits);
    let timer: unknown;
    const bound = new Promise((resolve) => {
      timer = clock.setTimeout(() => resolve(undefined), SHUTDOWN_SETTLE_MS);
    });
    await Promise.race([Promise.all(runs.map(overWhen)), bound]);
    clock.clearTimeout(timer);
    await kept;
    registry.close();
  }

  return {
    ...chat,
    attachments,
    housekeeping,
    respond: createResponses({ journal, clock, random, hold: registry.hold }),
    ...createLibrary({ journal, catalog, clock, random, registry: () => registry, boards }),
    hold: registry.hold,
    board: boards.of,
    async remove(owner, session_id) {
      const { cell, release } = await registry.hold(owner, session_id);
      try {
        cell.actor.send({ type: 'delete', at: clock.now() });
        await deletedWhen(cell);
        await attachments.sweep();
      } finally {
        release();
      }
    },
    async streamFeed(owner, stream_id) {
      const live = registry.run(stream_id);
      if (live?.stream.owner === owner) return live.feed;
      const stream = await journal.getStream(owner, stream_id);
      if (!stream) throw notFound('stream');
      if (stream.settled) return createSettledFeed(journal, stream);
      // Whoever holds its session takes over a run that nobody owned.
      (await registry.hold(owner, stream.session_id)).release();
      const run = registry.run(stream_id);
      return run?.feed ?? createSettledFeed(journal, (await journal.getStream(owner, stream_id)) ?? stream);
    },
    promptsOf(stream_id) {
      const run = registry.run(stream_id);
      return run && registry.peek(run.stream.session_id)?.prompts;
    },
    async status(owner, stream_id) {
      const stream = await journal.getStream(owner, stream_id);
      if (!stream) throw notFound('stream');
      return statusOf(stream, registry.run(stream_id)?.state().state);
    },
    async receipt(owner, stream_id) {
      const read = async () => {
        const row = await journal.getReceipt(owner, stream_id);
        if (!row) throw notFound('stream');
        return receiptOf(row, registry.run(stream_id)?.receipt);
      };
      const receipt = await read();
      // Neither the log has it nor an actor: it may have ended while the log was read.
      return receipt.kept || receipt.settled_at !== null ? receipt : read();
    },
    counts() {
      const counts: Record<string, Record<string, number>> = { stream: {}, session: {} };
      const count = (kind: string, state: string) => {
        const of = counts[kind]!;
        of[state] = (of[state] ?? 0) + 1;
      };
      for (const run of registry.runs()) count('stream', run.state().run_state);
      for (const cell of registry.cells()) count('session', cell.session().state);
      return counts;
    },
    async recover() {
      await boards.fill().catch((bug) => log.error({ err: bug }, 'the board begins empty'));
      sweep.start();
      await recoverAll(ports, registry, journal.report.unsettled);
      for (const { owner, session_id } of journal.report.with_follow_up)
        await registry.hold(owner, session_id).then(
          ({ release }) => release(),
          (bug) => log.error({ err: bug, session_id }, 'a follow-up could not be taken'),
        );
      lost = 'owner_lost';
    },
    get isClosing() {
      return refusing;
    },
    refuseStarts() {
      refusing = true;
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

/** What an agent is given: the settled turns before the message that it answers. */
async function agentInput(
  journal: Journal,
  attachments: Attachments,
  stream: StreamRow,
): Promise<AgentInput | null> {
  const page = await journal.getTranscript(stream.owner, stream.session_id, { limit: HISTORY_MESSAGES_MAX });
  const asked = page?.messages.findIndex((message) => message.message_id === stream.user_message_id) ?? -1;
  const question = page?.messages[asked];
  if (!page || !question) return null;
  const text = question.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const { session_id, stream_id, model } = stream;
  return {
    session_id,
    stream_id,
    text,
    attachments: question.parts.filter((part) => part.type === 'attachment'),
    read: (attachment_id) => attachments.read(stream.owner, attachment_id),
    history: page.messages.slice(0, asked),
    model,
    cwd: page.session.cwd,
  };
}

function statusOf(stream: StreamRow, live: StreamStatus['state'] | undefined): StreamStatus {
  // The log has the last word on the end: `settled` once `stream_end` is durable, whatever an actor says (Q6).
  const state = stream.settled ? 'settled' : (live ?? 'stale');
  return {
    active: !stream.settled,
    stream_id: stream.stream_id,
    state,
    epoch: stream.epoch,
    replay_available: stream.kept_from === 1,
    journal: {
      session_id: stream.session_id,
      run_id: stream.stream_id,
      last_seq: stream.head,
      last_event_id: stream.head > 0 ? `${stream.stream_id}:${stream.head}` : null,
      last_event: stream.last_event,
      terminal: stream.terminal_state !== null,
      terminal_state: stream.terminal_state,
    },
  };
}
