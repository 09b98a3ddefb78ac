// What the campaigns of faults share: servers in reach, readers that come back as a browser's do, runs, and times.
import { rm } from 'node:fs/promises';
import { setTimeout as passed } from 'node:timers/promises';
import { type Client, createClient, named } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type ServerProcess, spawnServer, temporaryFolder } from '../support/server.ts';
import type { FaultyOrder, Reads } from './faulty-server.ts';
import type { Follower, History } from './history.ts';

/** One fault, tried on real processes. @returns a line of figures @throws where something does not hold */
export type FaultCampaign = (scale: Scale) => Promise<string>;
/** `part`: what `npm test` has time for */
export type Scale = 'whole' | 'part';

/** A pause that is the fault itself, or the pace of what is measured. */
export { passed };

export const FAULTY = 'test/campaigns/faulty-server.ts';

/** What a client does until a server told it otherwise, ms. */
const RETRY_MS = 1000;

export interface Patience {
  /** Of the time that the server asks for; 1: all of it. */
  share: number;
  /** Each wait that the server asked for, ms: one for each break. */
  waits: number[];
}

/** Reads to the end of the stream, and comes back after every break. */
export async function follow(follower: Follower, client: Client, patience: Patience): Promise<void> {
  let retry_ms = RETRY_MS;
  for (;;) {
    const reader = await follower.attach(client).catch(() => null);
    // A page's line does not end with a run.
    await reader?.until(named('stream_end')).catch(() => {});
    reader?.close();
    if (follower.isAtEnd || reader?.status === 204) return;
    if (reader?.retry_ms) {
      retry_ms = reader.retry_ms;
      patience.waits.push(retry_ms);
    }
    await passed(retry_ms * patience.share);
  }
}

export async function startRun(
  client: Client,
  history: History,
  session_id: string,
  message: string,
): Promise<string> {
  const stream_id = await client.start(session_id, message);
  history.promised(stream_id);
  return stream_id;
}

/** Starts `count` runs, each in a session of its own; their stream_ids. */
export const startRuns = (
  client: Client,
  history: History,
  count: number,
  message: string,
): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, async () => startRun(client, history, await client.session(), message)),
  );

/** Followers of all these runs, so many each. */
export const followers = (history: History, streams: string[], each: number): Follower[] =>
  streams.flatMap((stream_id) =>
    Array.from({ length: each }, (_, at) => history.follower(stream_id, `reader ${at}`)),
  );

/** Resolves as soon as every follower has been given at least frame `n`. */
export async function allAt(of: Follower[], n: number): Promise<void> {
  const isThere = ({ cursor }: Follower) =>
    cursor !== null && Number(cursor.slice(cursor.lastIndexOf(':') + 1)) >= n;
  await eventually(
    () => of.every(isThere),
    (are) => are,
  );
}

export const order = (server: ServerProcess, what: FaultyOrder): Promise<Reads> =>
  new Promise((resolve) => {
    server.child.once('message', (reads) => resolve(reads as Reads));
    server.child.send(what);
  });

/** A server with a folder of its own, and both gone in the end. `again`: killed, and started on the same folder and port. */
export async function withServer<T>(
  settings: { args?: string[]; env?: NodeJS.ProcessEnv; script?: string },
  play: (server: ServerProcess, client: Client, again: () => Promise<ServerProcess>) => Promise<T>,
): Promise<T> {
  const folder = await temporaryFolder();
  const { args = [], env, script } = settings;
  let server = await spawnServer(folder, args, env, script);
  try {
    return await play(server, createClient(server.url), async () => {
      server.child.kill('SIGKILL');
      await server.ended;
      server = await spawnServer(folder, [...args, '--port', new URL(server.url).port], env, script);
      return server;
    });
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** ms from `since`, as a whole number. */
export const msSince = (since: number): number => Math.round(performance.now() - since);

export const quantile = (values: number[], share: number): number =>
  Math.round(
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0,
  );

/** The seconds of everything but the fault itself; a promise of the wire. */
export function expectAtMost(what: string, got: number, bound: number): void {
  if (!(got <= bound)) throw new Error(`${what}: ${got}, and at most ${bound} was promised`);
}
