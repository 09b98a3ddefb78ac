// @vitest-environment jsdom
// A pane whose transcript has to be loaded anew, and can't be for a moment. Found by a simulated world.
import { createStore } from '@xstate/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LineListener, PageLine } from '../../src/ui/line/page-line.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { createPromptDesk } from '../../src/ui/prompts/prompt-desk.ts';
import { watchSession } from '../../src/ui/session-watch.ts';
import { FACT_MS } from '../support/eventually.ts';
import { compactSession } from '../support/sessions.ts';

const session = compactSession('s');
const opened = { session: { ...session, messages: [], transcript_pos: 5, head: 5 } };
const snapshot = { session, active_stream: null, queue: [], head: 3 };

let isThere = true;
let loads = 0;
beforeEach(() => {
  isThere = true;
  loads = 0;
  vi.stubGlobal('fetch', async () => {
    loads += 1;
    return isThere ? Response.json(opened) : Promise.reject(new TypeError('gone'));
  });
});
afterEach(() => vi.unstubAllGlobals());

function openPane() {
  const listeners: LineListener[] = [];
  let attached = 0;
  const state = createStore({ context: { state: 'open', since: 0, lost: false }, on: {} });
  const line = {
    state,
    watch(_: string, listener: LineListener) {
      listeners.push(listener);
      attached += 1;
      return {
        reattach() {
          attached += 1;
        },
        close() {},
      };
    },
    retry() {},
  } as unknown as PageLine;
  const store = createPaneStore();
  const broken = (bug: unknown) => {
    throw bug;
  };
  const watch = watchSession('s', {
    store,
    line,
    now: () => 1,
    touched() {},
    submitted() {},
    broken,
    lockedOut() {},
    client: 'tab',
    draftReturned() {},
    ready: async () => ({ createPromptDesk }),
  });
  const status = () => store.getSnapshot().context.status;
  /** The log is shorter than what is shown. */
  const tellSnapshot = () =>
    listeners[0]?.event({
      is: 'event',
      of: { session_id: 's' },
      event: 'snapshot',
      pos: null,
      data: JSON.stringify(snapshot),
    });
  return { watch, status, listeners, tellSnapshot, attached: () => attached };
}

test('AT6 a transcript that could not be loaded anew is loaded when a person asks again', async () => {
  const { watch, status, tellSnapshot } = openPane();
  await vi.waitFor(() => expect(status()).toBe('ready'), FACT_MS);
  isThere = false;
  // The pane is loaded anew, and nobody answers.
  tellSnapshot();
  await vi.waitFor(() => expect(status()).toBe('failed'), FACT_MS);
  isThere = true;
  watch.retry();
  await vi.waitFor(() => expect(status()).toBe('ready'), FACT_MS);
  watch.close();
});

test('AT6 a transcript that is ahead of what the server has heard of its log is loaded anew once, not until it has', async () => {
  const { watch, listeners, tellSnapshot, attached } = openPane();
  await vi.waitFor(() => expect(attached()).toBe(1), FACT_MS);
  for (const loaded of [2, 2, 2]) {
    tellSnapshot();
    await vi.waitFor(() => expect(attached()).toBe(2), FACT_MS);
    expect(loads).toBe(loaded);
  }
  // Whoever comes back may be another server, with another log.
  listeners[0]?.line({ type: 'line.lost', at: 2 });
  tellSnapshot();
  await vi.waitFor(() => expect(attached()).toBe(3), FACT_MS);
  expect(loads).toBe(3);
  watch.close();
});
