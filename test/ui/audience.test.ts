// Who listens to the line, and where a source must begin for them all.
import { expect, test } from 'vitest';
import { LIVE_SESSIONS_MAX } from '../../src/protocol/index.ts';
import { createAudience, FROM_SNAPSHOT } from '../../src/ui/line/audience.ts';
import type { Ask } from '../../src/ui/line/said.ts';

const ask = (fields: Partial<Ask>): Ask => ({
  n: 1,
  sessions: {},
  board: null,
  seen: false,
  notices: false,
  ...fields,
});

test('LN3 a session that two tabs watch is taken up at the lower of their cursors', () => {
  const audience = createAudience();
  audience.ask('a', ask({ sessions: { s_1: 40, s_2: 7 } }));
  audience.ask('b', ask({ sessions: { s_1: 12 } }));
  expect(audience.plan()).toMatchObject({
    path: '/api/live?session=s_1:12&session=s_2:7',
    covers: { a: 1, b: 1 },
    from: { s_1: 12, s_2: 7 },
  });
});

test('LN3 who asked for nothing new stands where the relay stands; who asked anew, where it says', () => {
  const audience = createAudience();
  audience.ask('a', ask({ sessions: { s_1: 3 } }));
  audience.begin(audience.plan());
  audience.advance('s_1', 90);
  expect(audience.ask('a', ask({ sessions: { s_1: 3 }, seen: true }))).toBe(false);
  expect(audience.plan().from).toEqual({ s_1: 90 });
  expect(audience.ask('a', ask({ n: 2, sessions: { s_1: 88 } }))).toBe(true);
  expect(audience.plan().from).toEqual({ s_1: 88 });
});

test('wire §4 there is room for so many sessions: who is seen has it, and who is seen later gets it', () => {
  const audience = createAudience();
  for (let tab = 0; tab <= LIVE_SESSIONS_MAX; tab += 1)
    audience.ask(`t${tab}`, ask({ sessions: { [`s_${tab}`]: 0 } }));
  audience.ask('t0', ask({ sessions: { s_0: 0 }, seen: true }));
  const first = audience.plan();
  audience.begin(first);
  expect(Object.keys(first.from)).toHaveLength(LIVE_SESSIONS_MAX);
  expect([first.covers.t0, first.covers.t1]).toEqual([1, 0]);
  expect(audience.ask('t1', ask({ sessions: { s_1: 0 }, seen: true }))).toBe(true);
  expect(audience.plan().covers.t1).toBe(1);
});

test('BR4 a board is gone on with from the lowest number of one boot; of two boots, or of none, a snapshot is needed', () => {
  const board = (cursors: string[]) => {
    const audience = createAudience();
    for (const [at, cursor] of cursors.entries()) audience.ask(`t${at}`, ask({ board: cursor }));
    return new URLSearchParams(audience.plan().path?.split('?')[1]).get('board');
  };
  expect(board(['b:40', 'b:9', 'b:12'])).toBe('b:9');
  expect(board(['b:40', 'c:9'])).toBe(FROM_SNAPSHOT);
  expect(board(['b:40', FROM_SNAPSHOT])).toBe(FROM_SNAPSHOT);
});

test('AT6 nobody is there when no tab is seen and none wants to be called', () => {
  const audience = createAudience();
  expect(audience.isAway).toBe(true);
  audience.ask('a', ask({ notices: true }));
  audience.ask('b', ask({ seen: true }));
  expect(audience.isAway).toBe(false);
  audience.leave('b');
  expect(audience.isAway).toBe(false);
  audience.leave('a');
  expect([audience.isAway, audience.plan().path]).toEqual([true, null]);
});
