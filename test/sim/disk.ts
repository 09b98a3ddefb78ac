// The disk of a simulated world, and the log on it as a process sees it: groups of writes on their way, what is durable and
// what is not yet, and whatever a disk does to a log. A group that was not synced when its process died is gone, whole: that
// SQLite keeps this promise is the kill campaign's to show.
import type { Operation } from '../../src/journal/operations.ts';
import { type Commit, type Damage, DamagedRecord, type Journal } from '../../src/journal/port.ts';
import { readReport } from '../../src/journal/report.ts';
import { type Done, FOLD, PURGE, type Work, workOf } from '../../src/journal/work.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import { type Ask, facade, type Write } from './facade.ts';
import type { Retries } from './retries.ts';
import { createTables, type Tables } from './tables.ts';
import type { Truth } from './truth.ts';

/** Switches of the checker's own faults: what a port must never do. */
export interface DiskSins {
  /** A write is answered before it is durable. */
  tellsEarly?: boolean;
  /** Commits are told as they come, not in their order. */
  tellsOutOfOrder?: boolean;
}

/** What the disk does at the moment. */
export interface Weather {
  /** until when (world ms) every write takes so long */
  slow_ms: number;
  /** how long a read takes at most */
  read_ms: number;
  isFailing: boolean;
  isFull: boolean;
  /** what happens to the process at its next write, and when: as it leaves, or when it is durable and nobody was told */
  atWrite: { when: 'leaves' | 'durable'; act: () => void } | null;
  /** how often a write meets an error by itself */
  failing: number;
}

export interface Disk {
  readonly tables: Tables;
  readonly weather: Weather;
  open(node: SimNode): Journal;
  /** What was on its way when its process died. */
  underWay(): Operation[];
  /** What a dead process still had on its way arrives now. */
  lateWrite(operations: Operation[]): void;
  /** The disk takes writes again. */
  clear(): void;
  /** One bit of a record is wrong from now on. False: there is none to take. */
  flip(): string | null;
}

interface Waiting {
  operation: Operation;
  resolve(answer: never): void;
  reject(error: Error): void;
}

const GROUP_MAX = 1000;
/** How often what was under way is tried when the log is opened again, before its writers are told that it is full. */
const OPENING_TRIES_MAX = 2;
const FULL = { kind: 'full' } as const;

export interface DiskPorts {
  scheduler: Scheduler;
  chance: Chance;
  truth: Truth;
  sins: DiskSins;
  retries: Retries;
}

