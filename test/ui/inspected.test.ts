// @vitest-environment jsdom
// What a page tells a server that inspects: all of it, in pieces; and after a failure how its machines stand.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
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
let answer: () => Promise<Response>;
const known = (is: boolean) => async () => new Response(JSON.stringify({ known: is }));

beforeAll(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', (path: string, { body }: { body: string }) => {
    expect(path).toBe('/inspect/entries');
    told.push(tabObservationsSchema.parse(JSON.parse(body)).entries);
    return answer();
  });
  answer = known(false);
  await import('../../src/ui/inspected.ts');
});
beforeEach(() => {
  answer = known(true);
});
afterEach(() => {
  told.length = 0;
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

test('IN5 IN7 what could not be sent, or is too much, is not kept: how the machines stand is told instead', async () => {
  const actor = line();
  answer = () => Promise.reject(new TypeError('gone'));
  await flush();
  answer = known(true);
  actor.send({ type: 'source.opened', at: 2 });
  await vi.advanceTimersByTimeAsync(INSPECTED_TAB_BEAT_MS);
  expect(words(told[1])).toEqual(['line actor']);
  expect(told[1]![0]).toMatchObject({ input: null, state: 'open', context: { ever_open: true } });
  for (let n = 0; n < INSPECTION_BATCH_MAX * 11; n++) actor.send({ type: 'source.heard', at: n });
  await flush();
  expect(words(told[2])?.[0]).toBe('line actor');
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
