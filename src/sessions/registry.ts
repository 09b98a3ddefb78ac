// The sessions that are in memory: root actors in a map, never children of one machine. It makes cells from the log when
// they are asked for, and hands every commit to those whom it touched, all in one turn.
import type { Journal, OpenedSession, StreamRow } from '../journal/port.ts';
import { type Clock, type Log, notFound, Rejection, type StoredRecord } from '../protocol/index.ts';
import type { Boards } from './board.ts';
import { type CellPorts, compact, createSessionCell, type SessionCell } from './session-cell.ts';
import type { StreamRun } from './stream-run.ts';

export interface Registry {
  /** The session, held in memory until `release`. @throws Rejection not_found */
  hold(owner: string, session_id: string): Promise<{ cell: SessionCell; release: () => void }>;
  /** Q5: a stream that the log holds for alive and nobody runs. Its session is loaded anew, which takes it over. */
  adopt(stream: Pick<StreamRow, 'owner' | 'session_id' | 'stream_id'>): Promise<void>;
  /** A write to another session changed this one's row. */
  changed(owner: string, session_id: string): Promise<void>;
  /** Only if it is in memory. */
  peek(session_id: string): SessionCell | undefined;
  run(stream_id: string): StreamRun | undefined;
  runs(): StreamRun[];
  cells(): SessionCell[];
  close(): void;
}

export type RegistryPorts = Omit<CellPorts, 'onOver' | 'onRun' | 'onRunSettled' | 'onChange'> & {
  journal: Journal;
  clock: Clock;
  log: Log;
  /** Lesson 45: the log names an active stream that nobody runs. */
  adoptOrphan(cell: SessionCell, stream_id: string): Promise<boolean>;
  boards: Pick<Boards, 'made' | 'cellCame' | 'cellChanged' | 'cellGone'>;
};

export function createRegistry(ports: RegistryPorts): Registry {
  const { journal, boards } = ports;
  const cells = new Map<string, SessionCell>();
  const loading = new Map<string, Promise<SessionCell | null>>();
  const runs = new Map<string, StreamRun>();

  const cellPorts: CellPorts = {
    ...ports,
    onOver: (cell) => {
      if (cells.get(cell.session_id) === cell) cells.delete(cell.session_id);
      const run = cell.run();
      if (run) drop(run);
      boards.cellGone(cell);
      cell.close();
    },
    onRun: (run) => runs.set(run.stream.stream_id, run),
    onRunSettled: (run) => drop(run),
    onChange: boards.cellChanged,
  };
  const drop = (run: StreamRun) => {
    if (runs.get(run.stream.stream_id) === run) runs.delete(run.stream.stream_id);
  };

  let closed = false;
  const refuseWhenClosed = () => {
    if (closed) throw new Rejection('shutting_down', 'The server is shutting down.');
  };

  function keep(owner: string, { session, prompts }: OpenedSession): SessionCell {
    const cell = createSessionCell(owner, session, prompts, cellPorts);
    cells.set(session.session_id, cell);
    boards.cellCame(cell);
    return cell;
  }

  async function load(owner: string, session_id: string): Promise<SessionCell | null> {
    const opened = await journal.openSession(owner, session_id);
    refuseWhenClosed();
    if (!opened) return null;
    const cell = keep(owner, opened);
    const orphan = opened.session.active_stream_id;
    if (orphan === null) return cell;
    if (await ports.adoptOrphan(cell, orphan).catch(() => false)) return cell;
    // A run that nobody owns would hold its session for ever: the next one who asks tries again.
    cellPorts.onOver(cell);
    const now = await journal.openSession(owner, session_id);
    refuseWhenClosed();
    if (!now) return null;
    if (now.session.active_stream_id === null) return keep(owner, now);
    throw new Rejection('storage_full', 'The disk takes no writes; a run of this session waits for it.');
  }

  function open(owner: string, session_id: string): Promise<SessionCell | null> {
    const key = keyOf(owner, session_id);
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
    for (const cell of cells.values()) cell.actor.send({ type: 'storage.returned', at: ports.clock.now() });
  });

  journal.onRetained(({ session_id, kept_from }) => cells.get(session_id)?.retained(kept_from));

  // What is damaged takes nothing more: its run ends now, not with its next frame. Its row says so.
  journal.onDamage(({ session_id }) => {
    const cell = cells.get(session_id);
    cell?.run()?.lose('damaged');
    if (cell) journal.getSession(cell.owner, session_id).then((row) => row && cell.adopt(row), ignore);
  });

  async function hold(owner: string, session_id: string) {
    refuseWhenClosed();
    // A session that is being loaded has its orphan before anybody has it.
    const isLoaded = !loading.has(keyOf(owner, session_id)) && cells.has(session_id);
    const cell = isLoaded ? cells.get(session_id) : await open(owner, session_id);
    if (!cell || cell.owner !== owner) throw notFound('session');
    return { cell, release: cell.join() };
  }

  return {
    hold,
    async adopt({ owner, session_id, stream_id }) {
      const cell = cells.get(session_id);
      // Two who ask at once load it once: who comes second finds it being loaded.
      if (cell && !runs.has(stream_id) && !loading.has(keyOf(owner, session_id))) cellPorts.onOver(cell);
      const { release } = await hold(owner, session_id);
      release();
    },
    async changed(owner, session_id) {
      const before = cells.get(session_id);
      const row = await journal.getSession(owner, session_id).catch(ignore);
      if (!row) return;
      const cell = cells.get(session_id);
      if (cell) cell.adopt(row);
      // One that was deleted meanwhile was told of; one that nobody held is not: it would have been opened after this read.
      else if (!before?.isDeleted()) boards.made(owner, compact(row, null));
    },
    peek: (session_id) => cells.get(session_id),
    run: (stream_id) => runs.get(stream_id),
    runs: () => [...runs.values()],
    cells: () => [...cells.values()],
    close() {
      closed = true;
      for (const cell of cells.values()) cell.close();
      cells.clear();
      runs.clear();
    },
  };
}

/** Nobody waits for it: whoever asks next reads the row again. */
const ignore = () => {};

const keyOf = (owner: string, session_id: string): string => `${owner} ${session_id}`;

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
