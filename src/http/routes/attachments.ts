// Attachments: a file comes as the body, and is given back as nothing that a browser would run.
import type Router from 'koa-router';
import {
  ATTACHMENT_BYTES_MAX,
  ATTACHMENT_TYPES,
  idSchema,
  isImageType,
  parseCommand,
  UPLOADS_AT_ONCE_MAX,
  uploadSchema,
} from '../../protocol/index.ts';
import { readBytes, refuseLarge, requireType } from '../body.ts';
import { ownerOf, type Parts, queryOf } from '../context.ts';
import { createTurns } from '../turns.ts';

const UNNAMED = 'attachment';
/** Opened on its own, an attachment is no page: it loads nothing and runs nothing. */
const SANDBOX = "default-src 'none'; sandbox";

export function routeAttachments(router: Router, { sessions, pace }: Parts): void {
  const { attachments } = sessions;
  // P10: a file is in memory from its first byte until the disk has it.
  const inTurn = createTurns(UPLOADS_AT_ONCE_MAX);

  router.post('/api/attachments', async (ctx) => {
    const { name = UNNAMED } = queryOf(ctx, uploadSchema);
    const type = requireType(ctx.req, ...ATTACHMENT_TYPES);
    refuseLarge(ctx.req, ATTACHMENT_BYTES_MAX);
    ctx.body = await inTurn(async () => {
      const bytes = await readBytes(ctx.req, ATTACHMENT_BYTES_MAX, pace);
      return attachments.add(ownerOf(ctx), { name, type, bytes });
    });
    ctx.status = 201;
  });

  router.get('/api/attachments/:id', async (ctx) => {
    const attachment_id = parseCommand(idSchema, ctx.params.id, 'id');
    const { about, bytes } = await attachments.get(ownerOf(ctx), attachment_id);
    const isImage = isImageType(about.type);
    ctx.set({
      'Content-Type': isImage ? about.type : 'text/plain; charset=utf-8',
      'Content-Security-Policy': SANDBOX,
      'Content-Disposition': `${isImage ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(about.name.toWellFormed())}`,
      'Cache-Control': 'private, max-age=31536000, immutable',
    });
    ctx.body = bytes;
  });
}
