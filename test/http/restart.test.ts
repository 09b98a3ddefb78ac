// kill -9 and what the next start makes of it. Real processes on one folder.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal, NewSession } from '../../src/journal/port.ts';
import {
  type Client,
  createClient,
  named,
  numbersOf,
  type Reader,
  type SseEvent,
  upTo,
} from '../support/client.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import {
  quietLog,
  type ServerProcess,
  spawnServer,
  startTestServer,
  temporaryFolder,
} from '../support/server.ts';

let folder: string;
const left: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const leave of left.splice(0)) await leave();
  await rm(folder, { recursive: true, force: true });
});

/** A process of its own, to be killed. */
async function spawned(): Promise<{ weir: ServerProcess; client: Client }> {
  const weir = await spawnServer(folder);
  left.push(async () => {
    weir.child.kill('SIGKILL');
    await weir.ended;
  });
  return { weir, client: createClient(weir.url) };
}
async function kill({ child, ended }: ServerProcess): Promise<void> {
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}
/** The next start on the same folder; here, because nobody will kill it. */
async function next(): Promise<{ client: Client; close: () => Promise<void> }> {
  const { url, close } = await startTestServer({ data: folder });
  left.push(close);
  return { client: createClient(url), close };
}
/** What a process left behind that died at a certain place: written through the port, without a server. */
async function leaveBehind(write: (journal: Journal) => Promise<void>): Promise<void> {
  const journal = await openJournal({ folder, log: quietLog });
  await write(journal);
  await journal.close();
}
const SESSION: NewSession = {
  session_id: 's_left',
  title: null,
  agent: 'demo',
  model: null,
  cwd: null,
  parent_session_id: null,
  relation: null,
  is_cli_session: false,
  source_tag: null,
  session_source: null,
  source_label: null,
};
async function admit(journal: Journal, text: string): Promise<void> {
  await journal.createSession('owner', SESSION, Date.now());
  const ids = { stream_id: 'r_left', user_message_id: 'm_1', message_id: 'm_2', client_message_id: null };
  const admission = { session_id: 's_left', ...ids, text, on_busy: 'reject' as const };
  expect((await journal.admit('owner', admission, Date.now())).kind).toBe('started');
}
const frames = (reader: Reader): SseEvent[] => reader.events.filter(({ id }) => id);
const read = async (client: Client, session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session;
async function replay(client: Client, stream_id: string): Promise<SseEvent[]> {
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await within(HANDLER_MS, 'the replay', reader.ended);
  return frames(reader);
}

test('ST9 kill -9 in the middle of a run: it is settled as interrupted, and what was seen is kept', async () => {
  const first = await spawned();
  const session_id = await first.client.session({ title: 'Survivor' });
  const stream_id = await first.client.start(session_id, 'tokens=1000 rate=300 reasoning=2 tools=3');
  const reader = await first.client.read(`/api/chat/stream?stream_id=${stream_id}`);
  const feed = await first.client.read(`/api/sessions/${session_id}/events`);
  await reader.until(({ id }) => id === `${stream_id}:40`);
  await kill(first.weir);
  await Promise.all([reader.ended, feed.ended]);

  const { client } = await next();
  const all = await replay(client, stream_id);
  expect(numbersOf(all)).toEqual(upTo(all.length));
  // P2: all that was shown is there, the same bytes at the same place.
  expect(all.slice(0, frames(reader).length)).toEqual(frames(reader));
  const names = all.map(({ event }) => event);
  expect(names.filter((name) => ['done', 'cancel', 'apperror'].includes(name))).toEqual(['apperror']);
  expect(names.slice(-1)).toEqual(['stream_end']);
  expect(JSON.parse(all.at(-2)!.data)).toMatchObject({ type: 'interrupted' });
  const stale = all.find(({ event }) => event === 'stale');
  expect(JSON.parse(stale!.data)).toMatchObject({ reason: 'restart', epoch: 2 });

  const receipt = (await client.get(`/api/chat/receipt?stream_id=${stream_id}`)).body;
  expect(receipt).toMatchObject({ kept: true, epoch: 2, outcome: 'interrupted' });
  const way = receipt.transitions.map(({ run_state }: { run_state: string }) => run_state);
  expect(way).toContain('stale');
  expect(way.at(-1)).toBe('settled');

  const session = await read(client, session_id);
  expect(session).toMatchObject({ state: 'idle', active_stream_id: null, pending_user_message: null });
  expect(session).toMatchObject({ last_outcome: 'interrupted', title: 'Survivor' });
  const said = all.filter(named('token')).map(({ data }) => JSON.parse(data).text);
  const parts: { type: string; text?: string; status?: string }[] = session.messages[1].parts;
  expect(parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe(said.join(''));
  expect(parts.filter(({ status }) => status === 'running')).toEqual([]);

  // The session's log goes on where it stood, and its reader with it.
  const last = feed.events.findLast(({ id }) => id)!.id!;
  const rest = await client.read(`/api/sessions/${session_id}/events`, { 'last-event-id': last });
  const goes_on = await client.start(session_id, 'tokens=2');
  await rest.until(({ event, data }) => event === 'stream_end' && data.includes(goes_on));
  rest.close();
  const numbers = numbersOf([...feed.events, ...rest.events]);
  expect(numbers).toEqual(upTo(numbers.length));
});

test('Q5 ST9 killed twice before it could be read: one terminal, and no frame that disappears', async () => {
  const first = await spawned();
  const stream_id = await first.client.start(await first.client.session(), 'tokens=1000 rate=300');
  const reader = await first.client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(({ id }) => id === `${stream_id}:20`);
  await kill(first.weir);
  const second = await spawned();
  const once = await replay(second.client, stream_id);
  await kill(second.weir);
  const third = await next();
  expect(await replay(third.client, stream_id)).toEqual(once);
  expect((await third.client.post('/api/chat/cancel', { stream_id })).body).toMatchObject({
    code: 'stream_settled',
    terminal_state: 'interrupted',
  });
});

test('SE2 a follow-up that waited at the kill starts exactly once, and the paused one waits on', async () => {
  const first = await spawned();
  const session_id = await first.client.session();
  const paused_id = await first.client.session();
  await first.client.request('PATCH', `/api/sessions/${paused_id}`, { queue_paused: true });
  for (const id of [session_id, paused_id]) {
    await first.client.start(id, 'stall=60@0');
    const body = { session_id: id, message: 'tokens=3 second', on_busy: 'queue', client_message_id: 'c-2' };
    expect((await first.client.post('/api/chat/start', body)).status).toBe(202);
  }
  await kill(first.weir);

  const second = await next();
  const feed = await second.client.read(`/api/sessions/${session_id}/events`);
  let ends = 0;
  await within(
    4_000,
    'both ends',
    feed.until(({ event }) => event === 'stream_end' && ++ends === 2),
  );
  feed.close();
  expect(feed.events.filter(named('user_message')).map(({ data }) => JSON.parse(data).text)).toEqual([
    'stall=60@0',
    'tokens=3 second',
  ]);
  expect(feed.events.filter(named('token'))).toHaveLength(3);
  expect(await read(second.client, paused_id)).toMatchObject({
    state: 'idle',
    queue_length: 1,
    queue_paused: true,
  });

  // SE5 across the restart: the same submission is not another message.
  const again = { session_id, message: 'tokens=3 second', on_busy: 'queue', client_message_id: 'c-2' };
  expect((await second.client.post('/api/chat/start', again)).body).toMatchObject({ queued: true });
  expect((await read(second.client, session_id)).message_count).toBe(4);

  await second.close();
  const third = await next();
  expect(await read(third.client, session_id)).toMatchObject({
    message_count: 4,
    queue_length: 0,
    state: 'idle',
  });
});

test('ST11 a run that never reached its agent is started by the next process, once', async () => {
  await leaveBehind((journal) => admit(journal, 'tokens=4'));
  const second = await next();
  const all = await replay(second.client, 'r_left');
  const names = all.map(({ event }) => event);
  expect(names.filter((name) => name === 'stream_started')).toHaveLength(1);
  expect(names.filter((name) => name === 'token')).toHaveLength(4);
  expect(names.slice(-1)).toEqual(['stream_end']);
  expect(names).toContain('done');
  await second.close();
  const third = await next();
  expect(await replay(third.client, 'r_left')).toEqual(all);
});

test('ST11 one that was tried often enough is interrupted, not tried for ever', async () => {
  await leaveBehind(async (journal) => {
    await admit(journal, 'tokens=4');
    // Two processes took it over and died before it started.
    for (let at = 0; at < 2; at += 1) await journal.takeOver('r_left', 'restart', Date.now());
  });
  const { client } = await next();
  const all = await replay(client, 'r_left');
  expect(all.map(({ event }) => event)).toEqual(['apperror', 'stream_end']);
  expect(JSON.parse(all[0]!.data)).toMatchObject({ type: 'interrupted' });
  expect(await read(client, 's_left')).toMatchObject({ state: 'idle', last_outcome: 'interrupted' });
});

test('ST10 a run whose terminal is in the log is finished with that outcome, not as interrupted', async () => {
  await leaveBehind(async (journal) => {
    await admit(journal, 'tokens=1');
    const frame = (event: string, data: object) => ({
      stream_id: 'r_left',
      epoch: 1,
      event,
      payload: JSON.stringify(data),
      at: Date.now(),
    });
    await journal.append(frame('stream_started', { agent: 'demo', epoch: 1 }));
    await journal.append(frame('token', { text: 'all of it' }));
    const ended = { ...frame('done', { message_id: 'm_2' }), event: 'done' as const };
    expect((await journal.terminal(ended)).kind).toBe('won');
  });
  const { client } = await next();
  const all = await replay(client, 'r_left');
  expect(all.filter(named('done', 'cancel', 'apperror')).map(({ event }) => event)).toEqual(['done']);
  expect(JSON.parse(all.at(-1)!.data)).toMatchObject({ terminal_state: 'completed' });
  expect((await read(client, 's_left')).messages[1]).toMatchObject({
    terminal_state: 'completed',
    parts: [{ type: 'text', text: 'all of it' }],
  });
});
