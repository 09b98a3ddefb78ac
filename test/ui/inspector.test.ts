// The inspector's folds over recordings that machines of the house have made.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chartOf } from '../../src/machines/chart.ts';
import { talk } from '../../src/machines/talk.ts';
import type { Entry } from '../../src/protocol/inspection.ts';
import { readRecording } from '../../src/protocol/recording.ts';
import { type ChartView, chartNamed, shownState } from '../../src/ui/inspector/chart.ts';
import { apply, type World, worldOf } from '../../src/ui/inspector/fold.ts';
import { createHistory, type History } from '../../src/ui/inspector/history.ts';
import { createInspector, type Inspector } from '../../src/ui/inspector/inspector.ts';
import { rowOf } from '../../src/ui/inspector/lanes.ts';
import { nextOf, WHOLE_MAX_MS } from '../../src/ui/inspector/pace.ts';
import { readBatch } from '../../src/ui/inspector/recording.ts';
import { createRows } from '../../src/ui/inspector/rows.ts';
import { birthOf } from '../../src/ui/inspector/timeline.ts';
import { foundIn, treeOf } from '../../src/ui/inspector/tree.ts';
import { drawnWay, edgeOf, guardOf, wayOf } from '../../src/ui/inspector/way.ts';
import { machines } from '../support/machines.ts';
import { BEGAN_AT, createStage, headOf, playRun, recordingText } from './inspector-made-up.ts';

const KEPT = 40_000;
const STREAM = 'stream:st_a';

function recorded(runs = 1): Entry[] {
  const stage = createStage();
  for (let run = 0; run < runs; run += 1) playRun(stage, String.fromCharCode(97 + run), BEGAN_AT + run);
  return stage.entries;
}
function told(entries: Entry[], max = KEPT, batch = entries.length): History {
  const history = createHistory(headOf(), max);
  for (let at = 0; at < entries.length; at += batch) history.append(entries.slice(at, at + batch));
  return history;
}
const plainly = (world: World): unknown => [...world.values()];
const folded = (entries: Entry[], upTo: number): World => {
  const world = worldOf([]);
  for (const entry of entries) if (entry.n <= upTo) apply(world, entry);
  return world;
};
const numberOf = (entries: Entry[], type: string, nth = 0): number =>
  entries.filter((one) => one.kind === 'event' && one.event.type === type)[nth]!.n;

/** Frames and waits are the test's: `pass` lets both go by. */
function stageInspector() {
  let waiting: (() => void)[] = [];
  let now = 0;
  const inspector = createInspector({
    frame: (draw) => waiting.push(draw),
    after(_ms, act) {
      waiting.push(act);
      return () => {
        waiting = waiting.filter((one) => one !== act);
      };
    },
    now: () => now,
  });
  const pass = (): void => {
    now += 1_000;
    for (const act of waiting.splice(0)) act();
  };
  return { inspector, pass };
}
const show = (inspector: Inspector) => inspector.shown();

test('ui every moment of an inspection is what folding up to it gives, whatever was dropped and however it came', () => {
  const entries = recorded(20);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 300, max: 2_000 }), (batch, max) => {
      const history = told(entries, max, batch);
      expect(history.last).toBe(entries.length);
      expect(history.last - history.first + 1).toBeGreaterThanOrEqual(Math.min(max, entries.length));
      expect(history.last - history.first + 1).toBeLessThan(max + 256);
      for (const n of [history.first, Math.floor((history.first + history.last) / 2), history.last])
        expect(plainly(history.worldAt(n))).toEqual(plainly(folded(entries, n)));
    }),
    { numRuns: 12 },
  );
});

test('ui entries that come again are taken once, and none is taken over a hole', () => {
  const entries = recorded();
  const history = told(entries.slice(0, 20));
  history.append(entries.slice(10, 30));
  history.append(entries.slice(40));
  expect([history.first, history.last]).toEqual([1, 30]);
});

