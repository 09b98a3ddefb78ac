// A session feed that nobody wrote: what a page would hear if the log said so, for what a real server never does.
import type { BrowserContext } from 'playwright-core';
import { encodeEvent } from '../../src/protocol/index.ts';

/** Records that were never written, as the log would number them. */
export function forger({
  session_id,
  stream_id,
  snapshot,
}: {
  session_id: string;
  stream_id: string;
  // biome-ignore lint/suspicious/noExplicitAny: a true snapshot, changed at will
  snapshot: any;
}) {
  let pos: number = snapshot.head;
  const heads: Record<string, number> = { [stream_id]: snapshot.active_stream.head };
  const said = [encodeEvent('snapshot', JSON.stringify(snapshot))];
  const record = (event: string, data: object): void => {
    pos += 1;
    said.push(encodeEvent(event, JSON.stringify(data), `${session_id}:${pos}`));
  };
  return {
    frame(of: string, event: string, payload: object) {
      heads[of] = (heads[of] ?? 0) + 1;
      record(event, { stream_id: of, seq: heads[of], at: Date.now(), ...payload });
    },
    other: (event: string, payload: object) => record(event, { pos: pos + 1, at: Date.now(), ...payload }),
    state: (event: string, state: object) => said.push(encodeEvent(event, JSON.stringify(state))),
    version: () => pos,
    text: () => said.join(''),
  };
}

/** The next connection of this person's pages that has a session hears `text`, and none after it hears anything. */
export async function serveFeed(person: BrowserContext, text: string): Promise<void> {
  let isServed = false;
  await person.route('**/api/live?*', async (route) => {
    // Before its session is open, a page asks for the board alone.
    if (!route.request().url().includes('session=')) return route.continue();
    if (isServed) return;
    isServed = true;
    await route.fulfill({ contentType: 'text/event-stream', body: text });
  });
}
