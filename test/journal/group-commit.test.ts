import { expect, test } from 'vitest';
import { createGroupCommit } from '../../src/journal/group-commit.ts';
import type { Operation } from '../../src/journal/operations.ts';
import { createPace } from '../../src/journal/pace.ts';
import type { Commit } from '../../src/journal/port.ts';
import type { ToWriter } from '../../src/journal/thread-messages.ts';
import type { StoredRecord } from '../../src/protocol/index.ts';
import { quietLog, token, until } from './support.ts';

/** A writer that commits when it is told to, and says for each append where it went. */
function openGroups() {
  const posted: Extract<ToWriter, { kind: 'group' }>[] = [];
  const order: string[] = [];
  let pos = 0;
  const group = createGroupCommit({
    log: quietLog().log,
    post: (message) => void (message.kind === 'group' && posted.push(message)),
    onCommit: ({ records }: Commit) => order.push(`commit ${records.map((record) => record.pos)}`),
    onDamage: () => {},
    onState: () => {},
  });
  const commit = () => {
    const records: StoredRecord[] = [];
    const replies = (posted.at(-1)?.operations ?? []).map((operation) => {
      pos += 1;
      const input = operation.input as { stream_id: string };
      records.push({
        session_id: 's',
        pos,
        stream_id: input.stream_id,
        seq: pos,
        event: 'token',
        json: '{}',
        at: 0,
      });
      return { answer: { kind: 'committed' as const, seq: pos, pos } };
    });
    group.hear({
      kind: 'done',
      replies,
      commits: [records],
      damage: [],
      state: { full: null, commit_no: 0, bytes: 0 },
    });
  };
  const append = (stream_id: string) =>
    group.write('append', token({ stream_id, epoch: 1 }, 'x')).then((answer) => {
      order.push(answer.kind === 'committed' ? `answer ${answer.pos}` : answer.kind);
    });
  return { group, posted, order, commit, append };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('what comes in one turn is one group; what comes during a commit is the next', async () => {
  const { posted, order, commit, append } = openGroups();
  const first = [append('a'), append('b'), append('a')];
  await nextTurn();
  expect(posted.map(({ operations }) => operations.length)).toEqual([3]);
  const second = [append('c'), append('d')];
  await nextTurn();
  expect(posted.length).toBe(1);
  commit();
  await Promise.all(first);
  await until(() => posted.length === 2);
  commit();
  await Promise.all(second);
  expect(order).toEqual([
    'commit 1,2,3',
    'answer 1',
    'answer 2',
    'answer 3',
    'commit 4,5',
    'answer 4',
    'answer 5',
  ]);
});

test('a group is bounded, and nothing of the rest is forgotten', async () => {
  const { group, posted, commit, append } = openGroups();
  const all = Array.from({ length: 2500 }, () => append('a'));
  expect(group.pending).toBe(2500);
  for (const size of [1000, 1000, 500]) {
    await until(() => posted.at(-1)?.operations.length === size && posted.length > 0);
    const count = posted.length;
    commit();
    if (size !== 500) await until(() => posted.length > count);
  }
  await Promise.all(all);
  expect(group.pending).toBe(0);
});

test('while the handle is lost what waits is refused, what is under way is not', async () => {
  const { group, order, commit, append } = openGroups();
  const under_way = append('a');
  await nextTurn();
  const waiting = append('b');
  group.hear({ kind: 'lost', reason: 'gone' });
  await waiting;
  await append('c');
  expect(order).toEqual(['full', 'full']);
  commit();
  await under_way;
  expect(order).toEqual(['full', 'full', 'commit 1', 'answer 1']);
});

test('a writer that dies rejects all that waits for it', async () => {
  const { group, append } = openGroups();
  const both = [append('a'), append('b')];
  await nextTurn();
  const later = append('c');
  group.abandon(new Error('it died'));
  for (const promise of [...both, later, append('d')]) await expect(promise).rejects.toThrow('it died');
  await group.drain();
});

const frameOf = (stream_id: string): Operation => ({
  name: 'append',
  input: token({ stream_id, epoch: 1 }, 'x'),
});
const PERSON: Operation = {
  name: 'withdraw',
  input: { owner: 'o', session_id: 's', message_id: 'm', at: 0 },
};

/** `frames` a second for 200 ms, from so many streams; then how long the next group would wait. */
function waitAfter(frames: number, streams: number): number {
  let at = 0;
  const pace = createPace(() => at);
  const count = frames / 5;
  for (let n = 0; n < count; n++) {
    at = (n * 200) / count;
    pace.came(frameOf(`stream_${n % streams}`));
    pace.left();
  }
  return pace.wait();
}

test('a group waits for more only when many streams write at a high rate, 2 ms at most', () => {
  expect(waitAfter(1000, 50)).toBe(2);
  expect(waitAfter(10_000, 50)).toBe(2);
  expect(waitAfter(200, 50)).toBe(0);
  expect(waitAfter(10_000, 1)).toBe(0);
});

test('the wait counts from the last group, and ends with the load', () => {
  let at = 0;
  const pace = createPace(() => at);
  for (let n = 0; n < 200; n++, at += 1) pace.came(frameOf(`stream_${n % 9}`));
  pace.left();
  at += 1.5;
  expect(pace.wait()).toBe(0.5);
  at += 1000;
  pace.came(frameOf('stream_1'));
  expect(pace.wait()).toBe(0);
});

test('nothing that a person waits for is delayed', () => {
  expect(createPace().came(PERSON)).toBe(false);
  expect(createPace().came(frameOf('a'))).toBe(true);
});
