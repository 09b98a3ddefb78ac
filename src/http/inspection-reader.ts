// A reader of the inspection on a connection: how actors stood, then what came, in batches, as fast as its socket takes it.
// One that is so far behind that something was let go of is told how they stand anew. It knows no machine.

import type { Inspection } from '../inspect/port.ts';
import { encodeEvent, eventId, SSE_BEHIND_BYTES } from '../protocol/index.ts';
import type { Entry } from '../protocol/inspection.ts';
import type { SseConnection } from './sse-connection.ts';

/** One entry a line. */
export const linesOf = (entries: readonly object[]): string =>
  entries.map((entry) => JSON.stringify(entry)).join('\n');

/** The number that `cursor` stands for, if it is of this start of the server; null: from the beginning. */
export function numberOf({ boot, n }: Inspection, cursor: string): number | null {
  const [, of, digits] = /^([\w-]{1,64}):(\d{1,15})$/.exec(cursor) ?? [];
  const number = Number(digits);
  return of === boot && number <= n ? number : null;
}

/** What is returned ends it. */
export function followInspection(
  connection: SseConnection,
  inspection: Inspection,
  cursor: string,
): () => void {
  const { boot } = inspection;
  let after = numberOf(inspection, cursor);
  let isWaiting = false;

  function nextBatch(): Entry[] {
    const kept = after === null ? null : inspection.since(after);
    if (kept) return kept;
    const head = inspection.head();
    after = head.n;
    connection.write(encodeEvent('head', JSON.stringify(head), eventId(boot, head.n)));
    return inspection.since(after) ?? [];
  }

  function push(): void {
    if (isWaiting) return;
    while (!connection.isClosed) {
      if (connection.unsent > SSE_BEHIND_BYTES) {
        isWaiting = true;
        connection.whenDrained(() => {
          isWaiting = false;
          push();
        });
        return;
      }
      const entries = nextBatch();
      const last = entries.at(-1);
      if (!last) return;
      after = last.n;
      connection.write(encodeEvent('entries', linesOf(entries), eventId(boot, last.n)));
    }
  }

  const unwatch = inspection.watch(push);
  push();
  return unwatch;
}

/** The recording of now, as text. All of it is taken before the first of it is given: the ring goes on while it is sent. */
export function* recordingOf(inspection: Omit<Inspection, 'tabTold'>): Generator<string> {
  const head = inspection.head();
  const batches: Entry[][] = [];
  for (let after = head.n; after < inspection.n; ) {
    const batch = inspection.since(after) ?? [];
    const last = batch.at(-1);
    if (!last) break;
    batches.push(batch);
    after = last.n;
  }
  yield `${JSON.stringify(head)}\n`;
  for (const batch of batches) yield `${linesOf(batch)}\n`;
}
