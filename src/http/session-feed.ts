// A session's feed on a connection: its snapshot, then every record after a cursor, and the newest word of what has no id.
// One connection may carry several. Knows no route.
import {
  type CursorInput,
  encodeEvent,
  type QueuedMessage,
  resolveCursor,
  type Start,
  type StreamState,
} from '../protocol/index.ts';
import type { LogFeed } from '../sessions/feed.ts';
import type { SessionCell } from '../sessions/session-cell.ts';
import type { Parts } from './context.ts';
import { cutMessages, encodeCut, isCutOff, isGiven } from './cut-off.ts';
import { createLogReader, type LogReader } from './log-reader.ts';
import { followPrompts } from './prompt-states.ts';
import type { SseBytes } from './sse-bytes.ts';
import type { SseConnection } from './sse-connection.ts';
import { createStateReader } from './state-reader.ts';

/** `replay=0` without a cursor: from now on. With one, the cursor says more. */
export const startOf = (feed: LogFeed, cursor: CursorInput, head: number, live: boolean): Start =>
  live && !isGiven(cursor) ? { after: head } : resolveCursor(feed.feed_id, cursor, head, feed.kept_from);

/**
 * The head as far as a client may know it: one that read it from the log was a moment ahead of what we have heard of, and
 * is asked about there before it is told so (lesson 10).
 */
export async function knownHead(feed: LogFeed, cursor: CursorInput, live: boolean): Promise<number> {
  const { head, unwatch } = feed.watch(() => {});
  const heard = head();
  unwatch();
  return startOf(feed, cursor, heard, live).reset === 'ahead' ? (await feed.read(heard, 1)).head : heard;
}

/** A session that a reader is about to follow: held in memory until `release`. */
export interface HeldSession {
  cell: SessionCell;
  queue: QueuedMessage[];
  cursor: CursorInput;
  live: boolean;
  known: number;
  /** what is told first to a reader that retention cut off, where its log begins with `kept_from` */
  cut: string;
  kept_from: number;
  release(): void;
}

/** @throws Rejection not_found; bad_request for a cursor that is hostile */
export async function holdSession(
  { sessions, journal }: Pick<Parts, 'sessions' | 'journal'>,
  of: { owner: string; session_id: string; cursor: CursorInput; live: boolean },
): Promise<HeldSession> {
  const { owner, session_id, cursor, live } = of;
  const queue = await sessions.queue(owner, session_id);
  const { cell, release } = await sessions.hold(owner, session_id);
  const { feed } = cell;
  try {
    const known = await knownHead(feed, cursor, live);
    const { kept_from } = feed;
    const isCut = isCutOff(feed, cursor, startOf(feed, cursor, known, live), live);
    const cut = isCut
      ? encodeCut(session_id, kept_from, await cutMessages(journal, owner, session_id, kept_from))
      : '';
    return { cell, queue, cursor, live, known, cut, kept_from, release };
  } catch (failure) {
    release();
    throw failure;
  }
}

export interface FollowPorts {
  connection: SseConnection;
  bytes: SseBytes;
  /** Others share the connection: what has no id says whose it is. */
  isNamed: boolean;
  /** All of it was told, and no more will come. */
  onDeleted(): void;
  /** It can't be followed any longer: whoever comes back is served. */
  onLost(bug: unknown): void;
}

/** Says the snapshot and follows the log; returns the way out, which lets go of the session. Idempotent. */
export function followSession(held: HeldSession, ports: FollowPorts): () => void {
  const { cell, cursor, live, known } = held;
  const { connection } = ports;
  const { feed, session_id } = cell;
  let reader: LogReader | undefined;
  // CQ2: from here to the first write there is no await.
  const watched = feed.watch(() => reader?.wake());
  const outs = [watched.unwatch, held.release];
  const letGo = () => {
    reader?.close();
    for (const out of outs.splice(0)) out();
  };
  try {
    const head = Math.max(watched.head(), known);
    const start = startOf(feed, cursor, head, live);
    // P3: retention has cut more since its messages were read. Whoever comes back is told all of them.
    if (held.kept_from !== feed.kept_from && isCutOff(feed, cursor, start, live)) {
      letGo();
      ports.onLost(null);
      return letGo;
    }
    connection.write(
      encodeSnapshot(held, head) +
        encodeReset(start, head, ports.isNamed ? session_id : undefined) +
        held.cut,
    );
    outs.push(
      followState(connection, cell),
      followPrompts(connection, cell.prompts, () => true),
    );
    reader = createLogReader({
      feed,
      connection,
      bytes: ports.bytes,
      after: start.after,
      head: watched.head,
      isOver: watched.isOver,
      onEnd() {
        letGo();
        if (cell.isDeleted()) ports.onDeleted();
        else ports.onLost(null);
      },
      onFault: ports.onLost,
    });
    reader.wake();
    return letGo;
  } catch (failure) {
    letGo();
    throw failure;
  }
}

/** What the run is at: state, not history. */
function followState(connection: SseConnection, { session_id, watchState }: SessionCell): () => void {
  let newest: StreamState | undefined;
  const reader = createStateReader(connection, () =>
    encodeEvent('stream_state', JSON.stringify({ session_id, ...newest })),
  );
  const unwatch = watchState((state) => {
    newest = state;
    reader.wake();
  });
  return () => {
    reader.close();
    unwatch();
  };
}

function encodeSnapshot({ cell, queue }: HeldSession, head: number): string {
  const snapshot = {
    session: cell.session(),
    active_stream: cell.activeStream(),
    queue,
    clarify: cell.prompts.state('clarify'),
    approval: cell.prompts.state('approval'),
    head,
  };
  return encodeEvent('snapshot', JSON.stringify(snapshot));
}

/** `session_id`: where several sessions share a connection. */
export const encodeReset = ({ reset }: Start, head: number, session_id?: string): string =>
  reset ? encodeEvent('reset', JSON.stringify({ reason: reset, head, session_id })) : '';
