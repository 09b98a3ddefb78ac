// The board: pushed, and asked for.
import type Router from 'koa-router';
import { boardFeedSchema } from '../../protocol/index.ts';
import { boardStart, followBoard } from '../board-reader.ts';
import { loginOf, ownerOf, type Parts, queryOf } from '../context.ts';

export function routeBoard(router: Router, parts: Parts): void {
  const { sessions, hub } = parts;

  router.get('/api/board', (ctx) => {
    ctx.body = sessions.board(ownerOf(ctx)).snapshot();
  });

  router.get('/api/events', (ctx) => {
    const cursors = [ctx.get('last-event-id') || undefined, queryOf(ctx, boardFeedSchema).after_event_id];
    const board = sessions.board(ownerOf(ctx));
    // What is wrong with a cursor is said while there is still a status to say it with.
    boardStart(board, cursors);
    let unfollow = () => {};
    ctx.respond = false;
    const connection = hub.open(ctx.res, loginOf(ctx), () => unfollow());
    unfollow = followBoard(connection, board, cursors, true);
  });
}
