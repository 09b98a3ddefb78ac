// The two prompt queues of one session: an actor each, fed by what the log has committed. What is pushed and what is asked
// for are read off the same snapshot (CQ1). It knows no agent and no socket; the log decides who won.
import type { Actor } from 'xstate';
import type { PromptRow } from '../journal/port.ts';
import { pendingOf, promptQueueMachine, queueState } from '../machines/prompt-queue.machine.ts';
import {
  type Clock,
  type Log,
  PROMPT_KINDS,
  type PromptEndKind,
  type PromptEntry,
  type PromptKind,
  promptId,
  type QueueState,
  type StoredRecord,
} from '../protocol/index.ts';
import { prepareActor } from './root-actor.ts';

/** A committed `prompt_settled`, as it stands in the log. */
export interface SettledPrompt {
  kind: PromptKind;
  id: string;
  stream_id: string;
  how: PromptEndKind;
  by?: string;
  reason?: string;
  answer?: unknown;
}

export interface PromptWatch {
  state(): QueueState;
  isOver(): boolean;
  unwatch(): void;
}

export interface SessionPrompts {
  state(kind: PromptKind): QueueState;
  /** CQ2: subscription and first state are one step, no await between. */
  watch(kind: PromptKind, wake: () => void): PromptWatch;
  find(kind: PromptKind, prompt_id: string): PromptEntry | undefined;
  /** Prompts of a stream that wait for an answer, of both kinds (CQ12). */
  pendingOf(stream_id: string): number;
  /** Folds what a commit says of prompts; what ended with it. Null: nothing was said. */
  committed(records: StoredRecord[]): SettledPrompt[] | null;
  tell(event: { type: 'stream.ending' | 'entries.closed' | 'owner.returned'; stream_id: string }): void;
  lost(stream_id: string, reason: string): void;
  deleted(): void;
  close(): void;
}

export interface PromptsPorts {
  clock: Clock;
  log: Log;
  /** The due time of an entry has come (CQ7). Resolves to false when it could not be written. */
  expire(kind: PromptKind, prompt_id: string): Promise<boolean>;
}

export function createSessionPrompts(
  of: { session_id: string; version: number; prompts: PromptRow[]; stale: string | null },
  ports: PromptsPorts,
): SessionPrompts {
  const { clock, log } = ports;
  const { session_id, version } = of;

  const startQueue = (kind: PromptKind): Actor<typeof promptQueueMachine> => {
    const entries = of.prompts.filter((prompt) => prompt.kind === kind).map(({ entry }) => entry);
    const actor = prepareActor(promptQueueMachine, {
      id: `${kind}:${session_id}`,
      clock,
      input: { session_id, kind, version, entries, stale: of.stale, at: clock.now() },
      onBug: (bug) => log.error({ err: bug, session_id, kind }, 'the actor of a prompt queue failed'),
    });
    actor.on('expire', async ({ prompt_id }) => {
      const isWritten = await ports.expire(kind, prompt_id).catch((bug) => {
        log.error({ err: bug, session_id, prompt_id }, 'an expiry could not be written');
        return false;
      });
      if (!isWritten && !isOver(kind)) actor.send({ type: 'expiry.refused', prompt_id, at: clock.now() });
    });
    return actor.start();
  };
  const queues = { clarify: startQueue('clarify'), approval: startQueue('approval') };
  const isOver = (kind: PromptKind) => queues[kind].getSnapshot().status === 'done';
  const state = (kind: PromptKind) => queueState(queues[kind].getSnapshot());

  function take({ event, json, pos, at }: StoredRecord, settled: SettledPrompt[]): boolean {
    if (event !== 'prompt_asked' && event !== 'prompt_settled') return false;
    const data = JSON.parse(json);
    const queue = queues[data.kind as PromptKind];
    if (event === 'prompt_asked') queue.send({ type: 'prompt.asked', entry: data.entry, pos, at });
    else {
      queue.send({ type: 'prompt.settled', prompt_id: data.id, how: data.how, by: data.by ?? null, pos, at });
      settled.push(data);
    }
    return true;
  }

  return {
    state,
    watch(kind, wake) {
      const actor = queues[kind];
      let seen = state(kind).version;
      const subscription = actor.subscribe({
        next: () => {
          const now = state(kind).version;
          if (now === seen) return;
          seen = now;
          wake();
        },
        complete: wake,
        error: wake,
      });
      return {
        state: () => state(kind),
        isOver: () => isOver(kind),
        unwatch: () => subscription.unsubscribe(),
      };
    },
    find: (kind, prompt_id) =>
      queues[kind].getSnapshot().context.entries.find((entry: PromptEntry) => promptId(entry) === prompt_id),
    pendingOf: (stream_id) =>
      PROMPT_KINDS.reduce((sum, kind) => sum + pendingOf(queues[kind].getSnapshot(), stream_id), 0),
    committed(records) {
      const settled: SettledPrompt[] = [];
      let any = false;
      for (const record of records) any = take(record, settled) || any;
      return any ? settled : null;
    },
    tell(event) {
      for (const kind of PROMPT_KINDS) if (!isOver(kind)) queues[kind].send({ ...event, at: clock.now() });
    },
    lost(stream_id, reason) {
      for (const kind of PROMPT_KINDS)
        if (!isOver(kind)) queues[kind].send({ type: 'owner.lost', stream_id, reason, at: clock.now() });
    },
    deleted() {
      for (const kind of PROMPT_KINDS)
        if (!isOver(kind)) queues[kind].send({ type: 'session.deleted', at: clock.now() });
    },
    close() {
      for (const kind of PROMPT_KINDS) queues[kind].stop();
    },
  };
}
