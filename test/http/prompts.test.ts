import { expect, test } from 'vitest';
import { PENDING_PROMPTS_MAX, type QueueState } from '../../src/protocol/index.ts';
import { named, type Reader, type SseEvent } from '../support/client.ts';
import {
  type Asker,
  openAsker,
  pendingAt,
  promptStream,
  statesOf,
  versionOf,
} from '../support/prompt-asks.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const headIn = ({ pending }: QueueState): string | null =>
  pending && ('clarify_id' in pending ? pending.clarify_id : pending.approval_id);
const polled = async (session_id: string, kind = 'clarify') =>
  (await client.get(`/api/${kind}/pending?session_id=${session_id}`)).body;
const respond = (session_id: string, clarify_id: string, response = 'yes') =>
  client.post('/api/clarify/respond', { session_id, clarify_id, response });

/** Connects, and has the first event within the bound. */
async function connect(session_id: string, kind: 'clarify' | 'approval' = 'clarify'): Promise<Reader> {
  const first = async () => {
    const reader = await promptStream(client, kind, session_id);
    expect(reader.status).toBe(200);
    await reader.until(named('initial'));
    return reader;
  };
  return within(HANDLER_MS, 'the first event', first());
}

async function recordsOf({ session_id }: Asker) {
  const { records } = await weir.server.parts.journal.readSession(session_id, 0, 100_000);
  return records.map(({ pos, event, json }) => ({ pos, event, data: JSON.parse(json) }));
}

function expectToGrow(states: QueueState[]): void {
  const versions = states.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
}

test('CQ2 lesson 31 who connects to an empty queue is told so at once', async () => {
  const session_id = await client.session();
  for (const kind of ['clarify', 'approval'] as const) {
    const reader = await connect(session_id, kind);
    const [first] = statesOf(reader.events, kind);
    expect(first).toMatchObject({ session_id, pending: null, pending_count: 0 });
    const { session_id: _, ...state } = first!;
    expect(await polled(session_id, kind)).toEqual(state);
    reader.close();
  }
});

test('CQ1 CQ3 CQ7 every change is pushed, and what is pushed is what is polled', async () => {
  const asker = await openAsker(weir);
  const { session_id } = asker;
  const reader = await connect(session_id);
  const step = async (head: string | null, count: number) => {
    const last = () => statesOf(reader.events, 'clarify').at(-1)!;
    const is = ({ event, data }: SseEvent) => {
      if (event !== 'clarify') return false;
      const state = JSON.parse(data);
      return headIn(state) === head && state.pending_count === count && state.version === last().version;
    };
    await within(HANDLER_MS, `${head} of ${count}`, reader.until(is));
    const { session_id: _, ...state } = last();
    expect(await polled(session_id)).toEqual(state);
  };
  await asker.ask('clarify', 'c1');
  await step('c1', 1);
  await asker.ask('clarify', 'c2');
  await step('c1', 2);
  await respond(session_id, 'c1');
  await step('c2', 1);
  await respond(session_id, 'c2');
  await step(null, 0);
  await asker.ask('clarify', 'c3', { expires_at: Date.now() + 200, timeout_seconds: 1 });
  await reader.until(({ data }) => data.includes('"c3"'));
  await step(null, 0);
  expectToGrow(statesOf(reader.events, 'clarify'));
  reader.close();
});

test('CQ2 P10 a full queue: the first event comes, the head is the oldest, one more is too many', async () => {
  const asker = await openAsker(weir);
  const { session_id } = asker;
  for (const kind of ['clarify', 'approval'] as const) {
    const ids = Array.from({ length: PENDING_PROMPTS_MAX }, (_, at) => `${kind}_${at}`);
    const asked = await Promise.all(ids.map((id) => asker.ask(kind, id)));
    expect(new Set(asked.map(({ kind }) => kind))).toEqual(new Set(['asked']));
    expect((await asker.ask(kind, `${kind}_more`)).kind).toBe('too_many');
    const reader = await connect(session_id, kind);
    const [first] = statesOf(reader.events, kind);
    expect(first!.pending_count).toBe(PENDING_PROMPTS_MAX);
    expect(headIn(first!)).toBe(pendingAt(await recordsOf(asker), kind, first!.version)[0]);
    reader.close();
  }
  // CQ9: all 128 go with their run, at once, in every tab.
  const tabs = await Promise.all([connect(session_id), connect(session_id, 'approval')]);
  expect((await client.post('/api/chat/cancel', { stream_id: asker.stream_id })).status).toBe(200);
  const gone = ({ data }: SseEvent) => JSON.parse(data).pending_count === 0;
  await within(HANDLER_MS, 'the cards go', Promise.all(tabs.map((tab) => tab.until(gone))));
  for (const tab of tabs) tab.close();
});

