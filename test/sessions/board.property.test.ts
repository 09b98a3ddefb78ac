// The board under random days: 100,000 steps in all, readers that are slow, cut off and come back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOARD_WAITING_MAX, type Task, type TaskStatus } from '../../src/protocol/index.ts';
import { keyOf, SimulatedDay, SimulatedReader, type Step, THREE_DAYS } from './board.model.ts';

const STEPS = 2_500;
const DAYS = 40;

/** A day is its seed: what fails is two numbers, and is made again from them. */
function* stepsOf(seed: number, count: number): Generator<Step> {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const below = (n: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  for (let left = count; left > 0; left -= 1) yield { what: below(15), who: below(41), how: below(101) };
}

const isOpen = (status: TaskStatus) => status === 'waiting-for-input' || status === 'stale';
const byId = (tasks: Iterable<Task>) => [...tasks].sort((a, b) => (a.task_id < b.task_id ? -1 : 1));

function checkReader(reader: SimulatedReader, { board, history }: SimulatedDay): void {
  reader.readAll();
  expect(reader.told).toBe(board.head());
  // BR4: whatever it lost, it knows what is so.
  expect(byId(reader.tasks.values())).toEqual(byId(board.tasks()));
  // BR3: the newest of every task and session was told it, or was in its snapshot.
  const newest = new Map(history.map((event) => [keyOf(event), event.data.n]));
  const since = [...newest].filter(([, n]) => n > reader.snapshot_n);
  expect(since.filter(([key, n]) => reader.newest.get(key) !== n)).toEqual([]);
}

test('BR1 BR3 BR4 BR5 the board is its snapshot and what came later, for readers who are slow, cut off and come back', () => {
  let steps = 0;
  let gaps = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const simulated = new SimulatedDay();
      for (const each of stepsOf(seed, STEPS)) simulated.step(each);
      const { board, history, truth, readers } = simulated;
      // BR1: every change of a status is one event, and every event a change.
      const said = new Map<string, string>();
      const wrong = history.filter(({ event, data }) => {
        if (!('task_id' in data)) return false;
        const before = said.get(data.task_id);
        said.set(data.task_id, data.status);
        const isNews = before !== undefined && before !== data.status;
        return event !== (before === undefined ? 'task.created' : isNews ? 'task.status' : 'task.changed');
      });
      expect(wrong).toEqual([]);
      const shown = new Map([...board.tasks()].map(({ task_id, status }) => [task_id, status]));
      expect([...shown].filter(([task_id, status]) => truth.get(task_id) !== status)).toEqual([]);
      // What lives is shown; what has ended may be too old for it.
      const isLive = ([, status]: [string, TaskStatus]) => status === 'running' || isOpen(status);
      expect([...truth].filter((each) => isLive(each) && !shown.has(each[0]))).toEqual([]);
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

test('BR4 fault 6 a clock that goes three days on and back forgets the same tasks for a reader who missed that moment', () => {
  const simulated = new SimulatedDay();
  const { board } = simulated;
  const task = { session_id: 's_0', title: '', agent: 'demo', created_at: 1 };
  const say = (task_id: string, status: TaskStatus, clarify = 0) =>
    board.task({ ...task, task_id, status, waiting: { clarify, approval: 0 } });
  say('r_old', 'running');
  say('r_old', 'completed');
  const reader = new SimulatedReader(board);
  reader.readAll();
  simulated.now += THREE_DAYS;
  say('r_new', 'running');
  simulated.now -= THREE_DAYS;
  for (let more = 1; more <= BOARD_WAITING_MAX + 1; more += 1) say('r_new', 'running', more);
  reader.readAll();
  expect(reader.gaps).toBe(1);
  expect([...reader.tasks.values()]).toEqual([...board.tasks()]);
  expect([...reader.tasks.keys()]).toEqual(['r_new']);
});
