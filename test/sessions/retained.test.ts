// A cell and the cut of its log: where the log begins is what the log says, whatever came in which order.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openPromptRoom, when } from '../support/prompt-room.ts';
import { OWNER } from '../support/puppet.ts';
import { temporaryFolder } from '../support/server.ts';

const ALL = { runs: 0, days: 1, bytes: 0 };
const FAR_MS = 10 * 86_400_000;

test('P3 lesson 41 a session that is cut while it comes into memory knows where its log begins', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await openPromptRoom({ folder });
  const { session_id, call, stream_id } = await first.begin();
  call.end({ kind: 'finished' });
  await when('its end', async () => (await first.journal.getStream(OWNER, stream_id))?.settled || null);
  await first.close();

  const read = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<void>();
  const room = await openPromptRoom({
    folder,
    between: (journal) => ({
      ...journal,
      async openSession(...input) {
        const opened = await journal.openSession(...input);
        read.resolve();
        await cut.promise;
        return opened;
      },
    }),
  });
  onTestFinished(() => room.close());
  const holding = room.sessions.hold(OWNER, session_id);
  await read.promise;
  const before = await room.journal.getSession(OWNER, session_id);
  await room.journal.retain(ALL, Date.now() + FAR_MS);
  const { kept_from } = (await room.journal.getSession(OWNER, session_id))!;
  expect(kept_from).toBeGreaterThan(before!.kept_from);
  cut.resolve();
  const { cell, release } = await holding;
  // Whoever reads it finds out, and nobody after it is sent where nothing is.
  await cell.feed.read(0, 10);
  expect(cell.feed.kept_from).toBe(kept_from);
  cell.adopt(before!);
  expect(cell.feed.kept_from).toBe(kept_from);
  release();
});
