// The board as a store: what of all that it is told is news, what it says then, and what of that it keeps.
import { expect, test } from 'vitest';
import { createBoardStore, eventsSince, type SeenTask } from '../../src/machines/board.store.ts';
import { BOARD_RING_BYTES_MAX } from '../../src/machines/bounds.ts';
import { BOARD_RING_MAX, type Session, type Task } from '../../src/protocol/index.ts';

const seen = (status: string, more: object = {}): SeenTask =>
  ({ task_id: 'r', stream_id: 'r', session_id: 's', status, title: 'A run', ...more }) as never;
const session = (more: object = {}): Session =>
  ({ session_id: 's', title: 'A day', usage: { input_tokens: 1 }, tags: ['a', 'b'], ...more }) as never;

function open() {
  const store = createBoardStore();
  const now = () => store.getSnapshot().context;
  return {
    now,
    filled: (tasks: Task[]) => store.trigger.filled({ tasks }),
    task: (task: SeenTask, at: number) => store.trigger.taskSeen({ task, at }),
    session: (value: Session | null, at: number) =>
      store.trigger.sessionSeen({ session_id: 's', session: value, at }),
    came: (value: Session, at: number) => store.trigger.sessionCame({ session: value, at }),
    left: () => store.trigger.sessionLeft({ session_id: 's' }),
    said: () => eventsSince(now(), 0)?.map(({ event, data }) => [event, data]),
    last: () => eventsSince(now(), now().n - 1)?.[0],
  };
}

test('BR1 a new task is told, another status is told with its time, another word keeps its time', () => {
  const board = open();
  board.task(seen('running'), 10);
  board.task(seen('running', { title: 'Renamed' }), 20);
  board.task(seen('waiting-for-input', { title: 'Renamed' }), 30);
  const task = { ...seen('running'), since: 10 };
  expect(board.said()).toEqual([
    ['task.created', { ...task, n: 1, at: 10 }],
    ['task.changed', { ...task, title: 'Renamed', n: 2, at: 20 }],
    ['task.status', { ...task, title: 'Renamed', status: 'waiting-for-input', since: 30, n: 3, at: 30 }],
  ]);
  expect(board.now().tasks.get('r')).toEqual({
    ...seen('waiting-for-input', { title: 'Renamed' }),
    since: 30,
  });
});

test('BR1 what is told twice is said once, however it is worded', () => {
  const board = open();
  board.task(seen('running', { why: { kind: 'quiet', list: [1, 2] } }), 10);
  board.task(seen('running', { why: { kind: 'quiet', list: [1, 2] } }), 20);
  expect(board.now().n).toBe(1);
  const others = [
    { kind: 'quiet', list: [1, 3] },
    { kind: 'quiet' },
    { kind: 'quiet', list: [1] },
    { kind: 'quiet', other: [1] },
    'quiet',
    null,
    {},
    null,
    5,
    {},
    6,
    undefined,
  ];
  for (const why of others) board.task(seen('running', { why }), 30);
  expect(board.now().n).toBe(1 + others.length);
});

test('BR1 BR5 the first end counts, has its time, and is not changed by anything later', () => {
  const board = open();
  board.task(seen('running'), 10);
  board.task(seen('completed'), 20);
  expect(board.last()).toMatchObject({
    event: 'task.status',
    data: { status: 'completed', since: 20, finished_at: 20 },
  });
  for (const status of ['error', 'killed', 'running', 'completed'])
    board.task(seen(status, { title: 'Later' }), 30);
  expect(board.now().n).toBe(2);
});

test('BR1 what a task answers is kept when its run no longer says it', () => {
  const board = open();
  board.task(seen('running', { message: 'Which?' }), 10);
  board.task(seen('completed'), 20);
  expect(board.last()).toMatchObject({ data: { status: 'completed', message: 'Which?' } });
});

test('BR1 an end that the log has dated keeps its time, so it is the same after a restart', () => {
  const board = open();
  board.task(seen('running'), 10);
  board.task(seen('completed', { finished_at: 18 }), 20);
  expect(board.last()).toMatchObject({ data: { at: 20, finished_at: 18 } });
});

test('BR5 the end of a task that nobody knows is of a run whose session is gone: it says nothing', () => {
  const board = open();
  for (const status of ['completed', 'killed', 'error']) board.task(seen(status), 10);
  expect([board.now().n, board.now().tasks.size]).toEqual([0, 0]);
});

test('BR1 a task that goes on has no end', () => {
  const board = open();
  board.task(seen('running'), 10);
  expect(board.now().tasks.get('r')).not.toHaveProperty('finished_at');
});

