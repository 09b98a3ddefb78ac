// One queue of writes. While one commit is under way the next group forms by itself; when nothing is, a group leaves at the
// end of the turn (or a little later, see pace.ts). What a commit holds is told before any of its promises resolves. Knows no database.
import type { Log, StoredRecord } from '../protocol/index.ts';
import type { Answer, Input, Operation, OperationName } from './operations.ts';
import { FULL } from './operations.ts';
import { createPace } from './pace.ts';
import type { Commit, Damage } from './port.ts';
import type { FromWriter, ToWriter, WriterState } from './thread-messages.ts';

/** A group is at most this long: it bounds how long one transaction holds the others up. */
const GROUP_OPERATIONS_MAX = 1000;

interface Waiting {
  operation: Operation;
  resolve(answer: Answer<OperationName>): void;
  reject(error: Error): void;
}

export interface GroupCommit {
  write<N extends OperationName>(name: N, input: Input<N>): Promise<Answer<N>>;
  /** What the writer's thread says. */
  hear(message: Extract<FromWriter, { kind: 'done' | 'lost' }>): void;
  /** Resolves when nothing waits any more. New writes are refused from here on. */
  drain(): Promise<void>;
  /** The writer's thread is gone. */
  abandon(error: Error): void;
  readonly pending: number;
}

export interface GroupPorts {
  log: Log;
  post(message: ToWriter): void;
  onCommit(commit: Commit): void;
  onDamage(damage: Damage): void;
  onState(state: WriterState): void;
}

export function createGroupCommit(ports: GroupPorts): GroupCommit {
  const waiting: Waiting[] = [];
  let under_way: Waiting[] | null = null;
  let next: { cancel(): void; patient: boolean } | null = null;
  const pace = createPace();
  let lost = false;
  let refusal: Error | null = null;
  let drained: (() => void) | null = null;

  /** `patient`: all that waits are frames, and may wait for more of them. */
  function schedule(patient: boolean): void {
    if (under_way || waiting.length === 0) return;
    if (next && (patient || !next.patient)) return;
    next?.cancel();
    const ms = patient ? pace.wait() : 0;
    if (ms === 0) {
      const turn = setImmediate(leave);
      next = { cancel: () => clearImmediate(turn), patient: false };
    } else {
      const timer = setTimeout(leave, ms);
      next = { cancel: () => clearTimeout(timer), patient: true };
    }
  }

  function leave(): void {
    next = null;
    if (under_way || waiting.length === 0) return;
    pace.left();
    under_way = waiting.splice(0, GROUP_OPERATIONS_MAX);
    ports.post({ kind: 'group', operations: under_way.map(({ operation }) => operation) });
  }

  /** The listener is ours, but what it calls is not: an error of it must not lose the answers of others. */
  function announce(records: StoredRecord[]): void {
    try {
      ports.onCommit({ records });
    } catch (error) {
      ports.log.error({ error }, 'the listener of commits failed');
    }
  }

  function done(message: Extract<FromWriter, { kind: 'done' }>): void {
    const group = under_way ?? [];
    under_way = null;
    lost = false;
    ports.onState(message.state);
    for (const records of message.commits) announce(records);
    for (const damage of message.damage) ports.onDamage(damage);
    group.forEach(({ resolve, reject }, index) => {
      const reply = message.replies[index];
      if (reply && 'answer' in reply) resolve(reply.answer);
      else reject(new Error(reply ? reply.bug : 'the writer gave no answer'));
    });
    schedule(waiting.every(({ operation }) => operation.name === 'append'));
    if (!under_way && waiting.length === 0) drained?.();
  }

  return {
    get pending() {
      return waiting.length + (under_way?.length ?? 0);
    },
    write<N extends OperationName>(name: N, input: Input<N>): Promise<Answer<N>> {
      if (refusal) return Promise.reject(refusal);
      // The disk is gone for now, and what is under way waits to hear how it ended: nothing is put behind it.
      if (lost) return Promise.resolve(FULL as Answer<N>);
      return new Promise((resolve, reject) => {
        const operation = { name, input } as Operation;
        waiting.push({ operation, resolve: resolve as Waiting['resolve'], reject });
        schedule(pace.came(operation));
      });
    },
    hear(message) {
      if (message.kind === 'done') return done(message);
      lost = true;
      for (const { resolve } of waiting.splice(0)) resolve({ ...FULL, reason: message.reason });
    },
    drain() {
      refusal ??= new Error('the log is closed');
      return new Promise((resolve) => {
        if (!under_way && waiting.length === 0) resolve();
        else drained = resolve;
      });
    },
    abandon(error) {
      refusal = error;
      for (const { reject } of [...(under_way ?? []), ...waiting.splice(0)]) reject(error);
      under_way = null;
      drained?.();
    },
  };
}
