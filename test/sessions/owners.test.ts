// Two principals on one log: what is one's is not found by the other, on any way in (P8). HTTP has one principal for now;
// this is the room below it.

import { rm } from 'node:fs/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCatalog } from '../../src/agents/catalog.ts';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal } from '../../src/journal/port.ts';
import { Rejection } from '../../src/protocol/index.ts';
import { systemClock, systemRandom } from '../../src/server.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import { temporaryFolder } from '../support/server.ts';

const ANNA = 'anna';
const BEN = 'ben';
let folder: string;
let journal: Journal;
let sessions: Sessions;
/** Anna's: a settled run, a live one, a queued message. */
let session_id: string;
let settled_id: string;
let live_id: string;
let queued_id: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const log = pino({ level: 'silent' });
  journal = await openJournal({ folder, log });
  const catalog = createCatalog({ default_agent: 'demo' }, { clock: systemClock, log });
  sessions = createSessions({
    journal,
    files: createAttachmentFiles(folder),
    catalog,
    clock: systemClock,
    random: systemRandom,
    log,
    timeout_seconds: { clarify: 0, approval: 0 },
  });
  ({ session_id } = await sessions.create(ANNA, { title: 'The secret heron' }));
  settled_id = await start('tokens=2 kingfisher');
  await over(settled_id);
  live_id = await start('stall=60@0');
  const queued = await sessions.start(ANNA, { session_id, message: 'tokens=1', on_busy: 'queue' });
  queued_id = queued.message_id;
});
afterAll(async () => {
  await sessions.close();
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(message: string): Promise<string> {
  const started = await sessions.start(ANNA, { session_id, message });
  if (!('stream_id' in started)) throw new Error('queued');
  return started.stream_id;
}
const over = (stream_id: string) =>
  vi.waitFor(async () => expect((await sessions.status(ANNA, stream_id)).state).toBe('settled'), {
    interval: 5,
  });

const refused = async (what: string, act: () => Promise<unknown>) => {
  const failure = await act().then(
    () => new Error(`${what}: taken`),
    (error) => error,
  );
  expect(failure, what).toBeInstanceOf(Rejection);
  expect((failure as Rejection).code, what).toBe('not_found');
};

test('P8 every command with the ids of another is not_found, as if they were never given out', async () => {
  const first = (await journal.getTranscript(ANNA, session_id, { limit: 1 }))!.messages[0]!;
  const commands: Record<string, () => Promise<unknown>> = {
    start: () => sessions.start(BEN, { session_id, message: 'hi' }),
    'start on busy': () => sessions.start(BEN, { session_id, message: 'hi', on_busy: 'queue' }),
    retry: () => sessions.retry(BEN, session_id),
    'cancel a live run': () => sessions.cancel(BEN, live_id),
    'cancel a settled run': () => sessions.cancel(BEN, settled_id),
    queue: () => sessions.queue(BEN, session_id),
    edit: () => sessions.edit(BEN, session_id, queued_id, 'mine now'),
    withdraw: () => sessions.withdraw(BEN, session_id, queued_id),
    patch: () => sessions.patch(BEN, session_id, { title: 'mine now' }),
    fork: () => sessions.fork(BEN, session_id, first.message_id),
    remove: () => sessions.remove(BEN, session_id),
    'a child of it': () => sessions.create(BEN, { parent_session_id: session_id }),
    hold: () => sessions.hold(BEN, session_id),
    'feed of a live run': () => sessions.streamFeed(BEN, live_id),
    'feed of a settled run': () => sessions.streamFeed(BEN, settled_id),
    'status of a live run': () => sessions.status(BEN, live_id),
    'status of a settled run': () => sessions.status(BEN, settled_id),
  };
  for (const [what, act] of Object.entries(commands)) await refused(what, act);
});

test('P8 and nothing of it changed anything', async () => {
  expect((await sessions.status(ANNA, live_id)).state).toBe('active');
  expect(await sessions.queue(ANNA, session_id)).toMatchObject([{ message_id: queued_id, text: 'tokens=1' }]);
  expect(await journal.getSession(ANNA, session_id)).toMatchObject({
    title: 'The secret heron',
    queue_length: 1,
  });
});

test('P8 reads of the log are another’s as little: session, transcript, list, search', async () => {
  expect(await journal.getSession(BEN, session_id)).toBeNull();
  expect(await journal.getTranscript(BEN, session_id, { limit: 10 })).toBeNull();
  expect(await journal.getStream(BEN, settled_id)).toBeNull();
  expect(await journal.listQueue(BEN, session_id)).toBeNull();
  for (const q of [undefined, 'heron', 'kingfisher'])
    for (const collapse of ['none', 'lineage'] as const)
      expect((await journal.listSessions(BEN, { limit: 10, q, collapse })).sessions).toEqual([]);
  expect((await journal.listSessions(ANNA, { limit: 10, q: 'kingfisher' })).sessions).toHaveLength(1);
});

test('P8 a session that is in memory for one is not lent to the other', async () => {
  const { cell, release } = await sessions.hold(ANNA, session_id);
  await refused('hold', () => sessions.hold(BEN, session_id));
  expect(cell.owner).toBe(ANNA);
  release();
});

test('SE5 the same client_message_id of two principals are two messages', async () => {
  const theirs = await sessions.create(BEN, {});
  const mine = await sessions.create(ANNA, {});
  const [a, b] = await Promise.all([
    sessions.start(ANNA, { session_id: mine.session_id, message: 'tokens=1', client_message_id: 'same' }),
    sessions.start(BEN, { session_id: theirs.session_id, message: 'tokens=1', client_message_id: 'same' }),
  ]);
  expect(a.message_id).not.toBe(b.message_id);
});
