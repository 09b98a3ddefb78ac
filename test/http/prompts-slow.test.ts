// Who is slow to read states: what is newest counts, and what waits is bounded (CQ10).
import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { type QueueState, SSE_UNSENT_BYTES_MAX } from '../../src/protocol/index.ts';
import { createClient } from '../support/client.ts';
import { openAsker } from '../support/prompt-asks.ts';
import { HANDLER_MS, headOf, openRaw, within } from '../support/raw.ts';
import { startTestServer } from '../support/server.ts';

const CHANGES = 1_000;
const QUESTION_BYTES = 16_000;
/** States of one question each: what may wait for a slow reader is a bound and one state more. */
const BOUND_BYTES = SSE_UNSENT_BYTES_MAX + 2 * QUESTION_BYTES;

test('CQ10 P10 who reads an event now and then while 1,000 changes happen ends with the last state, and memory stays flat', async () => {
  const own = await startTestServer();
  const asker = await openAsker(own);
  const slow = openRaw(own.url, headOf(own.url, 'GET', `/api/clarify/stream?session_id=${asker.session_id}`));
  await slow.until((text) => text.includes('event: initial'));
  slow.socket.pause();
  let most = 0;
  for (let change = 0; change < CHANGES; change += 2) {
    const id = `q${change}`;
    await asker.ask('clarify', id, { question: 'x'.repeat(QUESTION_BYTES) });
    if (change === CHANGES - 2) break;
    const answer = {
      session_id: asker.session_id,
      prompt_id: id,
      prompt_kind: 'clarify',
      rule: null,
    } as const;
    const by = { how: 'answered', by: 'tab', answer: '{}', at: Date.now() } as const;
    await own.server.parts.journal.answer('owner', { ...answer, ...by });
    most = Math.max(most, own.server.parts.hub.unsent);
    // About one event in a hundred is taken in.
    if (change % 200 === 0) slow.socket.read(QUESTION_BYTES);
  }
  expect(most).toBeGreaterThan(SSE_UNSENT_BYTES_MAX / 4);
  expect(most).toBeLessThanOrEqual(BOUND_BYTES);
  slow.socket.resume();
  const isLast = (text: string) => text.includes(`"clarify_id":"q${CHANGES - 2}"`) && text.endsWith('\r\n');
  await within(3 * HANDLER_MS, 'the last state', slow.until(isLast));
  const states: QueueState[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => event === 'clarify' && states.push(JSON.parse(data)),
  });
  const text = slow.text();
  // Chunk sizes stand on lines of their own: a field that no parser knows.
  parser.feed(text.slice(text.indexOf('event: initial')));
  const versions = states.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(states.length).toBeLessThan(CHANGES);
  const client = createClient(own.url);
  const now = (await client.get(`/api/clarify/pending?session_id=${asker.session_id}`)).body;
  expect(states.at(-1)).toMatchObject(now);
  expect(now.pending_count).toBe(1);
  slow.socket.destroy();
  await own.close();
});
