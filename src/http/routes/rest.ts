// Health, metrics, agents, login.
import type Router from 'koa-router';
import { loginSchema } from '../../protocol/index.ts';
import { bodyOf, type Parts } from '../context.ts';
import type { Metrics } from '../metrics.ts';

export function routeRest(router: Router, parts: Parts, metrics: Metrics): void {
  const { sessions, journal, catalog, auth, hub } = parts;

  router.get('/health', (ctx) => {
    const log = journal.counts();
    const { shorter, damaged } = journal.report;
    const short = { ok: true, storage: log.full ? 'full' : 'ok', closing: sessions.isClosing };
    // Counts of what others do are for those who may come in.
    const isDeep = ctx.query.deep === '1' && (auth.isOpen || isKnown(ctx.req));
    ctx.body = isDeep
      ? { ...short, actors: sessions.counts(), subscribers: hub.size, log, shorter, damaged }
      : short;
  });

  router.get('/metrics', async (ctx) => {
    ctx.type = metrics.contentType;
    ctx.body = await metrics.text();
  });

  router.get('/api/agents', (ctx) => {
    ctx.body = { agents: catalog.list(), default: catalog.default };
  });

  router.post('/api/login', async (ctx) => {
    const { password } = await bodyOf(ctx, loginSchema);
    ctx.set(
      'Set-Cookie',
      auth.login(ctx.req, password, ctx.secure || ctx.get('x-forwarded-proto') === 'https'),
    );
    ctx.body = { ok: true };
  });

  router.post('/api/logout', (ctx) => {
    ctx.set('Set-Cookie', auth.logout(ctx.req));
    ctx.body = { ok: true };
  });

  function isKnown(request: Parameters<typeof auth.require>[0]): boolean {
    try {
      return auth.require(request) !== undefined;
    } catch {
      return false;
    }
  }
}
