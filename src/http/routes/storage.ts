// Storage: how much room is taken, and giving back what is free.
import type Router from 'koa-router';
import type { Parts } from '../context.ts';

export function routeStorage(router: Router, { sessions }: Parts): void {
  router.get('/api/storage', async (ctx) => {
    ctx.body = await sessions.housekeeping.storage();
  });

  router.post('/api/storage/compact', async (ctx) => {
    ctx.body = await sessions.housekeeping.compact();
  });
}
