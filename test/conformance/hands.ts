// The hands of a path: one run over HTTP, its agent, and what is served of it. Each does one thing, and waits until nothing
// of it is under way. What was served is kept, to be held against what was predicted.
import type { AgentEnd } from '../../src/agents/port.ts';
import type { Board, ClarifyEntry, QueueState, StreamState, StreamStatus } from '../../src/protocol/index.ts';
import { type Client, createClient, named, type Reader } from '../support/client.ts';
import type { Call } from '../support/puppet.ts';
import { type Counts, FIRST, type QueueWord } from './facts.ts';
import type { Held } from './held-log.ts';
import { type House, openHouse } from './house.ts';

export interface Served {
  status: StreamStatus | null;
  board: Board;
  queue: QueueWord | null;
}

export interface Hands {
  start(): Promise<void>;
  release(kind: Held): Promise<void>;
  refuse(kind: Held): void;
  says(): Promise<void>;
  livesOn(): void;
  asks(question: string, timeout_seconds: number, slowly?: boolean): void;
  ends(end: AgentEnd): void;
  titles(): void;
  answers(question: string, status: 200 | 409): Promise<void>;
  answersWrongly(question: string): Promise<void>;
  /** The first question. */
  answersLate(): Promise<void>;
  cancels(): Promise<void>;
  passes(ms: number): Promise<void>;
  jumps(ms: number, then_ms: number): Promise<void>;
  damages(): void;
  returnsSpace(): void;
  restarts(): Promise<void>;
  removes(): Promise<void>;
  rest(): Promise<void>;
  /** What was pushed so far, of this life of the server. */
  readonly states: StreamState[];
  readonly words: QueueWord[];
  /** Resolves when so many have come, or no more can. */
  told(states: number, words: number): Promise<unknown>;
  /** What can be counted of the machines' commands, of this path and this life of the server. */
  counts(): Counts;
  /** `withQueue`: what is pending, too. */
  served(withQueue: boolean): Promise<Served>;
  /** How the stops that somebody asked for were answered. */
  stops(): Promise<number[]>;
  readonly stream_id: string;
  readonly session_id: string;
  /** What is still held goes its way, and nothing of the agent is left. */
  close(): Promise<void>;
}

const wordOf = ({ pending, pending_count }: Pick<QueueState, 'pending' | 'pending_count'>): QueueWord => ({
  question: pending && (pending as ClarifyEntry).question,
  count: pending_count,
});

/** Where a house stands: there it is opened again when it was killed. */
export interface Site {
  readonly folder: string;
  house: House;
}

