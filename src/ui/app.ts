// The page put together: its stores, what a person can do, and which session is watched. React reads the stores and calls
// these commands; no view talks to the server by itself.
import type { PromptReply } from '../machines/prompt-feed.machine.ts';
import type { PromptKind } from '../protocol/prompts.ts';
import { ApiError, api, sentenceOf } from './api.ts';
import { draftKey, keep, kept } from './kept.ts';
import { createListStore } from './list-store.ts';
import { createNewSessions } from './new-session.ts';
import { createOutbox, type Outgoing } from './outbox.ts';
import { createPaneStore } from './pane-store.ts';
import { arePromptsLost, loadPrompts } from './prompts/load.ts';
import { appendPromptDraft } from './prompts/prompt-draft.ts';
import { tabName } from './prompts/tab-name.ts';
import { random } from './random.ts';
import { isRendererLost, loadRenderer } from './renderer/load.ts';
import { currentPlace, go, watchPlace } from './router.ts';
import { type SessionWatch, watchSession } from './session-watch.ts';
import { createShell } from './shell-store.ts';
import { en } from './text/en.ts';

const LIST_SOON_MS = 150;
/** No feed tells of sessions that nobody watches: while one of them runs, the list is read again now and then. */
const LIST_EVERY_MS = 10_000;
const SEED_LIMIT = 2 ** 32;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when a session can be shown. */
async function ready() {
  const [prompts] = await Promise.all([loadPrompts(), loadRenderer()]);
  return prompts;
}

