// One thread of the simulator: it takes seeds until it is told that there are no more. A fault is put in before any code is
// loaded, so the loading of everything else waits for it.
import { parentPort, workerData } from 'node:worker_threads';
import type { Verdict } from './run.ts';

export interface WorkerTask {
  /** index into FAULTS; null: none */
  fault: number | null;
  /** stops at the first violation */
  isHunt: boolean;
}

export type ToWorker = { from: number; to: number } | null;
export type FromWorker = { kind: 'ready' } | { kind: 'verdict'; verdict: Verdict };

const { fault, isHunt } = workerData as WorkerTask;
const port = parentPort!;
const say = (message: FromWorker): void => port.postMessage(message);

async function start(): Promise<void> {
  const { FAULTS, putIn } = await import('./faults.ts');
  const chosen = fault === null ? null : FAULTS[fault]!;
  if (chosen) putIn(chosen);
  const { runSeed } = await import('./run.ts');
  port.on('message', async (task: ToWorker) => {
    if (!task) return port.close();
    for (let seed = task.from; seed < task.to; seed += 1) {
      const verdict = await runSeed({ seed, sins: chosen?.sins ?? {} });
      say({ kind: 'verdict', verdict });
      if (isHunt && verdict.violations.length > 0) break;
    }
    say({ kind: 'ready' });
  });
  say({ kind: 'ready' });
}

void start();
