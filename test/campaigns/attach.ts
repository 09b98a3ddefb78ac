// The attach campaign: readers that come at a run's birth or in its middle, leave at random and come back with
// Last-Event-ID. Each must be given 1 … n, once, in order, and the same bytes as everybody else.
//   npm run campaign:attach -- --rounds 1000 --seed 1
import { rm } from 'node:fs/promises';
import { createClient, numbersOf, type Reader, type SseEvent } from '../support/client.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { type Campaign, campaignArgs, createCampaign, inParallel } from './campaign.ts';

/** A birth: the run had at most this many frames when the reader was already attached. */
const BIRTH_FRAMES_MAX = 3;
const RUN = 'tokens=60 rate=150 reasoning=5 tools=2';
const WIDTH = 16;

export interface AttachFigures {
  births: number;
  middles: number;
  reconnects: number;
  frames: number;
}

/** Reads a stream to its end, leaving `leaves` times on the way; the events that it was given. */
async function readWithLeaves(
  first: Reader,
  again: (last: string | undefined) => Promise<Reader>,
  campaign: Campaign,
  leaves: number,
): Promise<SseEvent[]> {
  const taken: SseEvent[] = [];
  for (let connection = 0; ; connection += 1) {
    const reader = connection === 0 ? first : await again(taken.at(-1)?.id);
    const upto = connection < leaves ? campaign.between(1, 25) : Number.POSITIVE_INFINITY;
    let count = 0;
    await reader.until(({ id }) => id !== undefined && ++count >= upto).catch(() => {});
    reader.close();
    await reader.ended;
    taken.push(...reader.events.filter(({ id }) => id));
    if (reader.events.some(({ event }) => event === 'reset')) throw new Error('an honest cursor was reset');
    if (reader.status === 204 || taken.at(-1)?.event === 'stream_end') return taken;
  }
}

function check(stream_id: string, taken: SseEvent[], truth: SseEvent[]): void {
  const numbers = numbersOf(taken);
  numbers.forEach((n, at) => {
    if (n !== at + 1) throw new Error(`${stream_id}: got ${n} where ${at + 1} was due`);
  });
  const differs = truth.findIndex(
    (event, at) => event.data !== taken[at]?.data || event.event !== taken[at]?.event,
  );
  if (differs >= 0 || truth.length !== taken.length)
    throw new Error(
      `${stream_id}: differs from the log at ${differs + 1} (${taken.length} of ${truth.length} frames)`,
    );
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
    const stream_id = await client.start(session_id, RUN);
    const attach = (last?: string) =>
      client.read(`/api/chat/stream?stream_id=${stream_id}`, last ? { 'last-event-id': last } : {});
    if (!isBirth) await middle(stream_id, from);
    const first = await attach();
    if (isBirth && (await headOf(stream_id)) > BIRTH_FRAMES_MAX) {
      // Attached too late to be a birth: not counted, another run takes its place.
      first.close();
      return round(isBirth);
    }
    const taken = await readWithLeaves(first, attach, campaign, leaves);
    const log = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
    await log.ended;
    check(
      stream_id,
      taken,
      log.events.filter(({ id }) => id),
    );
    figures[isBirth ? 'births' : 'middles'] += 1;
    figures.reconnects += leaves;
    figures.frames += taken.length;
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
  const { rounds, seed } = campaignArgs(1000);
  const { births, middles, reconnects, frames } = await runAttachCampaign(rounds, seed, true);
  process.stdout.write(
    `${births} births, ${middles} middles, ${reconnects} reconnects, ${frames} frames: each 1 … n once, in order, byte for byte\n`,
  );
}