export function createDisk(ports: DiskPorts): Disk {
  const { scheduler, chance, truth, sins } = ports;
  const tables = createTables();
  const weather: Weather = {
    slow_ms: 0,
    read_ms: 2,
    isFailing: false,
    isFull: false,
    failing: 0,
    atWrite: null,
  };
  let ofNow: { group: Waiting[]; queue: Waiting[]; space: () => void } | null = null;

  type Noted = Parameters<Tables['run']>[2];
  const note: Noted = (operations, { answers, records }) => truth.committed(operations, answers, records);
  const execute = (work: Work, noted: Noted = note): Done => tables.run(work, () => weather.isFull, noted);

  function reached(when: 'leaves' | 'durable'): void {
    const { atWrite } = weather;
    if (atWrite?.when !== when) return;
    weather.atWrite = null;
    atWrite.act();
  }

  function open(node: SimNode): Journal {
    tables.open();
    ports.retries.forget();
    const listeners = {
      commit: (_: Commit) => {},
      space: [] as (() => void)[],
      damage: [] as ((_: Damage) => void)[],
    };
    const known = new Set<string>();
    const queue: Waiting[] = [];
    let under_way: Waiting[] | null = null;
    let isLost = false;
    let isClosed = false;
    let read_at = 0;
    let sent = 0;
    const later = (ms: number, run: () => void) => scheduler.at(node, ms, run);
    execute(workOf(PURGE, FOLD));
    const report = readReport(tables.database, null);
    for (const { session_id } of report.damaged) known.add(session_id);
    const mine = {
      get group() {
        return under_way ?? [];
      },
      queue,
      space() {
        tell(execute(workOf(PURGE, FOLD)), []);
        for (const listener of listeners.space) listener();
      },
    };
    ofNow = mine as never;

    function onDamage(damage: Damage): void {
      truth.damaged(damage.session_id);
      if (known.has(damage.session_id)) return;
      known.add(damage.session_id);
      for (const listener of listeners.damage) listener(damage);
    }

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
      later(write_ms, write);
    }

    const workOfGroup = (): Work =>
      workOf({ operations: (under_way ?? []).map(({ operation }) => operation), own: false });

    function write(): void {
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
        for (const records of commits) listeners.commit({ records });
      };
      if (sins.tellsOutOfOrder && commits.length > 0 && sent % 2 === 0) later(30, announce);
      else announce();
    }

    function answer(
      { operation, resolve, reject }: Waiting,
      reply: Done['replies'][number] | undefined,
    ): void {
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
      for (const damage of done.damage) onDamage(damage);
      for (const [at, waiting] of group.entries()) answer(waiting, done.replies[at]);
    }

    function finish(done: Done, group: Waiting[]): void {
      under_way = null;
      tell(done, group);
      schedule();
    }

    const write_: Write = (name, input) => {
      if (isClosed) return Promise.reject(new Error('the log is closed'));
      return new Promise((resolve, reject) => {
        const waiting = { operation: { name, input } as Operation, resolve: resolve as never, reject };
        if (isLost) return refuse(waiting);
        queue.push(waiting);
        if (!under_way) later(0, schedule);
      });
    };

    const ask: Ask = (question) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('the log is closed'));
        const look = (): (() => void) => {
          try {
            const value = question(tables.database);
            return () => resolve(value);
          } catch (error) {
            if (!(error instanceof DamagedRecord)) return () => reject(error as Error);
            const { session_id, pos, reason } = error;
            truth.damaged(session_id);
            // Whoever asks again is told so by the log itself.
            const refuse = () => reject(error);
            return () =>
              void write_('mark', { session_id, pos, reason })
                .then((kept) => kept === null && onDamage({ session_id, pos, reason }))
                .then(refuse, refuse);
          }
        };
        // One reader: answers come in the order of the questions, and some of them a little late.
        const early = chance.is(0.5) ? look() : null;
        read_at = Math.max(read_at, scheduler.now + chance.between(0, weather.read_ms));
        scheduler.ordered(node, read_at - scheduler.now, () => (early ?? look())());
      });

    return facade({
      report,
      listeners,
      write: write_,
      ask,
      counts: () => ({
        sessions: truth.sessions.size,
        commits: truth.commits,
        pending: queue.length + (under_way?.length ?? 0),
        bytes: 0,
        full: weather.isFull || isLost,
      }),
      async close() {
        isClosed = true;
      },
    });
  }

  return {
    tables,
    weather,
    open,
    underWay: () => [...(ofNow?.group ?? []), ...(ofNow?.queue ?? [])].map(({ operation }) => operation),
    lateWrite(operations) {
      execute(workOf({ operations, own: false }));
    },
    clear() {
      const wasFull = weather.isFull;
      weather.isFull = false;
      weather.isFailing = false;
      weather.slow_ms = 0;
      weather.read_ms = 2;
      weather.atWrite = null;
      if (!wasFull) return;
      ports.retries.forget();
      ofNow?.space();
    },
    flip() {
      const sessions = [...truth.sessions.values()].filter(
        ({ records, isDeleted, isDamaged }) => records.length > 2 && !isDeleted && !isDamaged,
      );
      if (sessions.length === 0) return null;
      const session = chance.pick(sessions);
      const record = chance.pick(session.records);
      tables.database
        .sql(
          `UPDATE records SET json = substr(json, 1, length(json) - 2) || '#}' WHERE place =
            (SELECT session_no FROM sessions WHERE session_id = ?) * 268435456 + ?`,
        )
        .run(session.session_id, record.pos);
      truth.damaged(session.session_id);
      return session.session_id;
    },
  };
}
