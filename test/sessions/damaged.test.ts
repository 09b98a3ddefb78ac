// A session whose log is damaged while a run was in it: the server starts, the run is over, the session can be deleted.
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openJournal } from '../../src/journal/open.ts';
import { type Admission, DamagedRecord, type Journal, type NewSession } from '../../src/journal/port.ts';
import { PASSIVATE_AFTER_MS } from '../../src/machines/bounds.ts';
import { createClient, type SseEvent } from '../support/client.ts';
import { FACT_MS } from '../support/eventually.ts';
import { openRoom } from '../support/puppet.ts';
import { within } from '../support/raw.ts';
import { quietLog, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts';

const MARK = 'heronfishing';
const OWNER = 'owner';
const START_MS = 10_000;
const ANSWER_MS = 5_000;

const none = { model: null, cwd: null, parent_session_id: null, relation: null };
const sources = { is_cli_session: false, source_tag: null, session_source: null, source_label: null };
const newSession = (session_id: string): NewSession => ({
  session_id,
  title: null,
  agent: 'demo',
  ...none,
  ...sources,
});
const admission: Admission = {
  session_id: 'bad',
  stream_id: 'run',
  user_message_id: 'asked',
  message_id: 'answer',
  client_message_id: null,
  text: 'hello',
  on_busy: 'reject',
};

async function leave(journal: Journal, isSettled: boolean): Promise<void> {
  await journal.createSession(OWNER, newSession('bad'), 1);
  await journal.admit(OWNER, admission, 2);
  const owner = { stream_id: 'run', epoch: 1, at: 3 };
  await journal.append({ ...owner, event: 'stream_started', payload: '{"agent":"demo","epoch":1}' });
  const more = { ...admission, stream_id: 'next', user_message_id: 'more', message_id: 'later' };
  if (!isSettled) await journal.admit(OWNER, { ...more, on_busy: 'queue' }, 3);
  await journal.append({ ...owner, event: 'token', payload: JSON.stringify({ text: MARK }) });
  if (isSettled) {
    await journal.terminal({ ...owner, event: 'done', payload: '{"message_id":"answer"}' });
    await journal.settle(owner);
  }
  await journal.close();
}

/** Turns one bit of what the run said. The log is closed. */
function flipBit(folder: string): void {
  const bytes = readFileSync(`${folder}/log.db`);
  const before = ':3,"text":"';
  const found = bytes.indexOf(before + MARK);
  expect(found).toBeGreaterThan(0);
  const at = found + before.length + 2;
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(`${folder}/log.db`, bytes);
}

async function damagedFolder(isSettled = false): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await leave(await openJournal({ folder, log: quietLog }), isSettled);
  flipBit(folder);
  return folder;
}

async function start(folder: string): Promise<TestServer> {
  const server = await within(START_MS, 'the start', startTestServer({ data: folder }));
  onTestFinished(() => server.close());
  return server;
}

test('fault 2 a server starts beside a damaged session, whose run is over and interrupted', async () => {
  const client = createClient((await start(await damagedFolder())).url);
  const { body } = await client.get('/api/session?session_id=bad');
  expect(body.session).toMatchObject({ state: 'idle', active_stream_id: null, damaged: {} });
  expect((await client.get('/api/chat/stream/status?stream_id=run')).body).toMatchObject({
    active: false,
    state: 'settled',
    journal: { terminal_state: 'interrupted' },
  });
  expect(await client.post('/api/chat/start', { session_id: 'bad', message: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'session_damaged' },
  });
});

test('fault 2 a damaged session can be deleted', async () => {
  const client = createClient((await start(await damagedFolder())).url);
  const deleted = await within(ANSWER_MS, 'the deletion', client.request('DELETE', '/api/sessions/bad'));
  expect(deleted.status).toBe(204);
  expect((await client.get('/api/session?session_id=bad')).status).toBe(404);
});

test('fault 2 wire §4 a damaged session on a shared connection ends nothing of the others', async () => {
  const client = createClient((await start(await damagedFolder(true))).url);
  const other = await client.session();
  const live = await client.read(`/api/live?session=bad:0&session=${other}:0&board=1`);
  const isIt = ({ event, data }: SseEvent) => event === 'session.changed' && data.includes('"damaged":{');
  await within(ANSWER_MS, 'the news of the damage', live.until(isIt));
  await client.start(other, 'tokens=1');
  const isOver = ({ id, event }: SseEvent) => event === 'stream_end' && Boolean(id?.startsWith(other));
  await within(ANSWER_MS, 'the run beside it', live.until(isOver));
  live.close();
});

test('fault 2 BR1 whoever follows the board hears of a session that turns out to be damaged', async () => {
  const client = createClient((await start(await damagedFolder(true))).url);
  const board = await client.read('/api/events');
  const feed = await client.read('/api/sessions/bad/events');
  const isIt = ({ event, data }: SseEvent) => event === 'session.changed' && data.includes('"damaged":{');
  const { data } = await within(ANSWER_MS, 'the news', board.until(isIt));
  expect(JSON.parse(data)).toMatchObject({ session_id: 'bad', session: { state: 'idle', damaged: {} } });
  board.close();
  feed.close();
});

test('fault 2 P9 the follow-ups of a damaged session are not tried', async () => {
  const { sessions } = (await start(await damagedFolder())).server.parts;
  const { cell, release } = await sessions.hold(OWNER, 'bad');
  expect(cell.session()).toMatchObject({ queue_length: 1, queue_paused: false, damaged: {} });
  expect(cell.actor.getSnapshot()).toMatchObject({
    value: { idle: 'attended' },
    context: { try: 0, why: null },
  });
  release();
});

test('fault 2 P11 nor are those of one that is damaged while it is in memory, and it leaves it like any other', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  await room.sessions.start(OWNER, { session_id, message: 'and then', on_busy: 'queue' });
  await room.sessions.patch(OWNER, session_id, { queue_paused: true });
  const { cell, release } = await room.sessions.hold(OWNER, session_id);
  call.end({ kind: 'finished' });
  await vi.waitFor(() => expect(cell.run() === null).toBe(true), FACT_MS);
  const take = vi.spyOn(room.journal, 'takeFollowUp');
  cell.adopt({ ...cell.row(), queue_paused: false, damaged: { pos: 2, reason: 'a bit fell over' } });
  expect(take).not.toHaveBeenCalled();
  release();
  await room.clock.advance(PASSIVATE_AFTER_MS);
  expect([cell.isPassivated(), room.clock.pending()]).toEqual([true, 0]);
});

test('fault 2 fault 4 a damaged record is named as such also where the disk fails and nothing can be noted', async () => {
  const server = await start(await damagedFolder(true));
  const { journal } = server.server.parts;
  vi.spyOn(journal, 'getTranscript').mockRejectedValue(new DamagedRecord('bad', 4, 'a bit fell over'));
  const { status, body } = await createClient(server.url).get('/api/session?session_id=bad');
  expect([status, body]).toEqual([409, { error: expect.any(String), code: 'session_damaged', pos: 4 }]);
});