test('ui a recording is read as it was written; of one that ends in the middle of a line, what is before it; another file is none', () => {
  const entries = recorded();
  const text = recordingText(entries);
  const head = headOf(entries);
  const lines = text.split('\n');
  for (const end of ['', '\n']) expect(readRecording(text + end)).toEqual({ head, entries, cut_line: null });
  for (const cut of [1, 5, lines.at(-1)!.length - 1])
    expect(readRecording(text.slice(0, -cut))).toEqual({
      head,
      entries: entries.slice(0, -1),
      cut_line: lines.length,
    });
  expect(readRecording(`${text.slice(0, -5)}\n`)).toMatchObject({ line: lines.length, why: 'is not JSON' });
  expect(readRecording('{"a":1}\n{}')).toMatchObject({ line: 1 });
  expect(readRecording(lines.toSpliced(9, 1).join('\n'))).toEqual({ line: 10, why: 'is entry 10, not 9' });
  expect(readBatch(lines.slice(1).join('\n'))).toEqual(entries);
});

test('ui the way to a moment: where it was, which ways it took on the chart, by which guard', () => {
  const entries = recorded();
  const history = told(entries);
  const chart = chartNamed('stream')!;
  const asked = history.stepFor(numberOf(entries, 'prompts.changed'))!.n;
  const way = wayOf(history, STREAM, asked);
  expect(way.now).toBe('active.waiting');
  expect([...way.been]).toEqual(['active.admitted', 'active.starting', 'active.running', 'active.quiet']);
  expect(way.hops.at(-1)).toEqual({
    from: 'active.running',
    to: 'active.waiting',
    by: 'prompts.changed',
    n: asked,
  });
  expect(guardOf(edgeOf(chart, way.hops.at(-1)!), 'prompts.changed')).toBe('asks');
  expect(drawnWay(chart, chart.wide, way.hops)).toEqual({
    gone: new Set([
      'active.admitted>active.starting',
      'active.starting>active.running',
      'active.running>active.quiet',
      'active.quiet>active.running',
      'active.running>active.waiting',
    ]),
    last: 'active.running>active.waiting',
    hop: way.hops.at(-1),
  });
  // A step that stays where it was takes no label from the way that led there.
  const stayed = wayOf(history, STREAM, history.stepFor(numberOf(entries, 'frames.committed', 9))!.n);
  expect(stayed.hops.at(-1)).toMatchObject({ from: 'active.running', by: 'frames.committed' });
  expect(drawnWay(chart, chart.wide, stayed.hops)).toMatchObject({
    last: 'active.waiting>active.running',
    hop: { by: 'prompts.changed' },
  });
  const end = wayOf(history, STREAM, history.last);
  expect(end.now).toBe('settled');
  expect(drawnWay(chart, chart.wide, end.hops).last).toBe('draining>settled');
});

test('ui every step that changes the state of a machine is a way of its chart', () => {
  const entries = recorded(3);
  const history = told(entries);
  let steps = 0;
  for (const { id, machine } of history.world.values()) {
    const hops = wayOf(history, id, history.last).hops.filter(({ from, to }) => from !== to);
    steps += hops.length;
    for (const hop of hops) expect(edgeOf(chartNamed(machine)!, hop), `${hop.from} ${hop.by}`).not.toBeNull();
  }
  expect(steps).toBeGreaterThan(30);
});

test('ui rows are those that are asked for: of an actor, of all around it, of a machine, with a word', () => {
  const entries = recorded(2);
  const history = told(entries);
  const all = { text: '', machine: null, actor: STREAM };
  const owners = (filter: Parameters<typeof createRows>[1]): string[] => {
    const rows = createRows(history, filter);
    return [...new Set(rows.numbers.map((n) => rows.row(n)!.actor))].sort();
  };
  expect(owners({ ...all, scope: 'actor' })).toEqual([STREAM]);
  expect(owners({ ...all, scope: 'family' })).toEqual(['approval:s_a', 'clarify:s_a', 'session:s_a', STREAM]);
  expect(owners({ ...all, scope: 'all', machine: 'stream' })).toEqual([STREAM, 'stream:st_b']);
  expect(owners({ ...all, scope: 'all', text: 'prompt.asked' })).toEqual(['approval:s_a', 'approval:s_b']);
  const { lanes } = createRows(history, { ...all, scope: 'family' });
  expect(lanes).toEqual(['session', 'clarify', 'approval', 'stream', 'log', 'agent', 'clock']);
});

