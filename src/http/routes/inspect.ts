// The inspector: its feed, its recording, and what tabs tell of their machines. For whoever may not inspect these are paths
// like any that nobody knows.
import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import type Router from 'koa-router';
import type { Inspection, StatelyFeed } from '../../inspect/port.ts';
import { encodeEvent, SSE_UNSENT_BYTES_MAX } from '../../protocol/index.ts';
import { tabObservationsSchema } from '../../protocol/inspection.ts';
import { bodyOf, loginOf, type Parts } from '../context.ts';
import type { MayInspect } from '../inspection-guard.ts';
import { followInspection, recordingOf } from '../inspection-reader.ts';

/** The viewer is a website; it is framed by a page of ours that hands it what it shows, and may load nothing else of theirs. */
const VIEWER_POLICY =
  "default-src 'self'; style-src 'unsafe-inline'; frame-src https://stately.ai; frame-ancestors 'none'";
const VIEWER_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Weir in the official viewer</title>
<style>html,body,iframe{margin:0;width:100%;height:100%;border:0}</style>
<script src="/inspect-stately.js"></script><iframe title="Stately inspector" src="https://stately.ai/inspect"></iframe>`;

function routeStately(router: Router, { hub }: Parts, guarded: Middleware, stately: StatelyFeed): void {
  router.get('/inspect/stately', guarded as never, (ctx) => {
    ctx.set('Content-Security-Policy', VIEWER_POLICY);
    ctx.type = 'html';
    ctx.body = VIEWER_PAGE;
  });

  router.get('/inspect/stately/events', guarded as never, (ctx) => {
    let unfollow = () => {};
    ctx.respond = false;
    const connection = hub.open(ctx.res, loginOf(ctx), () => unfollow());
    const tell = (json: string) => {
      // P10: the viewer has no cursor; what it does not take in is left out.
      if (connection.unsent <= SSE_UNSENT_BYTES_MAX) connection.write(encodeEvent('message', json));
    };
    for (const json of stately.kept()) tell(json);
    unfollow = stately.follow(tell);
  });
}

export function routeInspect(
  router: Router,
  parts: Parts,
  { inspection, mayInspect }: { inspection: Inspection; mayInspect: MayInspect },
): void {
  const { hub } = parts;
  const guarded: Middleware = (ctx, next) => (ctx.method !== 'HEAD' && mayInspect(ctx) ? next() : undefined);

  router.get('/inspect/events', guarded as never, (ctx) => {
    let unfollow = () => {};
    ctx.respond = false;
    const connection = hub.open(ctx.res, loginOf(ctx), () => unfollow());
    unfollow = followInspection(connection, inspection, ctx.get('last-event-id'));
  });

  router.get('/inspect/recording', guarded as never, (ctx) => {
    ctx.type = 'application/x-ndjson';
    ctx.attachment(`weir-${new Date(parts.clock.now()).toISOString().replace(/\D/g, '').slice(0, 14)}.jsonl`);
    ctx.body = Readable.from(recordingOf(inspection));
  });

  if (inspection.stately) routeStately(router, parts, guarded, inspection.stately);

  router.post('/inspect/entries', guarded as never, async (ctx) => {
    ctx.body = inspection.tabTold(await bodyOf(ctx, tabObservationsSchema));
  });
}
