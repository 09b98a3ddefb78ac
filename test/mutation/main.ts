// npm run mutate: changes the code in every small way that Stryker knows, one at a time, and asks whether a test fails. Writes
// docs/mutants.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { readCall } from '../support/command.ts';
import { explain, type Survivor, unusedExplanations } from './explained.ts';
import { pageOf, type Tally } from './page.ts';
import { MUTATED } from './tests.ts';

const PAGE = 'docs/mutants.md';
const KILLED_MIN = 0.9;
/** A test that does not even reach a mutant kills it no less than one that reaches it and does not care. */
const SURVIVED = ['Survived', 'NoCoverage'];
const KILLED = ['Killed', 'Timeout'];
/** A process keeps every module that it has loaded; it is left after so many mutants. */
const REUSED_MAX = 300;
const OVERDUE_MS = 5_000;

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

const options = (mutate: readonly string[]): ConstructorParameters<typeof Stryker>[0] => ({
  testRunner: 'house',
  plugins: ['./test/mutation/runner.ts'],
  mutate: [...mutate],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  reporters: [process.stdout.isTTY ? 'progress' : 'progress-append-only'],
  logLevel: 'warn' as never,
  warnings: false,
  tempDirName: join(tmpdir(), `weir-mutants-${process.pid}`),
  cleanTempDir: 'always',
  // Not copied: what no test here reads. Stryker would rewrite the types' settings, with an older compiler than ours.
  ignorePatterns: ['tsconfig.json', 'dist', 'data', 'docs', 'diagrams', 'bench', 'src/ui', 'test/browser'],
  testRunnerNodeArgs: ['--no-warnings'],
  timeoutMS: OVERDUE_MS,
  timeoutFactor: 1,
  maxTestRunnerReuse: REUSED_MAX,
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const sources = new Map<string, string[]>();
const linesOf = (file: string): string[] => {
  const known = sources.get(file) ?? readFileSync(file, 'utf8').split('\n');
  sources.set(file, known);
  return known;
};
const plain = (code: string): string => code.replace(/\s+/g, ' ').trim();

/** Lines and columns are counted from one. */
function survivor({ fileName, location: { start, end }, replacement }: Result): Survivor {
  const lines = linesOf(fileName).slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)?.slice(0, end.column - 1) ?? '';
  lines[0] = lines[0]?.slice(start.column - 1) ?? '';
  const file = relative(process.cwd(), fileName);
  return { file, line: start.line, was: plain(lines.join(' ')), becomes: plain(replacement ?? '') };
}

function tallied(results: Result[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const result of results) {
    const file = relative(process.cwd(), result.fileName);
    const tally = tallies.get(file) ?? { file, killed: 0, survivors: [] };
    if (KILLED.includes(result.status)) tally.killed += 1;
    else if (SURVIVED.includes(result.status)) tally.survivors.push(survivor(result));
    else throw new Error(`${file}: a mutant is ${result.status}: ${result.statusReason}`);
    tallies.set(file, tally);
  }
  return [...tallies.values()].sort((one, other) => one.file.localeCompare(other.file));
}

async function main(parts: string[]): Promise<boolean> {
  const begun = performance.now();
  const whole = parts.length === 0;
  const tallies = tallied(await new Stryker(options(whole ? MUTATED : parts)).runMutationTest());
  const survivors = tallies.flatMap(({ survivors }) => survivors);
  const killed = tallies.reduce((sum, tally) => sum + tally.killed, 0);
  const count = killed + survivors.length;
  const unexplained = survivors.filter((each) => explain(each) === null);
  for (const { file, line, was, becomes } of unexplained)
    say(`not explained: ${file}:${line}  ${was}  →  ${becomes}`);
  if (whole) {
    for (const { why } of unusedExplanations(survivors)) say(`explains nothing any more: ${why}`);
    writeFileSync(PAGE, pageOf(tallies));
  }
  const percent = ((100 * killed) / count).toFixed(1);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  say(`${count} mutants, ${killed} killed (${percent} %), ${survivors.length} survived, ${seconds} s`);
  return killed / count >= KILLED_MIN && unexplained.length === 0;
}

const { operands } = readCall({
  call: 'npm run mutate',
  does: `Changes machines, cursors, writer and settle commit in every small way, one at a time, asks whether a test fails, and writes ${PAGE}. With files it looks at those, and writes nothing.`,
  options: {},
  operands: {
    value: 'FILE…',
    help: 'a path, or path:from-to in lines, as src/machines/line.machine.ts:10-40',
    min: 0,
    max: Number.POSITIVE_INFINITY,
  },
  takes: 'about 7 min for all on two cores, and seconds to a few minutes for a file',
  exits: `0 at least ${KILLED_MIN * 100} % are killed and every survivor is explained; 1 otherwise`,
});
process.exitCode = (await main(operands)) ? 0 : 1;
