// The recorder: numbers without a hole, bounds, readers; and the tabs, which are believed nothing.
import { expect, test } from 'vitest';
import { recordingOf } from '../../src/http/inspection-reader.ts';
import { createRecorder } from '../../src/inspect/recorder.ts';
import { createTabs } from '../../src/inspect/tabs.ts';
import {
  foldActors,
  INSPECTED_TAB_ACTORS_MAX,
  INSPECTED_TAB_SILENT_MS,
  INSPECTED_TABS_MAX,
  INSPECTION_FLUSH_MS,
  type InspectedActor,
  type Observation,
} from '../../src/protocol/inspection.ts';
import { REDACTED_BYTES_MAX } from '../../src/protocol/redaction.ts';
import { createManualClock } from '../support/clock.ts';

const actor = (name: string): Observation => ({
  ...{ kind: 'actor', at: 1, actor: name, machine: 'session', parent: null, input: {}, state: 'idle' },
  context: { head: 0, since: 0 },
});
const event = (name: string): Observation => ({
  kind: 'event',
  at: 1,
  actor: name,
  from: null,
  event: { type: 'x' },
});
const step = (name: string, head: number): Observation => ({
  ...{ kind: 'step', at: 1, actor: name, state: 'running', status: 'active' },
  context: { head },
});

function created(bounds?: { entries: number; bytes: number }) {
  const clock = createManualClock();
  const recorder = createRecorder({ boot: 'b_1', clock }, bounds);
  return { clock, recorder, tabs: createTabs({ recorder, clock }) };
}

test('IN5 of what was let go of remains how actors stand: head and entries are all that happened', () => {
  const { recorder } = created({ entries: 10, bytes: 1_000_000 });
  const all = new Map<string, InspectedActor>();
  for (let n = 0; n < 40; n++) {
    const name = `s_${n % 3}`;
    for (const each of n < 3 ? [actor(name)] : [event(name), step(name, n)]) recorder.record(each, 100);
    if (n === 20) recorder.record({ kind: 'stopped', at: 1, actor: 's_2', why: 'done' }, 100);
    const { n: before, actors } = recorder.head();
    const kept = recorder.since(before)!;
    expect(kept.map((entry) => entry.n)).toEqual(kept.map((_, at) => before + 1 + at));
    expect(kept.length).toBeLessThanOrEqual(10);
    const stand = new Map(actors.map((each) => [each.actor, each]));
    for (const entry of kept) foldActors(stand, entry);
    // The same from the beginning on, which nobody keeps.
    for (const entry of recorder.since(recorder.n - (n < 3 ? 1 : 2)) ?? []) foldActors(all, entry);
    if (n === 20) all.delete('s_2');
    expect([...stand.values()].map(({ actor, context }) => [actor, context])).toEqual(
      expect.arrayContaining([...all.values()].map(({ actor, context }) => [actor, context])),
    );
  }
  expect(recorder.since(0)).toBeNull();
  expect(recorder.since(recorder.n + 1)).toBeNull();
  expect(recorder.since(recorder.n)).toEqual([]);
});

test('IN5 what is heavy pushes out what is old, whatever its number', () => {
  const { recorder } = created({ entries: 1_000, bytes: 1_000 });
  recorder.record(actor('s_1'), 100);
  for (let n = 0; n < 50; n++) recorder.record(event('s_1'), 300);
  expect(recorder.since(recorder.head().n)).toHaveLength(3);
  recorder.record(event('s_1'), 5_000);
  expect(recorder.since(recorder.head().n)).toHaveLength(1);
});

test('IN5 a recording is all that is kept when it is asked for, whatever happens while it is sent', () => {
  const { recorder } = created({ entries: 10, bytes: 1_000_000 });
  recorder.record(actor('s_1'), 1);
  for (let n = 0; n < 30; n++) recorder.record(event('s_1'), 1);
  const sent = recordingOf(recorder);
  const { n } = JSON.parse(sent.next().value);
  for (let more = 0; more < 20; more++) recorder.record(event('s_1'), 1);
  const entries = [...sent].flatMap((lines) => lines.trimEnd().split('\n')).map((line) => JSON.parse(line).n);
  expect(entries).toEqual(Array.from({ length: 10 }, (_, at) => n + 1 + at));
});

