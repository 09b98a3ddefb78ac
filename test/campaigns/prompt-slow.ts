// The part of the prompts campaign that takes its time: who reads one event a second while 1,000 changes happen ends with
// the last state, and costs the server no more than its bound (CQ10). A server of its own, all over HTTP.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type PromptEntry,
  promptId,
  QUESTION_LENGTH_MAX,
  type QueueState,
  SSE_UNSENT_BYTES_MAX,
} from '../../src/protocol/index.ts';
import { type Client, createClient, named, type SseEvent } from '../support/client.ts';
import { promptStream } from '../support/prompt-asks.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { type Campaign, createCampaign } from './campaign.ts';

const EVENT_MS = 1_000;
/** A question comes and goes in this time: 1,000 changes are about 20 s. */
const QUESTION_MS = 40;
const SAMPLE_MS = 250;
/** As many as one message holds. */
const QUESTIONS_A_RUN = 15;
/** What may wait for a slow reader, and the state that is being written. */
const UNSENT_BYTES_MAX = SSE_UNSENT_BYTES_MAX + 2 * QUESTION_LENGTH_MAX;

/** Small, so that it is collected often, and a server that keeps what it skips does not live. */
const HEAP_MB_MAX = 96;

export interface SlowFigures {
  changes: number;
  seconds: number;
  /** events taken while the changes happened, and all states in the end */
  taken: number;
  states: number;
  /** times that it took nothing for too long, was cut off, and came back */
  cuts: number;
  peak_unsent_bytes: number;
  /** the server's heap after collections: the least in use in each quarter, in MB. The first is a server that just began. */
  heap_low_mb: number[];
}

async function openEvents(url: string): Promise<IncomingMessage> {
  const request = get(url);
  const [response]: IncomingMessage[] = await once(request, 'response');
  // Looked at where it is read.
  response!.on('error', () => {});
  return response!.setEncoding('utf8').pause();
}

/** A reader that takes one event when it is asked to, and leaves the rest where it is. Who is cut off comes back. */
async function openSlow(url: string) {
  let response = await openEvents(url);
  const states: QueueState[] = [];
  let text = '';
  let cuts = 0;

  function note(event: string): void {
    const data = /^event: (?:initial|clarify)$/m.test(event) && /^data: (.*)$/m.exec(event)?.[1];
    const state: QueueState | null = data ? JSON.parse(data) : null;
    // Who comes back may be told once more what it knows.
    if (state && state.version !== states.at(-1)?.version) states.push(state);
  }

  async function more(): Promise<void> {
    const part: string | null = response.read();
    if (part !== null) text += part;
    else if (response.destroyed || response.readableEnded) {
      response = await openEvents(url);
      text = '';
      cuts += 1;
    }
    // Its end is told as something to read; its being cut off as an error.
    else await once(response, 'readable').catch(() => {});
  }

  return {
    states,
    cuts: () => cuts,
    /** Resolves after one event. */
    async take(): Promise<void> {
      let end = text.indexOf('\n\n');
      for (; end < 0; end = text.indexOf('\n\n')) await more();
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      note(event);
    },
    close: () => response.destroy(),
  };
}

const question = (nth: number): string => `${nth} `.padEnd(QUESTION_LENGTH_MAX, 'x');

/** Asks and answers until so many changes were made; the question that is pending then stays. */
async function makeChanges(
  client: Client,
  session_id: string,
  changes: number,
  told: (made: number) => void,
) {
  const reader = await promptStream(client, 'clarify', session_id);
  let last = '';
  const isNew = ({ event, data }: SseEvent): boolean => {
    const pending: PromptEntry | null = event === 'clarify' ? JSON.parse(data).pending : null;
    return pending !== null && promptId(pending) !== last;
  };
  for (let made = 0; made < changes; ) {
    const asks = Array.from({ length: QUESTIONS_A_RUN }, (_, at) => `ask="${question(made + at)}"`);
    const stream_id = await client.start(session_id, `tokens=1 ${asks.join(' ')}`);
    for (const _ of asks) {
      const paced = wait(QUESTION_MS);
      const { pending }: QueueState = JSON.parse((await reader.until(isNew)).data);
      // What was read is not looked through again.
      reader.events.length = 0;
      last = promptId(pending!);
      made += 1;
      told(made);
      if (made >= changes) break;
      await client.post('/api/clarify/respond', { session_id, clarify_id: last, action: 'decline' });
      made += 1;
      await paced;
    }
    if (made < changes) await ended(client, stream_id);
  }
  reader.close();
}

