// The sweep: runs that nobody runs, and boards that nobody told. Its clock goes on by hand.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Journal } from '../../src/journal/port.ts';
import { SWEEP_EVERY_MS } from '../../src/machines/bounds.ts';
import type { Rejection, Task } from '../../src/protocol/index.ts';
import {
  openPromptRoom,
  outcomeOf,
  type PromptRoom,
  type RoomSettings,
  when,
} from '../support/prompt-room.ts';
import { OWNER } from '../support/puppet.ts';
import { temporaryFolder } from '../support/server.ts';

async function openRoom(settings: Partial<RoomSettings> = {}): Promise<PromptRoom> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const room = await openPromptRoom({ folder, ...settings });
  onTestFinished(() => room.close());
  return room;
}

const statusOf = ({ sessions }: PromptRoom, task_id: string): Task['status'] | undefined =>
  [...sessions.board(OWNER).tasks()].find((task) => task.task_id === task_id)?.status;
const saidOf = ({ sessions }: PromptRoom, task_id: string): string[] =>
  sessions
    .board(OWNER)
    .since(0)!
    .flatMap(({ data }) =>
      'task_id' in data && data.task_id === task_id
        ? [[data.status, data.reason].filter(Boolean).join(' ')]
        : [],
    );
/** Sweeps that have begun, and those that have the log's answer. */
interface Listed {
  asked: number;
  times: number;
}
/** The time of a sweep begins when the one before it has ended, which nobody tells: the clock goes on until there is one. */
async function sweep(room: PromptRoom, listed: Listed, times: number): Promise<void> {
  for (let left = times; left > 0; left -= 1) {
    const before = { ...listed };
    await when('the sweep', async () => {
      if (listed.asked === before.asked) await room.clock.advance(SWEEP_EVERY_MS);
      return listed.times > before.times ? true : null;
    });
  }
}
function counting(): { listed: Listed; between: (journal: Journal) => Journal } {
  const listed = { asked: 0, times: 0 };
  const between = (journal: Journal): Journal => ({
    ...journal,
    async listUnsettled() {
      listed.asked += 1;
      const rows = await journal.listUnsettled();
      // After whoever asked has gone on.
      setImmediate(() => {
        listed.times += 1;
      });
      return rows;
    },
  });
  return { listed, between };
}

/** A run that is in the log and nowhere else, its agent called. */
async function orphan({ sessions, journal, clock }: PromptRoom): Promise<string> {
  const { session_id } = await sessions.create(OWNER, {});
  const ids = { stream_id: 'r_orphan', user_message_id: 'm_1', message_id: 'm_2', client_message_id: null };
  const admission = { session_id, ...ids, text: 'hello', on_busy: 'reject' as const };
  const admitted = await journal.admit(OWNER, admission, clock.now());
  if (admitted.kind !== 'started') throw new Error(admitted.kind);
  const { stream_id, epoch } = admitted.stream;
  const payload = JSON.stringify({ agent: 'puppet', epoch });
  await journal.append({ stream_id, epoch, event: 'stream_started', payload, at: clock.now() });
  return stream_id;
}
/** What no event of ours is: the actor that is told it has met a bug. */
const BUG = { type: 'frames.committed', head: 1n, at: 1 } as never;
const eventsIn = async ({ journal }: PromptRoom, stream_id: string) =>
  (await journal.readStream(stream_id, 0, 1_000)).records.map(({ event }) => event);

test('BR5 Q5 a run that nobody runs is taken over by the second sweep that finds it, and ends as interrupted', async () => {
  const { listed, between } = counting();
  const room = await openRoom({ between });
  const stream_id = await orphan(room);
  await sweep(room, listed, 1);
  expect(await room.journal.getStream(OWNER, stream_id)).toMatchObject({ epoch: 1, settled: false });
  await sweep(room, listed, 1);
  await when('its end', () => (statusOf(room, stream_id) === 'error' ? true : null));
  expect(saidOf(room, stream_id)).toEqual(['stale owner_lost', 'error interrupted']);
  expect(await room.journal.getStream(OWNER, stream_id)).toMatchObject({ epoch: 2, settled: true });
  expect(await eventsIn(room, stream_id)).toEqual(['stream_started', 'stale', 'apperror', 'stream_end']);
});

