// The board as the sessions tell it: every way into a run, every way out of it, and who else hears of it.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { QUIET_AFTER_MS } from '../../src/machines/bounds.ts';
import { type BoardEvent, foldBoard, type Task } from '../../src/protocol/index.ts';
import { createOwnerBoard, type OwnerBoard } from '../../src/sessions/board.ts';
import { createManualClock } from '../support/clock.ts';
import { openPromptRoom, type PromptRoom, when } from '../support/prompt-room.ts';
import { OWNER } from '../support/puppet.ts';
import { quietLog, temporaryFolder } from '../support/server.ts';

/** Far from midnight, when a day's counts begin anew. */
const NOON = new Date(2026, 4, 4, 12).getTime();

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
async function openRoom(folder?: string): Promise<PromptRoom> {
  const room = await openPromptRoom({
    folder: folder ?? (await newFolder()),
    clock: createManualClock(NOON),
  });
  onTestFinished(() => room.close());
  return room;
}

const eventsOf = (board: OwnerBoard): readonly BoardEvent[] => board.since(0)!;
const taskOf = (board: OwnerBoard, task_id: string): Task | undefined =>
  [...board.tasks()].find((task) => task.task_id === task_id);
/** Resolves when the task has this status; what was said of it until then, status and reason. */
async function until(board: OwnerBoard, task_id: string, status: Task['status']): Promise<string[]> {
  await when(`${task_id} ${status}`, () => (taskOf(board, task_id)?.status === status ? true : null));
  return eventsOf(board).flatMap(({ event, data }) => {
    if (!('task_id' in data) || data.task_id !== task_id) return [];
    const waiting = data.waiting.clarify + data.waiting.approval;
    return [[event, data.status, data.reason, waiting || undefined].filter(Boolean).join(' ')];
  });
}
const sessionsSaid = (board: OwnerBoard, session_id: string) =>
  eventsOf(board).flatMap(({ data }) =>
    'session' in data && data.session_id === session_id ? [data.session] : [],
  );

test('BR1 BR4 CQ12 P8 every way into a run and out of it is told once, in order, and to its owner only', async () => {
  const room = await openRoom();
  const { sessions } = room;
  const board = sessions.board(OWNER);

  // A run that asks, twice at once, and is stopped while it waits.
  const { session_id, stream_id, call } = await room.begin();
  void call.output.clarify({ question: 'Which?' });
  await until(board, stream_id, 'waiting-for-input');
  void call.output.approve({ tool: 'shell', command: 'ls', description: 'list', args: {} });
  await when('both wait', () => (taskOf(board, stream_id)?.waiting.approval === 1 ? true : null));
  await sessions.patch(OWNER, session_id, { title: 'Renamed' });
  expect(taskOf(board, stream_id)).toMatchObject({ title: 'Renamed', waiting: { clarify: 1, approval: 1 } });
  const queued = await sessions.start(OWNER, { session_id, message: 'and then', on_busy: 'queue' });
  expect(queued).toMatchObject({ queued: true });
  const stopped = sessions.cancel(OWNER, stream_id);
  call.end({ kind: 'stopped' });
  await stopped;
  expect(await until(board, stream_id, 'killed')).toEqual([
    'task.created running',
    'task.status waiting-for-input 1',
    'task.changed waiting-for-input 2',
    'task.status running 2',
    'task.changed running',
    'task.status killed',
  ]);

  // The follow-up begins by itself, and fails.
  const follow = await when('the follow-up', () => room.puppet.calls[1]);
  follow.end({ kind: 'failed', type: 'overloaded', message: 'Too much.' });
  const failed = ['task.created running', 'task.status error overloaded'];
  expect(await until(board, follow.input.stream_id, 'error')).toEqual(failed);

  // Again, and to its end.
  await sessions.retry(OWNER, session_id);
  const again = await when('the retry', () => room.puppet.calls[2]);
  again.end({ kind: 'finished' });
  const done = ['task.created running', 'task.status completed'];
  expect(await until(board, again.input.stream_id, 'completed')).toEqual(done);
  expect(taskOf(board, again.input.stream_id)).toMatchObject({ title: 'Renamed', agent: 'puppet' });

  const said = sessionsSaid(board, session_id);
  expect(said.map((session) => session?.state)).toEqual([
    'idle',
    ...['running', 'waiting', 'waiting', 'waiting', 'waiting', 'running', 'running', 'idle'],
    ...['running', 'idle', 'running', 'idle'],
  ]);
  expect(said.map((session) => session?.queue_length)).toContain(1);
  expect(said.at(-1)).toMatchObject({ last_outcome: 'completed', title: 'Renamed' });

  // Gone with its session, and nothing of it comes back.
  await sessions.remove(OWNER, session_id);
  expect(sessionsSaid(board, session_id).at(-1)).toBeNull();
  expect([...board.tasks()]).toEqual([]);

  const events = eventsOf(board);
  expect(events.map(({ data }) => data.n)).toEqual(events.map((_, at) => at + 1));
  const folded = events.reduce(foldBoard, new Map<string, Task>() as ReadonlyMap<string, Task>);
  expect([...folded.values()]).toEqual([...board.tasks()]);
  expect(sessions.board('somebody else').head()).toBe(0);
});