test('IN3 a step names the oldest event that has none; nothing is told of whom nobody knows', () => {
  const { recorder } = created();
  for (const each of [
    step('s_0', 1),
    actor('s_1'),
    event('s_1'),
    event('s_1'),
    step('s_1', 1),
    step('s_1', 2),
  ])
    recorder.record(each, 1);
  expect(recorder.since(0)!.map((entry) => [entry.n, entry.kind === 'step' ? entry.event_n : null])).toEqual([
    [1, null],
    [2, null],
    [3, null],
    [4, 2],
    [5, 3],
  ]);
});

test('IN5 readers are woken once for what comes together, and no timer runs for nobody', async () => {
  const { clock, recorder } = created();
  recorder.record(actor('s_1'), 1);
  expect(clock.pending()).toBe(0);
  let woken = 0;
  const unwatch = recorder.watch(() => {
    woken += 1;
  });
  for (let n = 0; n < 100; n++) recorder.record(event('s_1'), 1);
  await clock.advance(INSPECTION_FLUSH_MS);
  expect(woken).toBe(1);
  unwatch();
  recorder.record(event('s_1'), 1);
  expect(clock.pending()).toBe(0);
});

test('IN5 IN7 a tab that is silent is gone with its actors; one that speaks again is asked how they stand', async () => {
  const { clock, recorder, tabs } = created();
  expect(tabs.told({ tab: 't_1', entries: [actor('line')] })).toEqual({ known: false });
  await clock.advance(INSPECTED_TAB_SILENT_MS - 1);
  expect(tabs.told({ tab: 't_1', entries: [] })).toEqual({ known: true });
  await clock.advance(INSPECTED_TAB_SILENT_MS);
  expect(recorder.since(0)!.at(-1)).toMatchObject({ kind: 'stopped', actor: 't_1/line' });
  expect(tabs.told({ tab: 't_1', entries: [step('line', 1)] })).toEqual({ known: false });
  expect(recorder.n).toBe(2);
  tabs.close();
  expect(clock.pending()).toBe(0);
});

test('IN7 what a tab tells a second time, because no answer came, is taken once', () => {
  const { recorder, tabs } = created();
  const born = [actor('line'), step('line', 1)];
  for (const _ of ['heard', 'its answer lost']) tabs.told({ tab: 't_1', first: 0, entries: born });
  expect(recorder.n).toBe(2);
  tabs.told({ tab: 't_1', first: 1, entries: [step('line', 1), step('line', 2)] });
  expect(recorder.n).toBe(3);
  // A hole is no reason to pass over what follows.
  tabs.told({ tab: 't_1', first: 50, entries: [step('line', 3)] });
  expect(recorder.n).toBe(4);
  tabs.close();
});

test('IN5 tabs and their actors are bounded', () => {
  const { recorder, tabs } = created();
  const many = Array.from({ length: INSPECTED_TAB_ACTORS_MAX + 50 }, (_, at) => actor(`attachment:${at}`));
  tabs.told({ tab: 't_0', entries: many });
  expect(recorder.n).toBe(INSPECTED_TAB_ACTORS_MAX);
  for (let n = 1; n <= INSPECTED_TABS_MAX; n++) tabs.told({ tab: `t_${n}`, entries: [actor('line')] });
  // The oldest made room.
  expect(tabs.told({ tab: `t_${INSPECTED_TABS_MAX}`, entries: [] })).toEqual({ known: true });
  expect(tabs.told({ tab: 't_0', entries: [] })).toEqual({ known: false });
  tabs.close();
});

test('IN5 how a tab’s actor stands is bounded, whatever its steps tell of', () => {
  const { recorder, tabs } = created({ entries: 10, bytes: 1_000_000 });
  tabs.told({ tab: 't_1', entries: [actor('line')] });
  // Many keys, then heavy ones: to each step a list that one alone may weigh.
  for (const [name, keys, value] of [
    ['light', 50, 1],
    ['heavy', 1, Array.from({ length: 200 }, () => 'x'.repeat(80))],
  ] as const)
    for (let n = 0; n < 100; n++) {
      const others = Array.from({ length: keys }, (_, key) => [`${name}_${n}_${key}`, value]);
      const context = { ...Object.fromEntries(others), head: n };
      tabs.told({ tab: 't_1', entries: [{ ...step('line', n), context } as Observation] });
    }
  const [line] = recorder.head().actors;
  // What was known before goes on to change.
  expect(line!.context.head).toBe(89);
  expect(Object.keys(line!.context).length).toBeLessThan(210);
  expect(JSON.stringify(line).length).toBeLessThan(2 * REDACTED_BYTES_MAX);
  tabs.close();
});
