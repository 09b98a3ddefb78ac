// @vitest-environment jsdom
// The cards of the board: fed by reads, and open for as long as the page's line is.
import { createStore } from '@xstate/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AnyActor } from 'xstate';
import type { App } from '../../src/ui/app.ts';
import { createBoardDesk } from '../../src/ui/board/board-prompts.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { FACT_MS } from '../support/eventually.ts';

const HOUR_MS = 3_600_000;
let feeds: AnyActor[] = [];
let reads = 0;

beforeEach(() => {
  feeds = [];
  reads = 0;
  vi.useFakeTimers();
  vi.stubGlobal('weirInspect', (actor: AnyActor) => feeds.push(actor));
  vi.stubGlobal('fetch', async () => {
    reads += 1;
    return Response.json({ session_id: 's', pending: null, pending_count: 0, version: 1 });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const createLine = () =>
  createStore({
    context: { state: 'open', since: 0, lost: false },
    on: { lostChanged: (line, { lost }: { lost: boolean }) => ({ ...line, lost }) },
  });

test('PF1 cards of the board are open as long as the line of its page is, however quiet it is', async () => {
  const line = createLine();
  const app = { line, client: 'tab-1', pane: createPaneStore(), commands: {} } as unknown as App;
  const broken = (bug: unknown) => expect(bug).toBeNull();
  const desk = createBoardDesk('s', { app, now: Date.now, broken });
  const states = (): unknown[] => feeds.map((feed) => feed.getSnapshot().value);
  const [open, connecting] = [{ pushing: 'open' }, { pushing: 'connecting' }];

  desk.read();
  await vi.waitFor(() => expect(desk.reading.getSnapshot().context.state).toBe('ready'), FACT_MS);
  expect(states()).toEqual([open, open]);
  await vi.advanceTimersByTimeAsync(HOUR_MS + 30_000);
  expect(states()).toEqual([open, open]);
  expect(reads).toBe(2);

  line.trigger.lostChanged({ lost: true });
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(states()).toEqual([connecting, connecting]);
  // What was asked meanwhile is read.
  line.trigger.lostChanged({ lost: false });
  expect(states()).toEqual([open, open]);
  await vi.waitFor(() => expect(reads).toBe(4), FACT_MS);

  desk.close();
  line.trigger.lostChanged({ lost: true });
  expect(states()).toEqual(['closed', 'closed']);
  expect(vi.getTimerCount()).toBe(0);
});
