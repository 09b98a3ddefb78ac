// What is done now and then must not hold up what can't wait: a server that goes down stops it in its middle.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Journal } from '../../src/journal/port.ts';
import { compact, type RetainingPorts, retain } from '../../src/journal/retaining.ts';
import { openPromptRoom } from '../support/prompt-room.ts';
import { within } from '../support/raw.ts';
import { temporaryFolder } from '../support/server.ts';

const CLOSE_MS = 5_000;

/** A log of which there is always more to cut, and always more to give back. */
function endless(signs: { parts: number }): RetainingPorts {
  let free_pages = 1e9;
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
  const cuts = [{ session_id: 's', stream_id: 'r' }];
  return {
    write: (async (name: string) => {
      await nextTurn();
      signs.parts += 1;
      if (name === 'cut') return { kind: 'cut', session_id: 's', kept_from: 1, runs_cut: 1 };
      free_pages -= 1;
      return name === 'compact'
        ? { kind: 'compacted', free_pages, unordered: false }
        : { kind: 'trimmed', more: true };
    }) as RetainingPorts['write'],
    reader: { ask: (async (name: string) => (name === 'planCuts' ? cuts : ['s'])) as never },
    onRetained: () => {},
  };
}

test.for(['retain', 'compact'] as const)(
  'wire §7 a shutdown in the middle of a long %s asks agents to stop, and ends',
  async (which) => {
    const signs = { parts: 0 };
    const ports = endless(signs);
    const tasks: Pick<Journal, 'retain' | 'compact'> = {
      retain: async (...input) => (which === 'retain' ? retain(ports, ...input) : { runs_cut: 0 }),
      compact: (signal) => compact(ports, signal),
    };
    const folder = await temporaryFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const room = await openPromptRoom({ folder, between: (journal) => ({ ...journal, ...tasks }) });
    const { stream_id, call } = await room.begin();
    const asked = room.sessions.housekeeping.compact();
    const refused = expect(asked).rejects.toMatchObject({ code: 'shutting_down' });
    while (signs.parts < 10) await new Promise((resolve) => setImmediate(resolve));
    const closed = room.sessions.close();
    while (call.stops === 0) await new Promise((resolve) => setImmediate(resolve));
    call.end({ kind: 'stopped' });
    await within(CLOSE_MS, 'the end', closed);
    await refused;
    expect(await room.journal.getStream('owner', stream_id)).toMatchObject({ terminal_state: 'interrupted' });
    await room.close();
  },
);
