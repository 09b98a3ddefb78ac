// The sweep (BR5): every few seconds the runs that the log holds for alive are compared with those that live here. One that
// nobody runs is taken over like what a dead process left behind; a task of the board whose run has ended unheard gets its
// end. What looks lost once may only be on its way: it has to look so in two sweeps in a row (lesson 46).
import type { Journal } from '../journal/port.ts';
import { SWEEP_EVERY_MS } from '../machines/bounds.ts';
import type { Clock, Log } from '../protocol/index.ts';
import type { Boards } from './board.ts';
import { endedTask } from './board-facts.ts';
import type { Registry } from './registry.ts';

export interface SweepPorts {
  journal: Journal;
  clock: Clock;
  log: Log;
  registry: Registry;
  boards: Boards;
}

export interface Sweep {
  /** From now on, one every `SWEEP_EVERY_MS` after the last has ended. */
  start(): void;
  /** One sweep. Any number at once is as good as one. */
  once(): Promise<void>;
  close(): void;
}

export function createSweep(ports: SweepPorts): Sweep {
  const { journal, clock, log, registry, boards } = ports;
  let suspects = new Set<string>();
  let timer: unknown;
  let isClosed = false;

  function later(): void {
    timer = clock.setTimeout(async () => {
      await once();
      if (!isClosed) later();
    }, SWEEP_EVERY_MS);
  }

  async function tellEnd({ owner, task_id }: { owner: string; task_id: string }): Promise<void> {
    const stream = await journal.getStream(owner, task_id);
    const task = boards.unended().find((each) => each.task.task_id === task_id)?.task;
    if (!task || !stream?.settled) return;
    boards.ended(owner, endedTask(task, stream));
    // What its session is by now is told by its cell.
    (await registry.hold(owner, task.session_id)).release();
  }

  async function look(): Promise<void> {
    const unsettled = await journal.listUnsettled();
    if (isClosed) return;
    const claims = new Set(unsettled.map(({ stream_id }) => stream_id));
    const orphans = unsettled.filter(({ stream_id }) => !registry.run(stream_id));
    const unheard = boards
      .unended()
      .filter(({ task: { task_id } }) => !claims.has(task_id) && !registry.run(task_id))
      .map(({ owner, task: { task_id } }) => ({ owner, task_id }));
    const before = suspects;
    suspects = new Set([
      ...orphans.map(({ stream_id }) => stream_id),
      ...unheard.map(({ task_id }) => task_id),
    ]);
    const work = [
      ...orphans.filter(({ stream_id }) => before.has(stream_id)).map(registry.adopt),
      ...unheard.filter(({ task_id }) => before.has(task_id)).map(tellEnd),
    ];
    for (const done of await Promise.allSettled(work))
      if (done.status === 'rejected')
        log.warn({ err: done.reason }, 'the sweep could not bring a run to its end');
  }

  async function once(): Promise<void> {
    if (isClosed) return;
    await look().catch((bug) => log.error({ err: bug }, 'a sweep failed'));
  }

  return {
    start: later,
    once,
    close() {
      isClosed = true;
      clock.clearTimeout(timer);
    },
  };
}