async function ended(client: Client, stream_id: string): Promise<void> {
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(named('stream_end'));
  reader.close();
}

interface Sample {
  heap: number;
  unsent: number;
}

async function sampleOf(client: Client): Promise<Sample> {
  const text: string = (await client.get('/metrics')).body;
  const gauge = (name: string): number => {
    const found = new RegExp(`^weir_${name} (\\S+)$`, 'm').exec(text);
    if (!found) throw new Error(`no gauge ${name}`);
    return Number(found[1]);
  };
  return { heap: gauge('nodejs_heap_size_used_bytes'), unsent: gauge('sse_unsent_bytes') };
}

/** Does `work` again and again, `every` ms apart, until it is told to end; rejects as `work` does. */
function repeat(every: number, work: () => Promise<void>): () => Promise<void> {
  const stop = new AbortController();
  const going = (async () => {
    while (!stop.signal.aborted) {
      await work();
      await wait(every, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  // Told when it is asked for.
  going.catch(() => {});
  return () => {
    stop.abort();
    return going;
  };
}

/** @throws when the reader's last state is not what is pending, when it skipped back, or when more than the bound waited */
async function measure(client: Client, url: string, changes: number, progress: Campaign['progress']) {
  const session_id = await client.session();
  const slow = await openSlow(`${url}/api/clarify/stream?session_id=${session_id}`);
  const samples: Sample[] = [];
  let taken = 0;
  const take = async () => {
    await slow.take();
    taken += 1;
  };
  const ends = [
    repeat(EVENT_MS, take),
    repeat(SAMPLE_MS, async () => void samples.push(await sampleOf(client))),
  ];
  const since = performance.now();
  await makeChanges(client, session_id, changes, (made) =>
    progress(made, changes, 'changes before a slow reader'),
  );
  const seconds = Math.round((performance.now() - since) / 1000);
  for (const end of ends) await end();
  const while_busy = taken;
  const now: QueueState = (await client.get(`/api/clarify/pending?session_id=${session_id}`)).body;
  while (slow.states.at(-1)?.version !== now.version) await slow.take();
  slow.close();
  return { states: slow.states, cuts: slow.cuts(), now, samples, seconds, taken: while_busy };
}

const QUARTERS = 4;
const MB = 1_000_000;

const heapLows = (samples: Sample[]): number[] =>
  Array.from({ length: QUARTERS }, (_, nth) => {
    const from = Math.floor((nth * samples.length) / QUARTERS);
    const to = Math.max(from + 1, Math.floor(((nth + 1) * samples.length) / QUARTERS));
    return Math.round(Math.min(...samples.slice(from, to).map(({ heap }) => heap)) / MB);
  });

export async function runPromptSlow(changes: number, isLive: boolean): Promise<SlowFigures> {
  const { progress } = createCampaign(1, isLive);
  const folder = await temporaryFolder();
  const server = await spawnServer(folder, [], { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB_MAX}` });
  try {
    const { states, cuts, now, samples, seconds, taken } = await measure(
      createClient(server.url),
      server.url,
      changes,
      progress,
    );
    const versions = states.map(({ version }) => version);
    if (versions.some((version, at) => at > 0 && version <= versions[at - 1]!))
      throw new Error('CQ4 a slow reader was told an older state after a newer one');
    const { pending, pending_count, version } = states.at(-1)!;
    if (!isDeepStrictEqual({ pending, pending_count, version }, now))
      throw new Error('CQ10 a slow reader ends with another state than what is pending');
    const peak_unsent_bytes = Math.max(...samples.map(({ unsent }) => unsent));
    if (peak_unsent_bytes > UNSENT_BYTES_MAX)
      throw new Error(`CQ10 ${peak_unsent_bytes} bytes waited for a slow reader`);
    return {
      changes,
      seconds,
      taken,
      states: states.length,
      cuts,
      peak_unsent_bytes,
      heap_low_mb: heapLows(samples),
    };
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  }
}
