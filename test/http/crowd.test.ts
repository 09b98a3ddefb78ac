// Many clients at once on few sessions, doing what they like; then the log is asked whether every promise was kept
// (P1–P4, P12, SE1, SE2, SE5). A crowd that found something says its seed: typed into SEED, its dice fall alike again.
import { expect, test } from 'vitest';
import { type Client, createClient, type SseEvent } from '../support/client.ts';
import { within } from '../support/raw.ts';
import { startTestServer } from '../support/server.ts';

const SEED = 0;
const SESSIONS = 4;
const CLIENTS = 8;
const STEPS = 30;

function createDice(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    below: (n: number) => Math.floor(next() * n),
    pick: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!,
  };
}
type Dice = ReturnType<typeof createDice>;

const MESSAGES = [
  'tokens=3',
  'tokens=30 rate=300',
  'tokens=200 rate=0',
  'fail=overloaded@2',
  'stall=60@1',
  'tokens=5 tools=2',
];

/** What the server promised: to be found in the log. */
interface Promises {
  started: Map<string, { session_id: string; message_id: string }>;
  queued: Map<string, string>;
  submissions: Map<string, string>;
  cancelled: Set<string>;
  deleted: Set<string>;
}

interface Crowd {
  client: Client;
  sessions: string[];
  kept: Promises;
  streams: string[];
}

async function start(crowd: Crowd, dice: Dice): Promise<void> {
  const { client, sessions, kept } = crowd;
  const session_id = dice.pick(sessions);
  const client_message_id = `c-${dice.below(40)}`;
  const message = MESSAGES[Number(client_message_id.slice(2)) % MESSAGES.length]!;
  const on_busy = dice.pick(['reject', 'queue'] as const);
  const { status, body } = await client.post('/api/chat/start', {
    session_id,
    message,
    client_message_id,
    on_busy,
  });
  if (status === 200 || status === 202) {
    const submission = `${session_id} ${client_message_id}`;
    const before = kept.submissions.get(submission);
    if (before !== undefined) expect(body.message_id).toBe(before);
    kept.submissions.set(submission, body.message_id);
  }
  if (status === 200) {
    kept.started.set(body.stream_id, { session_id, message_id: body.message_id });
    crowd.streams.push(body.stream_id);
  } else if (status === 202) kept.queued.set(body.message_id, session_id);
  else expect([404, 409]).toContain(status);
}

async function change(crowd: Crowd, dice: Dice): Promise<void> {
  const { client, sessions, kept } = crowd;
  const session_id = dice.pick(sessions);
  switch (dice.below(6)) {
    case 0: {
      const { status, body } = await client.post('/api/chat/retry', { session_id });
      if (status === 200) crowd.streams.push(body.stream_id);
      else expect([400, 404, 409]).toContain(status);
      return;
    }
    case 1: {
      const queue_paused = dice.below(2) === 0;
      expect([200, 404]).toContain(
        (await client.request('PATCH', `/api/sessions/${session_id}`, { queue_paused })).status,
      );
      return;
    }
    case 2: {
      const { status, body } = await client.get(`/api/sessions/${session_id}/queue`);
      if (status === 404 || body.queue.length === 0) return;
      const path = `/api/sessions/${session_id}/queue/${dice.pick(body.queue as { message_id: string }[]).message_id}`;
      const change = dice.below(2)
        ? client.request('DELETE', path)
        : client.request('PATCH', path, { message: 'tokens=2' });
      expect([200, 204, 404, 409]).toContain((await change).status);
      return;
    }
    case 3: {
      if (dice.below(6) > 0) return;
      const { status } = await client.request('DELETE', `/api/sessions/${session_id}`);
      expect([204, 404]).toContain(status);
      kept.deleted.add(session_id);
      sessions[sessions.indexOf(session_id)] = await client.session();
      return;
    }
    default: {
      const stream_id = dice.pick(crowd.streams);
      if (!stream_id) return;
      const { status } = await client.post('/api/chat/cancel', { stream_id });
      expect([200, 404, 409]).toContain(status);
      if (status === 200) kept.cancelled.add(stream_id);
    }
  }
}

/** Follows one session until told to stop, coming and going; what it was given, in order. */
async function follow(
  client: Client,
  session_id: string,
  dice: Dice,
  isOver: () => boolean,
): Promise<SseEvent[]> {
  const given: SseEvent[] = [];
  while (!isOver()) {
    const last = given.at(-1)?.id;
    const reader = await client.read(
      `/api/sessions/${session_id}/events`,
      last ? { 'last-event-id': last } : {},
    );
    if (reader.status === 404) break;
    let count = 0;
    const upto = 1 + dice.below(60);
    await reader
      .until(({ event, id }) => event === 'heartbeat' || (id !== undefined && ++count >= upto))
      .catch(() => {});
    reader.close();
    await reader.ended;
    // An honest cursor is never reset.
    expect(reader.events.filter(({ event }) => event === 'reset')).toEqual([]);
    given.push(...reader.events.filter(({ id }) => id !== undefined));
  }
  return given;
}

