// Sessions over HTTP: make, list, read, change, delete. Every field, every refusal.
import { expect, test } from 'vitest';
import { named } from '../support/client.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const read = async (session_id: string, query = '') =>
  (await client.get(`/api/session?session_id=${session_id}${query}`)).body.session;
const run = async (session_id: string, message: string): Promise<string> => {
  const stream_id = await client.start(session_id, message);
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  return stream_id;
};
const list = async (query: string) => (await client.get(`/api/sessions?${query}`)).body;
const ids = (answer: { sessions: { session_id: string }[] }) =>
  answer.sessions.map((each) => each.session_id);

test('wire §4 a new session has every field of the compact session, with its defaults', async () => {
  const { status, body } = await client.post('/api/sessions', {});
  expect(status).toBe(201);
  expect(body.session).toEqual({
    session_id: expect.stringMatching(/^s_[A-Za-z0-9_-]{22}$/),
    title: '',
    agent: 'demo',
    model: null,
    cwd: null,
    state: 'idle',
    created_at: expect.any(Number),
    updated_at: body.session.created_at,
    message_count: 0,
    active_stream_id: null,
    pending_user_message: null,
    queue_length: 0,
    queue_paused: false,
    pinned: false,
    archived: false,
    waiting: { clarify: 0, approval: 0 },
    usage: {
      input_tokens: 0,
      output_tokens: 0,
      last_prompt_tokens: 0,
      context_length: 0,
      context_estimated: expect.any(Boolean),
    },
    parent_session_id: null,
    relation: null,
    lineage_root_id: body.session.session_id,
    is_cli_session: false,
    source_tag: null,
    session_source: null,
    source_label: null,
    last_outcome: null,
  });
});

const GIVEN = {
  title: 'A title with <b> and "quotes" \u2028 🌊',
  agent: 'demo',
  model: 'm',
  cwd: '/tmp/x',
  is_cli_session: true,
  source_tag: 'cli',
  session_source: 'terminal',
  source_label: 'My terminal',
};

test('wire §4 what was given is kept, and the source fields survive a run and a change', async () => {
  const session_id = await client.session(GIVEN);
  expect(await read(session_id)).toMatchObject(GIVEN);
  await run(session_id, 'tokens=2 title="Another"');
  await client.request('PATCH', `/api/sessions/${session_id}`, { pinned: true });
  const { title, ...rest } = GIVEN;
  expect(await read(session_id)).toMatchObject({ ...rest, pinned: true });
  // An agent titles only a session whose title no person gave.
  expect((await read(session_id)).title).toBe(title);
});

test('wire §5 a session without a title gets one from its agent', async () => {
  const session_id = await client.session();
  await run(session_id, 'tokens=2 title="Given by  the agent"');
  expect((await read(session_id)).title).toBe('Given by the agent');
});

test('wire §4 a session of an unknown agent, parent or relation is refused by name', async () => {
  for (const [fields, status, field] of [
    [{ agent: 'nobody' }, 400, 'agent'],
    [{ agent: '__proto__' }, 400, 'agent'],
    [{ relation: 'fork' }, 400, 'parent_session_id'],
    [{ parent_session_id: 's_none' }, 404, undefined],
    [{ parent_session_id: '../' }, 400, 'parent_session_id'],
  ] as const) {
    const answer = await client.post('/api/sessions', fields);
    expect([answer.status, answer.body.field]).toEqual([status, field]);
  }
});

