// Every machine, led through a random life under an observer: what a recorder keeps of it.
import fc from 'fast-check';
import { createActor } from 'xstate';
import { linesOf } from '../../src/http/inspection-reader.ts';
import { createRecorder, type Recorder } from '../../src/inspect/recorder.ts';
import { createObserver } from '../../src/machines/observer.ts';
import type { Entry } from '../../src/protocol/inspection.ts';
import { attachmentGround } from '../machines/attachment.ground.ts';
import { lineGround } from '../machines/line.ground.ts';
import { promptFeedGround } from '../machines/prompt-feed.ground.ts';
import { promptQueueGround } from '../machines/prompt-queue.ground.ts';
import { sessionGround } from '../machines/session.ground.ts';
import { streamGround } from '../machines/stream.ground.ts';
import { tabLeaderGround } from '../machines/tab-leader.ground.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import type { Place } from '../support/paths.ts';
import type { Ground } from '../support/rules.ts';

export const grounds = {
  stream: streamGround,
  session: sessionGround,
  'prompt-queue': promptQueueGround,
  attachment: attachmentGround,
  line: lineGround,
  'tab-leader': tabLeaderGround,
  'prompt-feed': promptFeedGround,
} as unknown as Record<string, Ground<object>>;

/** What is told next, as a fraction of what may be told; null: time goes on instead. */
export const lives = fc.array(fc.option(fc.double({ min: 0, max: 0.999, noNaN: true }), { freq: 4 }), {
  maxLength: 25,
});

export interface Watched {
  recorder: Recorder;
  clock: ManualClock;
}

export function watched(bounds?: { entries: number; bytes: number }): Watched {
  const clock = createManualClock();
  return { recorder: createRecorder({ boot: 'b_test', clock }, bounds), clock };
}

/** Leads an actor of `ground` through `life`, watched; it is stopped at the end, if it is not over. */
export async function live(
  ground: Ground<object>,
  life: (number | null)[],
  { recorder, clock }: Watched,
): Promise<void> {
  const [input] = ground.walk.inputs;
  const options = { input, clock } as never;
  const actor = createActor(ground.machine, options);
  createObserver(clock.now, recorder.record).watch(actor, input!);
  actor.subscribe({ error: () => {} });
  actor.start();
  for (const choice of life) {
    const snapshot = actor.getSnapshot() as Place<object>;
    if (snapshot.status !== 'active') break;
    const events = ground.walk.events(snapshot);
    const next = choice === null ? undefined : events[Math.floor(choice * events.length)];
    if (next) actor.send(next);
    else await clock.advance(clock.next() ?? 1);
  }
  actor.stop();
}

/** The recording of everything that is kept, as it is sent. */
export function textOf(recorder: Recorder): string {
  const head = recorder.head();
  const entries: Entry[] = [];
  for (let after = head.n; after < recorder.n; after = entries.at(-1)!.n)
    entries.push(...recorder.since(after)!);
  return `${JSON.stringify(head)}\n${linesOf(entries)}\n`;
}
