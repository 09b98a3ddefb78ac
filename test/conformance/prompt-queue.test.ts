// A queue of questions, driven: every act in every state of its machine, through the routes over sockets, as stream.test.ts
// does it for the run that asks.
import { describe, expect, test } from 'vitest';
import { promptQueueMachine } from '../../src/machines/prompt-queue.machine.ts';
import { streamMachine } from '../../src/machines/stream.machine.ts';
import { Coverage } from '../support/coverage.ts';
import { queueActs } from './acts.ts';
import { driveAll, figures, pathsThrough, pathThatTells, shareOf } from './conform.ts';
import { pathsToDrive, readPaths } from './kept.ts';
import { queueGoals, queueKey } from './lands.ts';

const NEXT_RUN = 'the next run begins when this one is over, and its end has closed the entries by then';
const NO_RETURN =
  'no owner comes back, and what is stale is ended, not cancelled: nothing says producer_silent';

/** What nobody outside can cause, and why. */
const UNREACHED: Record<string, string> = {
  'prompt-queue.draining on prompt.asked #1': NEXT_RUN,
  'prompt-queue.stale on prompt.asked #1': NEXT_RUN,
  'prompt-queue.stale on owner.returned #1': NO_RETURN,
  'prompt-queue.stale on stream.ending #1': NO_RETURN,
};

describe('the prompt-queue machine and the routes', () => {
  test('CQ1 CQ5 CQ7 CQ9 along every generated path the routes serve what the machine is in, step by step', async () => {
    const make = () => pathsThrough({ acts: queueActs, key: queueKey, goals: queueGoals });
    const paths = await pathsToDrive('prompt-queue', queueActs, make);
    const coverage = { stream: new Coverage(streamMachine), queue: new Coverage(promptQueueMachine) };
    const steps = await driveAll(paths, { coverage });
    const share = shareOf(promptQueueMachine, coverage.queue);
    const more = `${paths.length} paths, ${steps} steps`;
    process.stdout.write(figures('prompt-queue through the routes', share, more));
    expect(share.missing.toSorted()).toEqual(Object.keys(UNREACHED).toSorted());
  });

  test.each([
    ['a run that ends and leaves its entries to be answered', { guards: { concerns: () => false } }],
    ['a retry without a bound', { guards: { mayRetry: () => true } }],
    ['a record that is not folded', { actions: { fold: () => {} } }],
  ])('house the paths tell a machine with a fault from the house: %s', async (_, parts) => {
    const queue = promptQueueMachine.provide(parts as never);
    const path = pathThatTells(readPaths('prompt-queue', queueActs).whole, { queue });
    const driven = driveAll([path], { queue });
    await expect(driven).rejects.toThrow(/the house says|expected \d+, got \d+/);
  });
});
