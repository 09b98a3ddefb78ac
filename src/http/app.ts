// The Koa application: guards, errors, routes, the page. It attaches readers and is then out of their way.
import Koa from 'koa';
import Router from 'koa-router';
import type { Inspection } from '../inspect/port.ts';
import { notFound } from '../protocol/index.ts';
import { BODY_PACE, boundRest, drainBody } from './body.ts';
import { answerFailure, type Parts } from './context.ts';
import { createInspectionGuard, nobodyInspects } from './inspection-guard.ts';
import { createMetrics } from './metrics.ts';
import type { OriginGuard } from './origin.ts';
import { ASKS, CONTENT_SECURITY_POLICY, createPage } from './page.ts';
import { routeAttachments } from './routes/attachments.ts';
import { routeBoard } from './routes/board.ts';
import { routeChat } from './routes/chat.ts';
import { routeFeeds } from './routes/feeds.ts';
import { routeInspect } from './routes/inspect.ts';
import { routeLive } from './routes/live.ts';
import { routeNotices } from './routes/notices.ts';
import { routePrompts } from './routes/prompts.ts';
import { routeRest } from './routes/rest.ts';
import { routeSessions } from './routes/sessions.ts';
import { routeStorage } from './routes/storage.ts';

/** Routes that ask nobody who they are. */
const OPEN_PATHS = new Set(['/health', '/api/login', '/api/logout']);

export interface AppSettings extends Parts {
  guard: OriginGuard;
  /** the folder of the built page */
  page_folder: string;
  /** absent: nothing of the inspector is there */
  inspection?: Inspection | undefined;
}

export function createApp(settings: AppSettings): Koa {
  const { auth, guard, log, page_folder, pace = BODY_PACE } = settings;
  const app = new Koa();
  // As they are written: a second spelling of a path would be a second door.
  const router = new Router({ sensitive: true, strict: true });
  const { inspection } = settings;
  const mayInspect = inspection ? createInspectionGuard(auth) : nobodyInspects;
  const page = createPage(page_folder, mayInspect);
  app.on('error', (bug) => log.debug({ err: bug }, 'a response was cut'));

  app.use(async (ctx, next) => {
    ctx.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
    });
    ctx.state.pace = pace;
    try {
      guard.check(ctx.req, auth.hasBearer(ctx.req));
      // Also what is no route among them.
      if (ASKS.test(ctx.path) && !OPEN_PATHS.has(ctx.path)) ctx.state.principal = auth.require(ctx.req);
      await next();
      if (ctx.respond !== false && ctx.status === 404 && ctx.body == null && !(await page(ctx)))
        throw notFound('route');
    } catch (failure) {
      drainBody(ctx.req);
      answerFailure(ctx, failure, log);
    }
    boundRest(ctx.req, pace.silent_ms);
  });

  // A HEAD of a feed would hold a connection open for nothing.
  app.use(async (ctx, next) => {
    if (ctx.method === 'HEAD' && ctx.path.startsWith('/api/')) throw notFound('route');
    await next();
  });

  routeSessions(router, settings);
  routeChat(router, settings);
  routeAttachments(router, settings);
  routeFeeds(router, settings);
  routeBoard(router, settings);
  routeLive(router, settings);
  routePrompts(router, settings);
  routeNotices(router, settings);
  routeStorage(router, settings);
  if (inspection) routeInspect(router, settings, { inspection, mayInspect });
  routeRest(router, settings, createMetrics(settings));
  app.use(router.routes());
  return app;
}