test('ui rows that come bit by bit are those that come at once', () => {
  const entries = recorded(3);
  const filter = { text: 'frames', machine: null, actor: STREAM, scope: 'family' as const };
  const history = createHistory(headOf(), KEPT);
  history.append(entries.slice(0, 7));
  const rows = createRows(history, filter);
  for (let at = 7; at < entries.length; at += 7) {
    history.append(entries.slice(at, at + 7));
    rows.take(entries.slice(at, at + 7));
  }
  expect(rows.numbers).toEqual(createRows(history, filter).numbers);
  expect(rows.numbers.length).toBeGreaterThan(5);
});

test('ui an event stands between who says it and whom it is said to; one of an unknown speaker at its own lane', () => {
  const entries = recorded();
  const history = told(entries);
  const rowAt = (n: number) => rowOf(entries[n - 1]!, history);
  expect(rowAt(numberOf(entries, 'frames.committed'))).toMatchObject({ from: 'log', to: 'stream' });
  expect(rowAt(numberOf(entries, 'prompts.changed'))).toMatchObject({ from: 'approval', to: 'stream' });
  expect(rowAt(numberOf(entries, 'xstate.after.quietAfter.stream.active.running'))).toMatchObject({
    from: 'clock',
    label: 'after quietAfter',
  });
  const odd: Entry = { kind: 'event', n: 1, at: 1, actor: STREAM, from: null, event: { type: 'odd' } };
  expect(rowOf(odd, history)).toMatchObject({ from: 'stream', to: 'stream' });
});

test('ui actors stand below what they belong to; those of a tab below the tab', () => {
  const history = told(recorded());
  const tab = { kind: 'actor' as const, at: 1, parent: null, input: null, context: {}, machine: 'line' };
  history.append([{ ...tab, n: history.last + 1, actor: 't_1/line', state: 'open' }]);
  const places = (filter: Parameters<typeof treeOf>[1]): [string, number][] =>
    treeOf(history.world, filter).map(({ id, depth }) => [id, depth]);
  expect(places({ text: '', machine: null })).toEqual([
    ['session:s_a', 0],
    ['clarify:s_a', 1],
    ['approval:s_a', 1],
    [STREAM, 1],
    ['t_1', 0],
    ['t_1/line', 1],
  ]);
  expect(places({ text: '', machine: 'stream' })).toEqual([
    ['session:s_a', 0],
    [STREAM, 1],
  ]);
  expect(places({ text: 'nobody', machine: null })).toEqual([]);
  const found = (text: string, owners: string[]): string[] =>
    foundIn(history.world, { text, machine: null }, () => new Set(owners)).map(({ id }) => id);
  expect(found('clarify', [STREAM])).toEqual(['session:s_a', 'clarify:s_a']);
  expect(found('s_a  Clarify', [])).toEqual(['session:s_a', 'clarify:s_a']);
  // An event's word means those whom such an event concerns; a word that is nobody's, nobody.
  expect(found('some.event', [STREAM])).toEqual(['session:s_a', STREAM]);
  expect(found('zzzz', [])).toEqual([]);
});

test('ui who began when: the entry by which an actor came, and nobody before it', () => {
  const history = told(recorded());
  expect(birthOf(history, STREAM)).toMatchObject({ kind: 'actor', actor: STREAM });
  expect(history.actorAt(STREAM, birthOf(history, STREAM)!.n - 1)).toBeNull();
  expect(birthOf(history, 'stream:nobody')).toBeNull();
});

