// What this tab hears of the board: the order of its numbers, and the polls while nothing is pushed (LN4). A snapshot that
// came for another tab's sake, and says nothing new, is passed over. Knows no connection, and keeps no task.

import * as z from 'zod/mini';
import { type Board, type BoardEventName, boardSchema } from '../../protocol/board.ts';
import type { BoardListener } from '../board/board-feed.ts';
import { FROM_SNAPSHOT } from './audience.ts';
import type { Heard } from './said.ts';

export interface EarPorts {
  readBoard(): Promise<Board>;
  isHidden(): boolean;
  every_ms: number;
}

export interface BoardEar {
  /** as an ask has it */
  readonly cursor: string | null;
  listen(listener: BoardListener): void;
  hear(heard: Heard): void;
  /** Nothing is pushed: it is asked for now, and again and again until `rest`. */
  poll(): void;
  rest(): void;
}

const numbered = z.looseObject({ n: z.int() });

export function createBoardEar({ readBoard, isHidden, every_ms }: EarPorts): BoardEar {
  let listener: BoardListener | null = null;
  let at: { boot: string; n: number } | null = null;
  let polling: ReturnType<typeof setInterval> | null = null;

  function takeSnapshot(data: string): void {
    const { success, data: board } = z.safeParse(boardSchema, JSON.parse(data));
    if (!success || (at?.boot === board.boot && at.n === board.n)) return;
    at = { boot: board.boot, n: board.n };
    listener?.snapshot(board);
  }

  function takeEvent(name: BoardEventName, data: string): void {
    const words: unknown = JSON.parse(data);
    const { success, data: event } = z.safeParse(numbered, words);
    // Before its snapshot came, an event is of a board that this tab does not have.
    if (!success || !at || event.n <= at.n) return;
    at.n = event.n;
    listener?.event(name, words);
  }

  async function ask(): Promise<void> {
    if (!listener || isHidden()) return;
    try {
      const board = await readBoard();
      if (polling === null) return;
      at = { boot: board.boot, n: board.n };
      listener.polled(board);
    } catch {
      // The next one asks again; that there is no connection is said elsewhere.
    }
  }

  return {
    get cursor() {
      if (!listener) return null;
      return at ? `${at.boot}:${at.n}` : FROM_SNAPSHOT;
    },
    listen(one) {
      listener = one;
    },
    hear({ event, data }) {
      if (event === 'snapshot') takeSnapshot(data);
      else if (event === 'gap') listener?.gap();
      else if (event !== 'ready' && event !== 'reset') takeEvent(event as BoardEventName, data);
    },
    poll() {
      if (polling !== null) return;
      polling = setInterval(ask, every_ms);
      void ask();
    },
    rest() {
      if (polling !== null) clearInterval(polling);
      polling = null;
    },
  };
}
