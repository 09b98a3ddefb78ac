// @vitest-environment jsdom
// The story: the page asked for the settled session, nobody answered, and it gave the run up. Then the connection came back
// and said that the run still goes on, so the pane was the run's again. When it was settled at last, the pane stayed with it:
// finalized already, it let nothing go. Found by the exploration in `test/verify`.
import { expect, test, vi } from 'vitest';
import type { Message } from '../../src/protocol/views.ts';
import { createAttachedStreams } from '../../src/ui/attached-streams.ts';
import type { OpenedSession } from '../../src/ui/open-session.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { FACT_MS } from '../support/eventually.ts';

const begin = { stream_id: 'r', message_id: 'm', created_at: 1, restored: null };
const settled: Message = {
  message_id: 'm',
  role: 'assistant',
  parts: [],
  created_at: 1,
  stream_id: 'r',
  last_seq: 3,
  terminal_state: 'completed',
  settled_at: 5,
};

test('AT3 AT5 a run that is settled after it was given up and taken back lets the pane go', async () => {
  const store = createPaneStore();
  store.trigger.cleared({ session_id: 's' });
  const pane = () => store.getSnapshot().context;
  let isReachable = false;
  const streams = createAttachedStreams({
    store,
    now: () => 9,
    isLineOpen: () => true,
    async askTranscript() {
      if (!isReachable) throw new Error('nobody there');
      return { active_stream_id: null, messages: [settled] } as unknown as OpenedSession;
    },
    reattach() {},
    finalized() {},
    forgetCursor() {},
    touched() {},
    broken: (bug) => expect(bug).toBeNull(),
  });
  const frame = (seq: number, event: string) => ({ pos: seq, event, data: { stream_id: 'r', seq, at: seq } });
  streams.attach(begin, true).take([frame(1, 'stream_started'), frame(2, 'done'), frame(3, 'stream_end')]);
  await vi.waitFor(() => expect(pane().attachments.r?.state).toBe('stale'), FACT_MS);
  expect(pane().owner_stream_id).toBeNull();
  streams.attach(begin, true);
  expect(pane().owner_stream_id).toBe('r');
  isReachable = true;
  streams.tell({ type: 'retry', at: 10 });
  await vi.waitFor(() => expect(streams.size).toBe(0), FACT_MS);
  expect(pane().owner_stream_id).toBeNull();
});