test('wire §4 the transcript is complete up to its pos: two messages a run', async () => {
  const session_id = await client.session();
  await run(session_id, 'tokens=3 reasoning=2 tools=1');
  const session = await read(session_id);
  expect(session.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant']);
  const [asked, answer] = session.messages;
  expect(asked.parts).toEqual([{ type: 'text', text: 'tokens=3 reasoning=2 tools=1' }]);
  expect(answer.parts.map(({ type }: { type: string }) => type)).toEqual([
    'reasoning',
    'text',
    'tool',
    'text',
  ]);
  expect(answer.terminal_state).toBe('completed');
  expect(session.transcript_pos).toBe(session.head);
  expect(session.message_count).toBe(2);
  expect(session.last_outcome).toBe('completed');
  const status = (await client.get(`/api/chat/stream/status?stream_id=${answer.stream_id}`)).body;
  expect(status.journal.last_seq).toBeGreaterThanOrEqual(answer.last_seq);
});

test('wire §4 transcript and feed join without a hole or a double, in the middle of a run', async () => {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=300 rate=1500');
  const first = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await first.until(({ id }) => id === `${stream_id}:50`);
  const { messages, transcript_pos, active_stream_id, state } = await read(session_id);
  expect([active_stream_id, state]).toEqual([stream_id, 'running']);
  const feed = await client.read(`/api/sessions/${session_id}/events?after=${transcript_pos}`);
  await feed.until(named('stream_end'));
  feed.close();
  const sofar = messages[1].parts.map((part: { text?: string }) => part.text ?? '').join('');
  const later = feed.events.filter(named('token')).map(({ data }) => JSON.parse(data).text);
  expect(sofar + later.join('')).toBe(Array.from({ length: 300 }, (_, at) => `${at + 1} `).join(''));
  expect(sofar.length).toBeGreaterThan(0);
});

test('wire §4 messages come in pages, newest first asked, oldest first given', async () => {
  const session_id = await client.session();
  for (const n of [1, 2, 3]) await run(session_id, `tokens=${n}`);
  const all = (await read(session_id)).messages;
  expect(all).toHaveLength(6);
  const last = await read(session_id, '&msg_limit=2');
  expect(last.messages).toEqual(all.slice(4));
  const before = await read(session_id, `&msg_limit=3&msg_before=${last.messages[0].message_id}`);
  expect(before.messages).toEqual(all.slice(1, 4));
  expect((await read(session_id, '&messages=0')).messages).toBeUndefined();
});

test('lesson 49 pins, archives and pauses do not move a session in the list; a new title and a run do', async () => {
  const session_id = await client.session();
  const { updated_at } = await read(session_id);
  for (const patch of [
    { pinned: true },
    { archived: true },
    { archived: false },
    { queue_paused: true },
    { queue_paused: false },
  ]) {
    const { status, body } = await client.request('PATCH', `/api/sessions/${session_id}`, patch);
    expect(status).toBe(200);
    expect(body.session).toMatchObject({ ...patch, updated_at });
  }
  await client.request('PATCH', `/api/sessions/${session_id}`, { title: 'New' });
  expect((await read(session_id)).updated_at).toBeGreaterThan(updated_at);
});

test('wire §4 an empty change changes nothing; a wrong one is refused and changes nothing', async () => {
  const session_id = await client.session({ title: 'Kept' });
  const before = await read(session_id);
  expect((await client.request('PATCH', `/api/sessions/${session_id}`, {})).status).toBe(200);
  for (const wrong of [
    { title: '' },
    { title: null },
    { pinned: 'yes' },
    { state: 'idle' },
    { title: 'x', __proto__x: 1 },
  ])
    expect((await client.request('PATCH', `/api/sessions/${session_id}`, wrong)).status).toBe(400);
  expect((await read(session_id)).title).toBe(before.title);
});

test('wire §4 the list is newest first, in pages that neither repeat nor skip', async () => {
  const made: string[] = [];
  for (let at = 0; at < 7; at += 1)
    made.push(await client.session({ title: `page ${at}`, source_tag: 'paging' }));
  const seen: string[] = [];
  let next: string | undefined;
  do {
    const page: { sessions: { session_id: string }[]; next?: string } = await list(
      `limit=3${next ? `&before=${encodeURIComponent(next)}` : ''}`,
    );
    expect(page.sessions.length).toBeLessThanOrEqual(3);
    seen.push(...ids(page));
    next = page.next;
  } while (next);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((id) => made.includes(id))).toEqual(made.toReversed());
});

test('wire §4 pinned sessions are listed apart from those that are not, when they are asked for', async () => {
  const [session_id, other] = [await client.session(), await client.session()];
  const pin = (pinned: boolean) => client.request('PATCH', `/api/sessions/${session_id}`, { pinned });
  await pin(true);
  for (const asked of ['pinned=1', 'pinned=1&collapse=lineage']) {
    const found = ids(await list(asked));
    expect(found).toContain(session_id);
    expect(found).not.toContain(other);
  }
  expect(ids(await list('pinned=0'))).toEqual(expect.arrayContaining([other, session_id]));
  await pin(false);
  expect(ids(await list('pinned=1'))).not.toContain(session_id);
});

