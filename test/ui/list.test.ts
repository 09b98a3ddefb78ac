import { expect, test } from 'vitest';
import type { Session } from '../../src/protocol/index.ts';
import { createListStore, grouped } from '../../src/ui/list-store.ts';

const NOW = new Date('2026-05-20T12:00:00').getTime();
const DAY_MS = 86_400_000;

const session = (session_id: string, fields: Partial<Session> = {}): Session =>
  ({
    session_id,
    title: session_id,
    state: 'idle',
    updated_at: NOW,
    pinned: false,
    archived: false,
    ...fields,
  }) as Session;

test('ui sessions stand in groups: who waits, what runs, what is pinned, today, earlier', () => {
  const rows = grouped(
    [
      session('today'),
      session('old', { updated_at: NOW - DAY_MS }),
      session('runs', { state: 'running' }),
      session('stale', { state: 'stale', pinned: true }),
      session('waits', { state: 'waiting' }),
      session('pin', { pinned: true, updated_at: NOW - 30 * DAY_MS }),
      session('gone', { archived: true }),
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
