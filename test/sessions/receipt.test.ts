// Every end has its receipt: the steps of the run's actor, as they were when the log took its end.
import { expect, test, vi } from 'vitest';
import { CANCEL_KILL_MS, CANCEL_SETTLE_MS, QUIET_AFTER_MS } from '../../src/machines/bounds.ts';
import { TRANSITIONS_MAX } from '../../src/protocol/index.ts';
import { createClient } from '../support/client.ts';
import { OWNER, openRoom, type Room } from '../support/puppet.ts';
import { startTestServer } from '../support/server.ts';

const WAIT = { interval: 2, timeout: 10_000 };
const over = (room: Room) => vi.waitFor(() => expect(room.sessions.counts().stream).toEqual({}), WAIT);
const paths = async (room: Room, stream_id: string) =>
  (await room.sessions.receipt(OWNER, stream_id)).transitions.map(({ path }) => path);

test('ui5 a receipt is the way of the actor while the run lives, and the same way with its end when it is over', async () => {
  const room = await openRoom();
  const { session_id, stream_id, call } = await room.begin();
  await call.output.frame('token', { text: 'before' });
  const last = async () => (await paths(room, stream_id)).at(-1);
  await vi.waitFor(async () => expect(await last()).toBe('active.running'), WAIT);
  const live = await room.sessions.receipt(OWNER, stream_id);
  expect(live).toMatchObject({
    stream_id,
    session_id,
    epoch: 1,
    settled_at: null,
    outcome: null,
    kept: true,
  });
  expect(live.transitions.map(({ path }) => path)).toEqual([
    'active.admitted',
    'active.starting',
    'active.running',
  ]);
  await room.sessions.cancel(OWNER, stream_id);
  await room.clock.advance(CANCEL_KILL_MS);
  await room.clock.advance(CANCEL_SETTLE_MS);
  await over(room);
  const receipt = await room.sessions.receipt(OWNER, stream_id);
  expect(receipt).toMatchObject({ outcome: 'cancelled', kept: true, dropped: 0 });
  expect(receipt.transitions.slice(0, live.transitions.length)).toEqual(live.transitions);
  expect(receipt.transitions.at(-1)).toMatchObject({
    path: 'settled',
    run_state: 'settled',
    why: 'cancelled',
  });
  expect(receipt.transitions.filter(({ run_state }) => run_state === 'draining').length).toBeGreaterThan(1);
  const times = receipt.transitions.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(receipt.settled_at).toBe(times.at(-1));
});

test('ui5 of a run with more steps than are kept, the newest are, and the rest is counted', async () => {
  const room = await openRoom();
  const { stream_id, call } = await room.begin();
  const last = async () => (await paths(room, stream_id)).at(-1);
  for (let round = 0; round <= TRANSITIONS_MAX / 2; round += 1) {
    await call.output.frame('token', { text: 'a' });
    await vi.waitFor(async () => expect(await last()).toBe('active.running'), WAIT);
    await room.clock.advance(QUIET_AFTER_MS);
    expect(await last()).toBe('active.quiet');
  }
  call.end({ kind: 'finished' });
  await over(room);
  const { transitions, dropped } = await room.sessions.receipt(OWNER, stream_id);
  expect(dropped).toBeGreaterThan(0);
  expect(transitions).toHaveLength(TRANSITIONS_MAX + 1);
  expect(await last()).toBe('settled');
});

test('ui5 a receipt that is asked for in the moment of the end is that of the run, not one of the log', async () => {
  const room = await openRoom();
  const { stream_id, call } = await room.begin();
  // As the log was, told when the run is over.
  const row = await room.journal.getReceipt(OWNER, stream_id);
  const asked = vi.spyOn(room.journal, 'getReceipt').mockImplementationOnce(async () => {
    call.end({ kind: 'finished' });
    await over(room);
    return row;
  });
  const receipt = await room.sessions.receipt(OWNER, stream_id);
  asked.mockRestore();
  expect(receipt).toMatchObject({ kept: true, outcome: 'completed', from_log: 0 });
  expect(receipt.transitions.at(-1)).toMatchObject({ path: 'settled' });
});

test('ui5 P8 a receipt goes with its session, and is nobody else’s', async () => {
  const { url, close } = await startTestServer();
  const client = createClient(url);
  try {
    const session_id = await client.session();
    const stream_id = await client.start(session_id, 'tokens=1');
    await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
    expect((await client.get(`/api/chat/receipt?stream_id=${stream_id}`)).body).toMatchObject({
      outcome: 'completed',
      kept: true,
    });
    await client.request('DELETE', `/api/sessions/${session_id}`);
    expect((await client.get(`/api/chat/receipt?stream_id=${stream_id}`)).status).toBe(404);
  } finally {
    await close();
  }
});
