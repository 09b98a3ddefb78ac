// A reader of a board on a connection: `ready`, what it missed or a snapshot, then what comes, as fast as its socket takes
// it. Every event is encoded once for all. It knows no session's feed beside it.
import {
  type BoardEvent,
  encodeEvent,
  eventId,
  resolveCursor,
  SSE_BEHIND_BYTES,
  type Start,
} from '../protocol/index.ts';
import type { OwnerBoard } from '../sessions/board.ts';
import { createBoardCursor, type Due, type Gap } from '../sessions/board-cursor.ts';
import { chunkOf, type SseConnection } from './sse-connection.ts';

interface Shared {
  plain: Buffer;
  chunked: Buffer;
}

/** A cursor as it came, or several, of which the greater wins. */
type Given = string | undefined | readonly (string | undefined)[];

/** Made once; an event goes with the ring that holds it. */
const bare = new WeakMap<BoardEvent, Shared>();
const withId = new WeakMap<BoardEvent, Shared>();

function bytesOf(event: BoardEvent, boot: string | null): Shared {
  const kept = boot === null ? bare : withId;
  const known = kept.get(event);
  if (known) return known;
  const id = boot === null ? undefined : eventId(boot, event.data.n);
  const plain = Buffer.from(encodeEvent(event.event, JSON.stringify(event.data), id));
  const shared = { plain, chunked: chunkOf(plain) };
  kept.set(event, shared);
  return shared;
}

const encodeGap = (gap: Gap, id?: string): string => encodeEvent('gap', JSON.stringify(gap), id);

/**
 * Where a reader begins; no cursor, or one that is not of this board: with a snapshot.
 * @throws Rejection bad_request for a cursor that is hostile
 */
export function boardStart(board: OwnerBoard, from: Given): { after: number | null; reset?: Start['reset'] } {
  const ids = typeof from === 'object' ? [...from] : [from];
  const { after, reset } = resolveCursor(board.boot, { ids, numbers: [] }, board.head());
  if (reset) return { after: null, reset };
  return { after: ids.some((id) => id !== undefined) ? after : null };
}

/** `ids`: whether this connection is the board's own, so that its ids are cursors. @throws like boardStart; returns the way out */
export function followBoard(
  connection: SseConnection,
  board: OwnerBoard,
  from: Given,
  ids: boolean,
): () => void {
  const { boot } = board;
  // CQ2: from here to the subscription there is no await.
  const { after, reset } = boardStart(board, from);
  const cursor = createBoardCursor(board, after);
  let isWaiting = false;
  let isClosed = false;

  const idOf = (n: number) => (ids ? eventId(boot, n) : undefined);

  function tell(due: Due): void {
    if (due.kind === 'event') connection.writeShared(bytesOf(due.event, ids ? boot : null));
    else connection.write(due.kind === 'gap' ? encodeGap(due.gap, idOf(due.gap.to)) : snapshotOf(due));
  }

  /** A gap before it has no id: who is cut off between the two has to be given both again. */
  const snapshotOf = ({ gap, board: now }: Extract<Due, { kind: 'snapshot' }>) =>
    (gap ? encodeGap(gap) : '') + encodeEvent('snapshot', JSON.stringify(now), idOf(now.n));

  function wake(): void {
    if (isWaiting || isClosed || connection.isClosed || !cursor.isBehind) return;
    if (connection.unsent <= SSE_BEHIND_BYTES)
      for (const due of cursor.due()) {
        tell(due);
        if (connection.unsent > SSE_BEHIND_BYTES) break;
      }
    if (!cursor.isBehind || connection.isClosed) return;
    isWaiting = true;
    connection.whenDrained(() => {
      isWaiting = false;
      wake();
    });
  }

  const head = board.head();
  connection.write(encodeEvent('ready', JSON.stringify({ boot, n: head })));
  if (reset) connection.write(encodeEvent('reset', JSON.stringify({ reason: reset, head, boot })));
  const unwatch = board.watch(wake);
  wake();
  return () => {
    isClosed = true;
    unwatch();
  };
}
