// @vitest-environment jsdom
// A pane whose transcript has to be loaded anew, and can't be for a moment. Found by a simulated world.
import { createStore } from '@xstate/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LineListener, PageLine } from '../../src/ui/line/page-line.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { createPromptDesk } from '../../src/ui/prompts/prompt-desk.ts';
import { watchSession } from '../../src/ui/session-watch.ts';
import { compactSession } from '../support/sessions.ts';

const session = compactSession('s');
const opened = { session: { ...session, messages: [], transcript_pos: 5, head: 5 } };
const snapshot = { session, active_stream: null, queue: [], head: 3 };

let isThere = true;
beforeEach(() => {
  isThere = true;
  vi.stubGlobal('fetch', async () =>
    isThere ? Response.json(opened) : Promise.reject(new TypeError('gone')),
  );
});
afterEach(() => vi.unstubAllGlobals());

function openPane() {
  const listeners: LineListener[] = [];
  const state = createStore({ context: { state: 'open', since: 0, lost: false }, on: {} });
  const line = {
    state,
    watch(_: string, listener: LineListener) {
      listeners.push(listener);
      return { reattach() {}, close() {} };
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
  return { watch, status, listeners };
}

test('AT6 a transcript that could not be loaded anew is loaded when a person asks again', async () => {
  const { watch, status, listeners } = openPane();
  await vi.waitFor(() => expect(status()).toBe('ready'));
  isThere = false;
  // The log is shorter than what is shown: the pane is loaded anew, and nobody answers.
  listeners[0]?.event({
    is: 'event',
    of: { session_id: 's' },
    event: 'snapshot',
    pos: null,
    data: JSON.stringify(snapshot),
  });
  await vi.waitFor(() => expect(status()).toBe('failed'));
  isThere = true;
  watch.retry();
  await vi.waitFor(() => expect(status()).toBe('ready'));
  watch.close();
});
