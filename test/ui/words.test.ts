import { expect, test } from 'vitest';
import { duration, elapsed } from '../../src/ui/format.ts';
import { createPaneStore, emptyPane, type Pane, type Run } from '../../src/ui/pane-store.ts';
import { isLive, shownRun, wordOf } from '../../src/ui/shown-run.ts';
import { en } from '../../src/ui/text/en.ts';
import { enTranscript } from '../../src/ui/text/en-transcript.ts';

test.each([
  [-5, '0.0 s'],
  [240, '0.2 s'],
  [38_200, '38 s'],
  [112_000, '1 min 52 s'],
  [120_000, '2 min'],
  [7_440_000, '2 h 4 min'],
])('ui %d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('ui a line that comes back says what came, and says nothing of nothing', () => {
  expect([0, 1, 2].map(en.line.resumed)).toEqual([
    'Picked the stream back up · nothing was missed',
    'Picked the stream back up · 1 event, none missing',
    'Picked the stream back up · 2 events, none missing',
  ]);
});

test('ui a queue that is paused is told as such, and one token is one', () => {
  expect(en.sidebar.queued(2, false)).toBe('2 messages queued');
  expect(en.sidebar.queued(1, true)).toBe('1 message queued · paused');
  expect([enTranscript.tokens(1, '1'), enTranscript.tokens(1200, '1.2k')]).toEqual([
    '1 token',
    '1.2k tokens',
  ]);
});

test('ui what ticks does so in whole units', () => {
  expect([900, 59_000, 61_000, 3_700_000].map(elapsed)).toEqual(['0 s', '59 s', '1 min', '1 h 1 min']);
});

const answer = (stream_id: string, fields: object = {}) =>
  ({
    message_id: `m-${stream_id}`,
    role: 'assistant',
    parts: [],
    created_at: 10,
    stream_id,
    last_seq: 4,
    terminal_state: null,
    ...fields,
  }) as Pane['messages'][number];
const run = (stream_id: string, fields: Partial<Run> = {}): Run => ({
  stream_id,
  state: 'active',
  run_state: 'running',
  path: 'active.running',
  since: 20,
  why: null,
  epoch: 1,
  head: 3,
  outcome: null,
  transitions: [],
  ...fields,
});
const pane = (fields: Partial<Pane>): Pane => ({ ...emptyPane('s'), status: 'ready', ...fields });

test('ui the badge is what the server says of the live run', () => {
  const shown = shownRun(pane({ owner_stream_id: 'r2', run: run('r2'), messages: [answer('r2')] }));
  expect(shown).toMatchObject({ run_state: 'running', since: 20, head: 4 });
});

test('ui after a load the badge says how the last run ended', () => {
  const settled = answer('r1', { terminal_state: 'cancelled', settled_at: 99 });
  const shown = shownRun(pane({ messages: [settled] }));
  expect(shown).toMatchObject({ run_state: 'settled', outcome: 'cancelled', since: 99 });
  expect(shownRun(pane({}))).toBeNull();
});

test('AT5 an overdue settlement is said of the newest run, and never of an older one', () => {
  const overdue = { state: 'stale' as const, why: 'settlement_overdue', since: 50 };
  const late = pane({ messages: [answer('r1')], attachments: { r1: overdue } });
  expect(shownRun(late)).toMatchObject({ run_state: 'stale', why: 'settlement overdue', since: 50 });
  const newer = pane({
    messages: [answer('r1'), answer('r2', { terminal_state: 'completed', settled_at: 70 })],
    attachments: { r1: overdue },
    run: run('r2', { run_state: 'settled', outcome: 'completed' }),
  });
  expect(shownRun(newer)).toMatchObject({ run_state: 'settled', stream_id: 'r2' });
});

test('ui a run that is being stopped says so', () => {
  expect(wordOf({ run_state: 'draining', outcome: 'cancelled' })).toBe('Stopping');
  expect(wordOf({ run_state: 'draining', outcome: 'completed' })).toBe('Finishing');
});

test('AT3 a finalized answer is not live, whatever its message says', () => {
  const message = answer('r1');
  const live = (state: 'live' | 'draining' | 'stale') =>
    isLive(pane({ attachments: { r1: { state, why: null, since: 0 } } }), message);
  expect([live('live'), live('draining'), live('stale')]).toEqual([true, true, false]);
  expect(isLive(pane({}), message)).toBe(false);
});

test('ui what is said of a run that is in the way goes with that run; other words stay', () => {
  const pane = createPaneStore();
  const alert = () => pane.getSnapshot().context.alert;
  const own = (owner_stream_id: string | null) => pane.trigger.ownerChanged({ owner_stream_id });
  own('r');
  pane.trigger.alertChanged({ alert: 'A run is active in this session.', passing: true });
  expect(alert()).not.toBeNull();
  own(null);
  expect(alert()).toBeNull();
  pane.trigger.alertChanged({ alert: 'No room.' });
  own('s');
  expect(alert()).toBe('No room.');
});
