// The sessions that are in memory: root actors in a map, never children of one machine. It makes cells from the log when
// they are asked for, and hands every commit to those whom it touched, all in one turn.
import type { Journal } from '../journal/port.ts';
import { type Clock, type Log, notFound, type StoredRecord } from '../protocol/index.ts';
import { type CellPorts, createSessionCell, type SessionCell } from './session-cell.ts';
import type { StreamRun } from './stream-run.ts';

export interface Registry {
  /** The session, held in memory until `release`. @throws Rejection not_found */
  hold(owner: string, session_id: string): Promise<{ cell: SessionCell; release: () => void }>;
  /** Only if it is in memory. */
  peek(session_id: string): SessionCell | undefined;
  run(stream_id: string): StreamRun | undefined;
  runs(): StreamRun[];
  cells(): SessionCell[];
  close(): void;
}

export type RegistryPorts = Omit<CellPorts, 'onOver' | 'onRun' | 'onRunSettled'> & {
  journal: Journal;
  clock: Clock;
  log: Log;
  /** Lesson 45: the log names an active stream that nobody runs. */
  adoptOrphan(cell: SessionCell, stream_id: string): Promise<void>;
};

export function createRegistry(ports: RegistryPorts): Registry {
  const { journal } = ports;
  const cells = new Map<string, SessionCell>();
  const loading = new Map<string, Promise<SessionCell | null>>();
  const runs = new Map<string, StreamRun>();

  const cellPorts: CellPorts = {
    ...ports,
    onOver: (cell) => {
      if (cells.get(cell.session_id) === cell) cells.delete(cell.session_id);
      cell.close();
    },
    onRun: (run) => runs.set(run.stream.stream_id, run),
    onRunSettled: (run) => runs.delete(run.stream.stream_id),
  };

  async function load(owner: string, session_id: string): Promise<SessionCell | null> {
    const opened = await journal.openSession(owner, session_id);
    if (!opened) return null;
    const { session: row, prompts } = opened;
    const cell = createSessionCell(owner, row, prompts, cellPorts);
    cells.set(session_id, cell);
    if (row.active_stream_id) await ports.adoptOrphan(cell, row.active_stream_id);
    return cell;
  }

  function open(owner: string, session_id: string): Promise<SessionCell | null> {
    const key = `${owner} ${session_id}`;
    const begun = loading.get(key);
    if (begun) return begun;
    const loads = load(owner, session_id).finally(() => loading.delete(key));
    loading.set(key, loads);
    return loads;
  }

  journal.onCommit(({ records }) => {
    const bySession = new Map<SessionCell, StoredRecord[]>();
    const heads = new Map<StreamRun, StoredRecord[]>();
    for (const record of records) {
      const cell = cells.get(record.session_id);
      if (cell) push(bySession, cell, record);
      const run = record.stream_id === null ? undefined : runs.get(record.stream_id);
      if (run) push(heads, run, record);
    }
    // A stream's actor hears of its frames before its session's readers wake, so a state is never older than the log.
    for (const [run, frames] of heads) run.committed(frames);
    for (const [cell, all] of bySession) cell.committed(all);
  });

  journal.onSpace(() => {
    for (const run of runs.values()) run.storageReturned();
  });

  return {
    async hold(owner, session_id) {
      const cell = cells.get(session_id) ?? (await open(owner, session_id));
      if (!cell || cell.owner !== owner) throw notFound('session');
      return { cell, release: cell.join() };
    },
    peek: (session_id) => cells.get(session_id),
    run: (stream_id) => runs.get(stream_id),
    runs: () => [...runs.values()],
    cells: () => [...cells.values()],
    close() {
      for (const cell of cells.values()) cell.close();
      cells.clear();
      runs.clear();
    },
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
