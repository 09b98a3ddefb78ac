// One client's look at a board: snapshot and later events are the board (BR4), numbers without a hole but where one is declared
// (BR3). What the board should say of a run is the world's to check at its end (Q6). Knows no connection.
import { type BoardEvent, boardEventSchemas, foldBoard, type Task } from '../../src/protocol/board.ts';
import type { Look } from './look.ts';
import type { ReaderOf } from './readers.ts';
import type { Violate } from './truth.ts';

export interface BoardLook extends Look {
  tasks(): ReadonlyMap<string, Task>;
}

export function createBoardLook({ name }: ReaderOf, violate: Violate): BoardLook {
  let boot = '';
  let n = -1;
  let last: string | null = null;
  let head = 0;
  let tasks: ReadonlyMap<string, Task> = new Map();

  function takeEvent(event: string, said: { n: number }): void {
    if (said.n !== n + 1) violate('P3', `${name} was given event ${said.n} of the board after ${n}`);
    n = said.n;
    tasks = foldBoard(tasks, { event, data: said } as BoardEvent);
  }

  return {
    opened() {},
    take({ event, id, data }) {
      if (event === 'heartbeat' || event === 'end') return;
      const said = JSON.parse(data);
      if (event === 'ready') {
        if (said.boot !== boot) n = -1;
        boot = said.boot;
        head = said.n;
      } else if (event === 'snapshot') {
        n = said.n;
        tasks = new Map(said.tasks.map((task: Task) => [task.task_id, task]));
      } else if (event === 'gap') {
        if (n >= 0 && said.from !== n + 1) violate('P3', `${name}: a gap from ${said.from} after ${n}`);
        n = said.to;
      } else if (event in boardEventSchemas) takeEvent(event, said);
      if (id !== '') last = id;
    },
    lastId: () => last,
    over() {},
    behind: () => (n >= head ? null : `${name} is at ${n} of ${head}`),
    tasks: () => tasks,
  };
}
