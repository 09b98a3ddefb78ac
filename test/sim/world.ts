// One simulated world: a server that lives and dies, clients, people, agents, a disk, a network, and everything that goes wrong
// with them, drawn from one seed. It knows the rules only as `truth.ts` and `end-check.ts` say them.
import { crc32 } from 'node:zlib';
import type { Operation } from '../../src/journal/operations.ts';
import { DamagedRecord } from '../../src/journal/port.ts';
import type { Log } from '../../src/protocol/index.ts';
import { type Agents, createAgents } from './agents.ts';
import { DiskError } from './asking.ts';
import { type Browser, createBrowser } from './browser.ts';
import { type Chance, createChance } from './chance.ts';
import { createScheduler, type Scheduler, type SimNode } from './clock.ts';
import { createDisk, type Disk, type DiskSins } from './disk.ts';
import { createNetwork, type Network } from './network.ts';
import { createPersons, type Persons } from './persons.ts';
import { createProcess, type Process } from './process.ts';
import { createReader, type Feed, type SimReader } from './readers.ts';
import { createRetries } from './retries.ts';
import type { Swarm } from './swarm.ts';
import { drain } from './traps.ts';
import { createTruth, type Truth } from './truth.ts';

export interface Violation {
  rule: string;
  what: string;
  /** ms of the world */
  at: number;
  step: number;
}

export interface World {
  readonly seed: number;
  readonly swarm: Swarm;
  readonly scheduler: Scheduler;
  readonly truth: Truth;
  readonly disk: Disk;
  readonly network: Network;
  readonly agents: Agents;
  readonly persons: Persons;
  readonly browser: Browser;
  readonly readers: SimReader[];
  readonly chance: Chance;
  readonly violations: Violation[];
  process(): Process | null;
  boot(): void;
  crash(): void;
  /** SIGTERM, and a new process when it has ended. */
  restart(): void;
  addReader(): void;
  trace(what: string, more?: object): void;
  readonly bytes: number;
  /** of all that was committed, in order and with its time */
  readonly digest: number;
  readonly crashes: number;
}

export type Trace = (line: { at: number; step: number; node: string; what: string; more?: object }) => void;

const BOOT_AGAIN_MS = 500;
/** Errors that a log may say when the disk, or a record of it, is broken. */
const EXPECTED =
  /damaged|could not be read|could not be taken|sweep|held|could not be recovered|begins empty/;

