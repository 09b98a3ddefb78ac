// kill -9 while a question is on the screen: the next start closes it with a reason, and every tab is told at once.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createClient, named, type SseEvent } from '../support/client.ts';
import { promptStream } from '../support/prompt-asks.ts';
import { within } from '../support/raw.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';

const TOLD_MS = 1_000;
const TABS = 5;

test('CQ9 P2 kill -9 while prompts are pending: closed with a reason in every tab within a second of reconnecting', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const start = async () => {
    const weir = await spawnServer(folder);
    const stop = async () => {
      weir.child.kill('SIGKILL');
      await weir.ended;
    };
    onTestFinished(stop);
    return { client: createClient(weir.url), stop };
  };
  const first = await start();
  const session_id = await first.client.session();
  const stream_id = await first.client.start(session_id, 'tokens=10 ask="Which?|this|that"');
  const before = await promptStream(first.client, 'clarify', session_id);
  const shown = await before.until(({ data }) => Boolean(JSON.parse(data).pending));
  const { pending, version } = JSON.parse(shown.data);
  const feed = await first.client.read(`/api/sessions/${session_id}/events`);
  const asked = await feed.until(named('prompt_asked'));
  await first.stop();

  const { client } = await start();
  const reconnect = async () => {
    const reader = await promptStream(client, 'clarify', session_id);
    return JSON.parse((await reader.until(named('initial'))).data);
  };
  const resume = async () => {
    const reader = await client.read(`/api/sessions/${session_id}/events`, { 'last-event-id': asked.id! });
    const settled = await reader.until(named('prompt_settled'));
    await reader.until(named('stream_end'));
    reader.close();
    return settled;
  };
  const states = await Promise.all(
    Array.from({ length: TABS }, () => within(TOLD_MS, 'the state', reconnect())),
  );
  for (const state of states) {
    expect(state).toMatchObject({ pending: null, pending_count: 0 });
    expect(state.version).toBeGreaterThan(version);
  }
  const settled: SseEvent = await within(TOLD_MS, 'the reason', resume());
  expect(JSON.parse(settled.data)).toMatchObject({
    kind: 'clarify',
    id: pending.clarify_id,
    how: 'cancelled',
    reason: 'interrupted',
  });
  const { body } = await client.get(`/api/chat/stream/status?stream_id=${stream_id}`);
  expect(body).toMatchObject({ state: 'settled', journal: { terminal_state: 'interrupted' } });
  const late = { session_id, clarify_id: pending.clarify_id, response: 'this' };
  expect(await client.post('/api/clarify/respond', late)).toMatchObject({
    status: 409,
    body: { code: 'prompt_stale', how: 'cancelled' },
  });
});
