import { expect, test } from 'vitest';
import type { Board, BoardEventName, Task } from '../../src/protocol/board.ts';
import { besideTitle } from '../../src/ui/beside-title.ts';
import { createBoardFeed, waitingTasks } from '../../src/ui/board/board-feed.ts';
import { endOf, lanesOf, markOfTask, piecesOf } from '../../src/ui/board/lanes.ts';
import { newsOf } from '../../src/ui/board/news.ts';
import { compactSession } from '../support/sessions.ts';

const AT = 1_000_000;

const task = (task_id: string, fields: Partial<Task> = {}): Task => ({
  task_id,
  session_id: `s-${task_id}`,
  title: task_id,
  agent: 'demo',
  status: 'running',
  since: AT,
  created_at: AT,
  waiting: { clarify: 0, approval: 0 },
  ...fields,
});
const done = (task_id: string, fields: Partial<Task> = {}): Task =>
  task(task_id, { status: 'completed', finished_at: AT + 5000, ...fields });
const waits = (task_id: string, since: number): Task => task(task_id, { status: 'waiting-for-input', since });

const board = (n: number, tasks: Task[], boot = 'b1'): Board => ({
  boot,
  n,
  tasks,
  pulse: { running: 0, waiting: 0, done_today: 0, oldest_wait_seconds: null },
});

function stage() {
  const told: unknown[] = [];
  const feed = createBoardFeed({
    sessionChanged: (session_id, session) => told.push([session_id, session?.title ?? null]),
    missed: () => told.push('missed'),
    taskChanged: (now, before) => told.push([before?.status ?? null, now.status]),
  });
  const tell = (name: BoardEventName, n: number, data: object) => feed.event(name, { ...data, n, at: AT });
  const statuses = () =>
    Object.fromEntries([...feed.store.getSnapshot().context.tasks].map(([id, { status }]) => [id, status]));
  return { feed, tell, told, statuses };
}

test('BR4 the page has the board as snapshot and later events say it, each once', () => {
  const { feed, tell, told, statuses } = stage();
  feed.snapshot(board(3, [task('a'), done('z')]));
  tell('task.created', 4, task('b'));
  tell('task.status', 5, waits('a', AT + 1));
  expect(statuses()).toEqual({ a: 'waiting-for-input', b: 'running', z: 'completed' });
  // Taken up again elsewhere, the line says what was said.
  tell('task.created', 4, task('b', { status: 'stale' }));
  tell('task.status', 5, task('a'));
  expect(statuses()).toEqual({ a: 'waiting-for-input', b: 'running', z: 'completed' });
  expect(told).toEqual(['missed', [null, 'running'], ['running', 'waiting-for-input']]);
});

test('BR4 an answer to a poll that newer events overtook changes nothing; a server that was restarted counts anew', () => {
  const { feed, tell, told, statuses } = stage();
  feed.snapshot(board(3, [task('a')]));
  tell('task.status', 4, done('a'));
  feed.polled(board(3, [task('a')]));
  expect(statuses()).toEqual({ a: 'completed' });
  feed.snapshot(board(1, [task('c')], 'b2'));
  expect(statuses()).toEqual({ c: 'running' });
  tell('task.status', 2, done('c'));
  expect(statuses()).toEqual({ c: 'completed' });
  feed.gap();
  expect(told.filter((each) => each === 'missed')).toHaveLength(3);
});

test('BR4 a session that changed is told to the list, whole or as gone, and renames its tasks', () => {
  const { feed, tell, told } = stage();
  feed.snapshot(board(0, [task('a')]));
  const session = { ...sessionOf('s-a'), title: 'Renamed' };
  tell('session.changed', 1, { session_id: 's-a', session });
  expect(feed.store.getSnapshot().context.tasks.get('a')?.title).toBe('Renamed');
  tell('session.changed', 2, { session_id: 's-a', session: null });
  expect(feed.store.getSnapshot().context.tasks.size).toBe(0);
  expect(told).toEqual(['missed', ['s-a', 'Renamed'], ['s-a', null]]);
});