test('ui live, it follows the newest run until somebody chooses; paused, it stays where it is while entries come', () => {
  const { inspector, pass } = stageInspector();
  const entries = recorded(2);
  inspector.begun(headOf());
  inspector.told(entries.slice(0, 30));
  expect(show(inspector).n).toBe(0);
  pass();
  expect(show(inspector)).toMatchObject({ actor: STREAM, isFollowing: true, n: 29 });
  inspector.switched();
  inspector.told(entries.slice(30, 40));
  pass();
  expect(show(inspector)).toMatchObject({ isFollowing: false, n: 29 });
  expect(show(inspector).history.last).toBe(40);
  expect(show(inspector).world.get(STREAM)?.state).toBe('active.running');
  inspector.chosen('session:s_a');
  inspector.switched();
  inspector.told(entries.slice(40));
  pass();
  expect(show(inspector)).toMatchObject({ actor: 'session:s_a', isFollowing: true });
});

test('ui a feed that goes on keeps what is known; one that lost something begins anew', () => {
  const { inspector, pass } = stageInspector();
  const entries = recorded();
  inspector.begun(headOf());
  inspector.told(entries.slice(0, 20));
  pass();
  inspector.begun(headOf([], 20));
  expect(show(inspector)).toMatchObject({ history: { last: 20 }, anew: null });
  inspector.told(entries.slice(20, 30));
  pass();
  expect(show(inspector).history.last).toBe(30);
  inspector.begun(headOf([], 50));
  expect(show(inspector)).toMatchObject({ history: { first: 51, last: 50 }, anew: 'gap' });
  inspector.begun({ ...headOf(), boot: 'b_other' });
  expect(show(inspector)).toMatchObject({ history: { first: 1, last: 0 }, anew: 'restarted' });
  inspector.noted();
  expect(show(inspector).anew).toBeNull();
});

test('ui a recording opens at its end, steps event by event with what became of each, and plays to its end', () => {
  const { inspector, pass } = stageInspector();
  const entries = recorded();
  inspector.opened({ head: headOf(entries), entries, cut_line: 7 }, 'run.jsonl');
  expect(show(inspector).cut_line).toBe(7);
  inspector.noted();
  expect(show(inspector).cut_line).toBeNull();
  const { rows } = show(inspector);
  const end = { n: rows.numbers.at(-1), isFollowing: false, isPlaying: false };
  expect(show(inspector)).toMatchObject({ file: 'run.jsonl', ...end, actor: STREAM });
  expect(show(inspector).world.get(STREAM)?.state).toBe('settled');
  inspector.goTo(numberOf(entries, 'prompts.changed'));
  expect(show(inspector).world.get(STREAM)?.state).toBe('active.waiting');
  inspector.stepped(-1);
  expect(show(inspector).world.get(STREAM)?.state).toBe('active.running');
  inspector.stepped(Number.NEGATIVE_INFINITY);
  expect(show(inspector).n).toBe(1);
  inspector.switched();
  for (let frame = 0; frame < entries.length && show(inspector).isPlaying; frame += 1) pass();
  expect(show(inspector).isPlaying).toBe(false);
  expect(show(inspector).rows.placeOf(show(inspector).n)).toBe(show(inspector).rows.numbers.length - 1);
  expect(show(inspector).world.get(STREAM)?.state).toBe('settled');
});

test('ui playing is slow enough for a few events, and ends within half a minute whatever the recording took', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 3_000 }), (gaps) => {
      let at = BEGAN_AT;
      const of = { kind: 'event' as const, actor: STREAM, from: null, event: { type: 'odd' } };
      const entries = gaps.map((gap, index): Entry => {
        at += gap;
        return { ...of, n: index + 1, at };
      });
      const rows = createRows(told(entries), { text: '', machine: null, actor: null, scope: 'all' });
      let [n, whole, shown] = [1, 0, 0];
      for (let next = nextOf(rows, n); next; next = nextOf(rows, n)) {
        expect(next.n).toBeGreaterThan(n);
        expect(next.wait_ms).toBeGreaterThanOrEqual(Math.min(120, 30_000 / gaps.length));
        [n, whole, shown] = [next.n, whole + next.wait_ms, shown + 1];
      }
      expect(n).toBe(entries.length);
      expect(whole).toBeLessThanOrEqual(WHOLE_MAX_MS + 1);
      if (gaps.length <= 250) expect(shown).toBe(gaps.length - 1);
    }),
    { numRuns: 12 },
  );
});

