import { expect, test } from 'vitest';
import {
  type AttachmentInput,
  attachmentMachine,
  attachmentState,
  type TranscriptStatus,
} from '../../src/machines/attachment.machine.ts';
import * as bounds from '../../src/machines/bounds.ts';
import { type Stage, stage } from '../support/stage.ts';

type Attachment = Stage<typeof attachmentMachine>;
const input: Omit<AttachmentInput, 'at'> = {
  stream_id: 's',
  cursor: 0,
  owner_stream_id: 's',
  live_content: false,
};

function live(more: Partial<AttachmentInput> = {}): Attachment {
  const it = stage(attachmentMachine, { ...input, ...more });
  it.tell({ type: 'line.opened' });
  return it;
}
const frames = (it: Attachment, first: number, last: number, more: object = {}) =>
  it.tell({ type: 'frames.arrived', first, last, live: true, ...more });
const answer = (it: Attachment, status: TranscriptStatus, seq = 0, owner_stream_id: string | null = 's') =>
  it.tell({ type: 'transcript.answered', status, seq, owner_stream_id });
/** Its run has ended on screen: text, then terminal and `stream_end`. */
function ended(): Attachment {
  const it = live();
  frames(it, 1, 9, { terminal: 'completed', ended: true });
  it.take();
  return it;
}
/** Nothing of its run was on screen when it ended. */
function endedUnseen(): Attachment {
  const it = live();
  frames(it, 1, 2, { live: false, terminal: 'cancelled', ended: true });
  return it;
}
const shown = (it: Attachment) => attachmentState(it.actor.getSnapshot());

test('AT1 with live content: ask after 180 ms, then every 200 ms, at most ten more times', async () => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS - 1);
  expect(it.take()).toEqual([]);
  await it.pass(1);
  for (let asks = 1; asks <= 1 + bounds.SETTLE_ASKS_MAX; asks++) {
    expect(it.take()).toEqual([{ type: 'ask.transcript', stream_id: 's', cursor: 9 }]);
    expect(shown(it)).toMatchObject({ path: 'draining.asking', try: asks, of: 11 });
    answer(it, 'active');
    await it.pass(bounds.SETTLE_ASK_EVERY_MS);
  }
  expect(shown(it)).toMatchObject({ state: 'stale', why: 'settlement_overdue' });
});

test('AT1 with nothing live: ask at once, and an `active` answer waits 180 ms', async () => {
  const it = endedUnseen();
  expect(it.types()).toEqual(['take.frames', 'ask.transcript']);
  answer(it, 'active');
  await it.pass(bounds.SETTLE_FIRST_ASK_MS - 1);
  expect(it.take()).toEqual([]);
  await it.pass(1);
  expect(it.types()).toEqual(['ask.transcript']);
});

test('AT1 a transcript that holds this stream is adopted, whatever the session runs by now', async () => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  it.take();
  answer(it, 'restored', 9, 'newer');
  expect(it.take()).toEqual([
    { type: 'adopt.transcript', seq: 9, owns_pane: false },
    { type: 'finalize', owns_pane: false, why: null },
  ]);
  expect(shown(it)).toMatchObject({ state: 'settled', terminal: 'completed' });
  expect(it.clock.pending()).toBe(0);
});

test('AT2 a transcript that is shorter than what is shown does not replace it', async () => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  answer(it, 'restored', 7);
  expect(it.path()).toBe('draining.pausing');
  await it.pass(bounds.SETTLE_ASK_EVERY_MS);
  answer(it, 'restored', 8);
  expect(it.path()).toBe('settled');
});

const lost: TranscriptStatus[] = ['stale', 'missing', 'error'];
test.each(lost)('AT3 on `%s` the finalizer runs once, on the deferred path', async (status) => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  it.take();
  answer(it, status);
  expect(it.take()).toEqual([{ type: 'finalize', owns_pane: true, why: status }]);
  expect(shown(it)).toMatchObject({ state: status === 'error' ? 'stale' : 'settled', why: status });
});

test.each(lost)('AT3 on `%s` the finalizer runs once, on the direct path', (status) => {
  const it = endedUnseen();
  it.take();
  answer(it, status);
  expect(it.take()).toEqual([{ type: 'finalize', owns_pane: true, why: status }]);
});

test.each([
  ['deferred', ended],
  ['direct', endedUnseen],
] as const)('AT3 a late finalizer leaves the newer stream alone, on the %s path', async (_, make) => {
  const it = make();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  it.tell({ type: 'pane.changed', owner_stream_id: 'newer' });
  it.take();
  answer(it, 'stale', 0, 'newer');
  expect(it.take()).toEqual([{ type: 'finalize', owns_pane: false, why: 'stale' }]);
});

test('AT4 the owner that an answer brings counts, though nobody said that the pane changed', async () => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  it.take();
  answer(it, 'missing', 0, 'newer');
  expect(it.take()).toEqual([{ type: 'finalize', owns_pane: false, why: 'missing' }]);
});

test('AT4 a pane that came back is owned again', async () => {
  const it = ended();
  it.tell({ type: 'pane.changed', owner_stream_id: 'other' });
  it.tell({ type: 'pane.changed', owner_stream_id: 's' });
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  it.take();
  answer(it, 'restored', 9);
  expect(it.take()[0]).toEqual({ type: 'adopt.transcript', seq: 9, owns_pane: true });
});

