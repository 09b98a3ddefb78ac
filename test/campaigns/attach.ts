// The attach campaign: readers that come at a run's birth or in its middle, leave at random and come back with
// Last-Event-ID. Each must be given 1 … n, once, in order, and the same bytes as everybody else.
import { rm } from 'node:fs/promises';
import { type Client, createClient, numbersOf, type Reader } from '../support/client.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { type Campaign, campaignArgs, createCampaign, inParallel } from './campaign.ts';
import { createHistory, type Follower, readWhole } from './history.ts';

/** A birth: the run had at most this many frames when the reader was already attached. */
const BIRTH_FRAMES_MAX = 3;
const SLOW_RUN = 'tokens=60 rate=150 reasoning=5 tools=2';
/** Several frames a commit: a cursor may stand inside one. */
const FAST_RUN = 'tokens=800 rate=20000';
const WIDTH = 16;

export interface AttachFigures {
  births: number;
  middles: number;
  reconnects: number;
  frames: number;
}

/** Reads a stream to its end, leaving `leaves` times on the way. */
async function readWithLeaves(
  first: Reader,
  follower: Follower,
  client: Client,
  campaign: Campaign,
  leaves: number,
): Promise<void> {
  for (let connection = 0; ; connection += 1) {
    const reader = connection === 0 ? first : await follower.attach(client);
    const upto = connection < leaves ? campaign.between(1, 25) : Number.POSITIVE_INFINITY;
    let count = 0;
    await reader.until(({ id }) => id !== undefined && ++count >= upto).catch(() => {});
    reader.close();
    await reader.ended;
    if (reader.status === 204 || follower.isAtEnd) return;
  }
}

export async function runAttachCampaign(
  rounds: number,
  seed: number,
  isLive: boolean,
): Promise<AttachFigures> {
  const campaign = createCampaign(seed, isLive);
  const folder = await temporaryFolder();
  const server = await spawnServer(folder);
  const client = createClient(server.url);
  const figures: AttachFigures = { births: 0, middles: 0, reconnects: 0, frames: 0 };

  async function middle(stream_id: string, from: number): Promise<void> {
    const probe = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
    await probe.until(({ id }) => id !== undefined && numbersOf(probe.events).at(-1)! >= from);
    probe.close();
  }

  async function headOf(stream_id: string): Promise<number> {
    return (await client.get(`/api/chat/stream/status?stream_id=${stream_id}`)).body.journal.last_seq;
  }

  async function round(isBirth: boolean): Promise<void> {
    const session_id = await client.session();
    const leaves = campaign.between(0, 3);
    const from = campaign.between(5, 40);
    const stream_id = await client.start(
      session_id,
      isBirth || campaign.fraction() < 0.5 ? SLOW_RUN : FAST_RUN,
    );
    const history = createHistory();
    const follower = history.follower(stream_id);
    if (!isBirth) await middle(stream_id, from);
    const first = await follower.attach(client);
    if (isBirth && (await headOf(stream_id)) > BIRTH_FRAMES_MAX) {
      // Attached too late to be a birth: not counted, another run takes its place.
      first.close();
      return round(isBirth);
    }
    await readWithLeaves(first, follower, client, campaign, leaves);
    await readWhole(history, client, stream_id);
    const { frames } = history.judge(`attach of seed ${seed}`);
    figures[isBirth ? 'births' : 'middles'] += 1;
    figures.reconnects += leaves;
    figures.frames += frames;
  }

  try {
    await inParallel(rounds * 2, WIDTH, async (at) => {
      await round(at % 2 === 0);
      campaign.progress(
        figures.births + figures.middles,
        rounds * 2,
        `readers, ${figures.reconnects} reconnects`,
      );
    });
    return figures;
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { rounds, seed } = campaignArgs({
    name: 'attach',
    does: 'Readers come at a run’s birth or in its middle, leave at random and come back: each is given every event once, in order, byte for byte.',
    rounds: 1000,
    of: 'readers at a birth, and as many in a middle',
    takes: 'about 3 min on two quiet cores',
  });
  const { births, middles, reconnects, frames } = await runAttachCampaign(rounds, seed, true);
  process.stdout.write(
    `${births} births, ${middles} middles, ${reconnects} reconnects, ${frames} frames: each 1 … n once, in order, byte for byte\n`,
  );
}
