// What the leader says, on its way to the other tabs: who hears of what, and when.
import { expect, test } from 'vitest';
import { type Message, openChannel } from '../../src/ui/line/channel.ts';
import { createRelays } from '../../src/ui/line/relays.ts';
import type { Ask, Heard, Said } from '../../src/ui/line/said.ts';

const ask = (sessions: string[], seen = true): Ask => ({
  n: 1,
  sessions: Object.fromEntries(sessions.map((session_id) => [session_id, 0])),
  board: null,
  seen,
  notices: false,
});
const heard = (of: Heard['of'], event = 'stream_state'): Heard => ({
  is: 'event',
  of,
  event,
  pos: null,
  data: '{}',
});
const opened: Said = { is: 'source', covers: {}, from: {} };

function relays(asks: Record<string, Ask>) {
  const turns: (() => void)[] = [];
  const posted: Record<string, Said[][]> = {};
  const made = createRelays({
    now: () => 0,
    nextTurn: (callback) => void turns.push(callback),
    others: new Map(Object.entries(asks)),
    post(to, said) {
      posted[to] = [...(posted[to] ?? []), said];
    },
  });
  const turn = () => {
    for (const callback of turns.splice(0)) callback();
  };
  return { ...made, turn, posted };
}

test('LN2 a tab is told, in order and in one message a turn, of what it asked for; of what only others show it hears nothing', () => {
  const { say, turn, posted } = relays({ a: ask(['s_1']), b: { ...ask(['s_2']), board: '1' } });
  const [first, second, board] = [heard({ session_id: 's_1' }), heard({ session_id: 's_2' }), heard('board')];
  const everybody = heard(null, 'reset');
  for (const said of [opened, first, second, board, everybody]) say(said);
  turn();
  expect(posted).toEqual({ a: [[opened, first, everybody]], b: [[opened, second, board, everybody]] });
});

test('LN2 what was said is posted when the leader yields, and nothing to one who left', () => {
  const { say, leave, close, turn, posted } = relays({ a: ask(['s_1']), b: ask(['s_1']) });
  say(heard({ session_id: 's_1' }));
  leave('b');
  close();
  turn();
  expect(Object.keys(posted)).toEqual(['a']);
  expect(posted.a).toHaveLength(1);
});

test('LN2 in a real channel what is for one tab wakes no other, whoever leads, and what is for all reaches all', async () => {
  const came: [string, Message][] = [];
  const waits: { count: number; done(): void }[] = [];
  const tabs = ['p_1', 'p_2', 'p_3'].map((tab) =>
    openChannel!((message) => {
      came.push([tab, message]);
      for (const { count, done } of waits) if (came.length >= count) done();
    }, tab),
  );
  const reached = (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.push({ count, done: resolve });
    return promise;
  };
  const relay = (tab: string, to: string): Message => ({
    type: 'relay',
    to,
    tab,
    term: 1,
    hidden: false,
    said: [opened],
  });
  try {
    tabs[0]!.post(relay('p_1', 'p_2'));
    tabs[0]!.post({ type: 'bye', tab: 'p_1' });
    await reached(3);
    // Another leads, and the first has put away what it posted to: it hears nothing of what is not for it.
    tabs[2]!.post({ type: 'beat', tab: 'p_3', term: 2, hidden: false });
    tabs[2]!.post(relay('p_3', 'p_2'));
    tabs[2]!.post({ type: 'bye', tab: 'p_3' });
    await reached(8);
  } finally {
    for (const tab of tabs) tab.close();
  }
  const relayed = came.filter(([, { type }]) => type === 'relay').map(([tab, { tab: of }]) => [of, tab]);
  expect(relayed).toEqual([
    ['p_1', 'p_2'],
    ['p_3', 'p_2'],
  ]);
  expect(came).toHaveLength(8);
});
