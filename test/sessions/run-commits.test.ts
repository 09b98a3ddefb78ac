// The commits of a run over a log that answers as it is told: which fact becomes of each answer, and what follows.
import { expect, test } from 'vitest';
import type { Journal, SessionRow, StreamRow } from '../../src/journal/port.ts';
import type { Clock } from '../../src/protocol/index.ts';
import { LOSSES } from '../../src/sessions/agent-call.ts';
import { createRunCommits } from '../../src/sessions/run-commits.ts';
import { createSettledFeed } from '../../src/sessions/settled-feed.ts';
import { streamRow } from './rows.ts';

const AT = 7_000;
const RECEIPT = { transitions: [], dropped: 3 };
const session = { session_id: 's' } as SessionRow;
const error = { type: 'silent', message: 'It said nothing.' };

/** `rows`: what the log holds of a damaged run. */
function open(
  answer: object,
  rows: { stream?: StreamRow; session?: SessionRow | null } = {},
  stream = streamRow(),
) {
  const heard: object[] = [];
  const ending = { usage: undefined, title: undefined, lost: 'restart', error_type: null, settled_at: null };
  const note =
    (what: string) =>
    (...said: unknown[]) => {
      heard.push([what, ...said]);
      return Promise.resolve(answer);
    };
  const commits = createRunCommits({
    stream,
    writer: { write: note('write'), fence: () => heard.push(['fence']) },
    call: { kill: () => heard.push(['kill']), fail: note('fail') },
    ending,
    receipt: RECEIPT,
    journal: {
      terminal: note('terminal'),
      settle: note('settle'),
      getStream: async (...of: string[]) => (of.join() === 'owner,r' ? (rows.stream ?? null) : null),
      getSession: async (...of: string[]) => (of.join() === 'owner,s' ? (rows.session ?? null) : null),
    } as unknown as Journal,
    clock: { now: () => AT } as Clock,
    tell: (event: object) => heard.push(event),
    onSettled: (row: SessionRow) => heard.push(['settled', row]),
  } as never);
  return { commits, heard, ending };
}

const terminal = { type: 'write.terminal', epoch: 5, outcome: 'errored', error } as const;
const settle = { type: 'write.settle', epoch: 5, outcome: 'interrupted', error } as const;
const told = (heard: object[]) => heard.filter((each) => !Array.isArray(each));
const done = (heard: object[]) => heard.flatMap((each) => (Array.isArray(each) ? [each[0]] : []));

test('ST11 that a run has started is written with its agent, its owner’s epoch, and its model where it has one', async () => {
  const { commits, heard } = open({ kind: 'committed', seq: 1, pos: 3 });
  await commits.started();
  expect(heard).toEqual([
    ['write', 'stream_started', { agent: 'demo', epoch: 4 }],
    { type: 'stream.started', head: 1, at: AT },
  ]);
  const other = open({ kind: 'committed', seq: 1, pos: 3 }, {}, streamRow({ model: 'large' }));
  await other.commits.started();
  expect(other.heard[0]).toEqual(['write', 'stream_started', { agent: 'demo', model: 'large', epoch: 4 }]);
});

test.each(['full', 'damaged'] as const)(
  'ST11 a start that the log does not take fails the run: %s',
  async (kind) => {
    const { commits, heard } = open({ kind });
    await commits.started();
    expect(heard.slice(1)).toEqual([['fail', ...LOSSES[kind]]]);
  },
);

test('ST3 a start of a run that has another owner by now says nothing', async () => {
  const { commits, heard } = open({ kind: 'fenced' });
  await commits.started();
  expect(done(heard)).toEqual(['write']);
  expect(told(heard)).toEqual([]);
});

test('ST2 ST6 the writer is fenced before the terminal commit, which carries the owner’s epoch and the frame', async () => {
  const { commits, heard } = open({ kind: 'won', outcome: 'errored', seq: 9 });
  await commits.terminal(terminal);
  const frame = { event: 'apperror', payload: JSON.stringify(error) };
  expect(heard).toEqual([
    ['fence'],
    ['terminal', { stream_id: 'r', epoch: 5, at: AT, ...frame }],
    { type: 'terminal.committed', outcome: 'errored', head: 9, at: AT },
  ]);
});

