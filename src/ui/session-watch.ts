// A pane watches a session: it loads the transcript, listens to the page's line, and hands every record to whom it concerns,
// in the log's order, once per painted frame. The line decides when to connect, the attachments what a run's end means; here
// is only the wiring. Closed, it leaves no timer and no listener behind.
import type { QueuedMessage } from '../protocol/views.ts';
import { ApiError, sentenceOf } from './api.ts';
import { createAttachedStreams } from './attached-streams.ts';
import { createCatchUp } from './catch-up.ts';
import { rescueDraft } from './draft-rescue.ts';
import { type FeedListener, type FeedRecord, readFeed, type Snapshot } from './feed.ts';
import type { PageLine, SessionLine } from './line/page-line.ts';
import type { LineFact } from './line/said.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { watchPage } from './page-facts.ts';
import { createPaint } from './paint.ts';
import type { PaneStore } from './pane-store.ts';
import type { createPromptDesk, PromptDesk } from './prompts/prompt-desk.ts';
import { createRecordTaker } from './record-taker.ts';

const HOLES_MAX = 3;

export interface WatchPorts {
  store: PaneStore;
  line: PageLine;
  now(): number;
  /** Something that the list shows has changed. */
  touched(): void;
  broken(bug: unknown): void;
  /** The server asks who this is. */
  lockedOut(): void;
  client: string;
  draftReturned(): void;
  submitted(client_message_id: string): void;
  ready(): Promise<{ createPromptDesk: typeof createPromptDesk }>;
}

export interface SessionWatch {
  /** null: the session is not open yet */
  prompts(): PromptDesk | null;
  /** A try now, by a person who doesn't want to wait. */
  retry(): void;
  close(): void;
}

