// Who is called for what, with a board and a log that are told what to say.
import { beforeEach, expect, test } from 'vitest';
import type { PromptRow, PushRow } from '../../src/journal/port.ts';
import { callFromBoard, NOTICE_LIFE_MS } from '../../src/notices/caller.ts';
import {
  type BoardEvent,
  callFor,
  type Notice,
  type PushSubscriptionInput,
  TASK_STATUSES,
  type Task,
} from '../../src/protocol/index.ts';
import { settled } from '../support/clock.ts';
import { createDevice } from '../support/push-service.ts';
import { quietLog } from '../support/server.ts';

const NOW = 1_700_000_000_000;
const device = (name: string, kinds?: PushSubscriptionInput['kinds'], host = 'push.example') =>
  createDevice(`https://${host}/${name}`, kinds ? { kinds } : {}).subscription;
const task = (status: Task['status'], fields: Partial<Task> = {}): Task => ({
  task_id: 'r_1',
  session_id: 's_1',
  title: 'Schema',
  agent: 'demo',
  status,
  since: NOW,
  created_at: NOW,
  waiting: { clarify: status === 'waiting-for-input' ? 1 : 0, approval: 0 },
  ...fields,
});
const question = (id: string, asked_pos: number, fields: object = {}) =>
  ({
    kind: 'clarify',
    prompt_id: id,
    stream_id: 'r_1',
    asked_pos,
    entry: { clarify_id: id, question: `Which ${id}?`, expires_at: null, ...fields },
  }) as unknown as PromptRow;
const approval = (id: string, asked_pos: number) =>
  ({
    kind: 'approval',
    prompt_id: id,
    stream_id: 'r_1',
    asked_pos,
    entry: { approval_id: id, command: 'rm -rf\u202e build', description: 'x', expires_at: null },
  }) as unknown as PromptRow;

function stage(devices: PushSubscriptionInput[], first: Task[] = []) {
  const events: BoardEvent[] = [];
  const tasks = new Map(first.map((each) => [each.task_id, each]));
  let wake = () => {};
  let lost = 0;
  let prompts: PromptRow[] = [];
  const sent: { to: string; notice: Notice; until: number }[] = [];
  const end = callFromBoard(
    'o',
    {
      head: () => events.length,
      tasks: () => tasks.values(),
      since: (n) => (n < lost ? null : events.slice(n)),
      watch(fn) {
        wake = fn;
        return () => {
          wake = () => {};
        };
      },
    },
    {
      journal: {
        listSubscriptions: async (owner) =>
          owner === 'o' ? devices.map((subscription) => ({ subscription }) as PushRow) : [],
        openSession: async () => ({ session: {} as never, prompts }),
      },
      now: () => NOW,
      log: quietLog,
      send: ({ endpoint }, notice, until) =>
        sent.push({ to: new URL(endpoint).pathname.slice(1), notice, until }),
    },
  );
  return {
    sent,
    end,
    ask: (...rows: PromptRow[]) => {
      prompts = rows;
    },
    said: () =>
      sent
        .splice(0)
        .map(({ to, notice }) => [to, notice.type, 'about' in notice ? notice.about : notice.tag]),
    /** Everything in one turn, as a commit tells it. */
    async tell(...told: (Task | { gone: string })[]) {
      for (const each of told) {
        const n = events.length + 1;
        if ('gone' in each) {
          events.push({
            event: 'session.changed',
            data: { session_id: each.gone, session: null, n, at: NOW },
          });
          continue;
        }
        tasks.set(each.task_id, each);
        events.push({ event: 'task.status', data: { ...each, n, at: NOW } });
      }
      wake();
      await settled();
    },
    forget: () => {
      lost = events.length + 10;
    },
  };
}

let room: ReturnType<typeof stage>;
beforeEach(() => {
  room = stage([device('plain'), device('all', ['waiting', 'completed', 'error', 'killed'])]);
});

test('wire §4 a task that waits calls with what it asks, and the notice opens its card', async () => {
  room.ask(approval('a_1', 7));
  await room.tell(task('running'), task('waiting-for-input', { waiting: { clarify: 0, approval: 1 } }));
  expect(room.sent[0]).toEqual({
    to: 'plain',
    until: NOW + NOTICE_LIFE_MS,
    notice: {
      type: 'show',
      tag: 'r_1',
      about: 'a_1',
      topic: 'approval',
      title: 'Schema',
      body: 'rm -rf build',
      path: '/s/s_1?prompt=a_1',
    },
  });
  expect(room.said().map(([to]) => to)).toEqual(['plain', 'all']);
});

