import { expect, test } from 'vitest';
import { createListStore, grouped, type Listed, mustAsk } from '../../src/ui/list-store.ts';

const NOW = new Date('2026-05-20T12:00:00').getTime();
const DAY_MS = 86_400_000;

const session = (session_id: string, fields: Partial<Listed> = {}): Listed =>
  ({
    session_id,
    title: session_id,
    state: 'idle',
    updated_at: NOW,
    relation: null,
    parent_session_id: null,
    lineage_root_id: session_id,
    pinned: false,
    archived: false,
    ...fields,
  }) as Listed;

test('ui sessions stand in groups: who waits, what runs, what is pinned, today, earlier', () => {
  const rows = grouped(
    [
      session('today'),
      session('old', { updated_at: NOW - DAY_MS }),
      session('runs', { state: 'running' }),
      session('stale', { state: 'stale', pinned: true }),
      session('waits', { state: 'waiting' }),
      session('pin', { pinned: true, updated_at: NOW - 30 * DAY_MS }),
    ],
    NOW,
  );
  expect(rows.map(({ group, sessions }) => [group, sessions.map((one) => one.session_id)])).toEqual([
    ['waiting', ['waits']],
    ['running', ['stale', 'runs']],
    ['pinned', ['pin']],
    ['today', ['today']],
    ['earlier', ['old']],
  ]);
});

test('ui of those that wait the one that asked first stands first, as on the board', () => {
  const asks = (since: number) => ({ kind: 'clarify' as const, text: 'Which?', since });
  const waits = (session_id: string, since: number, fields: Partial<Listed> = {}) =>
    session(session_id, { state: 'waiting', asks: asks(since), updated_at: NOW - since, ...fields });
  const [group] = grouped(
    [waits('second', 20), waits('pinned', 30, { pinned: true }), waits('first', 10)],
    NOW,
  );
  expect(group?.sessions.map(({ session_id }) => session_id)).toEqual(['first', 'second', 'pinned']);
});

test('ui a newer first page takes the place of the old one, and keeps what was paged in', () => {
  const list = createListStore();
  const ids = () => list.getSnapshot().context.sessions.map((one) => one.session_id);
  list.trigger.headCame({
    sessions: [session('b', { updated_at: 20 }), session('a', { updated_at: 10 })],
    next: 'p',
  });
  list.trigger.pageCame({ sessions: [session('z', { updated_at: 5 })], next: null });
  list.trigger.headCame({
    sessions: [session('c', { updated_at: 30 }), session('a', { updated_at: 10 })],
    next: 'p',
  });
  expect(ids()).toEqual(['c', 'a', 'z']);
  expect(list.getSnapshot().context.next).toBeNull();
  list.trigger.headCame({ sessions: [session('a', { updated_at: 10 })], next: null });
  expect(ids()).toEqual(['a']);
});

const listed = (sessions: Listed[], next: string | null = null) => {
  const list = createListStore();
  list.trigger.headCame({ sessions, next });
  const now = () => list.getSnapshot().context;
  return { list, now, ids: () => now().sessions.map((one) => one.session_id) };
};

test('ui a session that is told of takes its place by its time, without the list being asked for', () => {
  const { list, ids, now } = listed([session('b', { updated_at: 20 }), session('a', { updated_at: 10 })]);
  list.trigger.sessionCame({ session: session('c', { updated_at: 15 }) });
  expect(ids()).toEqual(['b', 'c', 'a']);
  list.trigger.sessionCame({ session: session('a', { updated_at: 30, title: 'Newer' }) });
  expect(ids()).toEqual(['a', 'b', 'c']);
  expect(now().sessions[0]?.title).toBe('Newer');
  list.trigger.sessionGone({ session_id: 'b' });
  expect(ids()).toEqual(['a', 'c']);
});

test('ui what is archived leaves the list, and the archive when it is taken out; what runs is never hidden', () => {
  const { list, ids } = listed([session('b', { updated_at: 20 }), session('a', { updated_at: 10 })]);
  list.trigger.sessionCame({ session: session('b', { updated_at: 20, archived: true }) });
  expect(ids()).toEqual(['a']);
  list.trigger.sessionCame({ session: session('b', { updated_at: 40, archived: true, state: 'running' }) });
  expect(ids()).toEqual(['b', 'a']);
  list.trigger.listingChanged({ q: '', archived: true });
  list.trigger.headCame({ sessions: [session('z', { archived: true })], next: null, isAnew: true });
  expect(ids()).toEqual(['z']);
  list.trigger.sessionCame({ session: session('z') });
  expect(ids()).toEqual([]);
});

test('ui a search shows what the server found: others are told of in vain, what was found stays fresh', () => {
  const { list, ids, now } = listed([session('a')]);
  list.trigger.listingChanged({ q: 'word', archived: false });
  list.trigger.headCame({ sessions: [session('f', { updated_at: 5 })], next: null, isAnew: true });
  list.trigger.sessionCame({ session: session('new', { updated_at: NOW + 1 }) });
  expect(ids()).toEqual(['f']);
  list.trigger.sessionCame({ session: session('f', { title: 'Found and renamed' }) });
  expect(now().sessions[0]?.title).toBe('Found and renamed');
});