export function createApp() {
  const pane = createPaneStore();
  const list = createListStore();
  const shell = createShell();
  const paneNow = () => pane.getSnapshot().context;
  const client = tabName(random);
  let watch: SessionWatch | null = null;
  let watched: string | null = null;
  let listTimer: ReturnType<typeof setTimeout> | null = null;
  let isNewAsked = false;

  const outbox = createOutbox({
    random,
    now: Date.now,
    wait,
    refused(one: Outgoing, why: string) {
      // The text goes back to the draft, before whatever was written since.
      const since = kept(draftKey(one.session_id));
      keep(draftKey(one.session_id), since ? `${one.text}\n\n${since}` : one.text);
      if (one.session_id !== watched) return;
      shell.trigger.draftReturned({});
      pane.trigger.alertChanged({ alert: why });
    },
    taken(one, title) {
      if (one.session_id === watched && title !== null) pane.trigger.sessionChanged({ patch: { title } });
      touched();
    },
  });
  pane.subscribe(({ context }) => {
    if (outbox.store.getSnapshot().context.outgoing.length === 0) return;
    const ids = [...context.messages, ...context.queue].map((message) => message.message_id);
    outbox.store.trigger.seen({ message_ids: new Set(ids) });
  });

  function report(error: unknown): void {
    if (error instanceof ApiError && error.code === 'unauthorized') shell.trigger.loginAsked({});
    pane.trigger.alertChanged({ alert: sentenceOf(error) });
  }

  async function refreshList(): Promise<void> {
    try {
      const { sessions, next } = await api.listSessions();
      list.trigger.headCame({ sessions, next: next ?? null });
      // The first message gives a session its first title, and no feed tells of that.
      const shown = sessions.find((session) => session.session_id === watched);
      if (shown && paneNow().session?.title === '')
        pane.trigger.sessionChanged({ patch: { title: shown.title } });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthorized') shell.trigger.loginAsked({});
      list.trigger.failed({});
    }
  }

  function touched(): void {
    listTimer ??= setTimeout(() => {
      listTimer = null;
      void refreshList();
    }, LIST_SOON_MS);
  }

  /** What is told of the session on screen is newer than the list. */
  function watchOther(): void {
    const othersRun = list
      .getSnapshot()
      .context.sessions.some((session) => session.state !== 'idle' && session.session_id !== watched);
    if (othersRun && !document.hidden) touched();
  }

  /** Does what a person asked for; what it runs into is said, and nothing else happens. */
  function act(run: () => Promise<unknown>): void {
    pane.trigger.alertChanged({ alert: null });
    run().then(touched, report);
  }

  async function patch(fields: Parameters<typeof api.patchSession>[1]): Promise<void> {
    const { session_id } = paneNow();
    if (session_id === null) return;
    const { session } = await api.patchSession(session_id, fields);
    list.trigger.sessionCame({ session });
    if (watched === session_id) pane.trigger.sessionChanged({ patch: session });
  }

  const makeSession = createNewSessions((session) => list.trigger.sessionCame({ session }));

  function goToNewSession() {
    // What shows it comes while it is made. Whether that failed is asked again, and told, where it is opened.
    ready().catch(() => undefined);
    return makeSession();
  }

  function show(): void {
    const place = currentPlace();
    const session_id = place.page === 'session' ? place.session_id : null;
    if (session_id === watched && (watch || session_id === null)) return;
    watch?.close();
    watch = null;
    watched = session_id;
    if (session_id === null) {
      pane.trigger.cleared({ session_id: null });
      return;
    }
    watch = watchSession(session_id, {
      store: pane,
      now: Date.now,
      seed: () => Math.floor(random.fraction() * SEED_LIMIT),
      touched,
      lockedOut: () => shell.trigger.loginAsked({}),
      ready,
      client,
      draftReturned: () => shell.trigger.draftReturned({}),
      broken: (bug) => pane.trigger.alertChanged({ alert: sentenceOf(bug) }),
    });
  }

  const commands = {
    newSession() {
      // At once: what is written from here on is for the new session, however long the server takes to make it.
      isNewAsked = true;
      go({ page: 'start' });
      act(goToNewSession);
    },
    open: (session_id: string) => go({ page: 'session', session_id }),
    send(text: string) {
      const { session_id } = paneNow();
      pane.trigger.alertChanged({ alert: null });
      if (session_id !== null) return outbox.send(session_id, text);
      act(async () => {
        const session = await goToNewSession().catch((refusal) => {
          keep(draftKey(null), text);
          shell.trigger.draftReturned({});
          throw refusal;
        });
        keep(draftKey(session.session_id), null);
        outbox.send(session.session_id, text);
      });
    },
    sendAgain: outbox.again,
    discard: outbox.discard,
    stop() {
      const { owner_stream_id: stream_id } = paneNow();
      if (stream_id === null) return;
      pane.trigger.stopAsked({ stream_id });
      // Stop is keyed by the stream that is shown, never by the session (lesson 67).
      act(async () => {
        try {
          await api.cancel(stream_id);
        } catch (error) {
          if (error instanceof ApiError && error.code === 'stream_settled') return;
          pane.trigger.stopAsked({ stream_id: null });
          throw error;
        }
      });
    },
    retry() {
      const { session_id } = paneNow();
      if (session_id !== null) act(() => api.retry(session_id));
    },
    rename: (title: string) => act(() => patch({ title })),
    pin: (pinned: boolean) => act(() => patch({ pinned })),
    archive: (archived: boolean) => act(() => patch({ archived })),
    pauseQueue: (queue_paused: boolean) => act(() => patch({ queue_paused })),
    withdraw(message_id: string) {
      const { session_id } = paneNow();
      if (session_id !== null) act(() => api.withdraw(session_id, message_id));
    },
    editQueued(message_id: string, text: string) {
      const { session_id } = paneNow();
      if (session_id !== null) act(() => api.editQueued(session_id, message_id, text));
    },
    remove() {
      const { session_id } = paneNow();
      if (session_id === null) return;
      // Away first: what comes of it is told in the list, and nobody looks at a session that goes under them.
      const { sessions } = list.getSnapshot().context;
      const next = sessions.find((session) => !session.archived && session.session_id !== session_id);
      go(next ? { page: 'session', session_id: next.session_id } : { page: 'start' }, 'replace');
      act(async () => {
        await api.deleteSession(session_id);
        keep(draftKey(session_id), null);
        list.trigger.sessionGone({ session_id });
      });
    },
    async loadEarlier() {
      const { session_id, messages } = paneNow();
      const before = messages[0]?.message_id;
      if (session_id === null || before === undefined) return;
      const opened = await api.openSession(session_id, before);
      if (paneNow().session_id !== session_id || paneNow().messages[0]?.message_id !== before) return;
      pane.trigger.earlierCame({ messages: opened.messages, has_more: opened.has_more ?? false });
    },
    async moreSessions() {
      const before = list.getSnapshot().context.next;
      if (before === null) return;
      const { sessions, next } = await api.listSessions(before);
      list.trigger.pageCame({ sessions, next: next ?? null });
    },
    retryLine() {
      if (isRendererLost() || arePromptsLost()) location.reload();
      else watch?.retry();
    },
    answerPrompt: (kind: PromptKind, prompt_id: string, reply: PromptReply) =>
      watch?.prompts()?.answer(kind, prompt_id, reply),
    tellPrompt: (kind: PromptKind, type: 'acknowledge' | 'dismiss' | 'recall', prompt_id: string) =>
      watch?.prompts()?.tell(kind, type, prompt_id),
    takeDraft(prompt_id: string) {
      if (watched === null) return;
      appendPromptDraft(watched, prompt_id);
      shell.trigger.draftReturned({});
    },
    dismissResumed: () => pane.trigger.resumedChanged({ resumed: null }),
    dismissAlert: () => pane.trigger.alertChanged({ alert: null }),
    login(password: string) {
      act(async () => {
        await api.login(password);
        location.reload();
      });
    },
  };

  async function begin(): Promise<void> {
    show();
    api.agents().then(({ agents }) => list.trigger.agentsCame({ agents }), report);
    await refreshList();
    const newest = list.getSnapshot().context.sessions.find((session) => !session.archived);
    if (currentPlace().page === 'start' && newest && !isNewAsked)
      go({ page: 'session', session_id: newest.session_id }, 'replace');
  }

  const unwatch = [
    watchPlace(show),
    () => removeEventListener('focus', touched),
    () => document.removeEventListener('visibilitychange', watchOther),
  ];
  addEventListener('focus', touched);
  document.addEventListener('visibilitychange', watchOther);
  const listInterval = setInterval(watchOther, LIST_EVERY_MS);

  return {
    pane,
    list,
    shell,
    outbox: outbox.store,
    commands,
    text: en,
    client,
    begin,
    close() {
      clearInterval(listInterval);
      if (listTimer !== null) clearTimeout(listTimer);
      for (const end of unwatch) end();
      watch?.close();
    },
  };
}

export type App = ReturnType<typeof createApp>;
