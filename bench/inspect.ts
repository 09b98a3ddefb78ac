// What the inspector costs, in CPU time, paired in one run.
//
// 1. Actors alone, without log and sockets: made and told 5,000 events a round, in the way of a source that has no inspector at
//    all, with it off, and with it on. Rounds take turns, each of the three first as often as the others.
// 2. Two whole servers side by side, one with --inspect and somebody who follows it: 50 sessions with a run each, which are 200
//    actors, at 50 tokens a second, which are 5,000 events a second.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyStateMachine, createActor } from 'xstate';
import { createInspector } from '../src/inspect/inspection.ts';
import type { Observer } from '../src/machines/observer.ts';
import { sessionMachine } from '../src/machines/session.machine.ts';
import { streamMachine } from '../src/machines/stream.machine.ts';
import { systemClock } from '../src/server.ts';
import { prepareActor } from '../src/sessions/root-actor.ts';
import { createClient } from '../test/support/client.ts';
import { readCall } from '../test/support/command.ts';
import { spawnServer } from '../test/support/server.ts';

const { options } = readCall({
  call: 'node bench/inspect.ts',
  does: 'Measures what the inspector costs, in CPU time, paired in one run: actors alone, then two whole servers.',
  options: {
    seconds: { kind: 'whole', value: 'N', fallback: 10, help: 'how long the two servers run, in s' },
  },
  takes: 'about a minute',
  exits: '0 it was measured; 1 it could not be',
});
const SECONDS = options.seconds;
const SESSIONS = 50;
const TOKENS_A_SECOND = 50;
const ROUNDS = 120;
const EVENTS = 5_000;
/** One machine of each is made anew after so many events, so that births and ends are in it. */
const EVENTS_OF_A_LIFE = 100;

const print = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

type Make = (
  machine: AnyStateMachine,
  input: object,
  id: string,
) => { send(event: object): void; start(): void; stop(): void };

/** As it is in a source without an inspector: what prepareActor does, without the line that asks for one. */
const without: Make = (machine, input, id) => {
  const actor = createActor(machine, { id, clock: systemClock, input } as never);
  actor.subscribe({ error: () => {} });
  return actor as never;
};
const prepared =
  (inspect: Observer | undefined): Make =>
  (machine, input, id) =>
    prepareActor(machine, {
      id,
      clock: systemClock,
      input: input as never,
      inspect,
      onBug: () => {},
    }) as never;

function round(make: Make): number {
  const from = cpuMs();
  let told = 0;
  for (let life = 0; told < EVENTS; life++) {
    const at = life;
    const session = make(
      sessionMachine,
      {
        session_id: `s_${life}`,
        head: 0,
        active_stream_id: `st_${life}`,
        queue_length: 0,
        queue_paused: false,
        at,
      },
      `session:${life}`,
    );
    const stream = make(
      streamMachine,
      { stream_id: `st_${life}`, session_id: `s_${life}`, epoch: 1, starts: 1, head: 0, terminal: null, at },
      `stream:${life}`,
    );
    session.start();
    stream.start();
    stream.send({ type: 'start', at });
    stream.send({ type: 'stream.started', head: 1, at });
    for (let head = 2; head <= EVENTS_OF_A_LIFE / 2; head++) {
      stream.send({ type: 'frames.committed', head, at });
      session.send({ type: 'records.committed', head, at });
    }
    stream.stop();
    session.stop();
    told += EVENTS_OF_A_LIFE;
  }
  return cpuMs() - from;
}

/** Of `one` over `other`, round by round: the middle, and where the middle of it lies in nineteen of twenty samples drawn anew. */
function ratio(one: number[], other: number[]): { middle: number; low: number; high: number } {
  const ratios = one.map((ms, at) => ms / other[at]!);
  const drawn = Array.from({ length: 2_000 }, () =>
    median(ratios.map(() => ratios[Math.floor(Math.random() * ratios.length)]!)),
  ).toSorted((a, b) => a - b);
  return { middle: median(ratios), low: drawn[50]!, high: drawn[1_949]! };
}
const shown = ({ middle, low, high }: ReturnType<typeof ratio>) =>
  `× ${middle.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

function actorsAlone(): void {
  const inspector = createInspector({ boot: 'b_bench', clock: systemClock });
  const ways = { without, off: prepared(undefined), on: prepared(inspector.observer) };
  const names = Object.keys(ways) as (keyof typeof ways)[];
  const times: Record<string, number[]> = { without: [], off: [], on: [] };
  for (let n = -9; n < ROUNDS; n++)
    for (let k = 0; k < names.length; k++) {
      const name = names[(Math.abs(n) + k) % names.length]!;
      const ms = round(ways[name]);
      if (n >= 0) times[name]!.push(ms);
    }
  inspector.close();
  const each = (name: string) => `${((median(times[name]!) / EVENTS) * 1000).toFixed(2)} µs`;
  print(
    `actors alone, ${ROUNDS} rounds of ${EVENTS} events: without ${each('without')}, off ${each('off')}, on ${each('on')} an event`,
  );
  print(`  off over without: ${shown(ratio(times.off!, times.without!))}`);
  print(`  on over off:      ${shown(ratio(times.on!, times.off!))}`);
}

async function wholeServer(args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const { url, child, ended } = await spawnServer(folder, args);
  const client = createClient(url);
  const cpuSeconds = async () =>
    Number(/^weir_process_cpu_seconds_total (\S+)/m.exec((await client.get('/metrics')).body)?.[1]);
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => client.session()));
  return {
    client,
    cpuSeconds,
    start: () =>
      Promise.all(sessions.map((id) => client.start(id, `tokens=1000000 rate=${TOKENS_A_SECOND}`))),
    async close() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Number of the newest entry that came. */
const newest = (events: { id: string | undefined }[]) => Number(events.at(-1)?.id?.split(':')[1] ?? 0);

async function wholeServers(): Promise<void> {
  const [off, on] = await Promise.all([wholeServer([]), wholeServer(['--inspect'])]);
  const reader = await on.client.read('/inspect/events');
  await Promise.all([off.start(), on.start()]);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1_000));
  await pause();
  const ratios: number[] = [];
  let before = [await off.cpuSeconds(), await on.cpuSeconds()] as const;
  const first = newest(reader.events);
  const from = performance.now();
  for (let second = 0; second < SECONDS; second++) {
    await pause();
    const now = [await off.cpuSeconds(), await on.cpuSeconds()] as const;
    ratios.push((now[1] - before[1]) / (now[0] - before[0]));
    before = now;
    // What was read is not kept: the bench is no reader that remembers.
    reader.events.splice(0, reader.events.length - 1);
  }
  const seconds = (performance.now() - from) / 1000;
  // An event and its step are two entries.
  const events = (newest(reader.events) - first) / 2 / seconds;
  print(`two servers, ${SECONDS} s, ${SESSIONS * 4} actors, ${Math.round(events)} events/s told and read`);
  print(
    `  on over off:      ${shown(
      ratio(
        ratios,
        ratios.map(() => 1),
      ),
    )}`,
  );
  reader.close();
  await Promise.all([off.close(), on.close()]);
}

actorsAlone();
await wholeServers();
