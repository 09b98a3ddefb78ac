// The two feeds of the log over SSE: the frames of a stream, the records of a session. Each subscribes to an actor's
// snapshot, and reads the bytes between its cursor and the head from the log.
import type { Context } from 'koa';
import type Router from 'koa-router';
import {
  type CursorInput,
  encodeEvent,
  idSchema,
  PROMPT_KINDS,
  parseCommand,
  type QueueState,
  resolveCursor,
  type Start,
  sessionFeedSchema,
  streamFeedSchema,
} from '../../protocol/index.ts';
import type { LogFeed } from '../../sessions/feed.ts';
import type { SessionCell } from '../../sessions/session-cell.ts';
import type { SessionPrompts } from '../../sessions/session-prompts.ts';
import { loginOf, ownerOf, type Parts, queryOf } from '../context.ts';
import { createLogReader, type LogReader } from '../log-reader.ts';
import { followPrompts } from '../prompt-states.ts';
import type { SseConnection } from '../sse-connection.ts';
import { encodeEnd } from '../sse-hub.ts';

const encodeReset = (start: Start, head: number): string =>
  start.reset ? encodeEvent('reset', JSON.stringify({ reason: start.reset, head })) : '';

/** `replay=0` without a cursor: from now on. With one, the cursor says more. */
function startOf(feed: LogFeed, cursor: CursorInput, head: number, live: boolean): Start {
  const given = [...cursor.ids, ...cursor.numbers].some((raw) => raw !== undefined);
  return live && !given ? { after: head } : resolveCursor(feed.feed_id, cursor, head, feed.kept_from);
}

/** A pending prompt of this stream, when one comes to the head, and when the last has gone. */
function followPending(connection: SseConnection, prompts: SessionPrompts, stream_id: string): () => void {
  const concerns = ({ pending }: QueueState) => pending === null || pending.stream_id === stream_id;
  for (const kind of PROMPT_KINDS) {
    const state = prompts.state(kind);
    if (state.pending?.stream_id === stream_id) connection.write(encodeEvent(kind, JSON.stringify(state)));
  }
  return followPrompts(connection, prompts, concerns);
}

/**
 * The head as far as a client may know it: one that read it from the log was a moment ahead of what we have heard of, and
 * is asked about there before it is told so (lesson 10).
 */
async function knownHead(feed: LogFeed, cursor: CursorInput, live: boolean): Promise<number> {
  const { head, unwatch } = feed.watch(() => {});
  const heard = head();
  unwatch();
  return startOf(feed, cursor, heard, live).reset === 'ahead' ? (await feed.read(heard, 1)).head : heard;
}

export function routeFeeds(router: Router, parts: Parts): void {
  const { sessions, hub, bytes, log } = parts;

  function onFault(ctx: Context, close: () => void) {
    return (bug: unknown) => {
      log.error({ err: bug, path: ctx.path }, 'a feed could not be read on');
      close();
    };
  }

  router.get('/api/chat/stream', async (ctx) => {
    const query = queryOf(ctx, streamFeedSchema);
    const cursor = {
      ids: [ctx.get('last-event-id') || undefined, query.after_event_id],
      numbers: [query.after_seq],
    };
    const live = query.replay === '0';
    const feed = await sessions.streamFeed(ownerOf(ctx), query.stream_id);
    const known = await knownHead(feed, cursor, live);
    // CQ2: from here to the first write there is no await.
    let reader: LogReader | undefined;
    let unfollow = () => {};
    const watched = feed.watch(() => reader?.wake());
    try {
      const head = Math.max(watched.head(), known);
      const start = startOf(feed, cursor, head, live);
      if (watched.isOver() && !start.reset && start.after >= head) {
        watched.unwatch();
        ctx.status = 204;
        return;
      }
      ctx.respond = false;
      const connection = hub.open(ctx.res, loginOf(ctx), () => {
        reader?.close();
        watched.unwatch();
        unfollow();
      });
      connection.write(encodeReset(start, head));
      const prompts = sessions.promptsOf(query.stream_id);
      if (prompts) unfollow = followPending(connection, prompts, query.stream_id);
      reader = createLogReader({
        feed,
        connection,
        bytes,
        after: start.after,
        head: watched.head,
        isOver: watched.isOver,
        onEnd: () => connection.end(),
        onFault: onFault(ctx, () => connection.destroy()),
      });
      reader.wake();
    } catch (failure) {
      watched.unwatch();
      throw failure;
    }
  });

  router.get('/api/sessions/:id/events', async (ctx) => {
    const session_id = parseCommand(idSchema, ctx.params.id, 'id');
    const query = queryOf(ctx, sessionFeedSchema);
    const cursor = {
      ids: [ctx.get('last-event-id') || undefined, query.after_event_id],
      numbers: [query.after],
    };
    const queue = await sessions.queue(ownerOf(ctx), session_id);
    const { cell, release } = await sessions.hold(ownerOf(ctx), session_id);
    try {
      const live = query.replay === '0';
      const known = await knownHead(cell.feed, cursor, live);
      openSessionFeed(ctx, cell, { cursor, live, known }, queue, release);
    } catch (failure) {
      release();
      throw failure;
    }
  });

  function openSessionFeed(
    ctx: Context,
    cell: SessionCell,
    { cursor, live, known }: { cursor: CursorInput; live: boolean; known: number },
    queue: unknown,
    release: () => void,
  ): void {
    const { feed } = cell;
    let reader: LogReader | undefined;
    // CQ2: from here to the first write there is no await.
    const watched = feed.watch(() => reader?.wake());
    const letGo = () => {
      reader?.close();
      watched.unwatch();
      unwatchState();
      unwatchPrompts();
      release();
    };
    let unwatchState = () => {};
    let unwatchPrompts = () => {};
    try {
      const head = Math.max(watched.head(), known);
      const start = startOf(feed, cursor, head, live);
      ctx.respond = false;
      const connection = hub.open(ctx.res, loginOf(ctx), letGo);
      const snapshot = {
        session: cell.session(),
        active_stream: cell.activeStream(),
        queue,
        clarify: cell.prompts.state('clarify'),
        approval: cell.prompts.state('approval'),
        head,
      };
      connection.write(encodeEvent('snapshot', JSON.stringify(snapshot)) + encodeReset(start, head));
      unwatchState = cell.watchState((state) =>
        connection.write(encodeEvent('stream_state', JSON.stringify(state))),
      );
      unwatchPrompts = followPrompts(connection, cell.prompts, () => true);
      reader = createLogReader({
        feed,
        connection,
        bytes,
        after: start.after,
        head: watched.head,
        isOver: watched.isOver,
        onEnd: () => connection.end(encodeEnd('deleted')),
        onFault: onFault(ctx, () => connection.destroy()),
      });
      reader.wake();
    } catch (failure) {
      watched.unwatch();
      throw failure;
    }
  }
}
