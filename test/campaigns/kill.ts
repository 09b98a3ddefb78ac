// The kill campaign: kill -9 in the middle of appends, a restart on the same folder, and a look at what was promised.
// Nothing that a reader saw or a 200 promised may be missing; every run ends with exactly one terminal and `stream_end`.
//   npm run campaign:kill -- --rounds 300 --seed 1
import { rm } from 'node:fs/promises';
import { type Client, createClient, type Reader, type SseEvent } from '../support/client.ts';
import { type ServerProcess, spawnServer, temporaryFolder } from '../support/server.ts';
import { type Campaign, campaignArgs, createCampaign } from './campaign.ts';

const SESSIONS_A_ROUND = 4;
const TERMINALS = ['done', 'cancel', 'apperror'];

export interface KillFigures {
  rounds: number;
  runs: number;
  interrupted: number;
  completed: number;
  cancelled: number;
  seen: number;
  follow_ups: number;
}

/** What this round was promised, by session. */
interface Promised {
  session_id: string;
  stream_id: string;
  text: string;
  /** events that readers were given before the kill, by id */
  seen: Map<string, SseEvent>;
  title: string | null;
  /** the text of a follow-up whose 202 arrived */
  queued: string | null;
  cancelled: boolean;
  reader: Reader;
}

const RUNS = [
  'tokens=4000 rate=0',
  'tokens=600 rate=900 tools=6',
  'tokens=3 rate=0',
  'tokens=400 rate=300 reasoning=90',
];

async function promise(client: Client, campaign: Campaign, round: number, at: number): Promise<Promised> {
  const session_id = await client.session();
  const text = `${RUNS[campaign.between(0, RUNS.length - 1)]} round ${round}.${at}`;
  const stream_id = await client.start(session_id, text);
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  return {
    session_id,
    stream_id,
    text,
    seen: new Map(),
    title: null,
    queued: null,
    cancelled: false,
    reader,
  };
}

/** More promises while the runs go on. One that the kill swallows is none. */
async function askMore(client: Client, campaign: Campaign, promised: Promised): Promise<void> {
  const { session_id, stream_id } = promised;
  const ask = campaign.between(0, 3);
  if (ask === 1) {
    const title = `title ${campaign.between(1, 1_000_000)}`;
    const { status } = await client.request('PATCH', `/api/sessions/${session_id}`, { title });
    if (status === 200) promised.title = title;
  } else if (ask === 2) {
    const message = `tokens=2 rate=0 follow-up of ${stream_id}`;
    const answer = await client.post('/api/chat/start', { session_id, message, on_busy: 'queue' });
    if (answer.status < 300) promised.queued = message;
  } else if (ask === 3) {
    const { status } = await client.post('/api/chat/cancel', { stream_id });
    promised.cancelled = status === 200;
  }
}

async function framesOf(client: Client, stream_id: string): Promise<SseEvent[]> {
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.ended;
  return reader.events.filter(({ id }) => id);
}

function checkStream(stream_id: string, frames: SseEvent[]): string {
  frames.forEach((frame, at) => {
    if (frame.id !== `${stream_id}:${at + 1}`)
      throw new Error(`${stream_id}: a hole at ${at + 1} (${frame.id})`);
  });
  const ends = frames.filter(({ event }) => TERMINALS.includes(event));
  if (ends.length !== 1) throw new Error(`${stream_id}: ${ends.length} terminals`);
  if (frames.at(-1)?.event !== 'stream_end')
    throw new Error(`${stream_id}: ends with ${frames.at(-1)?.event}`);
  return JSON.parse(frames.at(-1)!.data).terminal_state;
}

