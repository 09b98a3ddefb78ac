// What happens to a world from outside, each at its own moment: people and readers come, the process dies, the disk fails, the
// network cuts; and how all of that stops. How often, the swarm says.
import { JUMP_MS } from './clock.ts';
import { createTimes, type Times } from './times.ts';
import type { World } from './world.ts';

/** Sessions are there by then. */
const PEOPLE_AFTER_MS = 60;
const READERS_AFTER_MS = 80;
/** How long a write takes at most while the disk is slow: longer than a wait for an answer, too. */
const SLOW_MS = [300, 1_500, 45_000];
const SLOW_FOR_MS = 3_000;
const FULL_FOR_MS = 6_000;
const OUTAGE_FOR_MS = 40_000;
const STALL_FOR_MS = 30_000;
const PAUSE_FOR_MS = 5_000;
/** Share of crashes that come at any moment; the others come with a write. */
const ANY_MOMENT = 0.3;
/** Readers that take nothing, where agents flood. */
const FLOODED_STALLS = 3;

export function befall(world: World): void {
  const times = createTimes(world);
  Object.assign(world.network.weather, world.swarm.network);
  world.boot();
  visit(world, times);
  kill(world, times);
  spoil(world, times);
  world.browser.schedule(world.swarm.tabs, times.times);
}

function visit(world: World, { times, during, soon }: Times): void {
  const { swarm, chance, persons, readers } = world;
  for (let at = 0; at < swarm.sessions; at += 1)
    soon(() => persons.create(at < swarm.owners ? `owner${at}` : 'owner0'));
  times(swarm.acts, persons.act, PEOPLE_AFTER_MS);
  times(swarm.readers, world.addReader, READERS_AFTER_MS);
  const any = () => (readers.length > 0 ? chance.pick(readers) : null);
  const stalls = swarm.stalls + (swarm.habits.floods > 0 ? FLOODED_STALLS : 0);
  // Who is flooded and takes nothing is behind.
  times(stalls, () => {
    const reader = any();
    during(STALL_FOR_MS, (isOn) => reader?.stall(isOn))();
  });
  times(swarm.stalls, () => any()?.cut());
}

function kill(world: World, { times, during, now }: Times): void {
  const { swarm, chance, disk, scheduler } = world;
  times(swarm.crashes, () => {
    if (chance.is(ANY_MOMENT)) world.crash();
    else {
      const when = chance.pick(['leaves', 'torn', 'durable'] as const);
      disk.weather.atWrite = { when, act: () => now(world.crash) };
    }
  });
  times(swarm.ends, world.restart);
  times(swarm.pauses, () => {
    const node = world.process()?.node;
    if (node) during(PAUSE_FOR_MS, (isOn) => (isOn ? scheduler.pause(node) : scheduler.resume(node)))();
  });
  times(swarm.jumps, () => {
    const node = world.process()?.node;
    if (node) node.offset_ms += chance.pick([-JUMP_MS, JUMP_MS]);
  });
}

function spoil({ swarm, chance, disk }: World, { times, during }: Times): void {
  const { weather } = disk;
  weather.failing = swarm.ioErrors;
  weather.read_ms = swarm.read_ms;
  const spell = (most_ms: number, begin: () => void) =>
    during(most_ms, (isOn) => (isOn ? begin() : disk.clear()));
  times(
    swarm.slowDisk,
    spell(SLOW_FOR_MS, () => {
      weather.slow_ms = chance.pick(SLOW_MS);
    }),
  );
  times(
    swarm.fullDisk,
    spell(FULL_FOR_MS, () => {
      weather.isFull = true;
    }),
  );
  times(
    swarm.outages,
    spell(OUTAGE_FOR_MS, () => {
      weather.isFailing = true;
    }),
  );
  times(swarm.flips, disk.flip);
}

/** The faults stop. */
export function calm(world: World): void {
  const { network, disk, readers, persons, swarm } = world;
  Object.assign(network.weather, { latency_ms: 5, lost: 0, doubled: 0, cut: 0, split: 0 });
  disk.weather.failing = 0;
  Object.assign(swarm.habits, { stalls: 0, dies: 0, asks: 0, floods: 0, pause_ms: 50, isHurried: true });
  disk.clear();
  for (const reader of readers) reader.stall(false);
  world.browser.calm();
  persons.answerAll();
}
