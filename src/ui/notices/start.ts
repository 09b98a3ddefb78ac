// Notices of an open page, put together. It comes in a chunk of its own, for those alone who asked to be called, or who came
// by a notice.

import type { Task } from '../../protocol/board.ts';
import type { Notice } from '../../protocol/notices.ts';
import { PROMPT_KINDS } from '../../protocol/prompts.ts';
import type { App } from '../app.ts';
import { pendingPrompts } from '../prompts/prompt-api.ts';
import { arrive, open } from './arrive.ts';
import { isAnyChosen, keptChoices } from './choices.ts';
import { claim } from './claims.ts';
import { mayNotify, subscribe, worker } from './device.ts';
import { createPageCaller } from './page-caller.ts';
import { maySound, playTone } from './tone.ts';
import type { WindowAnswer, WindowQuestion } from './worker-desk.ts';

const PENDING_MS = 10_000;

const shownPath = (app: App): string => {
  const { session_id } = app.pane.getSnapshot().context;
  return location.pathname === '/board' || session_id === null ? location.pathname : `/s/${session_id}`;
};

/** The service worker shows it or takes it back, the same way as a push. */
async function notify(notice: Notice): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  registration?.active?.postMessage(notice);
}

/** Notices of questions that nobody asks any more: their withdrawal may never have come. */
async function takeBackOld(tasks: ReadonlyMap<string, Task>): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const shown of (await registration?.getNotifications()) ?? []) {
    const isQuestion = String(shown.data?.path).includes('?prompt=');
    if (isQuestion && tasks.get(shown.tag)?.status !== 'waiting-for-input') shown.close();
  }
}

/** Answers what the service worker asks of this window. */
function answerWorker(app: App): () => void {
  const workers = navigator.serviceWorker;
  if (!workers) return () => {};
  const answer = ({ data, ports }: MessageEvent<WindowQuestion>): void => {
    if (data?.ask === 'open' && !open(app, data.path)) return;
    ports[0]?.postMessage({ path: shownPath(app) } satisfies WindowAnswer);
  };
  workers.addEventListener('message', answer);
  workers.startMessages();
  return () => workers.removeEventListener('message', answer);
}

async function pending(session_id: string) {
  const bound = AbortSignal.timeout(PENDING_MS);
  const states = await Promise.all(PROMPT_KINDS.map((kind) => pendingPrompts(kind, session_id, bound)));
  return states.flatMap((state) => state.pending ?? []);
}

const isLookedAt = (app: App, session_id: string): boolean =>
  document.hasFocus() && ['/board', `/s/${session_id}`].includes(shownPath(app));

function begin(app: App): () => void {
  const caller = createPageCaller({
    choices: keptChoices,
    isLookedAt: (session_id) => isLookedAt(app, session_id),
    claim,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    pending,
    maySound,
    sound: () => void playTone().catch(() => false),
    notify: (notice) => void notify(notice).catch(() => undefined),
  });
  let isFirst = true;
  const take = (): void => {
    const { boot, tasks } = app.board.getSnapshot().context;
    if (boot === null) return;
    if (isFirst) void takeBackOld(tasks).catch(() => undefined);
    isFirst = false;
    caller.took(tasks);
  };
  const { unsubscribe } = app.board.subscribe(take);
  take();
  const unanswer = answerWorker(app);
  return () => {
    caller.close();
    unsubscribe();
    unanswer();
  };
}

let running: (() => void) | null = null;

/** Calls from here on, for what is chosen at each moment. Again: no change. */
export function startNotices(app: App): void {
  arrive(app);
  const { shows, sounds, pushes, kinds } = keptChoices();
  app.wantNotices(shows || sounds);
  if (running || !isAnyChosen(keptChoices())) return;
  running = begin(app);
  if (!mayNotify()) return;
  // The worker of this version; and the server is told again, should it have forgotten this device meanwhile.
  if (shows) void worker().catch(() => undefined);
  if (pushes) void subscribe(kinds).catch(() => undefined);
}