test('BR5 lesson 46 a run whose admission is still on its way is nobody’s orphan', async () => {
  const { listed, between } = counting();
  const held = Promise.withResolvers<void>();
  const slow = (journal: Journal): Journal => ({
    ...between(journal),
    admit: async (...input) => {
      const admitted = await journal.admit(...input);
      await held.promise;
      return admitted;
    },
  });
  const room = await openRoom({ between: slow });
  const begun = room.begin();
  await when('its row', async () => ((await room.journal.listUnsettled()).length > 0 ? true : null));
  await sweep(room, listed, 1);
  held.resolve();
  const { stream_id } = await begun;
  await sweep(room, listed, 2);
  expect(await room.journal.getStream(OWNER, stream_id)).toMatchObject({ epoch: 1, settled: false });
  expect(saidOf(room, stream_id)).toEqual(['running']);
});

test('BR5 SE3 lesson 50 sweeps and a cancel that race on a dying run say one end, and it is the one in the log', async () => {
  const { listed, between } = counting();
  const room = await openRoom({ between });
  const ended: string[] = [];
  for (const isCancelledFirst of [true, false]) {
    const { session_id, stream_id, call } = await room.begin();
    const { cell, release } = await room.sessions.hold(OWNER, session_id);
    // The log gets the cancel, or not, before the actor of the run is lost.
    const first = isCancelledFirst ? outcomeOf(room.sessions.cancel(OWNER, stream_id)) : null;
    cell.run()!.actor.send(BUG);
    release();
    expect(call.kills).toBeGreaterThan(0);
    const second = outcomeOf(room.sessions.cancel(OWNER, stream_id));
    await sweep(room, listed, 3);
    const { terminal_state } = await when('its end', async () => {
      const stream = await room.journal.getStream(OWNER, stream_id);
      return stream?.settled ? stream : null;
    });
    await when('the answers', () => (second.value ?? second.error) && (!first || first.error) && true);
    ended.push(`${terminal_state}: ${saidOf(room, stream_id).at(-1)}`);
    const ends = saidOf(room, stream_id).filter((said) => /^(killed|error|completed)/.test(said));
    expect(ends).toHaveLength(1);
    if (!isCancelledFirst) expect((second.error as Rejection).code).toBe('stream_settled');
  }
  expect(ended).toEqual(['cancelled: killed', 'interrupted: error interrupted']);
});

test('BR5 Q6 a task whose end nobody told of gets the end that the log has', async () => {
  const { listed, between } = counting();
  const room: PromptRoom = await openRoom({
    between: (journal) => ({
      ...between(journal),
      async settle(settle) {
        const settled = await journal.settle(settle);
        const { cell, release } = await room.sessions.hold(OWNER, 's_none').catch(() => held);
        cell.actor.send({ type: 'records.committed', head: 1n, at: 1 } as never);
        release();
        return settled;
      },
    }),
  });
  const { session_id, stream_id, call } = await room.begin();
  const held = await room.sessions.hold(OWNER, session_id);
  call.end({ kind: 'finished' });
  await when('its end', async () =>
    (await room.journal.getStream(OWNER, stream_id))?.settled ? true : null,
  );
  expect(statusOf(room, stream_id)).toBe('running');
  await sweep(room, listed, 3);
  await when('its end on the board', () => (statusOf(room, stream_id) === 'completed' ? true : null));
  expect(saidOf(room, stream_id)).toEqual(['running', 'completed']);
  const sessions = () =>
    room.sessions
      .board(OWNER)
      .since(0)!
      .flatMap(({ data }) =>
        'session' in data ? [[data.session!.state, data.session!.active_stream_id]] : [],
      );
  await when('its session', () => (sessions().length === 3 ? true : null));
  expect(sessions()).toEqual([
    ['idle', null],
    ['running', stream_id],
    ['idle', null],
  ]);
});
