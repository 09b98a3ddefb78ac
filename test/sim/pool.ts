// All cores run seeds: each thread is handed a few at a time, and what it says is told as it comes. Knows no world.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Verdict } from './run.ts';
import type { FromWorker, WorkerTask } from './worker.ts';

/** Seeds that a thread is handed at once. */
const SEEDS_AT_ONCE = 20;

export interface PoolSettings extends WorkerTask {
  from: number;
  count: number;
  threads?: number;
  told(verdict: Verdict): void;
  /** No more seeds are begun. */
  isOver(): boolean;
}

/** Resolves when every seed that was begun has its verdict. */
export async function runPool(settings: PoolSettings): Promise<void> {
  const { from, count, fault, isHunt, told, isOver } = settings;
  const end = from + count;
  let next = from;
  const threads = Math.min(settings.threads ?? availableParallelism(), Math.ceil(count / SEEDS_AT_ONCE));

  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: WorkerTask = { fault, isHunt };
      // A world's day begins where its time zone says; all worlds are in one.
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData,
        env: { ...process.env, TZ: 'UTC' },
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'verdict') return told(message.verdict);
        if (isOver() || next >= end) return worker.postMessage(null);
        const to = Math.min(end, next + SEEDS_AT_ONCE);
        worker.postMessage({ from: next, to });
        next = to;
      });
    });

  await Promise.all(Array.from({ length: threads }, work));
}
