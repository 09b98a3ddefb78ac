// One connection for a whole browser: the feeds of the sessions that it names, and the board.
import type { Context } from 'koa';
import type Router from 'koa-router';
import { DamagedRecord } from '../../journal/port.ts';
import {
  badField,
  encodeEvent,
  isId,
  liveSchema,
  Rejection,
  refuseHostile,
  SSE_BEHIND_BYTES,
} from '../../protocol/index.ts';
import { boardStart, followBoard } from '../board-reader.ts';
import { loginOf, ownerOf, type Parts, queryOf } from '../context.ts';
import { followSession, type HeldSession, holdSession } from '../session-feed.ts';
import type { SseConnection } from '../sse-connection.ts';

/** A session as the address names it: `<id>` or `<id>:<pos>`. */
interface Named {
  session_id: string;
  pos: string | undefined;
}

function parseNamed(refs: string[]): Named[] {
  const named = new Map<string, Named>();
  for (const ref of refs) {
    const colon = ref.indexOf(':');
    const session_id = colon < 0 ? ref : ref.slice(0, colon);
    if (!isId(session_id)) throw badField('session', 'must be <session_id> or <session_id>:<pos>');
    if (named.has(session_id)) throw badField('session', 'names a session twice');
    refuseHostile('session', ref);
    named.set(session_id, { session_id, pos: colon < 0 ? undefined : ref.slice(colon + 1) });
  }
  return [...named.values()];
}

const encodeGone = (session_id: string, reason: 'deleted' | 'not_found'): string =>
  encodeEvent('gone', JSON.stringify({ session_id, reason }));

export function routeLive(router: Router, parts: Parts): void {
  const { sessions, hub, bytes, log } = parts;

  /** What can be followed, and what is not there. One that fails lets go of all. */
  async function holdAll(ctx: Context, named: Named[]): Promise<{ held: HeldSession[]; missing: string[] }> {
    const owner = ownerOf(ctx);
    const last = ctx.get('last-event-id') || undefined;
    const holds = await Promise.allSettled(
      named.map(({ session_id, pos }) => {
        // It counts for its own session only.
        const ids = [last?.startsWith(`${session_id}:`) ? last : undefined];
        return holdSession(parts, { owner, session_id, cursor: { ids, numbers: [pos] }, live: false });
      }),
    );
    const held: HeldSession[] = [];
    const missing: string[] = [];
    let failure: unknown;
    holds.forEach((hold, at) => {
      if (hold.status === 'fulfilled') held.push(hold.value);
      else if (hold.reason instanceof Rejection && hold.reason.code === 'not_found')
        missing.push(named[at]!.session_id);
      else failure ??= hold.reason;
    });
    if (failure === undefined) return { held, missing };
    for (const { release } of held) release();
    throw failure;
  }

  router.get('/api/live', async (ctx) => {
    const { session = [], board } = queryOf(ctx, liveSchema);
    const named = parseNamed(session);
    const wantsBoard = board !== undefined && board !== '0';
    if (named.length === 0 && !wantsBoard) throw badField('session', 'or board is needed');
    const from = board === '1' || !wantsBoard ? undefined : board;
    // A hostile cursor is refused while there is still a status to say so.
    boardStart(sessions.board(ownerOf(ctx)), from);
    const { held, missing } = await holdAll(ctx, named);
    const outs = held.map(({ release }) => release);
    const letGo = () => {
      for (const out of outs.splice(0)) out();
    };
    try {
      ctx.respond = false;
      const connection = hub.open(ctx.res, loginOf(ctx), letGo);
      for (const session_id of missing) connection.write(encodeGone(session_id, 'not_found'));
      const onLost = (bug: unknown) => {
        // Fault 2: it has no more to say, and its snapshot and the board say why. The others go on.
        if (bug instanceof DamagedRecord) return;
        if (bug !== null) log.error({ err: bug, path: ctx.path }, 'a feed could not be read on');
        connection.destroy();
      };
      const begins = held.map((one) => () => {
        const { session_id } = one.cell;
        const onDeleted = () => connection.write(encodeGone(session_id, 'deleted'));
        return followSession(one, { connection, bytes, isNamed: true, onDeleted, onLost });
      });
      if (wantsBoard)
        begins.unshift(() => followBoard(connection, sessions.board(ownerOf(ctx)), from, false));
      beginInTurn(connection, begins, (out) => outs.push(out), onLost);
    } catch (failure) {
      letGo();
      throw failure;
    }
  });
}

/** Snapshots go whole: the next begins when the socket has taken the one before (wire §2). */
function beginInTurn(
  connection: SseConnection,
  begins: (() => () => void)[],
  began: (out: () => void) => void,
  onBug: (bug: unknown) => void,
): void {
  const go = (): void => {
    if (begins.length === 0 || connection.isClosed) return;
    if (connection.unsent > SSE_BEHIND_BYTES) {
      connection.whenDrained(go);
      return;
    }
    try {
      began(begins.shift()!());
      go();
    } catch (bug) {
      onBug(bug);
    }
  };
  go();
}