test('AT5 overdue: finalized once, then one ask every 5 s until the server says settled', async () => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  for (let asks = 0; asks <= bounds.SETTLE_ASKS_MAX; asks++) {
    answer(it, 'active');
    await it.pass(asks < bounds.SETTLE_ASKS_MAX ? bounds.SETTLE_ASK_EVERY_MS : 0);
  }
  expect(it.take().at(-1)).toMatchObject({ type: 'finalize', why: 'settlement_overdue' });
  for (let watches = 0; watches < 50; watches++) {
    await it.pass(bounds.OVERDUE_WATCH_MS);
    expect(it.types()).toEqual(['ask.transcript']);
    answer(it, watches % 2 ? 'active' : 'error');
  }
  await it.pass(bounds.OVERDUE_WATCH_MS);
  it.take();
  answer(it, 'restored', 9);
  expect(it.take()).toEqual([{ type: 'adopt.transcript', seq: 9, owns_pane: true }]);
});

test('AT5 an ask that nobody answers is no answer', async () => {
  const it = ended();
  await it.pass(bounds.SETTLE_FIRST_ASK_MS + bounds.SETTLE_ANSWER_MS);
  expect(shown(it)).toMatchObject({ path: 'stale.watching', why: 'error' });
});

test('AT6 hidden or offline suspends, and only both back resume', () => {
  const it = live();
  it.tell({ type: 'page.hidden' });
  expect(shown(it).state).toBe('live');
  it.tell({ type: 'line.lost' });
  expect(shown(it).state).toBe('suspended');
  it.tell({ type: 'network.lost' });
  it.tell({ type: 'page.shown' });
  expect(shown(it).state).toBe('suspended');
  it.tell({ type: 'network.returned' });
  expect(shown(it).state).toBe('reconnecting');
  it.tell({ type: 'line.opened' });
  expect(shown(it).state).toBe('live');
});

test('AT6 a stored text comes back with its cursor, and what it covers is not taken again', () => {
  const it = live({ cursor: 40, live_content: true });
  frames(it, 1, 40);
  expect(it.take()).toEqual([]);
  frames(it, 30, 42);
  expect(it.take()).toEqual([{ type: 'take.frames', after: 40, last: 42, fenced: false }]);
});

test('AT7 after a terminal only what may follow it is taken, and a second terminal is none', () => {
  const it = live();
  frames(it, 1, 3, { terminal: 'cancelled' });
  frames(it, 4, 5, { terminal: 'completed' });
  expect(it.take().at(-1)).toEqual({ type: 'take.frames', after: 3, last: 5, fenced: true });
  expect(shown(it).terminal).toBe('cancelled');
});

test('AT8 a reset starts over from what follows, wherever that begins', () => {
  const it = live();
  frames(it, 1, 9);
  it.take();
  it.tell({ type: 'line.reset' });
  expect(it.types()).toEqual(['clear.view']);
  frames(it, 5, 6);
  expect(it.take()).toEqual([{ type: 'take.frames', after: 4, last: 6, fenced: false }]);
});

test('AT9 a line that is lost during a recovery starts no other one', async () => {
  const it = ended();
  it.tell({ type: 'line.lost' });
  it.tell({ type: 'line.reset' });
  frames(it, 20, 21);
  expect(it.take()).toEqual([]);
  await it.pass(bounds.SETTLE_FIRST_ASK_MS);
  expect(it.path()).toBe('draining.asking');
});

test('AT10 a terminal clears a reconnect and waits for `stream_end`, bounded', async () => {
  const it = live();
  it.tell({ type: 'line.lost' });
  frames(it, 1, 3, { terminal: 'errored' });
  expect(it.path()).toBe('draining.fencing');
  await it.pass(bounds.FENCE_WAIT_MS - 1);
  expect(it.path()).toBe('draining.fencing');
  await it.pass(1);
  expect(it.path()).toBe('draining.deferring');
});

test('AT10 `stream_end` without a terminal is an end', () => {
  const it = live();
  frames(it, 1, 3, { ended: true });
  expect(shown(it)).toMatchObject({ path: 'draining.deferring', terminal: null });
});

test('AT10 `end` spends no try: the line reopens by itself', () => {
  const it = live();
  it.tell({ type: 'line.ended', reason: 'lifetime' });
  expect(shown(it)).toMatchObject({ state: 'attaching', why: 'lifetime' });
  expect(it.take()).toEqual([]);
  it.tell({ type: 'line.opened' });
  expect(shown(it)).toMatchObject({ state: 'live', why: null });
});

test('AT11 a hole reattaches from the cursor, three times, then everything starts over', () => {
  const it = live();
  frames(it, 1, 3);
  it.take();
  for (let holes = 1; holes <= bounds.HOLES_MAX; holes++) {
    frames(it, 5, 6);
    expect(it.take()).toEqual([{ type: 'reattach', cursor: 3 }]);
    it.tell({ type: 'line.opened' });
  }
  frames(it, 5, 6);
  expect(it.take()).toEqual([{ type: 'clear.view' }, { type: 'reattach', cursor: 0 }]);
});

test('AT11 a hole that was filled is forgotten', () => {
  const it = live();
  frames(it, 3, 4);
  it.tell({ type: 'line.opened' });
  frames(it, 1, 4);
  expect(it.actor.getSnapshot().context.holes).toBe(0);
});
