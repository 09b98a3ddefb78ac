// Stryker's test runner for this house: the tests of `tests.ts` in one process that stays. A mutant in what a module does when
// it is loaded, as most of a statechart is, needs its modules anew, and no new process: forty times faster than a
// runner that starts one. The words of this file are Stryker's (`TestRunner` of its API).
import { resolve } from 'node:path';
import { type Case, catchStrays, collect, type Failure, runCase } from './engine.ts';
import { change, leadsTo, load, watch } from './reload.ts';
import { TESTS, testsFor } from './tests.ts';

/** What instrumented code reads and writes. */
interface Stryker {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  mutantCoverage: object | undefined;
  hitCount: number | undefined;
  hitLimit: number | undefined;
  /** Who covers what is written down. */
  covers: boolean;
  /** Told before every step of instrumented code. @throws when there is no end to them */
  step(): void;
}
const shared = globalThis as unknown as { __stryker__?: Stryker };
shared.__stryker__ ??= {} as Stryker;
const stryker = shared.__stryker__;

/** An example takes thousands of steps, one two million; a walk, which is done while its file loads, seven. */
const CASE_STEPS_MAX = 10_000_000;
const FILE_STEPS_MAX = 30_000_000;
let steps_left = FILE_STEPS_MAX;
/** Of the event loop, until whoever waits for a step has taken it. */
const TURNS = 10;
stryker.step = () => {
  steps_left -= 1;
  if (steps_left < 0) throw new Error('There is no end to this.');
};

interface MutantRun {
  activeMutant: { id: string; fileName: string };
  sandboxFileName: string;
  testFilter?: string[];
  hitLimit?: number;
}

const SUCCESS = 0;
const FAILED = 1;

/** As they were loaded at first, without a mutant. */
const loaded = new Map<string, Case[]>();

async function casesOf(file: string): Promise<Case[]> {
  const known = loaded.get(file) ?? (await collect(file, () => load(resolve(file))));
  loaded.set(file, known);
  return known;
}

async function dryRun() {
  stryker.covers = true;
  steps_left = Number.POSITIVE_INFINITY;
  const tests = [];
  for (const file of TESTS)
    for (const each of await casesOf(file)) {
      stryker.currentTestId = each.name;
      const begun = performance.now();
      const failure = await runCase(each);
      stryker.currentTestId = undefined;
      const told = failure ? { status: FAILED, failureMessage: failure.message } : { status: SUCCESS };
      tests.push({ id: each.name, name: each.name, timeSpentMs: performance.now() - begun, ...told });
    }
  stryker.covers = false;
  return { status: 'complete', tests, mutantCoverage: stryker.mutantCoverage };
}

/** The first test that fails; a file that can't even be loaded fails, too. */
async function firstFailure(
  files: readonly string[],
  casesIn: (file: string) => Promise<Case[]>,
): Promise<{ failure: Failure | null; ran: number }> {
  let ran = 0;
  for (const file of files) {
    let cases: Case[];
    steps_left = FILE_STEPS_MAX;
    try {
      cases = await casesIn(file);
    } catch (error) {
      return { failure: { name: file, message: String(error) }, ran: ran + 1 };
    }
    for (const each of cases) {
      ran += 1;
      steps_left = CASE_STEPS_MAX;
      const failure = await runCase(each);
      if (failure) return { failure, ran };
    }
  }
  return { failure: null, ran };
}

/** What a test that failed left running ends at its next step; what leaves no trace of steps is let go. */
async function endWhatRuns(): Promise<void> {
  steps_left = 0;
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((go) => setImmediate(go));
}

async function mutantRun({ activeMutant, sandboxFileName, testFilter, hitLimit }: MutantRun) {
  steps_left = Number.POSITIVE_INFINITY;
  for (const file of TESTS) await casesOf(file);
  Object.assign(stryker, { hitCount: 0, hitLimit, activeMutant: activeMutant.id });
  const wanted = testFilter && new Set(testFilter);
  change(wanted ? null : sandboxFileName);
  const files = testsFor(sandboxFileName).filter((file) => leadsTo(resolve(file), sandboxFileName));
  const casesIn = wanted
    ? async (file: string) => (await casesOf(file)).filter(({ name }) => wanted.has(name))
    : (file: string) => collect(file, () => load(resolve(file)));
  const { failure, ran } = await firstFailure(files, casesIn);
  const isEndless = steps_left < 0 || (hitLimit !== undefined && (stryker.hitCount ?? 0) > hitLimit);
  stryker.activeMutant = undefined;
  if (failure) await endWhatRuns();
  if (isEndless) return { status: 'timeout', reason: 'no end' };
  if (!failure) return { status: 'survived', nrOfTests: ran };
  return { status: 'killed', killedBy: [failure.name], failureMessage: failure.message, nrOfTests: ran };
}

class HouseRunner {
  capabilities() {
    return { reloadEnvironment: true };
  }
  async init() {
    watch(process.cwd());
    catchStrays();
  }
  dryRun = dryRun;
  mutantRun = mutantRun;
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'house', injectableClass: HouseRunner }];
