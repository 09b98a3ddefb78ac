// `npm run verify`: every scene, explored to its end, two at a time. The last line is what was found; a broken claim is told
// with the shortest way to it, as a sequence diagram and as a list, and ends the process with 1.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { readCall, refuse } from '../support/command.ts';
import type { Explored, Violation } from './explore.ts';
import { checkFault, checkFaults } from './fault-check.ts';
import { faults } from './faults.ts';
import { scenes } from './scenes.ts';
import { list, mermaid } from './story.ts';
import type { Told } from './worker.ts';

const THREADS_MAX = 2;
/** A run that takes longer than this says how far it is, on a terminal. */
const QUIET_MS = 2_000;

const call = 'npm run verify';
const { options } = readCall({
  call,
  does: `Explores what the machines do together, in every order, and checks each state: ${scenes.length} scenes, all of them without options. A broken claim is told with the shortest way to it.`,
  options: {
    scene: { kind: 'whole', value: 'N', help: `one scene alone, 1 to ${scenes.length}` },
    faults: { kind: 'switch', help: 'put in every fault that must be found, one after the other' },
    fault: { kind: 'text', value: 'NAME', help: 'put in this one, and tell it as a broken claim' },
  },
  takes: 'about a minute on two quiet cores, and a few seconds with --faults',
  exits: '0 no claim is broken, or with --faults every fault is found; 1 otherwise',
});
const wanted = scenes
  .map((_, index) => index)
  .filter((index) => options.scene === undefined || index === options.scene - 1);
if (wanted.length === 0) refuse(call, `--scene is 1 to ${scenes.length}.`);
const began = performance.now();
const found: Explored[] = [];
const underWay = new Map<number, { states: number; depth: number }>();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const figures = ({ states, moves, depth, ends }: Explored): string =>
  `${states} states, ${moves} transitions, depth ${depth}, ${ends} end components`;

/** Only on a terminal; a file has the scenes' own lines. */
function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

function tellProgress(): void {
  if (!process.stderr.isTTY || performance.now() - began < QUIET_MS) return;
  let states = found.reduce((sum, each) => sum + each.states, 0);
  for (const each of underWay.values()) states += each.states;
  const names = [...underWay.keys()].map((index) => scenes[index]!.name).join(' | ');
  process.stderr.write(`\r\u001b[K${states} states … ${names}`);
}

function tellScene(index: number, explored: Explored, ms: number): void {
  clearProgress();
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
  clearProgress();
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

if (options.faults) process.exitCode = checkFaults(say) ? 0 : 1;
else if (options.fault !== undefined) {
  const fault = faults.find(({ name }) => name === options.fault);
  if (!fault) refuse(call, `--fault is one of ${faults.map(({ name }) => name).join(', ')}.`);
  const { violation } = checkFault(fault);
  if (violation) tellViolation(violation);
  process.exitCode = violation ? 1 : 0;
} else await exploreAll();
