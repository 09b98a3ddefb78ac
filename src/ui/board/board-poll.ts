// The board as it is asked for, now and then: what the page does while nothing is pushed. Knows no task.
import { type Board, boardSchema } from '../../protocol/board.ts';
import { request } from '../api.ts';

const POLL_BOARD_MS = 10_000;

const readBoard = (): Promise<Board> => request(boardSchema, { method: 'GET', path: '/api/board' });

/** Asks now, then every few seconds while the page is seen. What is returned ends it. */
export function pollBoard(polled: (board: Board) => void): () => void {
  let isOver = false;
  const ask = (): void => {
    if (document.hidden) return;
    readBoard().then(
      (board) => isOver || polled(board),
      // The next one asks again; that there is no connection is said elsewhere.
      () => {},
    );
  };
  const interval = setInterval(ask, POLL_BOARD_MS);
  document.addEventListener('visibilitychange', ask);
  addEventListener('focus', ask);
  ask();
  return () => {
    isOver = true;
    clearInterval(interval);
    document.removeEventListener('visibilitychange', ask);
    removeEventListener('focus', ask);
  };
}
