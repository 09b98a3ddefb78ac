// The built page: its files, and the headers that keep it to itself.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Context } from 'koa';
import { isInspectorFile, type MayInspect, nobodyInspects } from './inspection-guard.ts';

/** Paths that only programs ask for: what is no route among them is an answer for programs, too. */
export const ASKS = /^\/*(api|metrics)/i;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};

export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** Before the page's own modules: its machines are watched from their birth. */
const INSPECTED = '<script src="/inspected.js"></script>';

/** Somebody typed an address, or followed a link; a program that asks for anything is answered as a program. */
const isBrowser = (ctx: Context): boolean => /\btext\/html\b/.test(ctx.get('accept'));

/** The page, which finds its session in the URL, and its files. What a browser asks for beside them is said to be nothing. */
export function createPage(
  folder: string,
  mayInspect: MayInspect = nobodyInspects,
): (ctx: Context) => Promise<boolean> {
  const root = normalize(folder + sep);

  async function send(ctx: Context, file: string, cache: string): Promise<boolean> {
    const bytes = await readFile(file).catch(() => null);
    if (!bytes) return false;
    ctx.body = bytes;
    ctx.set('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    ctx.set('Cache-Control', cache);
    return true;
  }

  async function sendFile(ctx: Context): Promise<boolean> {
    const { path } = ctx;
    if (!/^\/[A-Za-z0-9._/-]+$/.test(path)) return false;
    const file = normalize(join(root, path));
    if (!file.startsWith(root) || path.endsWith('/')) return false;
    if (isInspectorFile(file.slice(root.length)) && !mayInspect(ctx)) return false;
    const isHashed = path.startsWith('/assets/');
    return send(ctx, file, isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  }

  /** An address that leads nowhere, said in words, with a way back. */
  async function sendNothing(ctx: Context): Promise<boolean> {
    const isSent = await send(ctx, join(root, 'nothing.html'), 'no-store');
    if (isSent) ctx.status = 404;
    return isSent;
  }

  return async (ctx) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return false;
    const { path } = ctx;
    if (path === '/' || path === '/board' || path.startsWith('/s/')) {
      const isSent = await send(ctx, join(root, 'index.html'), 'no-cache');
      if (isSent && mayInspect(ctx)) ctx.body = String(ctx.body).replace('<script', `${INSPECTED}<script`);
      return isSent;
    }
    if (path === '/inspect' && mayInspect(ctx)) return send(ctx, join(root, 'inspector.html'), 'no-cache');
    return (await sendFile(ctx)) || (isBrowser(ctx) && !ASKS.test(path) && sendNothing(ctx));
  };
}