test('BR4 a run that says nothing is on the board with since when, until it speaks or ends', async () => {
  const { sessions, clock, begin } = await openRoom();
  const board = sessions.board(OWNER);
  const quietOf = (stream_id: string) => taskOf(board, stream_id)?.quiet_since ?? null;
  const { session_id, stream_id, call } = await begin();
  const { cell, release } = await sessions.hold(OWNER, session_id);
  const { head } = cell.run()!.state();
  await call.output.frame('token', { text: 'one' });
  await when('it spoke', () => (cell.run()!.state().head > head ? true : null));
  const spoke = clock.now();
  await clock.advance(QUIET_AFTER_MS);
  expect(await when('it is quiet', () => quietOf(stream_id))).toBe(spoke);
  expect(taskOf(board, stream_id)?.status).toBe('running');
  await call.output.frame('token', { text: 'two' });
  await when('it speaks', () => (quietOf(stream_id) === null ? true : null));
  await clock.advance(QUIET_AFTER_MS);
  await when('it is quiet again', () => quietOf(stream_id));
  await sessions.cancel(OWNER, stream_id);
  call.end({ kind: 'finished' });
  await until(board, stream_id, 'killed');
  expect(taskOf(board, stream_id)).not.toHaveProperty('quiet_since');
  release();
});

test('BR1 BR4 what a dead server left is on the board of the next one, as it ended there', async () => {
  const folder = await newFolder();
  const first = await openPromptRoom({ folder, clock: createManualClock(NOON) });
  const { session_id, stream_id, call } = await first.begin();
  call.end({ kind: 'failed', type: 'overloaded', message: 'Too much.' });
  await until(first.sessions.board(OWNER), stream_id, 'error');
  const { stream_id: left } = await first.begin(session_id);
  const before = taskOf(first.sessions.board(OWNER), stream_id);
  await first.die();

  const { sessions } = await openRoom(folder);
  const board = sessions.board(OWNER);
  expect(board.boot).not.toBe(first.sessions.board(OWNER).boot);
  expect(taskOf(board, stream_id)).toMatchObject({
    status: 'error',
    reason: 'overloaded',
    title: before?.title,
  });
  expect(taskOf(board, left)).toMatchObject({ status: 'error', reason: 'interrupted', session_id });
  const { pulse } = board.snapshot();
  expect(pulse).toEqual({ running: 0, waiting: 0, done_today: 2, oldest_wait_seconds: null });
});

test('BR2 telling never throws: one reader that fails keeps nobody from hearing, and no run from going on', async () => {
  const errors: unknown[] = [];
  const log = { ...quietLog, error: (fields: object) => errors.push(fields) } as unknown as typeof quietLog;
  const clock = { now: () => 1, setTimeout: () => 0, clearTimeout: () => {} };
  const board = createOwnerBoard({ boot: 'b_1', clock, log });
  const heard: number[] = [];
  board.watch(() => {
    throw new Error('a reader with a bug');
  });
  board.watch(() => heard.push(board.head()));
  const task = { task_id: 'r_1', session_id: 's_1', title: '', agent: 'demo', created_at: 1 };
  const waiting = { clarify: 0, approval: 0 };
  board.task({ ...task, status: 'running', waiting });
  board.task({ ...task, status: 'waiting-for-input', waiting });
  // Nobody reads while somebody tells.
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual([2]);
  expect(errors).toHaveLength(1);
  // Nor does a bug in what is told reach the run.
  board.task(null as never);
  expect([errors.length, board.head()]).toEqual([2, 2]);
});

test('BR1 lesson 118 who loses its parent or its root is told of, in memory or not, and reads its new place at once', async () => {
  const room = await openRoom();
  const { sessions } = room;
  const made = async (parent?: string, relation?: 'continuation' | 'child') =>
    (await sessions.create(OWNER, { parent_session_id: parent, relation })).session_id;
  const root = await made();
  const older = await made(root, 'continuation');
  const newer = await made(older, 'continuation');
  const child = await made(root, 'child');
  const other = await made();
  const held = await Promise.all([older, child].map((id) => sessions.hold(OWNER, id)));
  const board = sessions.board(OWNER);
  const from = board.head();
  await sessions.remove(OWNER, root);
  const told = await when('the third', () => {
    const said = board
      .since(from)!
      .flatMap(({ data }) => ('session' in data && data.session ? [data.session] : []));
    return said.length >= 3 ? said : null;
  });
  const place = { parent_session_id: null, relation: null };
  expect(told).toHaveLength(3);
  const of = (session_id: string) => told.find((session) => session.session_id === session_id);
  expect(of(older)).toMatchObject({ ...place, lineage_root_id: older });
  expect(of(newer)).toMatchObject({ parent_session_id: older, lineage_root_id: older, state: 'idle' });
  expect(of(child)).toMatchObject({ ...place, lineage_root_id: child });
  expect(of(other)).toBeUndefined();
  for (const { cell, release } of held) {
    expect(cell.session().parent_session_id).toBeNull();
    release();
  }
});

test('BR1 P11 a parent and its children that are deleted together leave nothing on the board', async () => {
  const { sessions } = await openRoom();
  const root = (await sessions.create(OWNER, {})).session_id;
  const children = await Promise.all(
    [1, 2, 3].map(async () => (await sessions.create(OWNER, { parent_session_id: root })).session_id),
  );
  const board = sessions.board(OWNER);
  await Promise.all([root, ...children].map((id) => sessions.remove(OWNER, id)));
  await when('all are told', () =>
    [root, ...children].every((id) => sessionsSaid(board, id).includes(null)) ? true : null,
  );
  // Whoever is told of late is told of by now: a session that is made after all that is.
  const last = (await sessions.create(OWNER, {})).session_id;
  await when('the last one', () => (sessionsSaid(board, last).length > 0 ? true : null));
  for (const id of [root, ...children]) expect(sessionsSaid(board, id).at(-1)).toBeNull();
});
