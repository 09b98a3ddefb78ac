// Attachments: a file comes as the body, and is given back as nothing that a browser would run.
import type Router from 'koa-router';
import {
  ATTACHMENT_BYTES_MAX,
  idSchema,
  isImageType,
  parseCommand,
  uploadSchema,
} from '../../protocol/index.ts';
import { readBytes } from '../body.ts';
import { ownerOf, type Parts, queryOf } from '../context.ts';

const UNNAMED = 'attachment';
/** Opened on its own, an attachment is no page: it loads nothing and runs nothing. */
const SANDBOX = "default-src 'none'; sandbox";

export function routeAttachments(router: Router, { sessions }: Parts): void {
  const { attachments } = sessions;

  router.post('/api/attachments', async (ctx) => {
    const { name = UNNAMED } = queryOf(ctx, uploadSchema);
    const type = ctx.get('content-type').split(';')[0]!.trim().toLowerCase();
    const bytes = await readBytes(ctx.req, ATTACHMENT_BYTES_MAX);
    ctx.status = 201;
    ctx.body = await attachments.add(ownerOf(ctx), { name, type, bytes });
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
