// The inspector's bar of time, and the row that is looked at: an event beside the other, whatever time lay between them.
import { expect, test } from 'vitest';
import type { Entry } from '../../src/protocol/inspection.ts';
import { createHistory } from '../../src/ui/inspector/history.ts';
import { createInspector } from '../../src/ui/inspector/inspector.ts';
import { createRows, type Rows } from '../../src/ui/inspector/rows.ts';
import { segmentsOf, timesOf } from '../../src/ui/inspector/timeline.ts';
import { BEGAN_AT, createStage, headOf, playRun } from './inspector-made-up.ts';

const STREAM = 'stream:st_a';
const FAMILY = { text: '', machine: null, actor: STREAM, scope: 'family' as const };

function recorded(idle_ms = 0): { entries: Entry[]; history: ReturnType<typeof createHistory>; rows: Rows } {
  const stage = createStage();
  playRun(stage, 'a', BEGAN_AT);
  if (idle_ms > 0) playRun(stage, 'b', BEGAN_AT + idle_ms);
  const history = createHistory(headOf(), 40_000);
  history.append(stage.entries);
  return { entries: stage.entries, history, rows: createRows(history, { ...FAMILY, scope: 'all' }) };
}
const placeOf = ({ entries, rows }: ReturnType<typeof recorded>, type: string, nth = 0): number =>
  rows.placeOf(entries.filter((one) => one.kind === 'event' && one.event.type === type)[nth]!.n);

test('ui in the bar of time an actor is in a state from the event that brought it there to the one that took it on', () => {
  const all = recorded();
  const segments = segmentsOf(all.history, all.rows, STREAM);
  const marks = segments.map(({ mark }) => mark);
  expect(marks.filter((mark) => mark !== 'starting')).toEqual(
    expect.arrayContaining(['running', 'quiet', 'waiting', 'completed']),
  );
  expect(segments.find(({ mark }) => mark === 'waiting')).toMatchObject({
    from: placeOf(all, 'prompts.changed'),
    to: placeOf(all, 'prompts.changed', 1),
  });
  for (const [index, { from, to }] of segments.entries()) {
    expect(to).toBeGreaterThanOrEqual(from);
    expect(from).toBe(segments[index - 1]?.to ?? from);
  }
});

test('ui a run has as much of the bar of time as it has events, however long nothing happened after it', () => {
  const day = 86_400_000;
  const all = recorded(day);
  const segments = segmentsOf(all.history, all.rows, STREAM);
  const part = (segments.at(-1)!.to - segments[0]!.from) / (all.rows.numbers.length - 1);
  expect(part).toBeGreaterThan(0.4);
  expect(part).toBeLessThan(0.6);
  const times = timesOf(all.history, all.rows, 4);
  expect(times).toHaveLength(5);
  expect(times[0]).toBe(BEGAN_AT);
  expect(times[1]).toBeLessThan(BEGAN_AT + 600_000);
  expect(times[3]).toBeGreaterThan(BEGAN_AT + day);
  const few = createRows(all.history, { ...FAMILY, text: 'agent.finished' });
  expect(timesOf(all.history, few, 4)).toEqual([]);
  expect(segmentsOf(all.history, few, STREAM).map(({ mark }) => mark)).toHaveLength(1);
});

test('ui what the history has let go of has no place on the bar of time', () => {
  const stage = createStage();
  // It lets go of many at once.
  for (let run = 0; stage.entries.length < 3_000; run += 1) playRun(stage, `${run}`, BEGAN_AT);
  const history = createHistory(headOf(), 20);
  const rows = createRows(history, { ...FAMILY, scope: 'all' });
  for (const entry of stage.entries) {
    history.append([entry]);
    rows.take([entry]);
  }
  expect(rows.first).toBeGreaterThan(0);
  expect(history.entry(rows.numbers[rows.first]!)).not.toBeNull();
  expect(history.entry(rows.numbers[rows.first - 1]!)).toBeNull();
  expect(Math.min(...timesOf(history, rows, 4))).toBeGreaterThanOrEqual(BEGAN_AT);
  for (const actor of ['stream:st_0', stage.entries.at(-1)!.actor])
    for (const { from, to } of segmentsOf(history, rows, actor)) {
      expect(from).toBeGreaterThanOrEqual(rows.first);
      expect(to).toBeLessThan(rows.numbers.length);
    }
});

test('ui an event that a filter hides is none of the rows: no row stands for it, and a step goes to the nearest', () => {
  const { entries } = recorded();
  const inspector = createInspector({ frame() {}, after: () => () => {}, now: () => 0 });
  const { shown } = inspector;
  inspector.opened({ head: headOf(entries), entries, cut_line: null }, 'run.jsonl');
  const asked = entries.find((one) => one.kind === 'event' && one.event.type === 'prompts.changed')!.n;
  inspector.goTo(asked);
  expect(shown().rows.has(shown().n)).toBe(true);
  inspector.filtered({ text: 'frames.committed' });
  expect(shown().n).toBe(asked);
  expect(shown().rows.has(shown().n)).toBe(false);
  const before = shown().rows.numbers[shown().rows.placeOf(asked)]!;
  inspector.stepped(-1);
  expect(shown().n).toBe(before);
  inspector.goTo(asked);
  inspector.stepped(1);
  expect(shown().n).toBeGreaterThan(asked);
  expect(shown().rows.placeOf(shown().n)).toBe(shown().rows.placeOf(before) + 1);
});
