// Writes on their way to a simulated disk: one group at a time, what is durable and not told yet, and a handle that is lost when
// the disk fails. As `group-commit.ts` and `writer.ts` keep it, without their threads. Knows no read.
import type { Write } from '../../src/journal/facade.ts';
import type { Operation } from '../../src/journal/operations.ts';
import { type Done, type Work, workOf } from '../../src/journal/work.ts';
import type { StoredRecord } from '../../src/protocol/index.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import type { DiskSins, Moment, Weather } from './disk.ts';
import type { Retries } from './retries.ts';
import type { Noted } from './tables.ts';

interface Waiting {
  operation: Operation;
  resolve(answer: never): void;
  reject(error: Error): void;
}

const GROUP_MAX = 1000;
/** How often what was under way is tried when the log is opened again, before its writers are told that it is full. */
const OPENING_TRIES_MAX = 2;
const FULL = { kind: 'full' } as const;

export interface GroupsPorts {
  scheduler: Scheduler;
  chance: Chance;
  node: SimNode;
  weather: Weather;
  sins: DiskSins;
  retries: Retries;
  /** Makes it durable; `noted` hears of every transaction. */
  execute(work: Work, noted?: Noted, portions_max?: number): Done;
  note: Noted;
  /** The group has come so far. */
  reached(when: Moment): void;
  /** The process dies in the middle of the group. */
  isTorn(): boolean;
  onCommit(records: StoredRecord[]): void;
  onDamage(damage: Done['damage'][number]): void;
}

export interface Groups {
  write: Write;
  underWay(): Operation[];
  /** What was done without anybody asking. */
  tell(done: Done): void;
  readonly isLost: boolean;
  close(): void;
}

export function createGroups(ports: GroupsPorts): Groups {
  const { scheduler, chance, node, weather, sins, execute, note, reached } = ports;
  const queue: Waiting[] = [];
  let under_way: Waiting[] | null = null;
  let isLost = false;
  let isClosed = false;
  let sent = 0;
  const later = (ms: number, run: () => void) => scheduler.at(node, ms, run);

  function schedule(): void {
    if (under_way || queue.length === 0) return;
    under_way = queue.splice(0, GROUP_MAX);
    sent += 1;
    reached('leaves');
    const write_ms = weather.slow_ms > 0 ? weather.slow_ms * chance.fraction() : chance.between(0, 3);
    if (sins.tellsEarly) {
      const group = under_way;
      // Durable is what the truth knows of: that comes too late, or, where the process dies over it, never.
      const done = execute(workOfGroup(), (...batch) => void later(write_ms + 20, () => note(...batch)));
      later(1, () => finish(done, group));
      return;
    }
    later(write_ms, commit);
  }

  const workOfGroup = (): Work =>
    workOf({ operations: (under_way ?? []).map(({ operation }) => operation), own: false });

  function commit(): void {
    if (ports.isTorn()) {
      execute(workOfGroup(), note, 1);
      reached('torn');
      return;
    }
    const isStruck = weather.isFailing || (weather.failing > 0 && chance.is(weather.failing));
    if (!isStruck) {
      const done = execute(workOfGroup());
      reached('durable');
      later(chance.between(0, 2), () => finish(done, under_way ?? []));
      return;
    }
    // Whether it is in the log is not known until it is opened again.
    const done = chance.is(0.4) ? execute(workOfGroup()) : null;
    lose();
    later(chance.between(20, 400), () => reopen(done, 1));
  }

  function lose(): void {
    isLost = true;
    for (const waiting of queue.splice(0)) refuse(waiting);
  }

  function refuse({ operation, resolve }: Waiting): void {
    ports.retries.refused(operation, 'full');
    resolve(FULL as never);
  }

  function reopen(done: Done | null, tries: number): void {
    const again = (most_ms: number, next: number) =>
      void later(chance.between(20, most_ms), () => reopen(done, next));
    if (weather.isFailing) again(1_000, tries);
    else if (!done && chance.is(weather.failing) && tries < OPENING_TRIES_MAX) again(400, tries + 1);
    else {
      isLost = false;
      if (done || tries < OPENING_TRIES_MAX) finish(done ?? execute(workOfGroup()), under_way ?? []);
      else giveUp();
    }
  }

  function giveUp(): void {
    for (const waiting of under_way ?? []) refuse(waiting);
    under_way = null;
    schedule();
  }

  function tellCommits({ commits }: Done): void {
    const announce = () => {
      for (const records of commits) ports.onCommit(records);
    };
    if (sins.tellsOutOfOrder && commits.length > 0 && sent % 2 === 0) later(30, announce);
    else announce();
  }

  function answer({ operation, resolve, reject }: Waiting, reply: Done['replies'][number] | undefined): void {
    if (!reply || !('answer' in reply)) {
      reject(new Error(reply?.bug ?? 'no answer'));
      return;
    }
    const kind = (reply.answer as { kind?: string } | null)?.kind;
    if (kind === 'full' || kind === 'damaged') ports.retries.refused(operation, kind);
    resolve(reply.answer as never);
  }

  function tell(done: Done, group: Waiting[]): void {
    tellCommits(done);
    for (const damage of done.damage) ports.onDamage(damage);
    for (const [at, waiting] of group.entries()) answer(waiting, done.replies[at]);
  }

  function finish(done: Done, group: Waiting[]): void {
    under_way = null;
    tell(done, group);
    schedule();
  }

  const write: Write = (name, input) => {
    if (isClosed) return Promise.reject(new Error('the log is closed'));
    return new Promise((resolve, reject) => {
      const waiting = { operation: { name, input } as Operation, resolve: resolve as never, reject };
      if (isLost) return refuse(waiting);
      queue.push(waiting);
      if (!under_way) later(0, schedule);
    });
  };

  return {
    write,
    underWay: () => [...(under_way ?? []), ...queue].map(({ operation }) => operation),
    tell: (done) => tell(done, []),
    get isLost() {
      return isLost;
    },
    close() {
      isClosed = true;
    },
  };
}
