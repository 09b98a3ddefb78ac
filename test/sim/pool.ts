// All cores work: each process is handed one task after the other, and what it says is told as it comes. Knows no world.
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Verdict } from './run.ts';
import type { FromWorker, Task } from './worker.ts';

const WORKER = new URL('./worker.ts', import.meta.url);

/** Worlds are many and short: what they leave behind is let go of in few, large steps, by the one thread that works. */
const ENGINE = ['--max-semi-space-size=64', '--min-semi-space-size=64', '--single-threaded-gc'];

/** Resolves when every task that `next` gave is done; null: there are no more. */
export async function runPool(
  next: () => Task | null,
  told: (verdict: Verdict, task: Task) => void,
): Promise<void> {
  const workers = new Set<ChildProcess>();
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // A world's day begins where its time zone says; all worlds are in one.
      const worker = fork(WORKER, [], { execArgv: ENGINE, env: { ...process.env, TZ: 'UTC' } });
      workers.add(worker);
      worker.on('error', reject);
      worker.on('exit', (code) => {
        workers.delete(worker);
        if (code === 0) resolve();
        else reject(new Error(`a process of the simulator ended with ${code}`));
      });
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'verdict') told(message.verdict, message.task);
        else worker.send({ task: next() });
      });
    });
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    for (const worker of workers) worker.kill();
  }
}