/** Of a run that was exported from its log: records, and steps whose events nobody has kept. */
function exportedRun() {
  const of = { at: BEGAN_AT, actor: STREAM };
  const ways = ['active.admitted', 'active.starting', 'active.running', 'draining.closing', 'settled'];
  const told = ways.map((state): object => ({
    kind: 'step',
    ...of,
    event_n: null,
    state,
    context: {},
    status: 'active',
  }));
  const record = { kind: 'record', ...of, pos: 7, event: 'token', data: { seq: 3, text: 'a' } };
  const entries = told.toSpliced(3, 0, record).map((entry, index) => ({ ...entry, n: index + 1 }) as Entry);
  const run = { session_id: 's_a', stream_id: 'st_a', title: 'A run', agent: 'demo' };
  return { head: { ...headOf(entries), source: 'run' as const, run }, entries, cut_line: null };
}

test('ui the export of a run steps through its records and through the states that it has told', () => {
  const { inspector } = stageInspector();
  const exported = exportedRun();
  const lines = [exported.head, ...exported.entries].map((line) => JSON.stringify(line)).join('\n');
  expect(readRecording(lines)).toEqual(exported);
  inspector.opened(exported, 'run.jsonl');
  expect(show(inspector).rows.numbers).toEqual([1, 2, 3, 4, 5, 6]);
  expect(show(inspector).rows.row(4)).toMatchObject({ label: 'token', from: 'log', to: 'client' });
  inspector.stepped(Number.POSITIVE_INFINITY);
  expect(show(inspector).world.get(STREAM)).toMatchObject({ machine: 'stream', state: 'settled' });
  const chart = chartNamed('stream')!;
  const { hops } = wayOf(show(inspector).history, STREAM, 6);
  expect(drawnWay(chart, chart.wide, hops).last).toBe('draining>settled');
});

/** Pairs of states of which neither lies in the other, and which are drawn over each other all the same. */
function covering({ places }: ChartView): string[] {
  const all = Object.entries(places);
  return all.flatMap(([id, [x, y, width, height]]) =>
    all
      .filter(([other]) => other > id && !other.startsWith(`${id}.`))
      .filter(
        ([, [left, top, wide, high]]) =>
          x < left + wide && left < x + width && y < top + high && top < y + height,
      )
      .map(([other]) => `${id} and ${other}`),
  );
}

test.each(Object.entries(machines))(
  'house the page draws the chart of %s as the machine is',
  (name, machine) => {
    const page = chartNamed(name)!;
    const chart = chartOf(machine);
    expect(page.states.map(({ id }) => id)).toEqual(chart.states.map(({ id }) => id));
    expect(page.edges).toEqual(chart.edges);
    for (const view of [page.wide, page.tall, page.whole ?? page.wide]) {
      expect(covering(view)).toEqual([]);
      const ways = new Set(view.wires.map(({ from, to }) => `${from}>${to}`));
      for (const { from, to } of chart.edges) {
        const [begin, end] = [shownState(view, from), shownState(view, to)];
        expect(begin, from).not.toBeNull();
        const isFolded = begin === end && (begin !== from || end !== to);
        expect(isFolded || ways.has(`${begin}>${end}`), `${from} → ${to}`).toBe(true);
      }
    }
  },
);

test.each(Object.entries(machines))(
  'house who talks to %s, and whom it asks, is told for all that it knows',
  (name, machine) => {
    const { events, commands } = talk[name as keyof typeof talk];
    const heard = machine.events.filter((type) => !type.startsWith('xstate.'));
    expect(heard.filter((type) => !(type in events))).toEqual([]);
    expect(Object.keys(commands).length).toBeGreaterThan(0);
  },
);
