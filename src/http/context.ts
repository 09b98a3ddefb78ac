// What every route is handed, and the two questions that routes ask of a request. Nothing here knows a session.
import type { Context } from 'koa';
import type { Catalog } from '../agents/port.ts';
import { DamagedRecord, type Journal } from '../journal/port.ts';
import type { Notices } from '../notices/port.ts';
import { type Clock, type Log, parseCommand, Rejection } from '../protocol/index.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Auth } from './auth.ts';
import { type Pace, readJson } from './body.ts';
import type { SseBytes } from './sse-bytes.ts';
import type { SseHub } from './sse-hub.ts';

export interface Parts {
  sessions: Sessions;
  journal: Journal;
  catalog: Catalog;
  clock: Clock;
  log: Log;
  auth: Auth;
  hub: SseHub;
  bytes: SseBytes;
  notices: Notices;
  /** how slowly bodies may come; not said: as the limits say */
  pace?: Pace;
}

type Schema<T> = Parameters<typeof parseCommand<T>>[0];

/** @throws Rejection bad_request that names the field */
export const queryOf = <T>(ctx: Context, schema: Schema<T>): T =>
  parseCommand(schema, { ...ctx.query }, 'query');

/** @throws Rejection bad_request, too_large, too_slow, unsupported_media_type */
export const bodyOf = async <T>(ctx: Context, schema: Schema<T>): Promise<T> =>
  parseCommand(schema, await readJson(ctx.req, ctx.state.pace), 'body');

export const ownerOf = (ctx: Context): string => ctx.state.principal.owner;
export const loginOf = (ctx: Context): string | null => ctx.state.principal.login;

/** Fault 2: what the log can't tell is no bug of ours. */
const damaged = ({ pos }: DamagedRecord): Rejection =>
  new Rejection('session_damaged', 'A record of this session is damaged: this part of it can’t be read.', {
    pos,
  });

/** Answers a failure: a rejection with its body, anything else as a bug that is logged and not told. */
export function answerFailure(ctx: Context, reason: unknown, log: Log): void {
  const failure = reason instanceof DamagedRecord ? damaged(reason) : reason;
  if (ctx.res.headersSent) {
    ctx.res.destroy();
    return;
  }
  const isRejection = failure instanceof Rejection;
  if (!isRejection) log.error({ err: failure, method: ctx.method, path: ctx.path }, 'a request met a bug');
  ctx.respond = true;
  // What still comes of it is no next request.
  if (isRejection && failure.code === 'too_slow') ctx.set('Connection', 'close');
  ctx.status = isRejection ? failure.status : 500;
  ctx.body = isRejection
    ? failure.body
    : { error: 'A bug in the server; its log says more.', code: 'internal' };
  const wait = isRejection ? failure.data.retry_after_seconds : undefined;
  if (ctx.status === 429 || ctx.status === 503) ctx.set('Retry-After', String(wait ?? 1));
}
