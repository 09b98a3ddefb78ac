// The two feeds of the log over SSE: the frames of a stream, the records of a session. Each subscribes to an actor's
// snapshot, and reads the bytes between its cursor and the head from the log.
import type { Context } from 'koa';
import type Router from 'koa-router';
import {
  encodeEvent,
  idSchema,
  PROMPT_KINDS,
  parseCommand,
  type QueueState,
  sessionFeedSchema,
  streamFeedSchema,
} from '../../protocol/index.ts';
import type { LogFeed } from '../../sessions/feed.ts';
import type { SessionPrompts } from '../../sessions/session-prompts.ts';
import { loginOf, ownerOf, type Parts, queryOf } from '../context.ts';
import { answerOf, encodeCut, isCutOff } from '../cut-off.ts';
import { createLogReader, type LogReader } from '../log-reader.ts';
import { followPrompts } from '../prompt-states.ts';
import { encodeReset, followSession, holdSession, knownHead, startOf } from '../session-feed.ts';
import type { SseConnection } from '../sse-connection.ts';
import { encodeEnd } from '../sse-hub.ts';

/** A pending prompt of this stream, when one comes to the head, and when the last has gone. */
function followPending(connection: SseConnection, prompts: SessionPrompts, stream_id: string): () => void {
  const concerns = ({ pending }: QueueState) => pending === null || pending.stream_id === stream_id;
  for (const kind of PROMPT_KINDS) {
    const state = prompts.state(kind);
    if (state.pending?.stream_id === stream_id) connection.write(encodeEvent(kind, JSON.stringify(state)));
  }
  return followPrompts(connection, prompts, concerns);
}

export function routeFeeds(router: Router, parts: Parts): void {
  const { sessions, journal, hub, bytes, log } = parts;

  function onFault(ctx: Context, close: () => void) {
    return (bug: unknown) => {
      if (bug !== null) log.error({ err: bug, path: ctx.path }, 'a feed could not be read on');
      close();
    };
  }

  /** What a reader is told first of a stream whose frames are gone. */
  async function cutOf(ctx: Context, feed: LogFeed, isCut: boolean): Promise<string> {
    if (!isCut) return '';
    const stream = await journal.getStream(ownerOf(ctx), feed.feed_id);
    if (!stream) return '';
    const messages = await answerOf(journal, stream.owner, stream);
    return encodeCut(feed.feed_id, feed.kept_from, { messages });
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
    const cut = await cutOf(ctx, feed, isCutOff(feed, cursor, startOf(feed, cursor, known, live), live));
    // CQ2: from here to the first write there is no await.
    let reader: LogReader | undefined;
    let unfollow = () => {};
    const watched = feed.watch(() => reader?.wake());
    try {
      const head = Math.max(watched.head(), known);
      const start = startOf(feed, cursor, head, live);
      if (watched.isOver() && cut === '' && !start.reset && start.after >= head) {
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
      connection.write(encodeReset(start, head) + cut);
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
    const live = query.replay === '0';
    const held = await holdSession(parts, { owner: ownerOf(ctx), session_id, cursor, live });
    let letGo = held.release;
    try {
      ctx.respond = false;
      const connection = hub.open(ctx.res, loginOf(ctx), () => letGo());
      letGo = followSession(held, {
        connection,
        bytes,
        isNamed: false,
        onDeleted: () => connection.end(encodeEnd('deleted')),
        onLost: onFault(ctx, () => connection.destroy()),
      });
    } catch (failure) {
      letGo();
      throw failure;
    }
  });
}