/** A session in a house, and whoever looks at it. */
export async function openHands(site: Site): Promise<Hands> {
  let { house } = site;
  let client: Client = createClient(house.url);
  let call: Call | undefined;
  let calls = house.puppet.calls.length;
  let titles = house.titling.asked;
  let counted = { ...house.log.counts };
  let feed: Reader;
  let queue: Reader;
  let stream_id = '';
  const session_id = await client.session();
  const prompts = new Map<string, string>();
  const stops: Promise<number>[] = [];

  async function look(): Promise<void> {
    feed = await client.read(`/api/sessions/${session_id}/events?replay=0`);
    queue = await client.read(`/api/clarify/stream?session_id=${session_id}`);
    await Promise.all([feed.until(named('snapshot')), queue.until(named('initial'))]);
  }
  await look();

  const expect = (status: number, given: number, what: unknown) => {
    if (given !== status) throw new Error(`expected ${status}, got ${given}: ${JSON.stringify(what)}`);
  };
  const respond = async (question: string, more: object, status: number) => {
    const body = { session_id, clarify_id: prompts.get(question), ...more };
    const answer = await client.post('/api/clarify/respond', body);
    expect(status, answer.status, answer.body);
  };
  const alive = (): Call => {
    call ??= house.puppet.calls[calls];
    if (!call) throw new Error('the agent was not called');
    return call;
  };
  const since = (kind: Held) => house.log.counts[kind] - counted[kind];

  return {
    get stream_id() {
      return stream_id;
    },
    session_id,
    async start() {
      stream_id = await client.start(session_id, 'hello');
    },
    async release(kind) {
      house.log.slow = false;
      await house.log.release(kind);
    },
    refuse: (kind) => house.log.refuse(kind),
    says: () => alive().output.frame('token', { text: 'word ' }),
    livesOn: () => alive().output.alive(),
    asks(question, timeout_seconds, slowly = false) {
      house.log.slow = slowly;
      void alive().output.clarify({ question, timeout_seconds });
    },
    ends: (end) => alive().end(end),
    titles: () => house.titling.answer('A title'),
    answers: (question, status) => respond(question, { response: 'yes' }, status),
    // Refused as held, or as wrong.
    answersWrongly: (question) => respond(question, { choices: ['not offered'] }, 400),
    answersLate: () => respond(FIRST, { response: 'too late' }, 409),
    async cancels() {
      const before = house.cancels;
      stops.push(
        client.post('/api/chat/cancel', { stream_id }).then(
          ({ status }) => status,
          () => 0,
        ),
      );
      while (house.cancels === before) await new Promise((resolve) => setImmediate(resolve));
    },
    passes: (ms) => house.clock.advance(ms),
    jumps(ms, then_ms) {
      house.clock.jump(ms);
      return house.clock.advance(then_ms);
    },
    damages: () => house.log.damage(session_id),
    returnsSpace: () => house.log.returnSpace(),
    async restarts() {
      const now = house.clock.now();
      await house.kill();
      house = await openHouse(site.folder, now);
      site.house = house;
      client = createClient(house.url);
      [call, calls, titles, counted] = [undefined, 0, 0, { ...house.log.counts }];
      for (const kind of Object.keys(counted) as Held[]) counted[kind] = 0;
      await house.rest();
      await look();
    },
    async removes() {
      expect(204, (await client.request('DELETE', `/api/sessions/${session_id}`)).status, 'delete');
    },
    rest: () => house.rest(),
    get states() {
      return feed.events.filter(named('stream_state')).map(({ data }) => {
        const { session_id: _s, ...state } = JSON.parse(data);
        return state;
      });
    },
    get words() {
      const told = queue.events.filter(named('clarify', 'initial')).map(({ data }) => JSON.parse(data));
      for (const { pending } of told) if (pending) prompts.set(pending.question, pending.clarify_id);
      return told.slice(1).map(wordOf);
    },
    told(states, words) {
      const has = (reader: Reader, names: string[], n: number) =>
        reader.until(() => reader.events.filter(named(...names)).length >= n);
      // The first word of a queue is how it was found.
      return Promise.allSettled([
        has(feed, ['stream_state'], states),
        has(queue, ['clarify', 'initial'], words + 1),
      ]);
    },
    counts: () => ({
      'write.started': since('started'),
      'call.agent': house.puppet.calls.length - calls,
      'stop.agent': (call ?? house.puppet.calls[calls])?.stops ?? 0,
      'kill.agent': (call ?? house.puppet.calls[calls])?.kills ?? 0,
      'write.terminal': since('terminal'),
      describe: house.titling.asked - titles,
      'write.settle': since('settle'),
      expire: since('expiry'),
    }),
    async served(withQueue) {
      const [status, board, clarify] = await Promise.all([
        client.get(`/api/chat/stream/status?stream_id=${stream_id}`),
        client.get('/api/board'),
        withQueue ? client.get(`/api/clarify/pending?session_id=${session_id}`) : null,
      ]);
      if (clarify?.body.pending) prompts.set(clarify.body.pending.question, clarify.body.pending.clarify_id);
      return {
        status: status.status === 200 ? status.body : null,
        board: board.body,
        queue: clarify?.status === 200 ? wordOf(clarify.body) : null,
      };
    },
    stops: () => Promise.all(stops),
    async close() {
      feed.close();
      queue.close();
      await house.log.releaseAll();
      for (const each of house.puppet.calls.slice(calls)) each.end({ kind: 'stopped' });
      await house.rest();
    },
  };
}
