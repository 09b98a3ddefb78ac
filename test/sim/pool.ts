// All cores work: each thread is handed one task after the other, and what it says is told as it comes. Knows no world.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Verdict } from './run.ts';
import type { FromWorker, Task } from './worker.ts';

/** Resolves when every task that `next` gave is done; null: there are no more. */
export async function runPool(
  next: () => Task | null,
  told: (verdict: Verdict, task: Task) => void,
): Promise<void> {
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // A world's day begins where its time zone says; all worlds are in one.
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        env: { ...process.env, TZ: 'UTC' },
        // Worlds are many and short: what they leave behind is let go of in fewer, larger steps.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'verdict') told(message.verdict, message.task);
        else worker.postMessage(next());
      });
    });
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}