test('wire §4 archived sessions are listed apart', async () => {
  const session_id = await client.session();
  await client.request('PATCH', `/api/sessions/${session_id}`, { archived: true });
  expect(ids(await list(''))).not.toContain(session_id);
  expect(ids(await list('archived=1'))).toEqual([session_id]);
});

test('wire §4 search finds words of titles and of what was said, and takes nothing as syntax', async () => {
  const byTitle = await client.session({ title: 'The heron at dawn' });
  const byText = await client.session({ title: 'Else' });
  await run(byText, 'tokens=1 kingfisher');
  expect(ids(await list('q=heron'))).toEqual([byTitle]);
  expect(ids(await list('q=her'))).toEqual([byTitle]);
  expect(ids(await list('q=kingfisher'))).toEqual([byText]);
  expect(ids(await list('q=heron+kingfisher'))).toEqual([]);
  for (const q of [
    '"',
    'heron"',
    "'; DROP TABLE sessions; --",
    'heron OR',
    'NEAR(',
    '*',
    'title:heron',
    '%',
    '\0',
    '🌊',
  ])
    expect((await client.get(`/api/sessions?q=${encodeURIComponent(q)}`)).status, q).toBe(200);
  expect((await client.get(`/api/sessions?q=${'x'.repeat(201)}`)).status).toBe(400);
});

test('lesson 118 continuations collapse into their newest tip, forks and children never', async () => {
  const root = await client.session({ title: 'lineage' });
  const tip = await client.session({ parent_session_id: root, relation: 'continuation' });
  const fork = await client.session({ parent_session_id: root, relation: 'fork' });
  const child = await client.session({ parent_session_id: root, relation: 'child' });
  const plain = ids(await list('limit=200'));
  for (const id of [root, tip, fork, child]) expect(plain).toContain(id);
  const collapsed = await list('limit=200&collapse=lineage');
  expect(ids(collapsed)).toEqual(expect.arrayContaining([tip, fork, child]));
  expect(ids(collapsed)).not.toContain(root);
  const row = collapsed.sessions.find((each: { session_id: string }) => each.session_id === tip);
  expect(row).toMatchObject({ lineage_key: root, lineage_collapsed_count: 2 });
  // Whoever stands behind the tip is asked for by the root that they share.
  expect(ids(await list(`lineage=${root}`)).toSorted()).toEqual([tip, root].toSorted());
  expect(ids(await list(`lineage=${root}&collapse=lineage`))).toEqual([tip]);
  expect(ids(await list(`lineage=${root}&archived=1`))).toEqual([]);
  expect(ids(await list('lineage=nobody'))).toEqual([]);
});

test('lesson 40 a session deleted in the middle of a run is gone with every trace', async () => {
  const session_id = await client.session({ title: 'Forgettable cormorant' });
  const stream_id = await client.start(session_id, 'tokens=1000 rate=100');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(named('token'));
  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(204);
  await reader.ended;
  expect(reader.events.slice(-2).map(({ event }) => event)).toEqual(['cancel', 'stream_end']);
  for (const path of [
    `/api/session?session_id=${session_id}`,
    `/api/sessions/${session_id}/events`,
    `/api/sessions/${session_id}/export?format=jsonl`,
    `/api/sessions/${session_id}/queue`,
    `/api/chat/stream?stream_id=${stream_id}`,
    `/api/chat/stream/status?stream_id=${stream_id}`,
  ])
    expect((await client.get(path)).body.code, path).toBe('not_found');
  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(404);
  expect((await client.post('/api/chat/start', { session_id, message: 'hi' })).status).toBe(404);
  expect((await client.post('/api/chat/cancel', { stream_id })).status).toBe(404);
  expect(ids(await list('q=cormorant'))).toEqual([]);
});

test('wire §4 two deletes at once: both are answered, and it is gone once', async () => {
  const session_id = await client.session();
  await client.start(session_id, 'stall=60@0');
  const answers = await Promise.all(
    [1, 2].map(() => client.request('DELETE', `/api/sessions/${session_id}`)),
  );
  for (const { status } of answers) expect([204, 404]).toContain(status);
  expect(answers.map(({ status }) => status)).toContain(204);
  expect((await client.get(`/api/session?session_id=${session_id}`)).status).toBe(404);
});