test('wire §4 a notice is of use until its prompt expires', async () => {
  room.ask(question('c_1', 3, { expires_at: NOW + 60_000 }));
  await room.tell(task('waiting-for-input'));
  expect(room.sent[0]?.until).toBe(NOW + 60_000);
});

test('wire §4 the oldest question is the one that calls; the next calls when it is answered, and no question calls twice', async () => {
  room.ask(question('c_2', 9), question('c_1', 3));
  await room.tell(task('waiting-for-input', { waiting: { clarify: 2, approval: 0 } }));
  expect(room.said()).toEqual([
    ['plain', 'show', 'c_1'],
    ['all', 'show', 'c_1'],
  ]);
  room.ask(question('c_1', 3), question('c_2', 9), question('c_3', 11));
  await room.tell(task('waiting-for-input', { waiting: { clarify: 3, approval: 0 } }));
  expect(room.said()).toEqual([]);
  room.ask(question('c_2', 9), question('c_3', 11));
  await room.tell(task('waiting-for-input', { waiting: { clarify: 2, approval: 0 } }));
  expect(room.said().map(([, , about]) => about)).toEqual(['c_2', 'c_2']);
});

test('wire §4 an answer withdraws the notice, once; what was answered before anybody was called calls nobody', async () => {
  room.ask(question('c_1', 3));
  await room.tell(task('waiting-for-input'));
  room.said();
  await room.tell(task('running'));
  expect(room.said()).toEqual([
    ['plain', 'withdraw', 'r_1'],
    ['all', 'withdraw', 'r_1'],
  ]);
  await room.tell(task('waiting-for-input'), task('running'));
  expect(room.said()).toEqual([]);
  room.ask();
  await room.tell(task('waiting-for-input'));
  await room.tell(task('running'));
  expect(room.said()).toEqual([]);
});

test('wire §4 an end calls those who want to hear of that kind of end, and withdraws from the others what waited', async () => {
  await room.tell(task('running'), task('completed', { finished_at: NOW }));
  expect(room.said()).toEqual([['all', 'show', 'completed']]);
  await room.tell(task('completed', { finished_at: NOW, title: 'Renamed' }));
  expect(room.said()).toEqual([]);
  room.ask(question('c_1', 3));
  const other = { task_id: 'r_2' };
  room.ask({ ...question('c_1', 3), stream_id: 'r_2' });
  await room.tell(task('waiting-for-input', other));
  room.said();
  await room.tell(task('error', { ...other, reason: 'interrupted', finished_at: NOW }));
  expect(room.said()).toEqual([
    ['plain', 'withdraw', 'r_2'],
    ['all', 'show', 'error'],
  ]);
});

test('wire §4 a session that is deleted takes its notices with it', async () => {
  room.ask(question('c_1', 3));
  await room.tell(task('waiting-for-input'));
  room.said();
  await room.tell({ gone: 's_1' });
  expect(room.said().map(([, type]) => type)).toEqual(['withdraw', 'withdraw']);
});

test('wire §4 where a push that shows nothing counts as abuse, none is sent', async () => {
  room = stage([device('phone', undefined, 'web.push.apple.com'), device('laptop')]);
  room.ask(question('c_1', 3));
  await room.tell(task('waiting-for-input'));
  await room.tell(task('running'));
  expect(room.said()).toEqual([
    ['phone', 'show', 'c_1'],
    ['laptop', 'show', 'c_1'],
    ['laptop', 'withdraw', 'r_1'],
  ]);
});

test('BR3 events that the board no longer has are made up for by what it is now', async () => {
  room.ask(question('c_1', 3));
  await room.tell(task('running'));
  room.forget();
  await room.tell(task('waiting-for-input'));
  expect(room.said().map(([, , about]) => about)).toEqual(['c_1', 'c_1']);
});

test('wire §4 what waited before anybody watched calls nobody; its end does', async () => {
  room = stage([device('all', ['completed'])], [task('waiting-for-input')]);
  room.ask(question('c_1', 3));
  await room.tell(task('waiting-for-input'));
  expect(room.said()).toEqual([]);
  await room.tell(task('completed', { finished_at: NOW }));
  expect(room.said()).toEqual([['all', 'show', 'completed']]);
});

test('P11 after its end nobody is called', async () => {
  room.ask(question('c_1', 3));
  room.end();
  await room.tell(task('waiting-for-input'));
  expect(room.said()).toEqual([]);
});

test('wire §4 the same state again asks for nothing, whatever it is', () => {
  for (const status of TASK_STATUSES) expect(callFor(task(status), task(status)), status).toBeNull();
});
