// Where a reader of a board stands, and what it is to be told from there. It walks the ring that all readers share and has
// no queue of its own: who was slow is told the newest of each task and session, and a gap exactly where something was
// left out (BR3). It knows no connection.
import { BOARD_WAITING_MAX, type Board, type BoardEvent, keyOfBoardEvent } from '../protocol/index.ts';
import type { OwnerBoard } from './board.ts';

export interface Gap {
  from: number;
  to: number;
}

export type Due =
  | { kind: 'event'; event: BoardEvent }
  /** What was left out has become worthless by something later: whoever knows of the gap may go on after it. */
  | { kind: 'gap'; gap: Gap }
  /** `gap`: what the ring does not have any more. Without this snapshot nobody may go on after it. */
  | { kind: 'snapshot'; gap: Gap | null; board: Board };

export interface BoardCursor {
  /** number of the last event that was told, or whose loss was; null: nothing yet */
  readonly at: number | null;
  readonly isBehind: boolean;
  /** What is due, one after the other. Whoever can't take more stops, and asks again later: then it is thinned out anew. */
  due(): Iterable<Due>;
}

/** `after`: what the reader has taken in; null: it begins with a snapshot. What it missed before today is told whole. */
export function createBoardCursor(board: OwnerBoard, after: number | null): BoardCursor {
  let at = after;
  const missed_to = board.head();

  function* due(): Generator<Due> {
    while (at === null || at < board.head()) {
      const events = at === null ? null : board.since(at);
      if (events === null) yield anew();
      else
        for (const each of pieces(events, at!)) {
          at = each.kind === 'gap' ? each.gap.to : each.event.data.n;
          yield each;
        }
    }
  }

  function anew(): Due {
    const from = at === null ? null : at + 1;
    const snapshot = board.snapshot();
    at = snapshot.n;
    return { kind: 'snapshot', gap: from === null ? null : { from, to: at }, board: snapshot };
  }

  /** What was said before the reader came does not count as waiting for it. */
  function pieces(events: readonly BoardEvent[], from: number): Exclude<Due, { kind: 'snapshot' }>[] {
    if (from >= missed_to) return thinned(events);
    return events.slice(0, missed_to - from).map((event) => ({ kind: 'event', event }));
  }

  return {
    get at() {
      return at;
    },
    get isBehind() {
      return at === null || at < board.head();
    },
    due,
  };
}

/** All of what waits, but of the oldest part only what nothing later made worthless. */
function thinned(events: readonly BoardEvent[]): Exclude<Due, { kind: 'snapshot' }>[] {
  const old = events.length - BOARD_WAITING_MAX;
  const later = new Set<string>();
  const kept: Exclude<Due, { kind: 'snapshot' }>[] = [];
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index]!;
    const key = keyOfBoardEvent(event);
    const last = kept[kept.length - 1];
    const { n } = event.data;
    if (index >= old || !later.has(key)) kept.push({ kind: 'event', event });
    else if (last?.kind === 'gap') last.gap.from = n;
    else kept.push({ kind: 'gap', gap: { from: n, to: n } });
    later.add(key);
  }
  return kept.reverse();
}
