// npm run sim: worlds with a seed, on all cores; one of them with its trace; and that the checker can fail.
import { readFileSync, writeFileSync } from 'node:fs';
import { readCall, refuse } from '../support/command.ts';
import { FAULTS } from './faults.ts';
import { runPool } from './pool.ts';
import type { Verdict } from './run.ts';
import type { Task } from './worker.ts';

// A world's day begins where its time zone says; all worlds are in one.
process.env.TZ = 'UTC';

const SEEDS = 1_000;
/** What the first of them come to, on every machine. */
const KEPT = new URL('kept.txt', import.meta.url);
const SEEDS_KEPT = 80;
/** Within so many seeds every fault is to be found. */
const FAULT_SEEDS_MAX = 10_000;
const SHOWN_MAX = 10;
/** Seeds that a thread is handed at once. */
const SEEDS_AT_ONCE = 20;
const LINE_MAX = 200;
const NOTE_EVERY_S = 15;
const SUMMED = ['steps', 'commits', 'records', 'streams', 'requests', 'crashes', 'bytes'] as const;

function out(text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  process.stdout.write(`${text}\n`);
}

const BAR = 24;
const bar = (share: number): string => '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');

/** What is known so far: always there on a terminal, once in a while in a file. */
let noted = 0;
function note(share: number, text: string, begun: bigint): void {
  const seconds = secondsSince(begun);
  if (process.stderr.isTTY) process.stderr.write(`\r${bar(share)} ${text}, ${seconds.toFixed(0)} s\x1b[K`);
  else if (seconds >= noted + NOTE_EVERY_S) process.stderr.write(`${text}, ${seconds.toFixed(0)} s\n`);
  else return;
  noted = seconds;
}
const secondsSince = (begun: bigint): number => Number(process.hrtime.bigint() - begun) / 1e9;

const sentence = ({ seed, violations: [first] }: Verdict): string =>
  `seed ${seed}: ${first?.rule} ${first?.what.split('\n')[0]?.slice(0, LINE_MAX)} (at ${first?.at.toFixed(0)} ms, step ${first?.step})`;

async function runSeeds(from: number, count: number, keep: boolean): Promise<boolean> {
  const begun = process.hrtime.bigint();
  const sums = { seeds: 0, steps: 0, commits: 0, records: 0, streams: 0, requests: 0, crashes: 0, bytes: 0 };
  let simulated_ms = 0;
  let digest = 0;
  const bad: Verdict[] = [];
  let next = from;
  const nextTask = (): Task | null => {
    if (bad.length >= SHOWN_MAX || next >= from + count) return null;
    const task = {
      fault: null,
      from: next,
      count: Math.min(SEEDS_AT_ONCE, from + count - next),
      isHunt: false,
      isFocused: false,
    };
    next += task.count;
    return task;
  };
  await runPool(nextTask, (verdict) => {
    sums.seeds += 1;
    for (const name of SUMMED) sums[name] += verdict[name];
    simulated_ms += verdict.simulated_ms;
    // The same in whatever order the threads answer.
    digest = (digest + Math.imul(verdict.digest ^ verdict.seed, 0x9e3779b1)) >>> 0;
    if (verdict.violations.length > 0) bad.push(verdict);
    note(sums.seeds / count, `${sums.seeds}/${count} seeds, ${bad.length} violations`, begun);
  });
  for (const verdict of bad.slice(0, SHOWN_MAX))
    out(`${sentence(verdict)}\n  again: npm run sim -- --seed ${verdict.seed} --trace`);
  const figures = Object.entries(sums).map(([name, value]) => `${value} ${name}`);
  figures.push(`${(simulated_ms / 3_600_000).toFixed(1)} h simulated`, `${bad.length} violations`);
  figures.push(`digest ${digest.toString(16).padStart(8, '0')}`);
  if (keep) writeFileSync(KEPT, `${figures.join(', ')}\n`);
  out([...figures, `${secondsSince(begun).toFixed(1)} s`].join(', '));
  return bad.length === 0;
}

/** What came of one fault so far. */
interface Hunt {
  begun: bigint;
  seeds: number;
  seconds: number;
  found: Verdict | null;
}

const huntLine = (name: string, { seeds, seconds, found }: Hunt): string =>
  `${name} · ${found ? 'found' : 'NOT FOUND'} in ${seeds} seeds, ${seconds.toFixed(1)} s${found ? ` · ${sentence(found)}` : ''}`;

