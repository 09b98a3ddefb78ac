// The board under random days: 100,000 steps in all, readers that are slow, cut off and come back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOARD_WAITING_MAX, type BoardEvent, foldBoard, type Task } from '../../src/protocol/index.ts';
import { createOwnerBoard } from '../../src/sessions/board.ts';
import { createBoardCursor } from '../../src/sessions/board-cursor.ts';
import { quietLog } from '../support/server.ts';
import { keyOf, SimulatedDay, SimulatedReader } from './board.model.ts';

const STEPS = 2_500;
const DAYS = 40;

const step = fc.record({ what: fc.nat(14), who: fc.nat(40), how: fc.nat(100) });
const day = fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' });

const byId = (tasks: Iterable<Task>) =>
  [...tasks].sort((a, b) => (a.task_id < b.task_id ? -1 : 1));

function checkReader(reader: SimulatedReader, { board, history }: SimulatedDay): void {
  reader.readAll();
  expect(reader.told).toBe(board.head());
  // BR4: whatever it lost, it knows what is so.
  expect(byId(reader.tasks.values())).toEqual(byId(board.tasks()));
  // BR3: the newest of every task and session was told it, or was in its snapshot.
  const newest = new Map(history.map((event) => [keyOf(event), event.data.n]));
  for (const [key, n] of newest)
    if (n > reader.snapshot_n) expect(reader.newest.get(key), key).toBe(n);
}

test('BR1 BR3 BR4 BR5 the board is its snapshot and what came later, for readers who are slow, cut off and come back', () => {
  let steps = 0;
  let gaps = 0;
  fc.assert(
    fc.property(day, (all) => {
      const simulated = new SimulatedDay();
      for (const each of all) simulated.step(each);
      const { board, history, truth, readers } = simulated;
      // BR1: every change of a status is one event, and every event a change.
      const said = new Map<string, string>();
      for (const { event, data } of history) {
        if (!('task_id' in data)) continue;
        expect(event === 'task.status').toBe(said.has(data.task_id) && said.get(data.task_id) !== data.status);
        expect(event === 'task.created').toBe(!said.has(data.task_id));
        said.set(data.task_id, data.status);
      }
      for (const task of board.tasks()) expect(task.status, task.task_id).toBe(truth.get(task.task_id));
      const live = [...truth].filter(([, status]) => !['completed', 'killed', 'error'].includes(status));
      const shown = new Set([...board.tasks()].map(({ task_id }) => task_id));
      for (const [task_id] of live) expect(shown.has(task_id), task_id).toBe(true);
      for (const reader of readers) checkReader(reader, simulated);
      checkReader(new SimulatedReader(board), simulated);
      steps += simulated.steps;
      for (const reader of readers) gaps += reader.gaps;
    }),
    { numRuns: DAYS },
  );
  expect(steps).toBeGreaterThanOrEqual(STEPS * DAYS);
  expect(gaps).toBeGreaterThan(DAYS);
});
