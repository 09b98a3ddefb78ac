// @vitest-environment jsdom
// What a page tells a server that inspects: all of it, in pieces; and after a failure how its machines stand.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createActor } from 'xstate';
import { lineMachine } from '../../src/machines/line.machine.ts';
import {
  INSPECTED_TAB_BEAT_MS,
  INSPECTED_TAB_FLUSH_MS,
  INSPECTION_BATCH_MAX,
  type Observation,
  tabObservationsSchema,
} from '../../src/protocol/inspection.ts';

const told: Observation[][] = [];
/** the place of each body among all that the page has told */
const firsts: (number | undefined)[] = [];
let answer: () => Promise<Response>;
const known = (is: boolean) => async () => new Response(JSON.stringify({ known: is }));

beforeAll(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', (path: string, { body }: { body: string }) => {
    expect(path).toBe('/inspect/entries');
    const { entries, first } = tabObservationsSchema.parse(JSON.parse(body));
    told.push(entries);
    firsts.push(first);
    return answer();
  });
  answer = known(false);
  await import('../../src/ui/inspected.ts');
});
// Files of one worker share their globals: nobody else's machines are told of.
afterAll(() => {
  globalThis.weirInspect = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
beforeEach(() => {
  answer = known(true);
});
afterEach(() => {
  told.length = firsts.length = 0;
});

// The next file of this worker is not inspected.
afterAll(() => {
  globalThis.weirInspect = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

let actors = 0;
function line() {
  actors += 1;
  const input = { seed: actors, at: 1 };
  const actor = createActor(lineMachine, { input });
  globalThis.weirInspect?.(actor, input);
  actor.subscribe({ error: () => {} });
  return actor.start();
}
const words = (entries: Observation[] | undefined) => entries?.map(({ kind, actor }) => `${actor} ${kind}`);
const flush = () => vi.advanceTimersByTimeAsync(INSPECTED_TAB_FLUSH_MS);

test('IN7 a page tells of each of its machines from its birth to its end, what comes together in one piece', async () => {
  const one = line();
  const other = line();
  one.send({ type: 'source.opened', at: 2 });
  await flush();
  expect(words(told[0])).toEqual([
    'line actor',
    'line command',
    'line~2 actor',
    'line~2 command',
    'line event',
    'line step',
    'line command',
  ]);
  expect(told).toHaveLength(1);
  one.stop();
  other.stop();
  await flush();
  expect(words(told[1])).toEqual(['line stopped', 'line~2 stopped']);
});

test('IN7 what may not have arrived is told again as it was, and then what happened meanwhile', async () => {
  const actor = line();
  answer = () => Promise.reject(new TypeError('gone'));
  await flush();
  actor.send({ type: 'source.opened', at: 2 });
  await flush();
  answer = known(true);
  actor.send({ type: 'source.heard', at: 3 });
  await flush();
  await flush();
  expect(told[1]).toEqual(told[0]);
  expect(told[2]).toEqual(told[0]);
  expect(words(told[3])?.slice(0, 2)).toEqual([
    expect.stringMatching(/^line~?\d* event$/),
    expect.any(String),
  ]);
  expect(told[3]!.filter(({ kind }) => kind === 'event')).toHaveLength(2);
  const [first] = firsts;
  expect(firsts).toEqual([first, first, first, first! + told[0]!.length]);
  actor.stop();
  await flush();
});

test('IN7 whoever answers that it can’t be taken now has not heard it: it is told again', async () => {
  const actor = line();
  await flush();
  for (const status of [401, 403, 429, 500, 503]) {
    told.length = 0;
    answer = async () => Response.json({ error: 'Not now.', code: 'shutting_down' }, { status });
    actor.send({ type: 'source.heard', at: 2 });
    await flush();
    answer = known(true);
    actor.send({ type: 'source.heard', at: 3 });
    await flush();
    await flush();
    expect(told, String(status)).toHaveLength(3);
    expect(told[1], String(status)).toEqual(told[0]);
    expect(told[2]![0], String(status)).toMatchObject({ kind: 'event', at: expect.any(Number) });
  }
  actor.stop();
  await flush();
});

test('IN7 what will never be taken is not told again: how the machines stand is told instead, and that but once', async () => {
  const actor = line();
  await flush();
  for (const status of [400, 413]) {
    told.length = 0;
    answer = async () => Response.json({ error: 'Never.', code: 'too_large' }, { status });
    actor.send({ type: 'source.heard', at: 2 });
    for (let tries = 0; tries < 5; tries++) await flush();
    answer = known(true);
    actor.send({ type: 'source.heard', at: 3 });
    await flush();
    const kinds = told.map((entries) => entries.map(({ kind }) => kind).join(' '));
    expect(kinds, String(status)).toEqual(['event step', 'actor', 'event step']);
  }
  actor.stop();
  await flush();
});

test('IN5 IN7 what is too much to keep is not kept: how the machines stand is told instead', async () => {
  const actor = line();
  await flush();
  actor.send({ type: 'source.opened', at: 2 });
  for (let n = 0; n < INSPECTION_BATCH_MAX * 11; n++) actor.send({ type: 'source.heard', at: n });
  await flush();
  expect(words(told[1])?.[0]).toBe('line actor');
  expect(told[1]![0]).toMatchObject({ input: null, state: 'open', context: { ever_open: true } });
  actor.stop();
  await flush();
  expect(told.flat().length).toBeLessThan(100);
});

test('IN7 a server that was started anew is told how the machines stand, and a page that goes says that they end', async () => {
  const actor = line();
  await flush();
  answer = known(false);
  actor.send({ type: 'source.opened', at: 2 });
  await flush();
  answer = known(true);
  await vi.advanceTimersByTimeAsync(INSPECTED_TAB_BEAT_MS);
  expect(words(told[2])).toEqual(['line actor']);
  window.dispatchEvent(new Event('pagehide'));
  expect(words(told[3])).toEqual(['line stopped']);
  actor.stop();
});
