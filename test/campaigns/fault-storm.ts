// Fault 8: a thousand readers lose their server at once and come back after its restart. They come back in the time that
// each was given, so not at once; the log is read for the first of them and not for each; all of them come to the end.
import { PAGE_RECORDS } from '../../src/http/sse-bytes.ts';
import { SSE_RETRY_MAX_MS, SSE_RETRY_MIN_MS } from '../../src/protocol/index.ts';
import {
  allAt,
  expectAtMost,
  FAULTY,
  type FaultCampaign,
  follow,
  followers,
  msSince,
  order,
  startRun,
  withServer,
} from './crowd.ts';
import { createHistory, readWhole } from './history.ts';

const SIZES = { whole: { streams: 20, readers: 50 }, part: { streams: 4, readers: 26 } };
/** Frames before the kill: readers stand in the middle of a run. */
const LIVE_FRAMES = 20;
const TENTH_MS = 100;
/** Of all readers, how many may be told to wait until the same tenth of a second. Two seconds of jitter: a twentieth each, and
 * chance. When they come then is the client's to say: one busy process plays all of them. */
const TENTH_SHARE_MAX = 0.25;

/** How many of these times, ms, lie in the same tenth of a second, where most do. */
function busiestTenth(times: number[]): number {
  const tenths = Map.groupBy(times, (ms) => Math.floor(ms / TENTH_MS));
  return Math.max(...[...tenths.values()].map(({ length }) => length));
}

export const stormCampaign: FaultCampaign = (scale) =>
  withServer({ script: FAULTY }, async (_server, client, again) => {
    const { streams: runs, readers } = SIZES[scale];
    const history = createHistory();
    const sessions = await Promise.all(Array.from({ length: runs }, () => client.session()));
    const streams = await Promise.all(
      sessions.map((session_id) => startRun(client, history, session_id, 'tokens=100000 rate=20')),
    );
    // Half of them pages, on their session's feed and the board.
    const crowd = [
      ...followers(history, streams, readers / 2),
      ...sessions.flatMap((session_id) =>
        Array.from({ length: readers / 2 }, (_, at) => history.page(session_id, `page ${at}`)),
      ),
    ];
    const waits: number[] = [];
    const patience = { share: 1, waits };
    const followed = crowd.map((each) => follow(each, client, patience));
    await allAt(crowd, LIVE_FRAMES);
    const server = await again();
    const since = performance.now();
    const listening_at = Date.now();
    await Promise.all(followed);
    const caught_up_ms = msSince(since);
    const reads = await order(server, {});
    for (const stream_id of streams) await readWhole(history, client, stream_id);
    const { frames, outcomes } = history.judge('storm');

    const told = busiestTenth(waits);
    const returns = history.entries.filter(
      (entry) => entry.what === 'asked' && entry.cursor !== null && entry.at >= listening_at,
    );
    const came = busiestTenth(returns.map(({ at }) => at));
    const most_reads = Math.max(...reads.map(([, count]) => count));
    const longest = Math.max(...crowd.map(({ cursor }) => Number(cursor!.split(':')[1])));
    expectAtMost(
      'share of readers that were told to come in one tenth of a second',
      told / crowd.length,
      TENTH_SHARE_MAX,
    );
    expectAtMost('the longest wait that a reader was told', Math.max(...waits), SSE_RETRY_MAX_MS);
    expectAtMost('the shortest wait, negative', -Math.min(...waits), -SSE_RETRY_MIN_MS);
    expectAtMost('reads of one feed', most_reads, Math.ceil(longest / PAGE_RECORDS));
    return `reconnect storm: ${crowd.length} readers of ${runs} runs, half of them pages, cut off by kill -9, all at the end ${caught_up_ms} ms after the restart; told to wait ${Math.min(...waits)} to ${Math.max(...waits)} ms, at most ${told} of them until the same tenth of a second, and ${came} came in one; at most ${most_reads} read of a feed for its ${readers / 2} readers; ${frames} frames once, in order (${JSON.stringify(outcomes)})`;
  });