test('ui an event that is none is ignored: the next one is taken', () => {
  const { feed, tell, statuses } = stage();
  feed.snapshot(board(0, []));
  feed.event('task.status', { n: 'seven' });
  feed.event('task.created', null);
  tell('task.created', 1, task('a'));
  expect(statuses()).toEqual({ a: 'running' });
});

const sessionOf = (session_id: string) => compactSession(session_id, { created_at: AT, updated_at: AT });

test('ui the lanes: who waits longest first, who lost its owner or says nothing first, what ended last first', () => {
  const lanes = lanesOf([
    task('old', { created_at: AT - 9 }),
    waits('short', AT + 60),
    done('early', { finished_at: AT + 1 }),
    task('lost', { status: 'stale', created_at: AT - 99 }),
    waits('long', AT),
    task('new', { created_at: AT + 9 }),
    task('hangs', { quiet_since: AT + 5 }),
    done('late', { finished_at: AT + 2 }),
  ]);
  const ids = (tasks: Task[]) => tasks.map((one) => one.task_id);
  expect(ids(lanes.waiting)).toEqual(['long', 'short']);
  expect(ids(lanes.running)).toEqual(['lost', 'hangs', 'new', 'old']);
  expect(ids(lanes.done)).toEqual(['late', 'early']);
});

test('ui each end has its mark and its words: done, stopped, failed, interrupted', () => {
  const failed = done('f', { status: 'error', reason: 'rate_limited' });
  const cut = done('i', { status: 'error', reason: 'interrupted' });
  expect([done('d'), done('k', { status: 'killed' }), failed, cut].map(markOfTask)).toEqual([
    'completed',
    'cancelled',
    'errored',
    'interrupted',
  ]);
  expect(endOf(done('d'))).toBe('after 5.0 s');
  expect(endOf(done('k', { status: 'killed' }))).toBe('stopped after 5.0 s');
  expect(endOf(failed)).toBe('failed after 5.0 s · rate_limited');
  expect(endOf(cut)).toBe('interrupted after 5.0 s · what was written is kept');
  // Of many rows of one session each says which it was; what the title says already is not said twice.
  expect(endOf(done('Hello, tell…', { message: 'Say it again' }))).toBe('after 5.0 s · Say it again');
  expect(endOf(done('x', { title: 'Hello, tell…', message: 'Hello, tell me' }))).toBe('after 5.0 s');
});

test('ui beside a title stand only words that are not its own', () => {
  expect(besideTitle('Fix the tests…', 'Fix the  tests\nand the docs')).toBeNull();
  expect(besideTitle('Fix the tests', 'Fix the tests')).toBeNull();
  expect(besideTitle('Renamed', 'Fix the tests')).toBe('Fix the tests');
  expect(besideTitle('', 'Fix the tests')).toBe('Fix the tests');
  expect(besideTitle('Fix the tests', null)).toBeNull();
});

test('ui the oldest wait is said in its two largest units', () => {
  const said = (seconds: number) => piecesOf(seconds).map(({ n, unit }) => `${n} ${unit}`);
  expect(said(0)).toEqual(['0 s']);
  expect(said(193)).toEqual(['3 min', '13 s']);
  expect(said(7380)).toEqual(['2 h', '3 min']);
  expect(said(90_000)).toEqual(['1 d', '1 h']);
});

test('ui what waits, the longest first, is what the title counts and `g w` goes through', () => {
  const { feed } = stage();
  feed.snapshot(board(0, [waits('b', AT + 5), task('r'), waits('a', AT)]));
  expect(waitingTasks(feed.store.getSnapshot().context).map((one) => one.task_id)).toEqual(['a', 'b']);
});

test('ui who looks elsewhere hears that a session waits and how a run ended, and nothing else', () => {
  expect(newsOf(waits('a', AT), task('a'))).toBe('Waiting for you: a');
  expect(newsOf(waits('a', AT), waits('a', AT))).toBeNull();
  expect(newsOf(task('a'), waits('a', AT))).toBeNull();
  expect(newsOf(done('a', { status: 'killed' }), task('a'))).toBe('a: Stopped');
  expect(newsOf(task('a'), undefined)).toBeNull();
});
