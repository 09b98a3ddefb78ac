// Sessions: make, list, read, change, delete, export; and the queue of follow-ups.
import type Router from 'koa-router';
import {
  createSessionSchema,
  editQueuedSchema,
  exportSchema,
  forkSchema,
  getSessionSchema,
  idSchema,
  LIST_LIMIT_DEFAULT,
  listSessionsSchema,
  MESSAGES_LIMIT_MAX,
  notFound,
  parseCommand,
  patchSessionSchema,
} from '../../protocol/index.ts';
import { bodyOf, ownerOf, type Parts, queryOf } from '../context.ts';
import { exportSession } from '../export.ts';
import { createImporter } from '../import.ts';

const idOf = (value: unknown, field: string): string => parseCommand(idSchema, value, field);

export function routeSessions(router: Router, parts: Parts): void {
  const { sessions, journal } = parts;
  const importSession = createImporter(parts);

  router.post('/api/sessions', async (ctx) => {
    const session = await sessions.create(ownerOf(ctx), await bodyOf(ctx, createSessionSchema));
    ctx.status = 201;
    ctx.body = { session };
  });

  router.post('/api/sessions/import', async (ctx) => {
    const session = await importSession(ownerOf(ctx), ctx.req);
    ctx.status = 201;
    ctx.body = { session };
  });

  router.get('/api/sessions', async (ctx) => {
    const { limit = LIST_LIMIT_DEFAULT, ...query } = queryOf(ctx, listSessionsSchema);
    const { sessions: rows, next } = await journal.listSessions(ownerOf(ctx), { limit, ...query });
    ctx.body = {
      sessions: rows.map(({ lineage_key, lineage_collapsed_count, ...row }) => ({
        ...sessions.view(row),
        ...(lineage_key === undefined ? {} : { lineage_key }),
        ...(lineage_collapsed_count === undefined ? {} : { lineage_collapsed_count }),
      })),
      ...(next === undefined ? {} : { next }),
    };
  });

  router.get('/api/session', async (ctx) => {
    const { session_id, messages = true, msg_limit, msg_before } = queryOf(ctx, getSessionSchema);
    const page = { limit: messages ? (msg_limit ?? MESSAGES_LIMIT_MAX) : 1, before: msg_before };
    const found = await journal.getTranscript(ownerOf(ctx), session_id, page);
    if (!found) throw notFound('session');
    const { session, transcript_pos, has_more } = found;
    const transcript = messages ? { messages: found.messages, transcript_pos, has_more } : {};
    ctx.body = { session: { ...sessions.view(session), ...transcript, head: session.head } };
  });

  router.patch('/api/sessions/:id', async (ctx) => {
    const session_id = idOf(ctx.params.id, 'id');
    ctx.body = {
      session: await sessions.patch(ownerOf(ctx), session_id, await bodyOf(ctx, patchSessionSchema)),
    };
  });

  router.delete('/api/sessions/:id', async (ctx) => {
    await sessions.remove(ownerOf(ctx), idOf(ctx.params.id, 'id'));
    ctx.status = 204;
  });

  router.post('/api/sessions/:id/fork', async (ctx) => {
    const session_id = idOf(ctx.params.id, 'id');
    const { upto_message_id } = await bodyOf(ctx, forkSchema);
    ctx.status = 201;
    ctx.body = { session: await sessions.fork(ownerOf(ctx), session_id, upto_message_id) };
  });

  router.get('/api/sessions/:id/export', async (ctx) => {
    const { format = 'json' } = queryOf(ctx, exportSchema);
    await exportSession(parts, ctx, idOf(ctx.params.id, 'id'), format);
  });

  router.get('/api/sessions/:id/queue', async (ctx) => {
    ctx.body = { queue: await sessions.queue(ownerOf(ctx), idOf(ctx.params.id, 'id')) };
  });

  router.patch('/api/sessions/:id/queue/:message_id', async (ctx) => {
    const session_id = idOf(ctx.params.id, 'id');
    const message_id = idOf(ctx.params.message_id, 'message_id');
    const { message } = await bodyOf(ctx, editQueuedSchema);
    ctx.body = { queue: await sessions.edit(ownerOf(ctx), session_id, message_id, message) };
  });

  router.delete('/api/sessions/:id/queue/:message_id', async (ctx) => {
    await sessions.withdraw(
      ownerOf(ctx),
      idOf(ctx.params.id, 'id'),
      idOf(ctx.params.message_id, 'message_id'),
    );
    ctx.status = 204;
  });
}
