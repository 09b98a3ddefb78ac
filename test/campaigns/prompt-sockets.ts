// The part of the prompts campaign that goes through sockets: a server of its own that is killed in the middle, five tabs a
// session that read and answer over HTTP. Held against the log by the same rules.
import { rm } from 'node:fs/promises';
import { PROMPT_KINDS, type PromptKind, promptId, type QueueState } from '../../src/protocol/index.ts';
import { type Client, createClient, type Reader } from '../support/client.ts';
import { promptStream, statesOf } from '../support/prompt-asks.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { type Campaign, createCampaign } from './campaign.ts';
import { checkLog, checkReplies, checkStates, type Judged, type Reply } from './prompt-checks.ts';

const TABS = 5;
const SESSIONS_A_ROUND = 4;
const RUN = 'tokens=4 ask="Which?|this|that" approve=ls ask="Why?" approve="ls -l"';
const ANSWERS_MAX = 12;

export interface SocketFigures {
  rounds: number;
  asked: number;
  answered: number;
  states: number;
}

interface Watched extends Judged {
  session_id: string;
  readers: { kind: PromptKind; reader: Reader }[];
}

async function answer(client: Client, watched: Watched, state: QueueState, kind: PromptKind, by: string) {
  const { session_id } = watched;
  const prompt_id = promptId(state.pending!);
  const reply: Reply = { prompt_id, by };
  watched.replies.push(reply);
  const said = kind === 'clarify' ? { response: by } : { choice: 'once' };
  const body = { session_id, [`${kind}_id`]: prompt_id, ...said };
  const headers = { 'weir-client': by };
  // The kill may swallow the answer, or the question how it was taken: then the log knows, and nobody was told.
  const told = await client.request('POST', `/api/${kind}/respond`, body, headers).catch(() => null);
  if (told === null) return false;
  const { how, answered_by } = told.body;
  reply.result = told.status === 200 ? 'won' : told.status === 409 ? { how, by: answered_by } : 'refused';
  return told.status === 200;
}

/** Reads one queue in one tab, and answers some of what it shows, until the line is cut. */
async function look(client: Client, watched: Watched, kind: PromptKind, tab: number, onWon: () => void) {
  const reader = await promptStream(client, kind, watched.session_id);
  watched.readers.push({ kind, reader });
  const { chance } = watched;
  const answers: Promise<void>[] = [];
  await reader
    .until(({ event, data }) => {
      const state = event === kind || event === 'initial' ? JSON.parse(data) : null;
      if (state?.pending && chance.fraction() < 0.6)
        answers.push(answer(client, watched, state, kind, `tab${tab}`).then((won) => void (won && onWon())));
      return false;
    })
    .catch(() => {});
  await Promise.allSettled(answers);
}

async function recordsOf(client: Client, session_id: string) {
  const reader = await client.read(`/api/sessions/${session_id}/events?after=0`);
  await reader.until(({ event }) => event === 'stream_end');
  reader.close();
  return reader.events
    .filter(({ id }) => id)
    .map(({ id, event, data }) => {
      const said = JSON.parse(data);
      return { pos: Number(id!.split(':')[1]), event, stream_id: said.stream_id ?? null, data: said };
    });
}

async function judge(client: Client, watched: Watched, figures: SocketFigures): Promise<void> {
  for (const kind of PROMPT_KINDS) {
    const { body } = await client.get(`/api/${kind}/pending?session_id=${watched.session_id}`);
    if (body.pending !== null) throw new Error(`${watched.name}: CQ9 pending after its run`);
  }
  for (const { kind, reader } of watched.readers)
    watched.looks.push({ kind, states: statesOf(reader.events, kind), leave: reader.close });
  if (watched.replies.some(({ result }) => result === 'refused'))
    throw new Error(`${watched.name}: an answer was refused`);
  const records = await recordsOf(client, watched.session_id);
  const ends = checkLog(watched, records);
  figures.states += checkStates(watched, records);
  checkReplies(watched, ends);
  figures.asked += ends.size;
  for (const { how } of ends.values()) if (how === 'answered') figures.answered += 1;
}

async function begin(client: Client, name: string, chance: Campaign): Promise<Watched> {
  const session_id = await client.session();
  await client.start(session_id, RUN);
  return { name, chance, session_id, readers: [], looks: [], replies: [] };
}

export async function runPromptSockets(
  rounds: number,
  seed: number,
  isLive: boolean,
): Promise<SocketFigures> {
  const campaign = createCampaign(seed, isLive);
  const folder = await temporaryFolder();
  const figures: SocketFigures = { rounds: 0, asked: 0, answered: 0, states: 0 };
  let server = await spawnServer(folder);
  try {
    for (let round = 0; round < rounds; round += 1) {
      const client = createClient(server.url);
      const { promise: enough, resolve } = Promise.withResolvers<void>();
      let left = campaign.between(1, ANSWERS_MAX);
      const onWon = () => {
        left -= 1;
        if (left === 0) resolve();
      };
      const name = (at: number) => `seed ${seed}, round ${round}.${at}`;
      const all = await Promise.all(
        Array.from({ length: SESSIONS_A_ROUND }, (_, at) =>
          begin(client, name(at), createCampaign(seed * 1009 + round * SESSIONS_A_ROUND + at, false)),
        ),
      );
      const looks = all.flatMap((watched) =>
        PROMPT_KINDS.flatMap((kind) =>
          Array.from({ length: TABS }, (_, tab) => look(client, watched, kind, tab, onWon).catch(() => {})),
        ),
      );
      // By a fact: so many answers were taken.
      await enough;
      server.child.kill('SIGKILL');
      await server.ended;
      await Promise.all(looks);
      server = await spawnServer(folder);
      const after = createClient(server.url);
      for (const watched of all) await judge(after, watched, figures);
      figures.rounds += 1;
      campaign.progress(figures.rounds, rounds, `kills through sockets, ${figures.asked} prompts`);
    }
    return figures;
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  }
}
