// The disk of a simulated world, and the log on it as a process sees it: what is durable and what is not yet, and whatever a
// disk does to a log. A group that was not synced when its process died is gone, whole: that SQLite keeps this promise is the
// kill campaign's to show.

import { facade } from '../../src/journal/facade.ts';
import { createListeners, type Listeners } from '../../src/journal/listeners.ts';
import type { Operation } from '../../src/journal/operations.ts';
import type { Damage, Journal } from '../../src/journal/port.ts';
import { readReport } from '../../src/journal/report.ts';
import { PLACES_PER_SESSION } from '../../src/journal/schema.ts';
import { type Done, FOLD, PURGE, type Work, workOf } from '../../src/journal/work.ts';
import type { StoredRecord } from '../../src/protocol/index.ts';
import { createReaderOfLog } from './asking.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import { createGroups, type Groups } from './groups.ts';
import type { Retries } from './retries.ts';
import { createTables, type Noted, type Tables } from './tables.ts';
import type { Truth } from './truth.ts';

/** Switches of the checker's own faults: what a port must never do. */
export interface DiskSins {
  /** A write is answered before it is durable. */
  tellsEarly?: boolean;
  /** Commits are told as they come, not in their order. */
  tellsOutOfOrder?: boolean;
}

/** Of a write: it leaves, its first part is durable and no other, or all of it is and nobody was told. */
export type Moment = 'leaves' | 'torn' | 'durable';

/** What the disk does at the moment. */
export interface Weather {
  /** until when (world ms) every write takes so long */
  slow_ms: number;
  /** how long a read takes at most */
  read_ms: number;
  isFailing: boolean;
  isFull: boolean;
  /** what happens to the process at its next write, and when */
  atWrite: { when: Moment; act: () => void } | null;
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
  /** A part of one record is another from now on, if there is any. */
  flip(): void;
}

/** A character that no record has there. */
const FLIPPED = '#';

export interface DiskPorts {
  scheduler: Scheduler;
  chance: Chance;
  truth: Truth;
  sins: DiskSins;
  retries: Retries;
}

const calm = (): Weather => ({
  slow_ms: 0,
  read_ms: 2,
  isFailing: false,
  isFull: false,
  failing: 0,
  atWrite: null,
});

export function createDisk(ports: DiskPorts): Disk {
  const { scheduler, chance, truth, retries } = ports;
  const tables = createTables();
  const weather = calm();
  let ofNow: { groups: Groups; listeners: Listeners } | null = null;

  const note: Noted = (operations, { answers, records }) => truth.committed(operations, answers, records);
  const execute = (work: Work, noted: Noted = note, portions_max?: number): Done =>
    tables.run(work, () => weather.isFull, noted, portions_max);

  function reached(when: Moment): void {
    const { atWrite } = weather;
    if (atWrite?.when !== when) return;
    weather.atWrite = null;
    atWrite.act();
  }

  function open(node: SimNode): Journal {
    tables.open();
    retries.forget();
    execute(workOf(PURGE, FOLD));
    const report = readReport(tables.database, null);
    const listeners = createListeners();
    listeners.know(report.damaged);
    let isClosed = false;

    function onDamage(damage: Damage): void {
      truth.damaged(damage.session_id);
      listeners.damage(damage);
    }

    const onCommit = (records: StoredRecord[]) => listeners.commit({ records });
    const isTorn = () => weather.atWrite?.when === 'torn';
    const hands = { execute, note, reached, isTorn, onCommit, onDamage };
    const groups = createGroups({ ...ports, ...hands, node, weather });
    ofNow = { groups, listeners };
    const reader = createReaderOfLog({
      scheduler,
      chance,
      node,
      weather,
      database: tables.database,
      isClosed: () => isClosed,
      mark: (damage) => {
        truth.damaged(damage.session_id);
        return groups.write('mark', damage).then((kept) => kept === null);
      },
      onDamage,
    });
    return facade({
      report,
      listeners,
      write: groups.write,
      reader,
      random: ports.chance,
      sessions: [...truth.sessions.values()].filter(({ isDeleted }) => !isDeleted).length,
      counts: () => ({
        commits: truth.commits,
        pending: groups.underWay().length,
        bytes: 0,
        full: weather.isFull || groups.isLost,
      }),
      async close() {
        isClosed = true;
        groups.close();
      },
    });
  }

  return {
    tables,
    weather,
    open,
    underWay: () => ofNow?.groups.underWay() ?? [],
    lateWrite(operations) {
      execute(workOf({ operations, own: false }));
    },
    clear() {
      const { isFull } = weather;
      const { failing } = weather;
      Object.assign(weather, calm(), { failing });
      if (!isFull || !ofNow) return;
      retries.forget();
      ofNow.groups.tell(execute(workOf(PURGE, FOLD)));
      ofNow.listeners.space();
    },
    flip() {
      const sessions = [...truth.sessions.values()].filter(
        ({ records, isDeleted, isDamaged }) => records.length > 2 && !isDeleted && !isDamaged,
      );
      if (sessions.length === 0) return;
      const { session_id, records } = chance.pick(sessions);
      const { pos } = chance.pick(records);
      tables.database
        .sql(
          `UPDATE records SET json = substr(json, 1, length(json) - 2) || '${FLIPPED}}' WHERE place =
            (SELECT session_no FROM sessions WHERE session_id = ?) * ${PLACES_PER_SESSION} + ?`,
        )
        .run(session_id, pos);
      truth.damaged(session_id);
    },
  };
}
