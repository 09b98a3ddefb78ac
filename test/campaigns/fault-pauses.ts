// Faults 5 and 11: a disk that takes two seconds a commit, an event loop that stands still for five, and a process that
// the system stops for five. What is alive stays alive, what is late says nothing wrong, and nothing is lost.
import { type Client, named } from '../support/client.ts';
import type { ServerProcess } from '../support/server.ts';
import {
  allAt,
  expectAtMost,
  FAULTY,
  type FaultCampaign,
  follow,
  followers,
  msSince,
  order,
  passed,
  quantile,
  startRuns,
  withServer,
} from './crowd.ts';
import { createHistory, readWhole } from './history.ts';

const BEAT_MS = 100;
const ARGS = ['--heartbeat-ms', String(BEAT_MS)];
/** Properties §4: what `/health` and heartbeats may take beside a slow disk. A machine that is slower without it is told so. */
const PROMPT_MS = 100;
const COMMIT_MS = 2000;

interface Times {
  health_ms: number;
  beat_ms: number;
}

/** p99 of `/health`, and of how late heartbeats are, over `span_ms`. */
async function measure(client: Client, stream_id: string, span_ms: number): Promise<Times> {
  const beats: number[] = [];
  const health: number[] = [];
  const reader = await client.read(
    `/api/chat/stream?stream_id=${stream_id}&replay=0`,
    {},
    (event) => named('heartbeat')(event) && beats.push(performance.now()),
  );
  for (const begun = performance.now(); performance.now() - begun < span_ms; ) {
    const asked = performance.now();
    if ((await client.get('/health')).status !== 200) throw new Error('/health is not well');
    health.push(performance.now() - asked);
    await passed(BEAT_MS / 10);
  }
  reader.close();
  const late = beats.slice(1).map((beat, at) => Math.max(0, beat - beats[at]! - BEAT_MS));
  return { health_ms: quantile(health, 0.99), beat_ms: quantile(late, 0.99) };
}

export const slowDiskCampaign: FaultCampaign = (scale) =>
  withServer({ script: FAULTY, args: ARGS }, async (server, client) => {
    const span_ms = scale === 'whole' ? 20_000 : 2500;
    const history = createHistory();
    const streams = await startRuns(client, history, 20, `tokens=${span_ms / 20} rate=40`);
    const crowd = followers(history, streams, 2);
    const followed = crowd.map((each) => follow(each, client, { share: 1, waits: [] }));
    const [quiet] = await startRuns(client, createHistory(), 1, 'stall=600@0');
    await allAt(crowd, 5);
    const before = await measure(client, quiet!, Math.min(5000, span_ms));
    await order(server, { commit_ms: COMMIT_MS });
    const during = await measure(client, quiet!, span_ms);
    await order(server, { commit_ms: 0 });
    await Promise.all(followed);
    for (const stream_id of streams) await readWhole(history, client, stream_id);
    const { frames } = history.judge('slow disk');
    expectAtMost('p99 of /health, ms', during.health_ms, Math.max(PROMPT_MS, 2 * before.health_ms));
    expectAtMost('p99 of late heartbeats, ms', during.beat_ms, Math.max(PROMPT_MS, 2 * before.beat_ms));
    return `slow disk: ${COMMIT_MS} ms a commit for ${span_ms / 1000} s under ${streams.length} runs; p99 of /health ${during.health_ms} ms (before: ${before.health_ms}), of late heartbeats ${during.beat_ms} ms (${before.beat_ms}); ${frames} frames once, in order`;
  });

/** A pause of the server; resolves when it is over. */
type Pause = (server: ServerProcess, ms: number) => Promise<unknown>;

const stalled: Pause = (server, ms) => order(server, { stall_ms: ms });
const stopped: Pause = async ({ child }, ms) => {
  child.kill('SIGSTOP');
  await passed(ms);
  child.kill('SIGCONT');
};

/** A run that was cancelled right before the pause settles in its bound, and the time of the pause. */
const CANCEL_MS_MAX = 6000;

const pauseCampaign = (what: string, pause: Pause, whole_ms: number): FaultCampaign =>
  function play(scale) {
    return withServer({ script: FAULTY, args: ARGS }, async (server, client) => {
      const ms = scale === 'whole' ? whole_ms : 1000;
      const history = createHistory();
      const streams = await startRuns(client, history, 4, `tokens=${ms / 50 + 80} rate=100`);
      const [deaf] = await startRuns(client, history, 1, 'tokens=3 hang@2');
      const crowd = followers(history, streams, scale === 'whole' ? 50 : 10);
      const deaf_reader = history.follower(deaf!, 'of the deaf one');
      const patience = { share: 1, waits: [] };
      const followed = [...crowd, deaf_reader].map((each) => follow(each, client, patience));
      await allAt([...crowd, deaf_reader], 3);
      const { status } = await client.post('/api/chat/cancel', { stream_id: deaf });
      if (status === 200) history.promised(deaf!, 'cancelled');
      const since = performance.now();
      await pause(server, ms);
      const answered = performance.now();
      await client.get('/health');
      const back_ms = msSince(answered);
      await followed.at(-1);
      const cancelled_ms = msSince(since);
      await Promise.all(followed);
      for (const stream_id of [...streams, deaf!]) await readWhole(history, client, stream_id);
      const { frames, outcomes } = history.judge(what);
      expectAtMost('readers that were cut off', patience.waits.length, 0);
      expectAtMost('ms until the cancelled run was over', cancelled_ms, CANCEL_MS_MAX + ms);
      if (outcomes.completed !== streams.length)
        throw new Error(`a pause ended a run: ${JSON.stringify(outcomes)}`);
      return `${what} for ${ms} ms: /health after ${back_ms} ms, all ${crowd.length + 1} readers kept their connection, ${streams.length} runs completed, a deaf one that was cancelled right before was over ${cancelled_ms} ms after; ${frames} frames once, in order`;
    });
  };

export const stalledLoopCampaign = pauseCampaign('event loop stalled', stalled, 5000);
export const stoppedProcessCampaign = pauseCampaign('process stopped', stopped, 5000);
