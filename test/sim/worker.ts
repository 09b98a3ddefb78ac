// One thread of the simulator: it does one task after the other, until it is told that there are no more.
import { parentPort } from 'node:worker_threads';
import { FAULTS, simulatorWith } from './faults.ts';
import type { Verdict } from './run.ts';

/** Seeds to run, over the code as it is or with a fault in it. */
export interface Task {
  /** index into FAULTS; null: none */
  fault: number | null;
  from: number;
  count: number;
  /** It ends with the first violation. */
  isHunt: boolean;
  /** Only worlds in which the fault shows soon. */
  isFocused: boolean;
}

export type FromWorker = { kind: 'ready' } | { kind: 'verdict'; task: Task; verdict: Verdict };

const port = parentPort!;
const say = (message: FromWorker): void => port.postMessage(message);

async function run(task: Task): Promise<void> {
  const { fault, from, count, isHunt, isFocused } = task;
  const { runSeed } = await simulatorWith(fault);
  const { sins = {}, focus = {} } = fault === null ? {} : FAULTS[fault]!;
  for (let seed = from; seed < from + count; seed += 1) {
    const verdict = await runSeed({ seed, sins, focus: isFocused ? focus : {} });
    say({ kind: 'verdict', task, verdict });
    if (isHunt && verdict.violations.length > 0) return;
  }
}

port.on('message', (task: Task | null) => {
  if (!task) return port.close();
  return void run(task).then(() => say({ kind: 'ready' }));
});
say({ kind: 'ready' });
