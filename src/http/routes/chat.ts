// Chat: start, retry, cancel, what a stream's state is, and how it came there.
import type Router from 'koa-router';
import {
  chatCancelSchema,
  chatRetrySchema,
  chatStartSchema,
  runFramesQuerySchema,
  streamIdSchema,
} from '../../protocol/index.ts';
import { bodyOf, ownerOf, type Parts, queryOf } from '../context.ts';
import { exportRun } from '../run-export.ts';
import { framesOf } from '../run-frames.ts';
import { receiptOf } from '../run-receipt.ts';

export function routeChat(router: Router, parts: Parts): void {
  const { sessions, journal } = parts;

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
    ctx.body = await receiptOf(parts, ownerOf(ctx), queryOf(ctx, streamIdSchema).stream_id);
  });

  router.get('/api/chat/log', async (ctx) => {
    ctx.body = await framesOf(journal, ownerOf(ctx), queryOf(ctx, runFramesQuerySchema));
  });

  router.get('/api/chat/export', async (ctx) => {
    await exportRun(parts, ctx, queryOf(ctx, streamIdSchema).stream_id);
  });
}
