// Prompts: pushed and polled off the same snapshot, answered by id. Two queues, one set of routes.
import type { Context } from 'koa';
import type Router from 'koa-router';
import {
  approvalRespondSchema,
  clarifyRespondSchema,
  encodeEvent,
  idSchema,
  PROMPT_KINDS,
  type PromptKind,
  parseCommand,
  sessionIdSchema,
} from '../../protocol/index.ts';
import type { PromptWatch } from '../../sessions/session-prompts.ts';
import { clientName } from '../client-name.ts';
import { bodyOf, loginOf, ownerOf, type Parts, queryOf } from '../context.ts';
import { encodeEnd } from '../sse-hub.ts';
import { createStateReader, type StateReader } from '../state-reader.ts';

export function routePrompts(router: Router, parts: Parts): void {
  const { sessions } = parts;

  for (const kind of PROMPT_KINDS) {
    router.get(`/api/${kind}/stream`, (ctx) => stream(ctx, kind));
    router.get(`/api/${kind}/pending`, async (ctx) => {
      const { cell, release } = await sessions.hold(ownerOf(ctx), queryOf(ctx, sessionIdSchema).session_id);
      const { pending, pending_count, version } = cell.prompts.state(kind);
      release();
      ctx.body = { pending, pending_count, version };
    });
  }

  router.post('/api/clarify/respond', async (ctx) => {
    const body = await bodyOf(ctx, clarifyRespondSchema);
    ctx.body = await sessions.respond.clarify(ownerOf(ctx), body, clientName(ctx.req));
  });

  router.post('/api/approval/respond', async (ctx) => {
    const body = await bodyOf(ctx, approvalRespondSchema);
    ctx.body = await sessions.respond.approval(ownerOf(ctx), body, clientName(ctx.req));
  });

  router.get('/api/approval/rules', async (ctx) => {
    ctx.body = { rules: await sessions.respond.rules(ownerOf(ctx)) };
  });

  router.delete('/api/approval/rules/:id', async (ctx) => {
    await sessions.respond.withdrawRule(ownerOf(ctx), parseCommand(idSchema, ctx.params.id, 'id'));
    ctx.status = 204;
  });

  async function stream(ctx: Context, kind: PromptKind): Promise<void> {
    const { cell, release } = await sessions.hold(ownerOf(ctx), queryOf(ctx, sessionIdSchema).session_id);
    let reader: StateReader | undefined;
    let watch: PromptWatch | undefined;
    let event: string = 'initial';
    try {
      ctx.respond = false;
      const connection = parts.hub.open(ctx.res, loginOf(ctx), () => {
        reader?.close();
        watch?.unwatch();
        release();
      });
      // CQ2: subscription and first state, no await between.
      watch = cell.prompts.watch(
        kind,
        () => reader?.wake(),
        (over) => connection.end(over === 'deleted' ? encodeEnd('deleted') : undefined),
      );
      const state = watch.state;
      reader = createStateReader(connection, () => {
        const said = encodeEvent(event, JSON.stringify(state()));
        event = kind;
        return said;
      });
      reader.wake();
    } catch (failure) {
      watch?.unwatch();
      release();
      throw failure;
    }
  }
}
