// A run, driven: every act in every state of its machine, through the routes over sockets, with a clock that goes on by hand.
// After each step status, board, queue, what was pushed and what was commanded are what the pure machine makes of the same facts.
import { describe, expect, test } from 'vitest';
import { promptQueueMachine } from '../../src/machines/prompt-queue.machine.ts';
import { streamMachine } from '../../src/machines/stream.machine.ts';
import { Coverage } from '../support/coverage.ts';
import { streamActs } from './acts.ts';
import { driveAll, figures, pathsThrough, pathThatTells, shareOf } from './conform.ts';
import { pathsToDrive, readPaths } from './kept.ts';
import { streamGoals, streamKey } from './lands.ts';

const NO_PRODUCER = 'no agent of this version goes and comes back: nothing says producer_silent';
const NONE_PENDING = 'a question makes it wait, so none is pending here';

/** What nobody outside can cause, and why. */
const UNREACHED: Record<string, string> = {
  'stream.stale.awaiting': NO_PRODUCER,
  'stream.active on owner.lost #1': NO_PRODUCER,
  'stream.stale.awaiting on producer.returned #1': NO_PRODUCER,
  'stream.stale.awaiting on cancel #1': NO_PRODUCER,
  'stream.stale.awaiting on terminal.committed #1': NO_PRODUCER,
  'stream.stale.awaiting on owner.lost #1': NO_PRODUCER,
  'stream.stale.awaiting on xstate.after.producerBound.stream.stale.awaiting #1': NO_PRODUCER,
  'stream.active.admitted on xstate.after.startingBound.stream.active.admitted #1':
    'a run is started in the turn in which it is admitted',
  'stream.active on prompts.changed #1': 'only `admitted` leaves it to its parent, and nobody asks there',
  'stream.active.starting on prompts.changed #2': NONE_PENDING,
  'stream.active.running on prompts.changed #2': NONE_PENDING,
  'stream.active.quiet on prompts.changed #2': NONE_PENDING,
  'stream.draining.stopping on agent.gone #1':
    'an agent that finished is gone in the same turn: nobody stops one whose run is completed',
};

describe('the stream machine and the routes', () => {
  test('ST1 ST3 Q1 along every generated path the routes serve what the machine is in, step by step, and every run ends', async () => {
    const make = () => pathsThrough({ acts: streamActs, key: streamKey, goals: streamGoals });
    const paths = await pathsToDrive('stream', streamActs, make);
    const coverage = { stream: new Coverage(streamMachine), queue: new Coverage(promptQueueMachine) };
    const steps = await driveAll(paths, { coverage });
    const share = shareOf(streamMachine, coverage.stream);
    const more = `${paths.length} paths, ${steps} steps`;
    process.stdout.write(figures('stream through the routes', share, more));
    expect(share.missing.toSorted()).toEqual(Object.keys(UNREACHED).toSorted());
  });

  test.each([
    ['a settlement over a living agent', { guards: { agentRemains: () => false } }],
    ['a retry without a bound', { guards: { mayRetry: () => true } }],
    ['a kill that never comes', { actions: { killAgent: () => {} } }],
  ])('house the paths tell a machine with a fault from the house: %s', async (_, parts) => {
    const stream = streamMachine.provide(parts as never);
    const path = pathThatTells(readPaths('stream', streamActs).whole, { stream });
    const driven = driveAll([path], { stream });
    await expect(driven).rejects.toThrow(/the house says/);
  });
});