const LANES = 20;
const EACH = 10;
/** One tab for so many questions of a lane. */
const TAB_EVERY = 5;

test('CQ1 CQ2 CQ4 while 200 questions are asked and answered at once, every tab gets its first event and the last state', async () => {
  const asker = await openAsker(weir);
  const { session_id } = asker;
  const tabs: Promise<Reader>[] = [connect(session_id)];
  const lane = async (at: number) => {
    for (let each = 0; each < EACH; each += 1) {
      const id = `q${at}_${each}`;
      expect((await asker.ask('clarify', id)).kind).toBe('asked');
      if (each % TAB_EVERY === 0) tabs.push(connect(session_id));
      expect((await respond(session_id, id)).status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, at) => lane(at)));
  const last = await polled(session_id);
  expect(last).toMatchObject({ pending: null, pending_count: 0 });
  const records = await recordsOf(asker);
  expect(records.filter(({ event }) => event === 'prompt_settled')).toHaveLength(LANES * EACH);
  for (const tab of await Promise.all(tabs)) {
    const isLast = (event: SseEvent) =>
      (event.event === 'clarify' || event.event === 'initial') && versionOf(event) >= last.version;
    await within(HANDLER_MS, 'the last state', tab.until(isLast));
    const states = statesOf(tab.events, 'clarify');
    expectToGrow(states);
    const { session_id: _, ...final } = states.at(-1)!;
    expect(final).toEqual(last);
    for (const state of states) {
      const pending = pendingAt(records, 'clarify', state.version);
      expect([headIn(state), state.pending_count]).toEqual([pending[0] ?? null, pending.length]);
    }
    tab.close();
  }
});

test('wire §4 the stream’s feed shows its own pending prompt, without an id, and that it is gone', async () => {
  const asker = await openAsker(weir);
  await asker.ask('approval', 'a1');
  const reader = await client.read(`/api/chat/stream?stream_id=${asker.stream_id}`);
  const shown = await within(HANDLER_MS, 'the prompt', reader.until(named('approval')));
  expect(shown.id).toBeUndefined();
  expect(headIn(JSON.parse(shown.data))).toBe('a1');
  const another = await openAsker(weir);
  await another.ask('approval', 'b1');
  const body = { session_id: asker.session_id, approval_id: 'a1', choice: 'deny' };
  expect((await client.post('/api/approval/respond', body)).status).toBe(200);
  const isGone = ({ event, data }: SseEvent) => event === 'approval' && JSON.parse(data).pending === null;
  await within(HANDLER_MS, 'its end', reader.until(isGone));
  expect(reader.events.filter(named('approval')).map(({ data }) => headIn(JSON.parse(data)))).toEqual([
    'a1',
    null,
  ]);
  reader.close();
});