export function watchSession(session_id: string, ports: WatchPorts): SessionWatch {
  const { store, now } = ports;
  const abort = new AbortController();
  let line: SessionLine | null = null;
  let isLineOpen = false;
  // AT6: what is shown and where the log is taken up again change together, in `flush` and `restore`, nowhere else.
  let cursor = 0;
  let anew = false;
  /** The log itself has told this far since the line was last lost, though the server may not have heard of it yet. */
  let proven = 0;
  let holes = 0;
  let arrived: FeedRecord[] = [];
  const catchUp = createCatchUp();
  const paint = createPaint(flush, now);
  store.trigger.cleared({ session_id });
  const reattach = (): void => line?.reattach();
  let prompts: PromptDesk | null = null;
  const streams = createAttachedStreams({
    store,
    now,
    isLineOpen: () => isLineOpen,
    askTranscript: (signal) => openSession(session_id, undefined, signal),
    reattach,
    finalized: (stream_id) => prompts?.finalized(stream_id),
    forgetCursor() {
      cursor = 0;
      anew = true;
    },
    touched: ports.touched,
    broken: ports.broken,
  });
  const records = createRecordTaker({ ...ports, streams, prompt: (record) => prompts?.record(record) });

  /** The pane as a load or a poll gives it: transcript, cursor and what is live, in one step. */
  function restore(opened: OpenedSession): void {
    streams.closeAll();
    arrived = [];
    cursor = opened.transcript_pos;
    anew = false;
    const { messages, transcript_pos: _p, head: _h, has_more, ...session } = opened;
    const active = session.active_stream_id;
    const partial = messages.findLast((m) => m.stream_id === active && m.role === 'assistant');
    store.trigger.opened({ session, messages, has_more: has_more ?? false, owner_stream_id: active });
    if (active === null || partial?.settled_at !== undefined) return;
    const { message_id, created_at } = partial ?? { message_id: '', created_at: now() };
    streams.attach({ stream_id: active, message_id, created_at, restored: partial ?? null }, true);
  }

  function flush(): void {
    const batch = arrived;
    arrived = [];
    for (let at = 0; at < batch.length; ) {
      const record = batch[at]!;
      if (!anew && record.pos <= cursor) {
        at += 1;
        continue;
      }
      if (!anew && record.pos > cursor + 1) {
        reattachForHole();
        return;
      }
      const taken = records.take(batch, at);
      // AT11: nothing behind what didn't fit is shown, and the cursor stays where the text ends.
      if (taken === 0) return;
      at += taken;
      cursor = batch[at - 1]!.pos;
      anew = false;
      holes = 0;
    }
    proveCaughtUp();
  }

  function reattachForHole(): void {
    holes += 1;
    if (holes > HOLES_MAX) void load();
    else reattach();
  }

  function proveCaughtUp(): void {
    const resumed = catchUp.reached(cursor);
    if (resumed) store.trigger.resumedChanged({ resumed });
  }

  function takeSnapshot(snapshot: Snapshot): void {
    paint.now();
    // The log is shorter than what is shown: it may not be the log that this came from. Read once, it is.
    if (snapshot.head < cursor && proven < cursor) return void reload();
    store.trigger.sessionChanged({ patch: snapshot.session });
    if (snapshot.queue) store.trigger.queueChanged({ queue: snapshot.queue as QueuedMessage[] });
    const active = snapshot.active_stream;
    if (active && !streams.isSettled(active.stream_id)) {
      const { stream_id, message_id, started_at: created_at } = active;
      streams.attach({ stream_id, message_id, created_at, restored: null }, true);
    } else if (!active && streams.size === 0) streams.own(null);
    if (active) store.trigger.runChanged({ state: active, transitions: active.transitions });
    else store.trigger.runForgotten();
    prompts?.snapshot(snapshot);
    catchUp.back({ head: snapshot.head, cursor, at: now() });
    lineChanged();
    proveCaughtUp();
  }

  const feed: FeedListener = {
    record: (record) => void arrived.push(record),
    snapshot: takeSnapshot,
    streamState(state) {
      paint.now();
      records.state(state);
    },
    prompts(kind, state) {
      paint.now();
      prompts?.pushed(kind, state);
    },
    reset(reason) {
      paint.now();
      // What retention cut is in the transcript only.
      if (reason === 'expired') return void load();
      cursor = 0;
      anew = true;
      streams.tell({ type: 'line.reset', at: now() });
    },
    gone() {
      paint.now();
      lose(null);
    },
  };

  /** A fact of the line, behind what came before it. */
  function tellLine(fact: LineFact): void {
    paint.now();
    isLineOpen = fact.type === 'line.opened';
    if (fact.type === 'line.lost') {
      catchUp.lost(fact.at);
      // Whoever comes back may be another server.
      proven = 0;
    }
    streams.tell(fact);
    prompts?.line(fact.type);
    lineChanged();
  }

  const attach = (): SessionLine =>
    ports.line.watch(session_id, {
      cursor() {
        // AT6: what came is shown before the cursor is told: text and cursor stay one.
        paint.now();
        return cursor;
      },
      line: tellLine,
      heard: () => prompts?.line('line.heard'),
      event(heard) {
        paint.ask();
        readFeed(heard, feed);
      },
      poll() {
        // PF2: nothing opens, and who came later has not seen it fail.
        prompts?.line('line.lost');
        void poll();
      },
    });

  /** The session is gone: nothing is watched any more. */
  function lose(why: string | null): void {
    streams.closeAll();
    line?.close();
    line = null;
    rescueDraft(session_id);
    store.trigger.refused({ status: 'missing', why });
  }

  async function poll(): Promise<void> {
    try {
      const opened = await openSession(session_id, undefined, abort.signal);
      if (abort.signal.aborted || isLineOpen) return;
      if (opened.transcript_pos > cursor) restore(opened);
      else store.trigger.sessionChanged({ patch: opened });
    } catch {
      // The next poll asks again; the notice says that there is no connection.
    }
  }

  function lineChanged(): void {
    const view = ports.line.state.getSnapshot().context;
    const lost = catchUp.isLost && view.state !== 'closed';
    store.trigger.lineChanged({ line: { ...view, lost } });
  }

  /** Whether the pane shows it. */
  async function load(): Promise<boolean> {
    try {
      const [opened, desk] = await Promise.all([
        openSession(session_id, undefined, abort.signal),
        ports.ready(),
      ]);
      if (abort.signal.aborted) return false;
      prompts ??= desk.createPromptDesk(session_id, { ...ports, reattach });
      restore(opened);
      if (line) line.reattach();
      else line = attach();
      lineChanged();
      return true;
    } catch (error) {
      if (abort.signal.aborted) return false;
      if (error instanceof ApiError && error.code === 'unauthorized') ports.lockedOut();
      const isMissing =
        error instanceof ApiError && (error.code === 'not_found' || error.code === 'bad_request');
      if (isMissing) lose(sentenceOf(error));
      else store.trigger.refused({ status: 'failed', why: sentenceOf(error) });
      return false;
    }
  }

  async function reload(): Promise<void> {
    if (await load()) proven = cursor;
  }

  const unwatchPage = watchPage(now, (fact) => {
    if (fact.type !== 'page.frozen' && fact.type !== 'page.resumed') streams.tell(fact);
  });
  const { unsubscribe } = ports.line.state.subscribe(lineChanged);
  void load();

  return {
    prompts: () => prompts,
    retry() {
      // A pane that could not be loaded anew has its line still: what it lacks is the transcript.
      if (line && store.getSnapshot().context.status === 'ready') ports.line.retry();
      else void load();
    },
    close() {
      abort.abort();
      unwatchPage();
      unsubscribe();
      paint.cancel();
      line?.close();
      streams.closeAll();
      prompts?.close();
    },
  };
}
