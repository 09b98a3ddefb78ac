// A server as a process of its own whose faults its parent puts in, by message: a slow disk, an event loop that stands
// still. It also counts its reads of streams' logs. Everything else is the real one.
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

/** How often each stream's log was read so far. */
export type Reads = [stream_id: string, reads: number][];

const config = readConfig(process.argv.slice(2), process.env);
if (config === 'help') throw new Error('no help here');
const faults = createFaults();
const server = await startServer(config, quietLog, { journal: { faults } });
const { journal } = server.parts;
const reads = new Map<string, number>();
const read = journal.readStream;
journal.readStream = (stream_id, after, limit) => {
  reads.set(stream_id, (reads.get(stream_id) ?? 0) + 1);
  return read.call(journal, stream_id, after, limit);
};

process.on('message', ({ commit_ms, stall_ms }: FaultyOrder) => {
  if (commit_ms !== undefined) faults.commit_ms = commit_ms;
  if (stall_ms !== undefined) stall(stall_ms);
  process.send?.([...reads]);
});
process.once('disconnect', () => process.exit(0));
process.stdout.write(`Weir listening on ${server.url}\n`);
