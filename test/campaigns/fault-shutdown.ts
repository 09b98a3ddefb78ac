// Fault 12: SIGTERM in the middle of many runs, some of them deaf, some waiting for a person. Readers are told, runs settle
// as interrupted, the process exits with 0 in its time; the next one has nothing left to do.
import { type Client, named, type Reader } from '../support/client.ts';
import { expectAtMost, type FaultCampaign, msSince, withServer } from './crowd.ts';
import { createHistory, readWhole } from './history.ts';

const EXIT_MS_MAX = 10_000;
const RUNS = [
  'tokens=100000 rate=50',
  'tokens=100000 rate=0',
  'tokens=4 hang@2',
  'tokens=4 ask="Which?|this|that"',
];

async function untilMiddle(client: Client, stream_id: string): Promise<void> {
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(named('token'));
  reader.close();
}

export const shutdownCampaign: FaultCampaign = (scale) =>
  withServer({}, async (server, client, again) => {
    const history = createHistory();
    const count = scale === 'whole' ? 40 : 4;
    const streams: string[] = [];
    const readers: Reader[] = [];
    for (let at = 0; at < count; at += 1) {
      const stream_id = await client.start(await client.session(), RUNS[at % RUNS.length]!);
      history.promised(stream_id, 'interrupted');
      streams.push(stream_id);
      readers.push(await history.follower(stream_id).attach(client));
    }
    await Promise.all(streams.map((stream_id) => untilMiddle(client, stream_id)));
    const since = performance.now();
    server.child.kill('SIGTERM');
    await Promise.all(readers.map(({ ended }) => ended));
    const told_ms = msSince(since);
    const told = readers.filter(({ events }) => events.at(-1)?.data === '{"reason":"shutdown"}').length;
    const how = await server.ended;
    const exit_ms = msSince(since);
    await again();
    for (const stream_id of streams) await readWhole(history, client, stream_id);
    const { frames } = history.judge('shutdown');
    if (how !== 0) throw new Error(`SIGTERM ended the process with ${how}`);
    expectAtMost('ms until the exit', exit_ms, EXIT_MS_MAX);
    expectAtMost('readers that were not told', readers.length - told, 0);
    return `SIGTERM under ${count} runs: all ${told} readers told after ${told_ms} ms, exit 0 after ${exit_ms} ms; every run interrupted with one terminal, ${frames} frames once, in order`;
  });
