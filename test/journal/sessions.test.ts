import { expect, test } from 'vitest';
import { admission, createSession, finishRun, newSession, OWNER, openBench, startRun } from './support.ts';

type Query = Parameters<Awaited<ReturnType<typeof openBench>>['journal']['listSessions']>[1];

async function openLister() {
  const { journal } = await openBench();
  const list = async (query: Partial<Query> = {}) => {
    const { sessions } = await journal.listSessions(OWNER, { limit: 50, ...query });
    return sessions.map(({ session_id }) => session_id);
  };
  return { journal, list };
}

test('sessions are listed newest first, page by page, none twice and none left out', async () => {
  const { journal } = await openLister();
  const ids = Array.from({ length: 23 }, (_, n) => `s${String(n).padStart(2, '0')}`);
  // Many share a time: the id decides.
  for (const [n, id] of ids.entries()) await createSession(journal, id, {}, Math.floor(n / 5));
  const seen: string[] = [];
  let before: string | undefined;
  do {
    const page = await journal.listSessions(OWNER, { limit: 4, ...(before ? { before } : {}) });
    seen.push(...page.sessions.map(({ session_id }) => session_id));
    before = page.next;
  } while (before);
  expect(seen).toEqual(ids.toReversed());
});

test('archived sessions are listed apart', async () => {
  const { journal, list } = await openLister();
  await createSession(journal, 'a');
  await createSession(journal, 'b');
  await journal.patchSession(OWNER, 'b', { archived: true }, 5);
  expect(await list()).toEqual(['a']);
  expect(await list({ archived: true })).toEqual(['b']);
});

test('search finds titles, questions and settled answers, word by word, from their beginning', async () => {
  const { journal, list } = await openLister();
  for (const id of ['a', 'b', 'c']) await createSession(journal, id);
  await createSession(journal, 'titled', { title: 'Größe der Pakete' });
  await finishRun(journal, await startRun(journal, 'a', 'a'), 'The answer speaks of zebras.');
  await journal.admit(OWNER, admission('b', 'b', { text: 'a question about lions and tigers' }), 50);
  expect(await list({ q: 'zebra' })).toEqual(['a']);
  expect(await list({ q: 'TIGERS lion' })).toEqual(['b']);
  expect(await list({ q: 'question zebras' })).toEqual(['a']);
  expect(await list({ q: 'grosse' })).toEqual([]);
  expect(await list({ q: 'pakete' })).toEqual(['titled']);
  expect(await list({ q: 'nothing' })).toEqual([]);
  await journal.patchSession(OWNER, 'titled', { title: 'Other' }, 60);
  expect(await list({ q: 'pakete' })).toEqual([]);
  expect(await list({ q: 'other' })).toEqual(['titled']);
});

test('search takes any text as words, never as syntax', async () => {
  const { journal, list } = await openLister();
  await createSession(journal, 'a', { title: 'plain words AND more' });
  for (const q of [
    '"',
    '""',
    '*',
    'a" OR "b',
    'NEAR(',
    'text:plain',
    '-',
    '^',
    "'; DROP TABLE sessions; --",
    '(',
    '\0',
  ])
    await expect(list({ q })).resolves.toBeInstanceOf(Array);
  expect(await list({ q: 'AND' })).toEqual(['a']);
  expect(await list({ q: 'plain OR absent' })).toEqual([]);
  expect(await list({ q: '???' })).toEqual([]);
  expect(await list({ q: '   ' })).toEqual(['a']);
});

test('lesson 118 a lineage of continuations collapses to its newest tip; forks and children never do', async () => {
  const { journal, list } = await openLister();
  await createSession(journal, 'root', { title: 'the first' }, 1);
  await createSession(journal, 'mid', { parent_session_id: 'root', relation: 'continuation' }, 2);
  await createSession(journal, 'tip', { parent_session_id: 'mid', relation: 'continuation' }, 3);
  await createSession(journal, 'fork', { parent_session_id: 'mid', relation: 'fork' }, 4);
  await createSession(journal, 'child', { parent_session_id: 'root', relation: 'child' }, 5);
  expect(await list({ collapse: 'lineage' })).toEqual(['child', 'fork', 'tip']);
  expect(await list({ collapse: 'none' })).toEqual(['child', 'fork', 'tip', 'mid', 'root']);
  const { sessions } = await journal.listSessions(OWNER, { limit: 9, collapse: 'lineage' });
  expect(sessions.map((row) => [row.lineage_key, row.lineage_collapsed_count])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    ['root', 3],
  ]);
  // News of an older member does not bring it back: the tip stands for all.
  await journal.patchSession(OWNER, 'root', { title: 'renamed' }, 9);
  expect(await list({ collapse: 'lineage' })).toEqual(['child', 'fork', 'tip']);
  expect(await list({ collapse: 'lineage', q: 'renamed' })).toEqual(['tip']);
  // Lesson 119: a child's own activity is its own.
  expect((await journal.getSession(OWNER, 'root'))?.updated_at).toBe(9);
  // Of two tips the newer wins.
  await createSession(journal, 'tip2', { parent_session_id: 'mid', relation: 'continuation' }, 10);
  expect(await list({ collapse: 'lineage' })).toEqual(['tip2', 'child', 'fork']);
  await journal.patchSession(OWNER, 'tip', { title: 'again' }, 11);
  expect(await list({ collapse: 'lineage' })).toEqual(['tip', 'child', 'fork']);
});