test('wire §4 CQ12 the session’s feed carries both states, every record, and what the session is because of it', async () => {
  const asker = await openAsker(weir);
  const { session_id, stream_id } = asker;
  const view = async () =>
    (await client.get(`/api/session?session_id=${session_id}&messages=0`)).body.session;
  const listed = async () =>
    (await client.get('/api/sessions')).body.sessions.find(
      (each: { session_id: string }) => each.session_id === session_id,
    );
  expect(await view()).toMatchObject({ state: 'running', waiting: { clarify: 0, approval: 0 } });
  expect(await view()).not.toHaveProperty('asks');
  const board = await client.read('/api/events');
  const toldAsks = ({ event, data }: SseEvent) =>
    event === 'session.changed' && JSON.parse(data).session_id === session_id
      ? [JSON.parse(data).session.asks?.text]
      : [];
  await within(HANDLER_MS, 'the board', board.until(named('snapshot')));
  await asker.ask('clarify', 'f1', { question: 'Which\n  one?', requested_at: 7 });
  await asker.ask('approval', 'f2');
  const waiting = {
    state: 'waiting',
    waiting: { clarify: 1, approval: 1 },
    asks: { kind: 'clarify', text: 'Which one?', since: 7 },
  };
  expect(await view()).toMatchObject(waiting);
  expect(await listed()).toMatchObject(waiting);
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  const snapshot = JSON.parse((await within(HANDLER_MS, 'the snapshot', feed.until(named('snapshot')))).data);
  expect(snapshot).toMatchObject({ session: waiting, active_stream: { run_state: 'waiting' } });
  expect([headIn(snapshot.clarify), headIn(snapshot.approval)]).toEqual(['f1', 'f2']);
  await respond(session_id, 'f1');
  const next = { kind: 'approval', text: 'ls' };
  expect(await view()).toMatchObject({ state: 'waiting', waiting: { clarify: 0, approval: 1 }, asks: next });
  expect(await listed()).toMatchObject({ asks: next });
  await client.post('/api/approval/respond', {
    session_id,
    approval_id: 'f2',
    choice: 'once',
    feedback: 'go',
  });
  expect(await view()).toMatchObject({ state: 'running', waiting: { clarify: 0, approval: 0 } });
  expect(await view()).not.toHaveProperty('asks');
  // Who has no feed of this session is told the same, in the same order.
  const told = () => board.events.flatMap(toldAsks).filter((text, at, all) => text !== all[at - 1]);
  await within(
    HANDLER_MS,
    'nothing is asked',
    board.until((event) => toldAsks(event).includes(undefined) && told().length > 2),
  );
  expect(told().filter((text) => text !== undefined)).toEqual(['Which one?', 'ls']);
  board.close();
  const isRunning = ({ event, data }: SseEvent) =>
    event === 'stream_state' && JSON.parse(data).run_state === 'running';
  await within(HANDLER_MS, 'running again', feed.until(isRunning));
  for (const kind of ['clarify', 'approval']) {
    const isGone = ({ event, data }: SseEvent) => event === kind && JSON.parse(data).pending === null;
    expect((await within(HANDLER_MS, 'the state', feed.until(isGone))).id).toBeUndefined();
  }
  await client.post('/api/chat/cancel', { stream_id });
  // Its agent is deaf: it is killed after three seconds.
  await within(4 * HANDLER_MS, 'the end', feed.until(named('stream_end')));
  const logged = (await recordsOf(asker)).filter(({ event }) => event.startsWith('prompt_'));
  expect(logged.map(({ event }) => event)).toEqual([
    'prompt_asked',
    'prompt_asked',
    'prompt_settled',
    'prompt_settled',
  ]);
  const fed = feed.events.filter(named('prompt_asked', 'prompt_settled'));
  expect(fed.map(({ data }) => JSON.parse(data))).toEqual(logged.map(({ data }) => data));
  expect(fed.map(({ id }) => id)).toEqual(logged.map(({ pos }) => `${session_id}:${pos}`));
  const exported = await client.get(`/api/sessions/${session_id}/export?format=jsonl`);
  for (const { data } of fed) expect(exported.body).toContain(data.slice(1, -1));
  feed.close();
});

test('CQ9 who looks at a session that is deleted is told, and let go', async () => {
  const asker = await openAsker(weir);
  const { session_id } = asker;
  await asker.ask('clarify', 'd1');
  const tabs = await Promise.all([connect(session_id), connect(session_id, 'approval')]);
  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(204);
  await within(HANDLER_MS, 'the end', Promise.all(tabs.map(({ ended }) => ended)));
  for (const { events } of tabs) {
    expect(events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"deleted"}' });
    // CQ4: no version is said twice, not on the way out either.
    expectToGrow(statesOf(events, 'approval'));
  }
  expect(statesOf(tabs[0]!.events, 'clarify').at(-1)).toMatchObject({ pending: null, pending_count: 0 });
  expect((await client.get(`/api/clarify/pending?session_id=${session_id}`)).status).toBe(404);
  expect((await respond(session_id, 'd1')).status).toBe(404);
});

test('P11 lesson 26 a tab that leaves takes its subscription with it', async () => {
  const session_id = await client.session();
  const before = weir.server.parts.hub.size;
  const tabs = await Promise.all(Array.from({ length: 20 }, () => connect(session_id)));
  expect(weir.server.parts.hub.size).toBe(before + 20);
  for (const tab of tabs) tab.close();
  await expect.poll(() => weir.server.parts.hub.size).toBe(before);
});
