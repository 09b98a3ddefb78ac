// The kill campaign: kill -9 in the middle of appends, a restart on the same folder, and a look at what was promised.
// Nothing that a reader saw or a 200 promised may be missing; every run ends with exactly one terminal and `stream_end`.
// A round is known by its number alone: `--seed N --rounds 1` plays the one that a failure names.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type Client, createClient, type Reader, type SseEvent } from '../support/client.ts';
import { type ServerProcess, spawnServer, temporaryFolder } from '../support/server.ts';
import { type Campaign, campaignArgs, createCampaign, inParallel } from './campaign.ts';
import { createHistory, type Follower, type History, readWhole } from './history.ts';
import { checkSession, type Promised } from './kill-promises.ts';

const SESSIONS_A_ROUND = 4;
/** Servers at a time, each with its folder: while one waits for its disk, the other one starts. */
const LANES = 2;
/** Of the rounds, so many kill a follow-up in its middle, where there is one. */
const FOLLOW_UP_SHARE = 0.3;

export interface KillFigures {
  rounds: number;
  runs: number;
  /** different frames that readers were given before a kill */
  acknowledged: number;
  /** frames that were given, each as often as it was, and held against the log */
  given: number;
  outcomes: Record<string, number>;
  follow_ups: number;
  /** streams of earlier rounds that were read again, and were what they had been */
  read_again: number;
}

const RUNS = [
  'tokens=4000 rate=0',
  'tokens=600 rate=900 tools=6',
  'tokens=3 rate=0',
  'tokens=400 rate=300 reasoning=90',
];

/** A server that is killed and started again, and what its log said of earlier rounds. */
interface Lane {
  folder: string;
  server: ServerProcess;
  /** digests of settled streams, by stream_id */
  settled: Map<string, string>;
}

const digestOf = (frames: SseEvent[]): string => {
  const hash = createHash('sha256');
  for (const { id, event, data } of frames) hash.update(`${id}\n${event}\n${data}\n`);
  return hash.digest('base64');
};

interface Begun {
  promised: Promised;
  follower: Follower;
  /** its connection before the kill */
  live: Reader;
}

async function promise(client: Client, history: History, text: string): Promise<Begun> {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, text);
  history.promised(stream_id);
  const follower = history.follower(stream_id, 'live');
  const live = await follower.attach(client);
  return { promised: { session_id, stream_id, text, title: null, queued: null }, follower, live };
}

/** More promises while the runs go on. One that the kill swallows is none. */
async function askMore(
  client: Client,
  history: History,
  campaign: Campaign,
  promised: Promised,
): Promise<void> {
  const { session_id, stream_id } = promised;
  const ask = campaign.between(0, 3);
  if (ask === 1) {
    const title = `title ${campaign.between(1, 1_000_000)}`;
    const { status } = await client.request('PATCH', `/api/sessions/${session_id}`, { title });
    if (status === 200) promised.title = title;
  } else if (ask === 2) {
    // Short, or long enough to be killed itself.
    const message = `tokens=${campaign.between(2, 300)} rate=2000 follow-up of ${stream_id}`;
    const answer = await client.post('/api/chat/start', { session_id, message, on_busy: 'queue' });
    if (answer.status < 300) promised.queued = message;
  } else if (ask === 3) {
    const { status } = await client.post('/api/chat/cancel', { stream_id });
    if (status === 200) history.promised(stream_id, 'cancelled');
  }
}

/** The moment of the kill is a fact, not a time: a frame of one run or its end, or a frame of a follow-up. */
async function untilKilled(
  client: Client,
  campaign: Campaign,
  begun: Begun[],
  asked: Promise<unknown>,
): Promise<void> {
  const { live } = begun[campaign.between(0, begun.length - 1)]!;
  const frames = campaign.between(1, 900);
  if (campaign.fraction() < FOLLOW_UP_SHARE) {
    await asked;
    const { promised } = begun.find((each) => each.promised.queued !== null) ?? {};
    if (promised) return untilFollowUp(client, promised);
  }
  await Promise.race([live.until(() => live.events.length >= frames).catch(() => {}), live.ended]);
}

async function untilFollowUp(client: Client, { session_id, stream_id }: Promised): Promise<void> {
  const session = await client.read(`/api/sessions/${session_id}/events`);
  await session.until(({ event, data }) => event === 'token' && JSON.parse(data).stream_id !== stream_id);
  session.close();
}

async function readOn(follower: Follower, client: Client): Promise<void> {
  const reader = await follower.attach(client);
  await reader.ended;
}