export function createWorld(seed: number, swarm: Swarm, sins: DiskSins, trace: Trace | null): World {
  const chance = createChance(seed ^ 0x5bd1e995);
  const violations: Violation[] = [];
  const violate = (rule: string, what: string): void => {
    if (violations.length < 8) violations.push({ rule, what, at: scheduler.now, step: scheduler.steps });
  };
  const scheduler = createScheduler(chance.fork(), drain, (bug) =>
    violate('bug', bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)),
  );
  const say = (what: string, more?: object) =>
    trace?.({
      at: scheduler.now,
      step: scheduler.steps,
      node: scheduler.current?.name ?? '-',
      what,
      ...(more && { more }),
    });
  const truth = createTruth(violate, swarm.jumps === 0);
  const told: Truth = {
    ...truth,
    get commits() {
      return truth.commits;
    },
    get records() {
      return truth.records;
    },
    committed(operations, answers, records) {
      if (trace)
        say('commit', {
          operations: operations.map(({ name }) => name),
          records: records.map(({ pos, event, json }) => ({ pos, event, json: json.slice(0, 300) })),
        });
      for (const { pos, json } of records) digest = crc32(`${scheduler.steps} ${pos} ${json}`, digest);
      truth.committed(operations, answers, records);
      // P5: a run has a new owner; what its dead one still had on its way comes now, before the run is brought to its end.
      if (late.length > 0 && operations.some(({ name }) => name === 'take_over'))
        scheduler.at(chaos, chance.between(0, 2), comeLate);
    },
  };
  const retries = createRetries(scheduler, violate);
  const disk = createDisk({ scheduler, chance: chance.fork(), truth: told, sins, retries });
  const chaos = scheduler.node('chaos');
  let process: Process | null = null;
  let late: Operation[] = [];
  let bytes = 0;
  let digest = 0;
  let crashes = 0;
  let boots = 0;
  const network = createNetwork({
    scheduler,
    chance: chance.fork(),
    server: () => process,
    trace: say,
    violate,
    passed: (size) => {
      bytes += size;
      digest = crc32(`${scheduler.steps} ${size}`, digest);
    },
  });
  const agents = createAgents({
    scheduler,
    chance: chance.fork(),
    habits: swarm.habits,
    called({ stream_id }, node) {
      const stream = truth.streams.get(stream_id);
      if (!stream) return violate('P2', `an agent was called for ${stream_id}, that is not in the log`);
      stream.calls += 1;
      if (!stream.started)
        violate('P12', `ST11: the agent of ${stream_id} was called before its start was durable`);
      if (stream.calls > 1) violate('P12', `the agent of ${stream_id} was called ${stream.calls} times`);
      if (stream.terminal !== null)
        violate('Q4', `the agent of ${stream_id} was called after its run had ended`);
      say('agent', { stream_id, on: node.name });
    },
  });
  const clients = scheduler.node('clients');
  const persons = createPersons({
    scheduler,
    chance: chance.fork(),
    network,
    truth,
    violate,
    node: clients,
    deletes: swarm.deletes,
    readsFail: swarm.ioErrors > 0 || swarm.outages > 0,
  });
  const browser = createBrowser({
    scheduler,
    chance: chance.fork(),
    network,
    truth,
    violate,
    trace: say,
  });
  const readers: SimReader[] = [];
  const readersChance = chance.fork();

  const at =
    (level: string) =>
    (fields: object, text: string): void => {
      if (trace) say(`log ${level}`, { text, ...said(fields) });
      // A damaged record that can't be noted, as the disk fails, is met again by whoever asks next.
      const { err } = fields as { err?: unknown };
      const isDisk = err instanceof DamagedRecord || err instanceof DiskError;
      if (level === 'error' && !isDisk && !EXPECTED.test(text))
        violate('bug', `${text}: ${JSON.stringify(said(fields))}`);
    };
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };

  function boot(): void {
    // A log that can't be opened ends its process; it is begun again, by whoever watches over it.
    if (disk.weather.isFailing) return void scheduler.at(chaos, BOOT_AGAIN_MS, boot);
    boots += 1;
    const node = scheduler.node(`server.${boots}`);
    scheduler.at(node, 0, () => {
      process = createProcess({
        scheduler,
        chance: chance.fork(),
        node,
        journal: disk.open(node),
        catalog: agents.catalog(node),
        log,
        retry_lifetime_ms: swarm.lifetime_ms,
      });
      say('boot');
    });
  }

  function die(node: SimNode): void {
    scheduler.kill(node);
    process = null;
    network.dropAll(node);
  }

  const world: World = {
    seed,
    swarm,
    scheduler,
    truth,
    disk,
    network,
    agents,
    persons,
    browser,
    readers,
    chance,
    violations,
    process: () => process,
    boot,
    crash() {
      if (!process) return;
      crashes += 1;
      if (swarm.zombie) late = disk.underWay();
      say('crash', { under_way: disk.underWay().map(({ name }) => name) });
      die(process.node);
      const down_ms = chance.is(0.2) ? chance.between(3_000, 8_000) : chance.between(5, 1_500);
      scheduler.at(chaos, down_ms, boot);
    },
    restart() {
      const ending = process;
      if (!ending?.isReady) return;
      say('end');
      scheduler.at(ending.node, 0, () => {
        void ending.end().then(() =>
          scheduler.at(chaos, 0, () => {
            if (process !== ending) return;
            die(ending.node);
            scheduler.at(chaos, chance.between(5, 800), boot);
          }),
        );
      });
    },
    addReader() {
      const session = readersChance.pick([...truth.sessions.values()].filter(({ isDeleted }) => !isDeleted));
      if (!session) return;
      const streams = [...truth.streams.values()].filter((one) => one.session_id === session.session_id);
      const feeds: Feed[] = ['session', 'session', 'stream', 'stream', 'clarify', 'approval', 'board'];
      const drawn = readersChance.pick(feeds);
      const stream = streams.length > 0 ? readersChance.pick(streams.slice(-2)) : null;
      const feed = drawn === 'stream' && !stream ? 'session' : drawn;
      const id = feed === 'board' ? '' : feed === 'stream' ? stream!.stream_id : session.session_id;
      const name = `reader ${readers.length + 1} (${feed} ${id.slice(0, 6)})`;
      const ports = { scheduler, chance: readersChance, network, truth, violate, node: clients };
      const reader = createReader({ name, feed, owner: session.owner, id }, ports);
      readers.push(reader);
      scheduler.at(clients, 0, reader.attach);
    },
    trace: say,
    get bytes() {
      return bytes;
    },
    get digest() {
      return digest;
    },
    get crashes() {
      return crashes;
    },
  };

  function comeLate(): void {
    const isLate = ({ name, input }: Operation): boolean =>
      (name === 'append' || name === 'terminal' || name === 'settle') &&
      (truth.streams.get(input.stream_id)?.epoch ?? 0) > input.epoch;
    const operations = late.filter(isLate);
    late = late.filter((operation) => !isLate(operation));
    if (operations.length === 0) return;
    say('late write', { operations: operations.map(({ name }) => name) });
    disk.lateWrite(operations);
  }
  return world;
}

/** What a log line says, without what is not the same everywhere. */
function said(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? `${value.name}: ${value.message} ${where(value)}` : value,
    ]),
  );
}

const where = (bug: Error): string =>
  (bug.stack ?? '')
    .split('\n')
    .filter((line) => line.includes('/src/'))
    .map((line) => line.replace(/^.*\/src\//, 'src/').replace(/\)$/, ''))
    .slice(0, 5)
    .join(' < ');
