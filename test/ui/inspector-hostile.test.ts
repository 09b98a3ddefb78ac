// Recordings that nobody vouches for: the inspector's page opens them, and says no more than they tell.
import { expect, test } from 'vitest';
import { type ReadRecording, readRecording } from '../../src/protocol/recording.ts';
import { chartNamed, shownState } from '../../src/ui/inspector/chart.ts';
import { createInspector } from '../../src/ui/inspector/inspector.ts';
import { markIn, markOf } from '../../src/ui/inspector/marks.ts';
import { segmentsOf } from '../../src/ui/inspector/timeline.ts';
import { enInspector } from '../../src/ui/text/en-inspector.ts';
import { BEGAN_AT, headOf } from './inspector-made-up.ts';

const KINDS = ['actor', 'event', 'command', 'step'];
const linesOf = (entries: object[]): string =>
  [headOf(), ...entries.map((entry, index) => ({ n: index + 1, ...entry }))]
    .map((line) => JSON.stringify(line))
    .join('\n');

/** One actor that says and does `name`. */
function actorOf(machine: string, name: string): object[] {
  const born = { at: BEGAN_AT, actor: `${machine}:x`, machine, parent: null, input: null, from: null };
  const step = { event_n: null, state: name, context: {}, status: 'active' };
  return KINDS.map((kind) => ({ ...born, ...step, kind, event: { type: name }, command: { type: name } }));
}

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'ui a recording may call a machine, a state, an event and a command `%s`, as it may call them anything',
  (name) => {
    const read = readRecording(
      linesOf([...actorOf(name, name), ...actorOf('stream', name)]),
    ) as ReadRecording;
    expect(read.entries).toHaveLength(8);
    const inspector = createInspector({ frame() {}, after: () => () => {}, now: () => 0 });
    inspector.opened(read, 'x.jsonl');
    const { world, history, rows } = inspector.shown();
    expect([...world.values()].map(markOf)).toEqual(['idle', 'idle']);
    for (const row of [2, 3]) expect(rows.row(row)).toMatchObject({ label: name, from: name, to: name });
    for (const row of [6, 7])
      expect(rows.row(row)).toMatchObject({ label: name, from: 'stream', to: 'stream' });
    expect(segmentsOf(history, rows, 'stream:x')).toHaveLength(1);
    expect(enInspector.role(name)).toBe(name);
    expect(chartNamed(name)).toBeNull();
    expect(shownState(chartNamed('stream')!.wide, name)).toBeNull();
  },
);

test('ui a recording is damaged where it tells a time that no clock can say', () => {
  const [born] = actorOf('stream', 'active.running');
  expect(readRecording(linesOf([{ ...born, at: 8_640_000_000_000_001 }, born!]))).toEqual({
    line: 2,
    why: 'is no entry of a recording',
  });
});

test('ui a run that is over has the mark of how it ended, and none where nobody says how', () => {
  for (const terminal of ['completed', 'cancelled', 'errored', 'interrupted'])
    expect(markIn('stream', 'settled', { terminal })).toBe(terminal);
  for (const terminal of [undefined, null, 'odd'])
    expect(markIn('stream', 'settled', { terminal })).toBe('idle');
});