/** P2: what was once settled is the same in every later log. */
async function readAgain(client: Client, campaign: Campaign, { settled }: Lane): Promise<number> {
  const known = [...settled];
  if (known.length === 0) return 0;
  const [stream_id, digest] = known[campaign.between(0, known.length - 1)]!;
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.ended;
  if (digestOf(reader.events.filter(({ id }) => id)) === digest) return 1;
  throw new Error(`${stream_id}: it was settled, and has changed`);
}

async function playRound(lane: Lane, seed: number, figures: KillFigures): Promise<void> {
  const campaign = createCampaign(seed, false);
  const history = createHistory();
  const client = createClient(lane.server.url);
  const texts = Array.from(
    { length: SESSIONS_A_ROUND },
    (_, at) => `${RUNS[campaign.between(0, RUNS.length - 1)]} round ${seed}.${at}`,
  );
  const begun = await Promise.all(texts.map((text) => promise(client, history, text)));
  const promised = begun.map((each) => each.promised);
  const asked = Promise.all(promised.map((each) => askMore(client, history, campaign, each).catch(() => {})));
  await untilKilled(client, campaign, begun, asked);
  lane.server.child.kill('SIGKILL');
  await lane.server.ended;
  await Promise.all([asked, ...begun.map(({ live }) => live.ended)]);
  const acknowledged = history.frames;
  lane.server = await spawnServer(lane.folder);
  const after = createClient(lane.server.url);
  // Who was cut off comes back with its cursor.
  await Promise.all(begun.map(({ follower }) => follower.isAtEnd || readOn(follower, after)));
  for (const each of promised) {
    const streams = await checkSession(after, each, (stream_id) => readWhole(history, after, stream_id));
    for (const [stream_id, frames] of streams) lane.settled.set(stream_id, digestOf(frames));
    if (each.queued) figures.follow_ups += 1;
  }
  const verdict = history.judge(`kill round of seed ${seed}`);
  figures.read_again += await readAgain(after, campaign, lane);
  figures.rounds += 1;
  figures.runs += verdict.streams;
  figures.acknowledged += acknowledged;
  figures.given += verdict.given;
  for (const [outcome, count] of Object.entries(verdict.outcomes))
    figures.outcomes[outcome] = (figures.outcomes[outcome] ?? 0) + count;
}

export async function runKillCampaign(rounds: number, seed: number, isLive: boolean): Promise<KillFigures> {
  const campaign = createCampaign(seed, isLive);
  const figures: KillFigures = {
    rounds: 0,
    runs: 0,
    acknowledged: 0,
    given: 0,
    outcomes: {},
    follow_ups: 0,
    read_again: 0,
  };
  let next = 0;
  await inParallel(Math.min(LANES, rounds), LANES, async () => {
    const folder = await temporaryFolder();
    const lane: Lane = { folder, server: await spawnServer(folder), settled: new Map() };
    try {
      while (next < rounds) {
        const round_seed = seed + next++;
        await playRound(lane, round_seed, figures).catch((failure) => {
          throw new Error(`the kill round of seed ${round_seed} found something`, { cause: failure });
        });
        const { rounds: done, runs, acknowledged } = figures;
        campaign.progress(done, rounds, `kills, ${runs} runs, ${acknowledged} frames acknowledged`);
      }
    } finally {
      next = rounds;
      lane.server.child.kill('SIGKILL');
      await lane.server.ended;
      await rm(folder, { recursive: true, force: true });
    }
  });
  return figures;
}

if (import.meta.main) {
  const { rounds, seed } = campaignArgs({
    name: 'kill',
    does: 'Kills servers with kill -9 in the middle of writing and starts them again: nothing that was seen or promised is missing or doubled, and each run ends once. A failure names the seed of its round; with it and --rounds 1 that round is played alone.',
    rounds: 1000,
    of: 'kills',
    takes: 'about 10 min for 1000 rounds on two quiet cores',
  });
  const begun = performance.now();
  const { outcomes, ...figures } = await runKillCampaign(rounds, seed, true);
  const ends = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  process.stdout.write(
    `${figures.rounds} kills, ${figures.runs} runs (${ends.join(', ')}), ${figures.acknowledged} frames acknowledged, ${figures.given} compared: 0 lost, 0 doubled, one terminal each; ${figures.follow_ups} follow-ups ran once; ${figures.read_again} older streams unchanged; seed ${seed}, ${Math.round((performance.now() - begun) / 1000)} s\n`,
  );
}
