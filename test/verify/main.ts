// `npm run verify`: every scene, explored to its end, two at a time. The last line is what was found; a broken claim is told
// with the shortest way to it, as a sequence diagram and as a list, and ends the process with 1.
//   npm run verify                    all scenes
//   npm run verify -- --scene 3       the third
//   npm run verify -- --faults        puts in every fault that must be found; ends with 1 if one is not
//   npm run verify -- --fault "answer not idempotent"    puts in one, and tells it as a broken claim
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Explored, Violation } from './explore.ts';
import { checkFault, checkFaults } from './fault-check.ts';
import { faults } from './faults.ts';
import { scenes } from './scenes.ts';
import { list, mermaid } from './story.ts';
import type { Told } from './worker.ts';

const THREADS_MAX = 2;
/** A run that takes longer than this says how far it is. */
const QUIET_MS = 2_000;

const { values } = parseArgs({
  options: { scene: { type: 'string' }, faults: { type: 'boolean' }, fault: { type: 'string' } },
});
const wanted = scenes
  .map((_, index) => index)
  .filter((index) => values.scene === undefined || index === Number(values.scene) - 1);
if (wanted.length === 0) throw new RangeError(`--scene: 1 to ${scenes.length}`);
const began = performance.now();
const found: Explored[] = [];
const underWay = new Map<number, { states: number; depth: number }>();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const figures = ({ states, moves, depth, ends }: Explored): string =>
  `${states} states, ${moves} transitions, depth ${depth}, ${ends} end components`;

function tellProgress(): void {
  if (performance.now() - began < QUIET_MS) return;
  let states = found.reduce((sum, each) => sum + each.states, 0);
  for (const each of underWay.values()) states += each.states;
  const names = [...underWay.keys()].map((index) => scenes[index]!.name).join(' | ');
  process.stderr.write(`\r\u001b[K${states} states … ${names}`);
}

function tellScene(index: number, explored: Explored, ms: number): void {
  process.stderr.write('\r\u001b[K');
  say(`${index + 1} ${scenes[index]!.name}: ${figures(explored)}, ${(ms / 1_000).toFixed(1)} s`);
  if (explored.violation) tellViolation(explored.violation);
}

function tellViolation(violation: Violation): void {
  for (const rule of violation.rules) say(`  broken: ${rule}`);
  say(`\n${mermaid(violation.rules[0]!, violation.steps)}\n\n${list(violation.steps)}\n`);
}

function work(left: number[]): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const next = () => {
      const index = left.shift();
      if (index === undefined) void worker.terminate().then(() => resolve());
      else worker.postMessage(index);
    };
    worker.on('error', reject);
    worker.on('message', (told: Told) => {
      if (told.kind === 'progress') underWay.set(told.scene, told);
      else {
        underWay.delete(told.scene);
        found.push(told.explored);
        tellScene(told.scene, told.explored, told.ms);
        next();
      }
      tellProgress();
    });
    next();
  });
}

async function exploreAll(): Promise<void> {
  const left = [...wanted];
  const threads = Math.min(THREADS_MAX, availableParallelism(), wanted.length);
  await Promise.all(Array.from({ length: threads }, () => work(left)));
  process.stderr.write('\r\u001b[K');
  const total = (of: (explored: Explored) => number): number =>
    found.reduce((sum, explored) => sum + of(explored), 0);
  const violations = total(({ violation }) => violation?.rules.length ?? 0);
  const depth = Math.max(...found.map((explored) => explored.depth));
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  say(
    `${total(({ states }) => states)} states, ${total(({ moves }) => moves)} transitions, depth ${depth}, ${violations} violations, ${seconds} s`,
  );
  process.exitCode = violations > 0 ? 1 : 0;
}

if (values.faults) process.exitCode = checkFaults(say) ? 0 : 1;
else if (values.fault !== undefined) {
  const fault = faults.find(({ name }) => name === values.fault);
  if (!fault) throw new RangeError(`--fault: one of ${faults.map(({ name }) => name).join(', ')}`);
  const { violation } = checkFault(fault);
  if (violation) tellViolation(violation);
  process.exitCode = violation ? 1 : 0;
} else await exploreAll();
