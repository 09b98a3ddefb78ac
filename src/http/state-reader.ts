// State, not history: a reader is given the newest state, and skips what it was too slow for (CQ10). One word is kept back
// at most, however many changes happen. It knows no queue.
import { SSE_BEHIND_BYTES } from '../protocol/index.ts';
import type { SseConnection } from './sse-connection.ts';

export interface StateReader {
  wake(): void;
  close(): void;
}

/** `encode`: the newest state as an event, called when it can be taken. */
export function createStateReader(connection: SseConnection, encode: () => string): StateReader {
  let isWaiting = false;
  let isClosed = false;

  function wake(): void {
    if (isWaiting || isClosed || connection.isClosed) return;
    if (connection.unsent <= SSE_BEHIND_BYTES) {
      connection.write(encode());
      return;
    }
    isWaiting = true;
    connection.whenDrained(() => {
      isWaiting = false;
      wake();
    });
  }

  return {
    wake,
    close() {
      isClosed = true;
    },
  };
}