async function huntFaults(only: string | undefined, most: number, isFocused: boolean): Promise<boolean> {
  const wanted = FAULTS.map((_, index) => index).filter((index) => FAULTS[index]?.name.includes(only ?? ''));
  if (wanted.length === 0)
    refuse(call, `There is no fault ‘${only}’: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  const begun = process.hrtime.bigint();
  const hunts = new Map<number, Hunt>();
  let at = 0;
  let seeds = 0;
  const nextTask = (): Task | null => {
    const fault = wanted[at++];
    if (fault === undefined) return null;
    hunts.set(fault, { begun: process.hrtime.bigint(), seeds: 0, seconds: 0, found: null });
    return { fault, from: 1, count: most, isHunt: true, isFocused };
  };
  const count = () => [...hunts.values()].filter(({ found }) => found !== null).length;
  await runPool(nextTask, (verdict, { fault }) => {
    const hunt = hunts.get(fault ?? -1);
    if (!hunt || fault === null) return;
    seeds += 1;
    hunt.seeds += 1;
    hunt.seconds = secondsSince(hunt.begun);
    if (verdict.violations.length > 0) hunt.found = verdict;
    if (hunt.found || hunt.seeds === most) out(huntLine(FAULTS[fault]!.name, hunt));
    note(count() / wanted.length, `${count()}/${wanted.length} faults, ${seeds} seeds`, begun);
  });
  out(`${count()} of ${wanted.length} faults found, ${seeds} seeds, ${secondsSince(begun).toFixed(1)} s`);
  return count() === wanted.length;
}

/** The whole trace of one seed, a line each. */
async function traceOf(seed: number): Promise<{ lines: string[]; verdict: Verdict }> {
  const { runSeed } = await import('./run.ts');
  const lines = [JSON.stringify({ sim: 1, seed })];
  const verdict = await runSeed({ seed, trace: (line) => void lines.push(JSON.stringify(line)) });
  lines.push(JSON.stringify(verdict));
  return { lines, verdict };
}

async function showSeed(seed: number, isTraced: boolean, file: string): Promise<boolean> {
  const { lines, verdict } = await traceOf(seed);
  if (isTraced) {
    for (const line of lines) out(line);
    writeFileSync(file, `${lines.join('\n')}\n`);
    process.stderr.write(`recorded in ${file}; again: npm run sim -- --replay ${file}\n`);
  } else out(JSON.stringify(verdict));
  if (verdict.violations.length > 0) process.stderr.write(`${sentence(verdict)}\n`);
  return verdict.violations.length === 0;
}

function recordingOf(file: string): { recorded: string[]; seed: number } {
  try {
    const recorded = readFileSync(file, 'utf8').trimEnd().split('\n');
    const { seed } = JSON.parse(recorded[0]!);
    if (Number.isSafeInteger(seed)) return { recorded, seed };
  } catch (failure) {
    refuse(call, `${file} can’t be read: ${(failure as Error).message}.`);
  }
  refuse(call, `${file} is no recording of --trace.`);
}

async function replay(file: string): Promise<boolean> {
  const { recorded, seed } = recordingOf(file);
  const { lines } = await traceOf(seed);
  const at = recorded.findIndex((line, index) => line !== lines[index]);
  const isSame = at < 0 && recorded.length === lines.length;
  out(isSame ? `${lines.length} lines, byte for byte the same` : `line ${at + 1} is another:\n${lines[at]}`);
  return isSame;
}

const call = 'npm run sim';
const { options } = readCall({
  call,
  does: 'Runs the server’s core, an in-memory log, a network, tabs and agents under one simulated clock; each seed draws its own faults. Without options: a thousand seeds.',
  options: {
    seeds: {
      kind: 'whole',
      value: 'N',
      help: `how many seeds (default ${SEEDS}; with --faults, at most ${FAULT_SEEDS_MAX} for each)`,
    },
    from: { kind: 'whole', value: 'N', fallback: 1, help: 'the first of them' },
    seed: { kind: 'whole', value: 'N', help: 'this seed alone' },
    trace: { kind: 'switch', help: 'of --seed: print everything that happens, and record it' },
    file: { kind: 'text', value: 'FILE', help: 'of --trace: where to (default sim-SEED.jsonl)' },
    keep: {
      kind: 'switch',
      help: `write down what the first ${SEEDS_KEPT} seeds come to, for other machines to compare`,
    },
    replay: { kind: 'text', value: 'FILE', help: 'run a recording again; is it the same, byte for byte?' },
    faults: { kind: 'switch', help: 'put each fault into the source, and look for a seed that finds it' },
    fault: { kind: 'text', value: 'NAME', help: 'as --faults, for the faults that have NAME in their name' },
    focus: { kind: 'switch', help: 'of --faults: only in worlds in which the fault shows soon' },
  },
  takes: 'about 6 s for 1000 seeds on two quiet cores, and about a minute and a half with --faults',
  exits: '0 nothing is violated, every fault is found, the recording is the same; 1 otherwise',
});

async function main(): Promise<boolean> {
  const { seeds, seed, from, trace, focus } = options;
  if (options.replay !== undefined) return replay(options.replay);
  if (options.faults || options.fault !== undefined)
    return huntFaults(options.fault, seeds ?? FAULT_SEEDS_MAX, focus);
  if (seed !== undefined) return showSeed(seed, trace, options.file ?? `sim-${seed}.jsonl`);
  if (options.keep) return runSeeds(1, SEEDS_KEPT, true);
  return runSeeds(from, seeds ?? SEEDS, false);
}

process.exitCode = (await main()) ? 0 : 1;
