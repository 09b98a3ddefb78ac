// A server as a process of its own whose faults its parent puts in, by message: a slow disk, an event loop that stands
// still. It also counts what it reads of its log. Everything else is the real one.
import { readConfig } from '../../src/config.ts';
import { createFaults, stall } from '../../src/journal/faults.ts';
import { startServer } from '../../src/server.ts';
import { quietLog } from '../support/server.ts';

export interface FaultyOrder {
  /** how long each commit takes from now on, ms */
  commit_ms?: number;
  /** the event loop stands still for so long, ms */
  stall_ms?: number;
}

/** How often each feed was read from the log so far, of runs and of sessions. */
export type Reads = [feed: string, reads: number][];

const config = readConfig(process.argv.slice(2), process.env);
if (config === 'help') throw new Error('no help here');
const faults = createFaults();
const server = await startServer(config, quietLog, { journal: { faults } });
const { journal } = server.parts;
const reads = new Map<string, number>();
for (const name of ['readStream', 'readSession'] as const) {
  const read = journal[name];
  journal[name] = (feed, after, limit) => {
    reads.set(feed, (reads.get(feed) ?? 0) + 1);
    return read.call(journal, feed, after, limit);
  };
}

process.on('message', ({ commit_ms, stall_ms }: FaultyOrder) => {
  if (commit_ms !== undefined) faults.commit_ms = commit_ms;
  if (stall_ms !== undefined) stall(stall_ms);
  process.send?.([...reads]);
});
process.once('disconnect', () => process.exit(0));
process.stdout.write(`Weir listening on ${server.url}\n`);