test('P4 a terminal that came too late is told as the one that the log holds', async () => {
  const { commits, heard } = open({ kind: 'lost', outcome: 'completed', seq: 8 });
  await commits.terminal(terminal);
  expect(told(heard)).toEqual([{ type: 'terminal.committed', outcome: 'completed', head: 8, at: AT }]);
});

test.each([
  ['full', 'storage'],
  ['fenced', 'fenced'],
  ['damaged', 'damaged'],
])('ST4 a commit of an end that is refused is told with its reason: %s', async (kind, reason) => {
  const one = open({ kind });
  await one.commits.terminal(terminal);
  expect(told(one.heard)).toEqual([{ type: 'terminal.refused', reason, at: AT }]);
  const other = open({ kind });
  await other.commits.settle(settle);
  expect(told(other.heard)).toEqual([{ type: 'settle.refused', reason, at: AT }]);
  expect(done(other.heard)).toEqual(['settle']);
});

test.each(['settled', 'already'])('ST2 what is settled is told, and then its session: %s', async (kind) => {
  const { commits, heard, ending } = open({ kind, outcome: 'cancelled', head: 12, session });
  await commits.settle(settle);
  const otherwise = {
    event: 'apperror',
    payload: JSON.stringify({ ...error, type: 'interrupted', reason: 'restart' }),
  };
  expect(heard).toEqual([
    ['settle', { stream_id: 'r', epoch: 5, at: AT, otherwise, receipt: RECEIPT }],
    { type: 'settle.committed', outcome: 'cancelled', head: 12, at: AT },
    ['settled', session],
  ]);
  // When it was over is said by the one who settled it, as the log has it.
  expect(ending.settled_at).toBe(kind === 'settled' ? AT : null);
});

test.each([
  ['terminal', terminal],
  ['settle', settle],
] as const)('Q1 a run whose log is damaged ends as its rows say: %s', async (name, command) => {
  const end = (rows: Parameters<typeof open>[1]) => {
    const opened = open({ kind: 'damaged' }, rows);
    return opened.commits[name](command as never).then(() => opened.heard);
  };
  const over = streamRow({ settled: true, terminal_state: 'errored', head: 6 });
  expect((await end({ stream: over, session })).slice(-3)).toEqual([
    ['kill'],
    { type: 'settle.committed', outcome: 'errored', head: 6, at: AT },
    ['settled', session],
  ]);
  const open_ended = streamRow({ settled: true, head: 6 });
  expect(told(await end({ stream: open_ended, session }))).toMatchObject([{ outcome: 'interrupted' }]);
  // They don't say so yet, or its session is gone.
  for (const rows of [{ session }, { stream: over }, { stream: streamRow(), session }]) {
    const heard = await end(rows);
    expect(told(heard)).toMatchObject([{ reason: 'damaged' }]);
    expect(done(heard)).not.toContain('kill');
  }
});

test('Q1 only a damaged log is asked for its rows: whoever was answered has the answer', async () => {
  const rows = { stream: streamRow({ settled: true, terminal_state: 'errored' }), session };
  const one = open({ kind: 'lost', outcome: 'completed', seq: 8 }, rows);
  await one.commits.terminal(terminal);
  const other = open({ kind: 'settled', outcome: 'completed', head: 9, session }, rows);
  await other.commits.settle(settle);
  for (const { heard } of [one, other]) {
    expect(told(heard)).toMatchObject([{ outcome: 'completed' }]);
    expect(done(heard)).not.toContain('kill');
  }
});

test('P3 the feed of a run that is over is a log that grows no more: its pages, its head, and no tail', async () => {
  const asked: unknown[] = [];
  const journal = {
    readStream: async (...of: unknown[]) => {
      asked.push(of);
      return 'a page';
    },
  } as unknown as Journal;
  const feed = createSettledFeed(journal, streamRow({ head: 12, kept_from: 5 }));
  expect(feed).toMatchObject({ kind: 'stream', feed_id: 'r', kept_from: 5 });
  expect(feed.tail()).toBe(null);
  expect(await feed.read(3, 100)).toBe('a page');
  expect(asked).toEqual([['r', 3, 100]]);
  const watched = feed.watch(() => expect.unreachable('nothing changes any more'));
  expect([watched.head(), watched.isOver(), watched.unwatch()]).toEqual([12, true, undefined]);
});
