// One seed, from birth to verdict: it goes on with faults, then without, until all is quiet; then everybody leaves, and what is
// left behind is counted.
import { PASSIVATE_AFTER_MS } from '../../src/machines/bounds.ts';
import { befall, calm } from './befall.ts';
import type { DiskSins } from './disk.ts';
import { boardAgainstLog, leftBehind, type Unmet, unquiet } from './end-check.ts';
import { drawSwarm, type Focus, focused } from './swarm.ts';
import { release, trap } from './traps.ts';
import { createWorld, type Trace, type Violation, type World } from './world.ts';

export interface Verdict {
  seed: number;
  violations: Violation[];
  steps: number;
  /** ms of the world */
  simulated_ms: number;
  commits: number;
  records: number;
  bytes: number;
  crashes: number;
  requests: number;
  streams: number;
  /** of everything that happened, in order */
  digest: number;
}

export interface RunSettings {
  seed: number;
  sins?: DiskSins;
  focus?: Focus;
  trace?: Trace;
}

/** Longer than any bound that a machine may wait for, the storage watch and a silent agent's end included. */
const QUIET_WITHIN_MS = 900_000;
/** How often it is looked whether all is quiet. */
const LOOK_EVERY_MS = 700;
/** How long what can rest may take to do so, after its time. */
const REST_LOOKS = 6;
const REST_EVERY_MS = 5_000;

export async function runSeed({ seed, sins = {}, focus = {}, trace }: RunSettings): Promise<Verdict> {
  const world = createWorld(seed, focused(drawSwarm(seed), focus), sins, trace ?? null);
  trap({
    scheduler: world.scheduler,
    pageOf: (node) => world.browser.pageOf(node),
    leaked: (what) =>
      world.violations.push({ rule: 'leak', what: `${what} ${new Error().stack}`, at: 0, step: 0 }),
    forgotten: (bug) => report(world, [['bug', `nobody minds ${String(bug)}`]]),
  });
  try {
    await live(world);
  } finally {
    release();
  }
  const { scheduler, truth } = world;
  return {
    seed,
    violations: world.violations,
    steps: scheduler.steps,
    simulated_ms: Math.round(scheduler.now),
    commits: truth.commits,
    records: truth.records,
    bytes: world.bytes,
    crashes: world.crashes,
    requests: world.persons.requests,
    streams: truth.streams.size,
    digest: world.digest,
  };
}

/** Runs until then, or until something is violated. */
async function until(world: World, at: number): Promise<boolean> {
  const { scheduler, violations } = world;
  while (violations.length === 0 && (await scheduler.step(at))) world.browser.check();
  return violations.length === 0;
}

async function live(world: World): Promise<void> {
  const { swarm, scheduler } = world;
  befall(world);
  if (!(await until(world, swarm.active_ms))) return;
  world.trace('calm');
  calm(world);
  if (!(await quiet(world))) return;
  world.trace('quiet');
  const unmet = boardAgainstLog(world);
  if (unmet.length === 0) {
    leave(world);
    if (!(await until(world, scheduler.now + PASSIVATE_AFTER_MS))) return;
    for (let looks = 0; looks < REST_LOOKS && leftBehind(world).length > 0; looks += 1)
      if (!(await until(world, scheduler.now + REST_EVERY_MS))) return;
    unmet.push(...leftBehind(world));
  }
  report(world, unmet);
}

function report(world: World, unmet: Unmet[]): void {
  const { scheduler } = world;
  for (const [rule, what] of unmet.slice(0, 8))
    world.violations.push({ rule, what, at: scheduler.now, step: scheduler.steps });
}

/** Goes on until all is quiet. False: something is violated, or it is not quiet in time. */
async function quiet(world: World): Promise<boolean> {
  const { scheduler, persons } = world;
  const bound = scheduler.now + QUIET_WITHIN_MS;
  let looks = 0;
  let unmet: Unmet[] = [];
  while (scheduler.now < bound) {
    if (!(await until(world, scheduler.now + LOOK_EVERY_MS * (looks < 12 ? 1 : 10)))) return false;
    looks += 1;
    unmet = unquiet(world);
    if (unmet.length === 0) return true;
    // What is asked by then is answered by somebody.
    if (looks % 4 === 0) persons.answerAll();
  }
  report(world, unmet);
  return false;
}

function leave(world: World): void {
  for (const reader of world.readers) reader.leave();
  world.browser.leave();
}
