// Notices: the key that devices subscribe with, the devices, and a test that calls them all.
import type Router from 'koa-router';
import { subscriptionSchema, unsubscribeSchema } from '../../protocol/index.ts';
import { bodyOf, ownerOf, type Parts } from '../context.ts';

export function routeNotices(router: Router, { notices }: Parts): void {
  router.get('/api/notify/key', (ctx) => {
    ctx.body = { key: notices.key };
  });

  router.post('/api/notify/subscriptions', async (ctx) => {
    await notices.subscribe(ownerOf(ctx), await bodyOf(ctx, subscriptionSchema));
    ctx.status = 201;
    ctx.body = { ok: true };
  });

  router.delete('/api/notify/subscriptions', async (ctx) => {
    const { endpoint } = await bodyOf(ctx, unsubscribeSchema);
    await notices.unsubscribe(ownerOf(ctx), endpoint);
    ctx.status = 204;
  });

  router.post('/api/notify/test', async (ctx) => {
    ctx.body = await notices.test(ownerOf(ctx));
  });
}
