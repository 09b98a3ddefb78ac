// The inspector: its feed, its recording, and what tabs tell of their machines. For whoever may not inspect these are paths
// like any that nobody knows.
import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import type Router from 'koa-router';
import type { Inspection } from '../../inspect/port.ts';
import { type Entry, tabObservationsSchema } from '../../protocol/inspection.ts';
import { bodyOf, loginOf, type Parts } from '../context.ts';
import type { MayInspect } from '../inspection-guard.ts';
import { followInspection, linesOf } from '../inspection-reader.ts';

/** The recording of now: what comes while it is sent is not in it. */
function* recordingOf(inspection: Inspection): Generator<string> {
  const head = inspection.head();
  yield `${JSON.stringify(head)}\n`;
  const end = inspection.n;
  // Taken at once: the ring goes on while it is sent.
  const batches: Entry[][] = [];
  for (let after = head.n; after < end; ) {
    const batch = inspection.since(after) ?? [];
    const last = batch.at(-1);
    if (!last) break;
    batches.push(batch);
    after = last.n;
  }
  for (const batch of batches) yield `${linesOf(batch)}\n`;
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

  router.post('/inspect/entries', guarded as never, async (ctx) => {
    ctx.body = inspection.tabTold(await bodyOf(ctx, tabObservationsSchema));
  });
}
