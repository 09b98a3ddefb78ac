// What the session feed says of the run itself: `stream_state`, our addition to the wire; the badge of the page is made of it.
import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { followSession, holdSession } from '../../src/http/session-feed.ts';
import { SSE_BEHIND_BYTES, type StreamState, streamStateSchema } from '../../src/protocol/index.ts';
import { named, type Reader } from '../support/client.ts';
import { FACT_MS } from '../support/eventually.ts';
import { within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const statesOf = (reader: Reader): StreamState[] =>
  reader.events.filter(named('stream_state')).map(({ id, data }) => {
    expect(id).toBeUndefined();
    return z.parse(streamStateSchema, JSON.parse(data));
  });
const isSettled = ({ event, data }: { event: string; data: string }) =>
  event === 'stream_state' && JSON.parse(data).state === 'settled';
const inOrder = (words: string[]): string[] => words.filter((word, at) => word !== words[at - 1]);

async function watch(message: string, act?: (stream_id: string) => Promise<unknown>) {
  const session_id = await client.session();
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  await feed.until(named('snapshot'));
  const stream_id = await client.start(session_id, message);
  if (act) {
    await feed.until(named('token'));
    await act(stream_id);
  }
  await within(8_000, 'the settled state', feed.until(isSettled));
  feed.close();
  const states = statesOf(feed);
  for (const state of states) expect(state.stream_id).toBe(stream_id);
  return { feed, states, stream_id };
}

test('wire §4 a good run is told as starting, running, draining, settled, with its outcome at the end', async () => {
  const { states, feed } = await watch('tokens=20 rate=200');
  expect(inOrder(states.map(({ run_state }) => run_state))).toEqual([
    'starting',
    'running',
    'draining',
    'settled',
  ]);
  expect(inOrder(states.map(({ state }) => state))).toEqual(['active', 'draining', 'settled']);
  expect(states.at(-1)!.outcome).toBe('completed');
  for (const { since } of states) expect(since).toBeGreaterThan(1_600_000_000_000);
  // ST2: settled is said only when `stream_end` is in the log, and so on its way to every reader before it.
  const end = feed.events.findIndex(named('stream_end'));
  expect(end).toBeGreaterThan(-1);
  expect(feed.events.findIndex(isSettled)).toBeGreaterThan(end);
});

test('wire §4 a cancelled run is told as stopping, and why', async () => {
  const cancel = (stream_id: string) => client.post('/api/chat/cancel', { stream_id });
  const { states } = await watch('tokens=2 stall=60@1', cancel);
  const draining = states.find(({ state }) => state === 'draining')!;
  expect(draining.why).toBeTruthy();
  expect(states.at(-1)).toMatchObject({ state: 'settled', outcome: 'cancelled' });
});

test('wire §4 a failed run is told as errored', async () => {
  const { states } = await watch('fail=overloaded@1');
  expect(states.at(-1)).toMatchObject({ state: 'settled', outcome: 'errored' });
});

test('wire §4 who comes in the middle finds the run and its transitions in the snapshot', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=2 stall=60@1');
  const first = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await first.until(named('token'));
  first.close();
  const feed = await client.read(`/api/sessions/${session_id}/events`);
  const snapshot = JSON.parse((await feed.until(named('snapshot'))).data);
  feed.close();
  expect(snapshot.session).toMatchObject({ state: 'running', active_stream_id: stream_id });
  expect(snapshot.active_stream).toMatchObject({ stream_id, state: 'active', run_state: 'running' });
  const path: string[] = snapshot.active_stream.transitions.map(
    (each: { run_state: string }) => each.run_state,
  );
  expect(inOrder(path)).toEqual(['starting', 'running']);
  await client.post('/api/chat/cancel', { stream_id });
});

test('P10 a reader that is behind is told the newest state when it has caught up, and none of those between', async () => {
  const { parts } = weir.server;
  const session_id = await client.session();
  const cursor = { ids: [], numbers: [] };
  const held = await holdSession(parts, { owner: 'owner', session_id, cursor, live: true });
  const said: string[] = [];
  const drains: (() => void)[] = [];
  const slow = {
    isClosed: false,
    unsent: 0,
    write: (bytes: string | Buffer) => said.push(String(bytes)),
    writeShared: ({ plain }: { plain: Buffer }) => said.push(String(plain)),
    whenDrained: (then: () => void) => drains.push(then),
    end: () => {},
    destroy: () => {},
  };
  const letGo = followSession(held, {
    connection: slow,
    bytes: parts.bytes,
    isNamed: false,
    onDeleted: () => {},
    onLost: () => {},
  });
  slow.unsent = SSE_BEHIND_BYTES + 1;
  const stream_id = await client.start(session_id, 'tokens=2');
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  const states = () => said.filter((text) => text.startsWith('event: stream_state'));
  await vi.waitFor(() => expect(drains.length).toBeGreaterThan(1), FACT_MS);
  expect(states()).toEqual([]);
  slow.unsent = 0;
  for (const then of drains.splice(0)) then();
  expect(states().map((text) => JSON.parse(text.split('data: ')[1]!).state)).toEqual(['settled']);
  letGo();
});
