// The wall clock jumps an hour, forwards or back, at any moment of a run (properties.md §4, fault 6): nothing ends that
// lives, and every bound still holds, because durations are timers and not differences of times of day.
import { expect, test, vi } from 'vitest';
import {
  AGENT_SILENT_MS,
  CANCEL_SETTLE_MS,
  DESCRIBE_MS,
  PASSIVATE_AFTER_MS,
  QUIET_AFTER_MS,
} from '../../src/machines/bounds.ts';
import { OWNER, openRoom, type Room } from '../support/puppet.ts';

const HOUR_MS = 3_600_000;
const JUMPS = [HOUR_MS, -HOUR_MS];
const WAIT = { interval: 2, timeout: 10_000 };

/** The head as the actor of the run knows it. */
async function head(room: Room, stream_id: string): Promise<number> {
  const watched = (await room.sessions.streamFeed(OWNER, stream_id)).watch(() => {});
  watched.unwatch();
  return watched.head();
}
/** Says something and waits until it is in the log, and its actor knows. */
async function say(room: Room, of: Awaited<ReturnType<Room['begin']>>, text: string): Promise<void> {
  const before = await head(room, of.stream_id);
  await of.call.output.frame('token', { text });
  await vi.waitFor(async () => expect(await head(room, of.stream_id)).toBe(before + 1), WAIT);
}
const over = (room: Room, stream_id: string) =>
  vi.waitFor(async () => {
    const { state, journal } = await room.sessions.status(OWNER, stream_id);
    expect([state, room.sessions.counts().stream]).toEqual(['settled', {}]);
    return journal.terminal_state;
  }, WAIT);

test('fault 6 a run that speaks lives on over a jump of the clock, and finishes', async () => {
  for (const jump of JUMPS) {
    const room = await openRoom();
    const of = await room.begin();
    await say(room, of, 'before');
    room.clock.jump(jump);
    for (let passed = 0; passed < 2 * QUIET_AFTER_MS; passed += QUIET_AFTER_MS / 2) {
      await room.clock.advance(QUIET_AFTER_MS / 2);
      await say(room, of, 'after ');
      expect(room.sessions.counts().stream).toEqual({ running: 1 });
    }
    of.call.end({ kind: 'finished' });
    expect(await over(room, of.stream_id)).toBe('completed');
  }
});

test('fault 6 a run that says nothing is quiet and not failed after a jump; its own silence is still bounded', async () => {
  for (const jump of JUMPS) {
    const room = await openRoom();
    const of = await room.begin();
    await say(room, of, 'before');
    room.clock.jump(jump);
    await room.clock.advance(2 * QUIET_AFTER_MS);
    expect(room.sessions.counts().stream, `jump ${jump}`).toEqual({ quiet: 1 });
    await say(room, of, 'still here');
    expect(room.sessions.counts().stream).toEqual({ running: 1 });
    await room.clock.advance(AGENT_SILENT_MS + 2 * QUIET_AFTER_MS);
    of.call.end({ kind: 'stopped' });
    expect(await over(room, of.stream_id)).toBe('errored');
  }
});

test('fault 6 a cancel and a title keep their bounds over a jump', async () => {
  for (const jump of JUMPS) {
    const room = await openRoom();
    const deaf = await room.begin();
    await room.sessions.cancel(OWNER, deaf.stream_id);
    room.clock.jump(jump);
    await room.clock.advance(CANCEL_SETTLE_MS);
    expect(await over(room, deaf.stream_id)).toBe('cancelled');
    let asked = false;
    room.puppet.title = () => {
      asked = true;
      return new Promise(() => {});
    };
    const titled = await room.begin();
    titled.call.end({ kind: 'finished' });
    await vi.waitFor(() => expect(asked).toBe(true), WAIT);
    room.clock.jump(jump);
    await room.clock.advance(DESCRIBE_MS);
    expect(await over(room, titled.stream_id)).toBe('completed');
  }
});

test('fault 6 an idle session leaves memory in time, and the list keeps an order, over a jump', async () => {
  for (const jump of JUMPS) {
    const room = await openRoom();
    const of = await room.begin();
    of.call.end({ kind: 'finished' });
    await over(room, of.stream_id);
    room.clock.jump(jump);
    await room.clock.advance(PASSIVATE_AFTER_MS);
    expect([room.sessions.counts().session, room.clock.pending()], `jump ${jump}`).toEqual([{}, 0]);
    const again = await room.sessions.start(OWNER, { session_id: of.session_id, message: 'later' });
    expect('stream_id' in again).toBe(true);
    const { records } = await room.journal.readSession(of.session_id, 0, 1_000);
    expect(records.map(({ pos }) => pos)).toEqual(records.map((_, at) => at + 1));
  }
});