async function check(client: Client, promised: Promised, figures: KillFigures): Promise<void> {
  const { session_id, stream_id, seen, text } = promised;
  const frames = await framesOf(client, stream_id);
  const outcome = checkStream(stream_id, frames);
  const byId = new Map(frames.map((frame) => [frame.id, frame]));
  for (const [id, { event, data }] of seen) {
    const kept = byId.get(id);
    if (kept?.data !== data || kept.event !== event)
      throw new Error(`${id}: a reader saw it, the log differs`);
  }
  if (promised.cancelled && outcome !== 'cancelled')
    throw new Error(`${stream_id}: a cancel was promised, it is ${outcome}`);
  // The follow-up, if one was promised, runs once; the transcript shows both turns.
  if (promised.queued) await client.read(`/api/sessions/${session_id}/events`).then(untilIdle);
  const { session } = (await client.get(`/api/session?session_id=${session_id}`)).body;
  const asked = session.messages.filter((message: { role: string }) => message.role === 'user');
  const texts = asked.map((message: { parts: { text: string }[] }) => message.parts[0]!.text);
  const due = promised.queued ? [text, promised.queued] : [text];
  const got = promised.queued || texts.length === 1 ? texts : texts.slice(0, 1);
  if (JSON.stringify(got) !== JSON.stringify(due))
    throw new Error(`${session_id}: asked ${due}, the transcript has ${texts}`);
  if (promised.title && session.title !== promised.title)
    throw new Error(`${session_id}: the title was lost`);
  const said = frames.filter(({ event }) => event === 'token').map(({ data }) => JSON.parse(data).text);
  const answer = session.messages.find(
    (message: { stream_id: string; role: string }) =>
      message.role === 'assistant' && message.stream_id === stream_id,
  );
  const kept = answer.parts
    .map((part: { type: string; text: string }) => (part.type === 'text' ? part.text : ''))
    .join('');
  if (kept !== said.join('')) throw new Error(`${stream_id}: the transcript lost text`);
  figures.runs += 1;
  figures.seen += seen.size;
  if (promised.queued) figures.follow_ups += 1;
  if (outcome === 'interrupted') figures.interrupted += 1;
  if (outcome === 'completed') figures.completed += 1;
  if (outcome === 'cancelled') figures.cancelled += 1;
}

/** The session has nothing to run and nothing queued. */
async function untilIdle(reader: Reader): Promise<void> {
  let active: string | null = null;
  const isIdle = ({ event, data }: SseEvent) => {
    const value = JSON.parse(data);
    if (event === 'snapshot') {
      active = value.session.active_stream_id;
      return value.session.queue_length === 0 && active === null;
    }
    return (
      event === 'session_updated' &&
      value.session.queue_length === 0 &&
      value.session.active_stream_id === null
    );
  };
  await reader.until(isIdle);
  reader.close();
}

async function killInTheMiddle(
  server: ServerProcess,
  campaign: Campaign,
  promised: Promised[],
): Promise<void> {
  const client = createClient(server.url);
  const watched = promised[campaign.between(0, promised.length - 1)]!;
  const frames = campaign.between(1, 900);
  const asks = promised.map((each) => askMore(client, campaign, each).catch(() => {}));
  // Killed by a fact, not by a clock: a frame number of one run, or the end of it.
  await Promise.race([
    watched.reader.until(() => watched.reader.events.length >= frames).catch(() => {}),
    watched.reader.ended,
  ]);
  server.child.kill('SIGKILL');
  await server.ended;
  await Promise.all(asks);
  for (const each of promised) {
    await each.reader.ended;
    for (const event of each.reader.events) if (event.id) each.seen.set(event.id, event);
  }
}

export async function runKillCampaign(rounds: number, seed: number, isLive: boolean): Promise<KillFigures> {
  const campaign = createCampaign(seed, isLive);
  const folder = await temporaryFolder();
  const figures: KillFigures = {
    rounds: 0,
    runs: 0,
    interrupted: 0,
    completed: 0,
    cancelled: 0,
    seen: 0,
    follow_ups: 0,
  };
  let server = await spawnServer(folder);
  try {
    for (let round = 0; round < rounds; round += 1) {
      const client = createClient(server.url);
      const promised = await Promise.all(
        Array.from({ length: SESSIONS_A_ROUND }, (_, at) => promise(client, campaign, round, at)),
      );
      await killInTheMiddle(server, campaign, promised);
      server = await spawnServer(folder);
      const after = createClient(server.url);
      for (const each of promised) await check(after, each, figures);
      figures.rounds += 1;
      campaign.progress(figures.rounds, rounds, `kills, ${figures.runs} runs, ${figures.seen} frames seen`);
    }
    return figures;
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { rounds, seed } = campaignArgs(300);
  const figures = await runKillCampaign(rounds, seed, true);
  process.stdout.write(
    `${JSON.stringify(figures)}\nnothing seen or promised is missing; one terminal and a last stream_end each\n`,
  );
}
