// Chat: start, retry, cancel, and what a stream's state is.
import type Router from 'koa-router';
import { chatCancelSchema, chatRetrySchema, chatStartSchema, streamIdSchema } from '../../protocol/index.ts';
import { bodyOf, ownerOf, type Parts, queryOf } from '../context.ts';

export function routeChat(router: Router, { sessions }: Parts): void {
  router.post('/api/chat/start', async (ctx) => {
    const started = await sessions.start(ownerOf(ctx), await bodyOf(ctx, chatStartSchema));
    ctx.status = 'queued' in started ? 202 : 200;
    ctx.body = started;
  });

  router.post('/api/chat/retry', async (ctx) => {
    const { session_id } = await bodyOf(ctx, chatRetrySchema);
    ctx.body = await sessions.retry(ownerOf(ctx), session_id);
  });

  router.post('/api/chat/cancel', async (ctx) => {
    const { stream_id } = await bodyOf(ctx, chatCancelSchema);
    ctx.body = await sessions.cancel(ownerOf(ctx), stream_id);
  });

  router.get('/api/chat/stream/status', async (ctx) => {
    ctx.body = await sessions.status(ownerOf(ctx), queryOf(ctx, streamIdSchema).stream_id);
  });

  router.get('/api/chat/receipt', async (ctx) => {
    ctx.body = await sessions.receipt(ownerOf(ctx), queryOf(ctx, streamIdSchema).stream_id);
  });
}
