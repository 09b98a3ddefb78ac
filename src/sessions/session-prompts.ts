// The two prompt queues of one session: an actor each, fed by what the log has committed. What is pushed and what is asked
// for are read off the same snapshot (CQ1). It knows no agent and no socket; the log decides who won.
import type { Actor } from 'xstate';
import type { PromptRow } from '../journal/port.ts';
import type { Observer } from '../machines/observer.ts';
import {
  type PromptQueueEvent,
  pendingOf,
  promptQueueMachine,
  queueLife,
  queueState,
} from '../machines/prompt-queue.machine.ts';
import {
  asksOf,
  type Clock,
  type Log,
  PROMPT_KINDS,
  type PromptEndKind,
  type PromptEntry,
  type PromptKind,
  promptId,
  type QueueState,
  type Session,
  type StoredRecord,
} from '../protocol/index.ts';
import { prepareActor } from './root-actor.ts';
import { createWallWatch } from './wall-watch.ts';

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

/** `deleted`: with its session; `closed`: it is let go of, and whoever asks again gets another */
export type PromptsOver = 'deleted' | 'closed';

export interface PromptWatch {
  state(): QueueState;
  unwatch(): void;
}

export interface SessionPrompts {
  state(kind: PromptKind): QueueState;
  /** What the session says of what is pending. */
  waiting(): Pick<Session, 'waiting' | 'asks'>;
  /** CQ2: subscription and first state are one step, no await between. `wake`: with every version (CQ4), each once. */
  watch(kind: PromptKind, wake: () => void, onOver?: (over: PromptsOver) => void): PromptWatch;
  /** It is pending, and nobody could hear an answer: its run ends, or nobody owns it. */
  isHeld(kind: PromptKind, prompt_id: string): boolean;
  /** Prompts of a stream that wait for an answer, of both kinds (CQ12). */
  pendingOf(stream_id: string): number;
  /** Folds what a commit says of prompts; what ended with it. Null: nothing was said. */
  committed(records: StoredRecord[]): SettledPrompt[] | null;
  tell(event: { type: 'stream.ending' | 'entries.closed' | 'owner.returned'; stream_id: string }): void;
  lost(stream_id: string, reason: string): void;
  /** CQ9: its run is over. A damaged log took no record of their end: what is left goes without one. */
  over(stream_id: string): void;
  deleted(): void;
  close(): void;
}

export interface PromptsPorts {
  clock: Clock;
  log: Log;
  inspect?: Observer | undefined;
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
      inspect: ports.inspect,
      input: { session_id, kind, version, entries, stale: of.stale, at: clock.now() },
      onBug: (bug) => log.error({ err: bug, session_id, kind }, 'the actor of a prompt queue failed'),
    });
    actor.on('expire', async ({ prompt_id }) => {
      const isWritten = await ports.expire(kind, prompt_id).catch((bug) => {
        log.error({ err: bug, session_id, prompt_id }, 'an expiry could not be written');
        return false;
      });
      if (!isWritten) send(kind, { type: 'expiry.refused', prompt_id, at: clock.now() });
    });
    return actor.start();
  };
  const queues = { clarify: startQueue('clarify'), approval: startQueue('approval') };
  const state = (kind: PromptKind) => queueState(queues[kind].getSnapshot());
  const entriesOf = (kind: PromptKind): PromptEntry[] => queues[kind].getSnapshot().context.entries;
  /** What comes after the end is no news. */
  function send(kind: PromptKind, event: PromptQueueEvent): void {
    if (queues[kind].getSnapshot().status === 'active') queues[kind].send(event);
  }
  const wall = createWallWatch(clock, () => {
    for (const kind of PROMPT_KINDS) send(kind, { type: 'clock.moved', at: clock.now() });
  });
  const watchWall = () =>
    wall.need(PROMPT_KINDS.some((kind) => entriesOf(kind).some(({ expires_at }) => expires_at !== null)));
  watchWall();

  function take({ event, json, pos, at }: StoredRecord, settled: SettledPrompt[]): boolean {
    if (event !== 'prompt_asked' && event !== 'prompt_settled') return false;
    const data = JSON.parse(json);
    const { kind, entry, id: prompt_id, how, by = null } = data;
    if (event === 'prompt_asked') send(kind, { type: 'prompt.asked', entry, pos, at });
    else {
      send(kind, { type: 'prompt.settled', prompt_id, how, by, pos, at });
      settled.push(data);
    }
    return true;
  }

  return {
    state,
    waiting() {
      const [clarify, approval] = [state('clarify'), state('approval')];
      const asks = asksOf([clarify.pending, approval.pending]);
      return {
        waiting: { clarify: clarify.pending_count, approval: approval.pending_count },
        ...(asks && { asks }),
      };
    },
    watch(kind, wake, onOver = () => {}) {
      const actor = queues[kind];
      const over = () => onOver(actor.getSnapshot().status === 'done' ? 'deleted' : 'closed');
      let seen = state(kind).version;
      const subscription = actor.subscribe({
        next: () => {
          const now = state(kind).version;
          if (now === seen) return;
          seen = now;
          wake();
        },
        complete: over,
        error: over,
      });
      return {
        state: () => state(kind),
        unwatch: () => subscription.unsubscribe(),
      };
    },
    isHeld: (kind, prompt_id) =>
      queueLife(queues[kind].getSnapshot()).state !== 'active' &&
      entriesOf(kind).some((entry) => promptId(entry) === prompt_id),
    pendingOf: (stream_id) =>
      PROMPT_KINDS.reduce((sum, kind) => sum + pendingOf(queues[kind].getSnapshot(), stream_id), 0),
    committed(records) {
      const settled: SettledPrompt[] = [];
      let any = false;
      for (const record of records) any = take(record, settled) || any;
      if (any) watchWall();
      return any ? settled : null;
    },
    tell(event) {
      for (const kind of PROMPT_KINDS) send(kind, { ...event, at: clock.now() });
    },
    lost(stream_id, reason) {
      for (const kind of PROMPT_KINDS) send(kind, { type: 'owner.lost', stream_id, reason, at: clock.now() });
    },
    over(stream_id) {
      const at = clock.now();
      for (const kind of PROMPT_KINDS) {
        for (const entry of entriesOf(kind).filter((each) => each.stream_id === stream_id)) {
          const pos = state(kind).version + 1;
          send(kind, {
            type: 'prompt.settled',
            prompt_id: promptId(entry),
            how: 'cancelled',
            by: null,
            pos,
            at,
          });
        }
        send(kind, { type: 'entries.closed', stream_id, at });
      }
      watchWall();
    },
    deleted() {
      for (const kind of PROMPT_KINDS) send(kind, { type: 'session.deleted', at: clock.now() });
    },
    close() {
      wall.need(false);
      for (const kind of PROMPT_KINDS) queues[kind].stop();
    },
  };
}
