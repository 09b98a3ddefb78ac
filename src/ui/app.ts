// The page put together: its stores, what a person can do, and which session is watched. React reads the stores and calls
// these commands; no view talks to the server by itself.
import type { PromptReply } from '../machines/prompt-feed.machine.ts';
import type { Attachment } from '../protocol/attachment.ts';
import type { PromptKind } from '../protocol/prompts.ts';
import { ApiError, api, sentenceOf } from './api.ts';
import { returnAttachments } from './attachments/draft.ts';
import { keptDraft, putDraft, returnDraft } from './draft.ts';
import { createElsewhere } from './elsewhere.ts';
import { openLine } from './line/open.ts';
import { createNewSessions, leaveEmpty } from './new-session.ts';
import { createOutbox, type Outgoing } from './outbox.ts';
import { createPaneStore } from './pane-store.ts';
import { arePromptsLost } from './prompts/load.ts';
import { tabName } from './prompts/tab-name.ts';
import { random } from './random.ts';
import { ready } from './ready.ts';
import { isRendererLost } from './renderer/load.ts';
import { currentPlace, go, watchPlace } from './router.ts';
import { createSessionActs } from './session-acts.ts';
import { sessionChunk } from './session-chunk.ts';
import type { SessionWatch } from './session-watch.ts';
import { createShell } from './shell-store.ts';
import { en } from './text/en.ts';