test('ui a search shows each member of a lineage that holds the words, on whichever page', () => {
  const list = createListStore();
  const member = (session_id: string, updated_at: number) =>
    session(session_id, { updated_at, lineage_root_id: 'root' });
  list.trigger.listingChanged({ q: 'word', archived: false });
  list.trigger.headCame({ sessions: [member('c', 9), member('b', 8)], next: 'n', isAnew: true });
  list.trigger.pageCame({ sessions: [member('root', 7)], next: null });
  expect(list.getSnapshot().context.sessions.map((one) => one.session_id)).toEqual(['c', 'b', 'root']);
});

test('ui an old session that only changed stays on its page; one that runs, or is pinned, comes up', () => {
  const { list, ids } = listed([session('b', { updated_at: 20 }), session('a', { updated_at: 10 })], 'p');
  list.trigger.sessionCame({ session: session('old', { updated_at: 1 }) });
  expect(ids()).toEqual(['b', 'a']);
  list.trigger.sessionCame({ session: session('old', { updated_at: 1, state: 'waiting' }) });
  list.trigger.sessionCame({ session: session('pin', { updated_at: 2, pinned: true }) });
  expect(ids()).toEqual(['b', 'a', 'pin', 'old']);
});

test('ui a first page that meets nothing of what was known begins the list anew: no hole between the two', () => {
  const { list, ids, now } = listed(
    [session('b', { updated_at: 20 }), session('a', { updated_at: 10 })],
    'p',
  );
  list.trigger.headCame({
    sessions: [session('z', { updated_at: 90 }), session('y', { updated_at: 80 })],
    next: 'q',
  });
  expect(ids()).toEqual(['z', 'y']);
  expect(now().next).toBe('q');
});

const continues = (session_id: string, parent: string, fields: Partial<Listed> = {}): Listed =>
  session(session_id, {
    relation: 'continuation',
    parent_session_id: parent,
    lineage_root_id: 'root',
    ...fields,
  });

test('ui a lineage is one row: its continuation takes the place of its tip and counts one more', () => {
  const { list, ids, now } = listed([session('root', { updated_at: 10 }), session('x', { updated_at: 5 })]);
  list.trigger.sessionCame({ session: continues('two', 'root', { updated_at: 20 }) });
  expect(ids()).toEqual(['two', 'x']);
  expect(now().sessions[0]?.lineage_collapsed_count).toBe(2);
  list.trigger.sessionCame({ session: continues('three', 'two', { updated_at: 30 }) });
  expect(now().sessions[0]?.lineage_collapsed_count).toBe(3);
  // A change of the tip keeps the count, which no session says of itself.
  list.trigger.sessionCame({ session: continues('three', 'two', { updated_at: 40, title: 'Tip' }) });
  expect(now().sessions[0]).toMatchObject({ session_id: 'three', title: 'Tip', lineage_collapsed_count: 3 });
  // The first of them is renamed: it is no row, and becomes none.
  expect(mustAsk(now(), 'root', session('root', { title: 'Older' }))).toBe(true);
  list.trigger.sessionCame({ session: session('root', { updated_at: 50 }) });
  expect(ids()).toEqual(['three', 'x']);
});

test('ui who leads a lineage whose tip goes is asked of the server, and nothing else is', () => {
  const { now } = listed([
    continues('two', 'root', { updated_at: 20, lineage_collapsed_count: 2 }),
    session('x', { updated_at: 5 }),
  ]);
  expect(mustAsk(now(), 'two', null)).toBe(true);
  expect(mustAsk(now(), 'two', continues('two', 'root', { archived: true }))).toBe(true);
  expect(mustAsk(now(), 'two', continues('two', 'root', { title: 'Same' }))).toBe(false);
  expect(mustAsk(now(), 'x', null)).toBe(false);
  expect(mustAsk(now(), 'new', session('new'))).toBe(false);
  expect(mustAsk(now(), 'fork', session('fork', { relation: 'fork', parent_session_id: 'x' }))).toBe(false);
});

test('ui a list of a thousand takes a change of one in well under a millisecond', () => {
  const many = Array.from({ length: 1000 }, (_, at) => session(`s${at}`, { updated_at: NOW - at * 60_000 }));
  const { list, now } = listed(many);
  const began = performance.now();
  const CHANGES = 200;
  for (let at = 0; at < CHANGES; at += 1) {
    list.trigger.sessionCame({ session: session(`s${at * 5}`, { updated_at: NOW + at, state: 'running' }) });
    grouped(now().sessions, NOW);
  }
  // Generous: another process may have the core. It takes about a tenth of this.
  expect((performance.now() - began) / CHANGES).toBeLessThan(2);
});
