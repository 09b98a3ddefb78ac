// One process of the simulator: it does one task after the other, until it is told that there are no more.
import { FAULTS, simulatorWith } from './faults.ts';
import type { RunSettings, Verdict } from './run.ts';

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
export type ToWorker = { task: Task | null };

const say = (message: FromWorker): void => void process.send?.(message);

const FRAMES = Error.stackTraceLimit;

type Simulator = Awaited<ReturnType<typeof simulatorWith>>;

/** Where an error was made is dear to know, and asked only of a world that has one: it is run once more. */
async function verdictOf({ runSeed }: Simulator, settings: RunSettings): Promise<Verdict> {
  Error.stackTraceLimit = 0;
  const verdict = await runSeed(settings);
  Error.stackTraceLimit = FRAMES;
  if (verdict.violations.length === 0) return verdict;
  const again = await runSeed(settings);
  return again.violations.length === 0 ? verdict : again;
}

async function run(task: Task): Promise<void> {
  const { fault, from, count, isHunt, isFocused } = task;
  const simulator = await simulatorWith(fault);
  const { sins = {}, focus = {} } = fault === null ? {} : FAULTS[fault]!;
  for (let seed = from; seed < from + count; seed += 1) {
    const verdict = await verdictOf(simulator, { seed, sins, focus: isFocused ? focus : {} });
    say({ kind: 'verdict', task, verdict });
    if (isHunt && verdict.violations.length > 0) return;
  }
}

process.on('message', ({ task }: ToWorker) => {
  if (!task) return process.disconnect();
  return void run(task).then(() => say({ kind: 'ready' }));
});
say({ kind: 'ready' });