type SessionParts = NonNullable<ReturnType<typeof sessionChunk.here>>;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function createApp() {
  const pane = createPaneStore();
  const shell = createShell();
  const paneNow = () => pane.getSnapshot().context;
  const client = tabName(random);
  let watch: SessionWatch | null = null;
  let watched: string | null = null;
  let isNewAsked = false;
  let turns: ReturnType<SessionParts['createTurnActs']> | null = null;

  const draftReturned = (): void => shell.trigger.draftReturned({});
  function giveBack(session_id: string | null, text: string, attachments?: Attachment[]): void {
    returnDraft(session_id, text);
    returnAttachments(session_id, attachments);
    draftReturned();
  }

  const outbox = createOutbox({
    random,
    now: Date.now,
    wait,
    refused(one: Outgoing, why: string) {
      // Of a session that is gone, to the draft of the next.
      const { status, session_id } = paneNow();
      const isGone = status === 'missing' && session_id === one.session_id;
      giveBack(isGone ? null : one.session_id, one.text, one.attachments);
      if (one.session_id === watched) pane.trigger.alertChanged({ alert: why });
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
    // The dialog says what is wanted; the server's own words are for programs.
    if (error instanceof ApiError && error.code === 'unauthorized') lockedOut();
    else {
      const passing = error instanceof ApiError && error.code === 'session_busy';
      pane.trigger.alertChanged({ alert: sentenceOf(error), passing });
    }
  }

  const lockedOut = (): void => shell.trigger.loginAsked({});
  const broken = (bug: unknown): void => pane.trigger.alertChanged({ alert: sentenceOf(bug) });
  const line = openLine({ lockedOut, broken });
  let lineWas = '';
  line.state.subscribe(({ context: { state } }) => {
    if (state !== lineWas && (state === 'open' || state === 'polling')) outbox.resume();
    lineWas = state;
  });
  const { sessions, board, follower, ...elsewhere } = createElsewhere({
    watched: () => watched,
    dialog: () => shell.getSnapshot().context.dialog,
    news: (news) => shell.trigger.newsCame({ news }),
    // Its first title, and what its runs have used: its own feed doesn't tell of that.
    told: ({ title, usage }) => pane.trigger.sessionChanged({ patch: { title, usage } }),
    moved: show,
    lockedOut,
    line,
  });
  const list = sessions.store;
  /** The board tells of every change; only while nothing is pushed the list is asked for. */
  const touched = (): void => {
    const { state } = line.state.getSnapshot().context;
    if (state !== 'open' && state !== 'quiet') sessions.refreshSoon();
  };

  /** Does what a person asked for; what it runs into is said, and nothing else happens. */
  function act(run: () => Promise<unknown>): void {
    pane.trigger.alertChanged({ alert: null });
    run().then(touched, report);
  }

  const makeSession = createNewSessions({
    made: (session) => sessions.changed(session.session_id, session),
    agent: () => list.getSnapshot().context.agents[0]?.agent ?? null,
  });

  function goToNewSession() {
    // What shows it comes while it is made. Whether that failed is asked again, and told, where it is opened.
    ready().catch(() => undefined);
    return makeSession();
  }

  function show(): void {
    const place = currentPlace();
    const followed = isNewAsked ? null : follower.session_id();
    if (place.page === 'session') isNewAsked = false;
    const session_id = place.page === 'session' ? place.session_id : place.page === 'start' ? followed : null;
    if (session_id === watched) return;
    watch?.close();
    watch = null;
    watched = session_id;
    pane.trigger.cleared({ session_id });
    if (session_id === null) return;
    const parts = sessionChunk.here();
    if (parts) watchIt(parts);
    else
      sessionChunk.load().then(watchIt, (error) => {
        if (watched === session_id) pane.trigger.refused({ status: 'failed', why: sentenceOf(error) });
      });
  }

  /** Who went on meanwhile, or is watched already, is not begun with. */
  function watchIt({ watchSession, createTurnActs }: SessionParts): void {
    turns ??= createTurnActs({ pane, act, draftReturned });
    if (watched === null || watch) return;
    watch = watchSession(watched, {
      store: pane,
      line,
      now: Date.now,
      touched,
      lockedOut,
      ready,
      client,
      draftReturned,
      submitted: (client_message_id) => outbox.store.trigger.dropped({ client_message_id }),
      broken,
    });
  }

  /** Whoever looks at a session that goes is taken to the next. */
  function leave(session_id: string): void {
    const next = list.getSnapshot().context.sessions.find((one) => one.session_id !== session_id);
    if (session_id === watched)
      go(next ? { page: 'session', session_id: next.session_id } : { page: 'start' }, 'replace');
  }

  const commands = {
    ...createSessionActs({ pane, sessions, act, report, leave }),
    newSession() {
      // At once: what is written from here on is for the new session, however long the server takes to make it.
      isNewAsked = true;
      go({ page: 'start' });
      show();
      shell.trigger.messageAsked({});
      act(goToNewSession);
    },
    open: (session_id: string) => go({ page: 'session', session_id }),
    openBoard: () => go({ page: 'board' }),
    openNewest() {
      const newest = list.getSnapshot().context.sessions[0];
      go(newest ? { page: 'session', session_id: newest.session_id } : { page: 'start' });
    },
    send(text: string, attachments: Attachment[] = []) {
      const { session_id } = paneNow();
      leaveEmpty(session_id);
      pane.trigger.alertChanged({ alert: null });
      if (session_id !== null) return outbox.send(session_id, text, attachments);
      act(async () => {
        const session = await goToNewSession().catch((refusal) => {
          giveBack(null, text, attachments);
          throw refusal;
        });
        if (keptDraft(session.session_id) === text) putDraft(session.session_id, '');
        outbox.send(session.session_id, text, attachments);
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
    /** What is done with the turns on screen: it is here with them. */
    turns: () => turns,
    moreSessions: sessions.more,
    searchSessions: sessions.search,
    showArchived: sessions.showArchived,
    /** This tab follows the newest run from now on, or stays where it is. */
    follow(isOn: boolean) {
      const stays = watched;
      isNewAsked = false;
      follower.turn(isOn);
      // Before it goes: the start page of a tab that follows takes no focus.
      shell.trigger.followSwitched({ on: isOn });
      if (isOn) go({ page: 'start' });
      else if (stays !== null) go({ page: 'session', session_id: stays }, 'replace');
    },
    retryLine() {
      if (isRendererLost() || arePromptsLost() || sessionChunk.isLost()) location.reload();
      else if (watch) watch.retry();
      else line.retry();
    },
    answerPrompt: (kind: PromptKind, prompt_id: string, reply: PromptReply) =>
      watch?.prompts()?.answer(kind, prompt_id, reply),
    tellPrompt: (kind: PromptKind, type: 'acknowledge' | 'dismiss' | 'recall', prompt_id: string) =>
      watch?.prompts()?.tell(kind, type, prompt_id),
    takeDraft: (prompt_id: string) => watch?.prompts()?.takeDraft(prompt_id),
    dismissResumed: () => pane.trigger.resumedChanged({ resumed: null }),
    dismissAlert: () => pane.trigger.alertChanged({ alert: null }),
    login(password: string) {
      pane.trigger.alertChanged({ alert: null });
      api.login(password).then(() => location.reload(), broken);
    },
  };

  async function begin(): Promise<void> {
    show();
    api.agents().then(({ agents }) => list.trigger.agentsCame({ agents }), report);
    await sessions.refresh();
    const newest = list.getSnapshot().context.sessions[0];
    if (newest) follower.began(newest.session_id);
  }

  const unwatch = watchPlace(show);

  return {
    pane,
    list,
    board: board.store,
    shell,
    line: line.state,
    outbox: outbox.store,
    commands,
    text: en,
    client,
    wantNotices: line.wantNotices,
    begin,
    close() {
      unwatch();
      elsewhere.close();
      watch?.close();
      line.close();
    },
  };
}

export type App = ReturnType<typeof createApp>;
