// Questions to a simulated log: answered in their order by one reader, some of them a little late, and of what was there when
// they were asked or when they are answered. Some the disk fails. A damaged record is noted before its reader hears of it. Knows no write but that one.
import type { Database } from '../../src/journal/database.ts';
import type { Reader } from '../../src/journal/facade.ts';
import { type Damage, DamagedRecord } from '../../src/journal/port.ts';
import { READS } from '../../src/journal/reads.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import type { Weather } from './disk.ts';

export interface ReaderOfLogPorts {
  scheduler: Scheduler;
  chance: Chance;
  node: SimNode;
  weather: Weather;
  database: Database;
  isClosed(): boolean;
  /** A read met it. Resolves to true when that is kept. */
  mark(damage: Damage): Promise<boolean>;
  onDamage(damage: Damage): void;
}

/** What a read says that met an error of the disk. */
export class DiskError extends Error {}

/** There are more reads than writes: so many of them are struck where one write would be. */
const READS_STRUCK = 0.25;

type Question = (database: Database, ...input: unknown[]) => unknown;

export function createReaderOfLog(ports: ReaderOfLogPorts): Reader {
  const { scheduler, chance, node, weather, database } = ports;
  let read_at = 0;

  /** Looks now; what is returned answers. */
  function look(
    question: () => unknown,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): () => void {
    try {
      if (weather.isFailing || chance.is(weather.failing * READS_STRUCK))
        throw new DiskError('disk I/O error');
      const value = question();
      return () => resolve(value);
    } catch (error) {
      const refuse = () => reject(error);
      if (!(error instanceof DamagedRecord)) return refuse;
      const { session_id, pos, reason } = error;
      const damage = { session_id, pos, reason };
      // Whoever asks again is told so by the log itself.
      return () =>
        void ports
          .mark(damage)
          .then((isKept) => isKept && ports.onDamage(damage))
          .then(refuse, refuse);
    }
  }

  const answer = (question: () => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ports.isClosed()) {
        reject(new Error('the log is closed'));
        return;
      }
      const early = chance.is(0.5) ? look(question, resolve, reject) : null;
      read_at = Math.max(read_at, scheduler.now + chance.between(0, weather.read_ms));
      scheduler.ordered(node, read_at - scheduler.now, () => (early ?? look(question, resolve, reject))());
    });

  return {
    ask(name, ...input) {
      const question = READS[name as keyof typeof READS] as Question;
      return answer(() => question(database, ...input)) as never;
    },
  };
}