test('a parent that is not there is refused, source fields survive', async () => {
  const { journal } = await openLister();
  const orphan = newSession('x', { parent_session_id: 'nobody', relation: 'fork' });
  expect(await journal.createSession(OWNER, orphan, 1)).toEqual({ kind: 'not_found' });
  const source = {
    is_cli_session: true,
    source_tag: 't',
    session_source: 'cli',
    source_label: 'CLI',
    cwd: '/w',
    model: 'm',
  };
  await createSession(journal, 'y', source);
  await finishRun(journal, await startRun(journal, 'y', 'y'), 'text');
  expect(await journal.getSession(OWNER, 'y')).toMatchObject(source);
});

test('a transcript is read in pages from its end', async () => {
  const { journal } = await openLister();
  await createSession(journal, 's');
  for (const run of ['a', 'b', 'c']) await finishRun(journal, await startRun(journal, 's', run), run);
  const last = await journal.getTranscript(OWNER, 's', { limit: 4 });
  expect(last?.messages.map(({ message_id }) => message_id)).toEqual([
    'user_b',
    'answer_b',
    'user_c',
    'answer_c',
  ]);
  expect(last?.has_more).toBe(true);
  const first = await journal.getTranscript(OWNER, 's', { limit: 4, before: 'user_b' });
  expect(first?.messages.map(({ message_id }) => message_id)).toEqual(['user_a', 'answer_a']);
  expect(first?.has_more).toBe(false);
  expect(await journal.getTranscript(OWNER, 's', { limit: 0 })).toMatchObject({
    messages: [],
    has_more: true,
  });
});

test('P8 a fork takes the transcript up to a message, without log and without a running answer', async () => {
  const { journal, list } = await openLister();
  await createSession(journal, 's', { agent: 'other', cwd: '/w' });
  await finishRun(journal, await startRun(journal, 's', 'a'), 'about zebras');
  await startRun(journal, 's', 'b');
  const forked = await journal.forkSession(OWNER, 's', 'answer_b', 'f', 70);
  expect(forked).toMatchObject({
    kind: 'created',
    session: {
      session_id: 'f',
      agent: 'other',
      cwd: '/w',
      relation: 'fork',
      parent_session_id: 's',
      lineage_root_id: 'f',
      message_count: 3,
      title: 'question a',
      head: 0,
    },
  });
  const transcript = await journal.getTranscript(OWNER, 'f', { limit: 9 });
  expect(transcript?.messages.map(({ message_id, stream_id }) => [message_id, stream_id])).toEqual([
    ['user_a', null],
    ['answer_a', null],
    ['user_b', null],
  ]);
  expect(await list({ q: 'zebras' })).toEqual(['f', 's']);
  expect(await journal.forkSession(OWNER, 's', 'nobody', 'g', 71)).toEqual({ kind: 'not_found' });
  expect((await journal.admit(OWNER, admission('f', 'f'), 72)).kind).toBe('started');
});

test('an import is a session with that transcript, and it goes on from there', async () => {
  const { journal, list } = await openLister();
  const messages = [
    { role: 'user' as const, parts: [{ type: 'text' as const, text: 'What is a heron?' }], created_at: 5 },
    { role: 'assistant' as const, parts: [{ type: 'text' as const, text: 'A bird.' }], created_at: 6 },
  ];
  const imported = await journal.importSession(
    OWNER,
    newSession('i', { is_cli_session: true }),
    messages,
    80,
  );
  expect(imported).toMatchObject({
    session: { title: 'What is a heron?', message_count: 2, is_cli_session: true },
  });
  const transcript = await journal.getTranscript(OWNER, 'i', { limit: 9 });
  expect(transcript?.messages.map(({ parts, created_at }) => [parts, created_at])).toEqual(
    messages.map(({ parts, created_at }) => [parts, created_at]),
  );
  expect(await list({ q: 'bird' })).toEqual(['i']);
  const again = await journal.admitRetry(OWNER, { session_id: 'i', stream_id: 'r', message_id: 'm' }, 81);
  expect(again).toMatchObject({ kind: 'started', session: { pending_user_message: 'What is a heron?' } });
  expect(journal.counts().sessions).toBe(1);
});