test('BR4 the time of what is said never falls, whatever the clock does', () => {
  const board = open();
  board.task(seen('running'), 100);
  board.task(seen('stale'), 50);
  expect(board.last()).toMatchObject({ data: { at: 100, since: 50 } });
  board.task(seen('error'), 40);
  expect(board.last()).toMatchObject({ data: { at: 100, finished_at: 100 } });
  board.session(session(), 30);
  expect(board.last()).toMatchObject({ data: { at: 100 } });
  board.session(session({ title: 'Later' }), 130);
  expect([board.last()?.data.at, board.now().at]).toEqual([130, 130]);
});

test('BR4 what the log remembers of earlier days is known, and was not said', () => {
  const board = open();
  board.filled([{ ...seen('running'), since: 5 } as Task]);
  expect([board.now().n, board.now().tasks.get('r')?.since]).toEqual([0, 5]);
  board.task(seen('running'), 10);
  expect(board.now().n).toBe(0);
  board.task(seen('completed'), 10);
  expect(board.last()?.event).toBe('task.status');
});

test('BR1 a session is told when it is new, when it changed and when it is gone, and not otherwise', () => {
  const board = open();
  board.session(null, 5);
  board.session(session(), 10);
  board.session(session(), 20);
  board.session(session({ usage: { input_tokens: 2 } }), 30);
  board.session(null, 40);
  board.session(null, 50);
  expect(board.said()).toEqual([
    ['session.changed', { session_id: 's', session: session(), n: 1, at: 10 }],
    ['session.changed', { session_id: 's', session: session({ usage: { input_tokens: 2 } }), n: 2, at: 30 }],
    ['session.changed', { session_id: 's', session: null, n: 3, at: 40 }],
  ]);
  expect(board.now().sessions.size).toBe(0);
});

test('BR1 a session that comes into memory, or leaves it, is no news; if it changed meanwhile, that is', () => {
  const board = open();
  board.came(session(), 10);
  expect([board.now().n, board.now().sessions.get('s')]).toEqual([0, session()]);
  board.came(session(), 20);
  expect(board.now().n).toBe(0);
  board.came(session({ title: 'Later' }), 30);
  expect(board.said()).toMatchObject([['session.changed', { session: { title: 'Later' } }]]);
  board.left();
  expect([board.now().n, board.now().sessions.size]).toEqual([1, 0]);
});

test('BR4 no state of the board is changed after it was shown', () => {
  const board = open();
  board.task(seen('running'), 10);
  board.came(session(), 10);
  const before = board.now();
  const shown = structuredClone({ ...before });
  board.task(seen('completed'), 20);
  board.session(session({ title: 'Later' }), 20);
  board.left();
  expect({ ...before }).toEqual(shown);
});

test('P10 BR3 the latest events are kept, by their number; who stands before them hears that some are missing', () => {
  const board = open();
  for (let n = 1; n <= BOARD_RING_MAX + 2; n += 1) board.task(seen('running', { title: String(n) }), n);
  const { n: head, ring } = board.now();
  expect([head, ring.length]).toEqual([BOARD_RING_MAX + 2, BOARD_RING_MAX]);
  expect(eventsSince(board.now(), 0)).toBe(null);
  expect(eventsSince(board.now(), 1)).toBe(null);
  expect(eventsSince(board.now(), 2)?.map(({ data }) => data.n)).toEqual(
    Array.from({ length: BOARD_RING_MAX }, (_, index) => index + 3),
  );
  expect(eventsSince(board.now(), head - 1)?.map(({ data }) => data.n)).toEqual([head]);
  expect(eventsSince(board.now(), head)).toEqual([]);
  expect(eventsSince(board.now(), head + 5)).toEqual([]);
});

test('P10 the latest events are kept, by their bytes, and the last one always', () => {
  const board = open();
  const third = 'x'.repeat(Math.floor(BOARD_RING_BYTES_MAX / 3));
  for (let n = 1; n <= 5; n += 1) {
    board.task(seen('running', { title: `${n}${third}` }), n);
    const { ring, ring_bytes } = board.now();
    expect(ring.length).toBe(Math.min(n, 2));
    expect(ring_bytes).toBe(ring.reduce((sum, { event }) => sum + JSON.stringify(event.data).length, 0));
  }
  board.task(seen('running', { title: third.repeat(4) }), 9);
  expect(board.now().ring.map(({ event }) => event.data.n)).toEqual([6]);
});
