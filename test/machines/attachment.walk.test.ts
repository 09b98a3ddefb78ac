// The attachment machine, walked through everything that it can be told, in every order, timers included.
import { beforeAll, describe, expect, test } from 'vitest';
import { transition } from 'xstate';
import type { AttachmentContext, AttachmentInput } from '../../src/machines/attachment.machine.ts';
import { attachmentMachine, attachmentState } from '../../src/machines/attachment.machine.ts';
import * as bounds from '../../src/machines/bounds.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Coverage } from '../support/coverage.ts';
import { type Place, type Step, type Told, walk } from '../support/paths.ts';

const input: AttachmentInput = {
  stream_id: 's',
  cursor: 0,
  owner_stream_id: 's',
  live_content: false,
  at: 1_000,
};

function events({ context }: Place<AttachmentContext>): Told[] {
  const at = context.now + 1;
  const { cursor, shown } = context;
  const next = { type: 'frames.arrived', first: cursor + 1, last: cursor + 2, live: false, at };
  const answer = { type: 'transcript.answered', seq: shown, owner_stream_id: 's', at };
  return [
    { type: 'line.opened', at },
    { type: 'line.lost', at },
    { type: 'line.ended', reason: 'lifetime', at },
    { type: 'line.reset', at },
    next,
    { ...next, live: true },
    { ...next, terminal: 'completed' },
    { ...next, ended: true },
    { ...next, live: true, terminal: 'completed', ended: true },
    { ...next, first: cursor, last: cursor },
    { ...next, first: cursor + 3, last: cursor + 4 },
    { type: 'pane.changed', owner_stream_id: 'other', at },
    { type: 'pane.changed', owner_stream_id: 's', at },
    { ...answer, status: 'restored' },
    { ...answer, status: 'restored', seq: shown - 1 },
    { ...answer, status: 'restored', owner_stream_id: 'other' },
    { ...answer, status: 'active' },
    { ...answer, status: 'missing' },
    { ...answer, status: 'stale', owner_stream_id: 'other' },
    { ...answer, status: 'error' },
    { type: 'page.hidden', at },
    { type: 'page.shown', at },
    { type: 'network.lost', at },
    { type: 'network.returned', at },
    { type: 'retry', at },
  ];
}

const isRecovery = (path: string) => path.startsWith('draining') || path.startsWith('stale');
const key = ({ value, context }: Place<AttachmentContext>): string => {
  const path = pathOf(value);
  const { live_content, terminal, anew, holes, hidden, offline, finalized, owner_stream_id } = context;
  if (isRecovery(path) && path !== 'draining.fencing')
    return [path, context.try, terminal, finalized, owner_stream_id].join(' ');
  return [path, live_content, terminal, anew, holes, hidden, offline, finalized, owner_stream_id].join(' ');
};

const count = (commands: Told[], type: string) => commands.filter((command) => command.type === type).length;

describe('the attachment machine, walked', () => {
  const steps: Step<AttachmentContext>[] = [];
  let coverage: Coverage & { places: number };
  beforeAll(() => {
    coverage = walk<AttachmentContext>(attachmentMachine, {
      inputs: [input],
      events,
      key,
      onStep: (step) => steps.push(step),
      places_max: 5_000,
    });
  });

  test('every state and every transition is reached', () => {
    expect(coverage.missing).toEqual({ states: [], transitions: [] });
  });

  test('AT3 the finalizer runs once, whatever happens, and touches the pane only of its own stream', () => {
    for (const { before, after, commands } of steps) {
      const ran = count(commands, 'finalize');
      expect(Number(before.context.finalized) + ran).toBe(Number(after.context.finalized));
      if (after.status === 'done') expect(after.context.finalized).toBe(true);
      for (const command of commands)
        if ('owns_pane' in command) expect(command.owns_pane).toBe(after.context.owner_stream_id === 's');
    }
  });

  test('AT4 the pane’s owner is the newest that was told', () => {
    for (const { event, after } of steps)
      if ('owner_stream_id' in event) expect(after.context.owner_stream_id).toBe(event.owner_stream_id);
  });

  test('AT2 only a transcript that reaches what is shown replaces it', () => {
    for (const { before, event, after, commands } of steps)
      for (const command of commands.filter(({ type }) => type === 'adopt.transcript')) {
        expect(event).toMatchObject({ status: 'restored' });
        expect(command.seq).toBeGreaterThanOrEqual(before.context.shown);
        expect(after.status).toBe('done');
      }
  });

  test('AT7 P4 a first terminal stays', () => {
    for (const { before, after } of steps)
      if (before.context.terminal) expect(after.context.terminal).toBe(before.context.terminal);
  });

  test('AT7 once it is over, only an answer or a bound leads on: never back to a live state', () => {
    for (const { before, after } of steps)
      if (isRecovery(pathOf(before.value))) expect(pathOf(after.value)).toMatch(/^(draining|stale|settled)/);
  });

  test('AT9 while a recovery runs, no reconnect is asked for', () => {
    for (const { after, commands } of steps) {
      const path = pathOf(after.value);
      if (isRecovery(path) && path !== 'draining.fencing') expect(count(commands, 'reattach')).toBe(0);
    }
  });

  test('AT11 P3 frames are taken once, in order, without a hole', () => {
    for (const { before, after, commands } of steps) {
      for (const take of commands.filter(({ type }) => type === 'take.frames')) {
        if (!before.context.anew) expect(take.after).toBe(before.context.cursor);
        expect(take.last).toBeGreaterThan(take.after as number);
        expect(after.context.cursor).toBe(take.last);
      }
      if (after.context.cursor < before.context.cursor) expect(count(commands, 'clear.view')).toBe(1);
    }
  });

  test('AT1 P9 no ask, and no reattachment of one hole, beyond its bound', () => {
    for (const { after } of steps) {
      expect(after.context.try).toBeLessThanOrEqual(1 + bounds.SETTLE_ASKS_MAX);
      expect(after.context.holes).toBeLessThanOrEqual(bounds.HOLES_MAX);
    }
  });

  test('ST4 AT5 whoever drains or is stale has a timer; who is settled has none', () => {
    for (const { after, timers } of steps) {
      if (isRecovery(pathOf(after.value))) expect(timers.size).toBeGreaterThan(0);
      if (after.status === 'done') expect([...timers]).toEqual([]);
    }
  });

  test('Q2 Q7 from everywhere a settled session leads to `settled`', () => {
    const places = new Map(steps.map(({ after }) => [key(after), after]));
    for (const after of places.values()) {
      if (after.status !== 'active') continue;
      const { shown, now } = after.context;
      const answer = { type: 'transcript.answered', status: 'restored', seq: shown, owner_stream_id: 'o' };
      const [next] = transition(attachmentMachine, after as never, { ...answer, at: now + 1 } as never);
      expect(attachmentState(next as never).state, pathOf(after.value)).toBe('settled');
    }
  });
});