/** Everything stops: no queue goes on, no run is left. */
async function calm(crowd: Crowd): Promise<void> {
  for (const session_id of crowd.sessions) {
    await crowd.client.request('PATCH', `/api/sessions/${session_id}`, { queue_paused: true });
    await expect
      .poll(
        async () => {
          const { session } = (await crowd.client.get(`/api/session?session_id=${session_id}&messages=0`))
            .body;
          const stream_id = session.active_stream_id;
          if (stream_id) await crowd.client.post('/api/chat/cancel', { stream_id });
          return session.state;
        },
        { interval: 20, timeout: 10_000 },
      )
      .toBe('idle');
  }
}

type LogLine = { pos: number; event: string; data: Record<string, string & number> };

function checkLog(lines: LogLine[]): void {
  expect(lines.map(({ pos }) => pos)).toEqual(lines.map((_, at) => at + 1));
  let active: string | null = null;
  const heads = new Map<string, number>();
  const ended = new Map<string, string>();
  for (const { event, data } of lines) {
    if (event === 'user_message') {
      // SE1: no run begins before the one before it has settled.
      expect(active).toBeNull();
      active = data.stream_id!;
      expect(heads.has(active)).toBe(false);
      heads.set(active, 0);
    }
    if (data.seq === undefined) continue;
    expect(data.stream_id).toBe(active);
    expect(data.seq).toBe(heads.get(active!)! + 1);
    heads.set(active!, data.seq);
    if (['done', 'cancel', 'apperror'].includes(event)) {
      expect(ended.has(active!)).toBe(false);
      ended.set(active!, event);
    } else if (ended.has(active!))
      expect(['metering', 'title_status', 'title', 'stream_end']).toContain(event);
    if (event === 'stream_end') {
      expect(ended.has(active!)).toBe(true);
      active = null;
    }
  }
  expect(active).toBeNull();
}

function checkPromises(lines: LogLine[], session_id: string, kept: Promises, waiting: Set<string>): void {
  const asked = lines.filter(({ event }) => event === 'user_message').map(({ data }) => data);
  for (const [stream_id, promise] of kept.started)
    if (promise.session_id === session_id)
      expect(
        asked.filter((data) => data.stream_id === stream_id && data.message_id === promise.message_id),
      ).toHaveLength(1);
  const withdrawn = new Set(
    lines.filter(({ event }) => event === 'message_withdrawn').map(({ data }) => data.message_id),
  );
  for (const [message_id, of] of kept.queued) {
    if (of !== session_id) continue;
    const runs = asked.filter((data) => data.message_id === message_id && data.retry_of === undefined).length;
    expect(
      runs + Number(withdrawn.has(message_id as never)) + Number(waiting.has(message_id)),
      message_id,
    ).toBe(1);
  }
  for (const stream_id of kept.cancelled) {
    const end = lines.find(({ event, data }) => data.stream_id === stream_id && event === 'stream_end');
    if (end) expect(end.data.terminal_state).toBe('cancelled');
  }
}

test('P1 P2 P3 P4 SE1 SE2 SE5 a crowd on a few sessions: every promise is kept, every log is whole', async () => {
  const seed = SEED || Date.now() % 1_000_000;
  const weir = await startTestServer({ heartbeat_ms: 50 });
  const client = createClient(weir.url);
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => client.session()));
  const kept: Promises = {
    started: new Map(),
    queued: new Map(),
    submissions: new Map(),
    cancelled: new Set(),
    deleted: new Set(),
  };
  const crowd: Crowd = { client, sessions, kept, streams: [] };
  const first = [...sessions];
  let over = false;
  const followers = first.map((id, at) => follow(client, id, createDice(seed + 100 + at), () => over));
  try {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, at) => {
        const dice = createDice(seed + at);
        for (let step = 0; step < STEPS; step += 1) await (dice.below(2) ? start : change)(crowd, dice);
      }),
    );
    await calm(crowd);
    over = true;
    const given = await within(5_000, 'the followers', Promise.all(followers));
    for (const session_id of sessions) {
      const { body } = await client.get(`/api/sessions/${session_id}/export?format=jsonl`);
      const raw: string[] = body.trim().split('\n').slice(1);
      const lines = raw.map((line) => JSON.parse(line));
      checkLog(lines);
      const { queue } = (await client.get(`/api/sessions/${session_id}/queue`)).body;
      checkPromises(
        lines,
        session_id,
        kept,
        new Set(queue.map((each: { message_id: string }) => each.message_id)),
      );
      const seen = given[first.indexOf(session_id)] ?? [];
      // P3: what a follower was given is the log from its beginning, byte for byte.
      expect(seen.map(({ id, event, data }) => `${id} ${event} ${data}`)).toEqual(
        lines.slice(0, seen.length).map(({ pos, event }, at) => {
          const data = raw[at]!.slice(raw[at]!.indexOf('"data":') + 7, -1);
          return `${session_id}:${pos} ${event} ${data}`;
        }),
      );
    }
    for (const session_id of kept.deleted)
      expect((await client.get(`/api/session?session_id=${session_id}`)).status).toBe(404);
    await expect.poll(() => weir.server.parts.hub.size, { interval: 10 }).toBe(0);
    expect(weir.server.parts.sessions.counts().stream).toEqual({});
  } catch (failure) {
    throw new Error(`the crowd of seed ${seed} found something: ${(failure as Error).message}`, {
      cause: failure,
    });
  } finally {
    over = true;
    await weir.close();
  }
});
