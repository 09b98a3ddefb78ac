// A prompt queue on a stage, and what is told to it most.
import {
  type PromptQueueInput,
  promptQueueMachine,
  queueState,
} from '../../src/machines/prompt-queue.machine.ts';
import { type PromptEndKind, promptId } from '../../src/protocol/index.ts';
import { createManualClock } from '../support/clock.ts';
import { type Stage, stage } from '../support/stage.ts';
import { question } from './prompt-queue.ground.ts';

export type Queue = Stage<typeof promptQueueMachine>;
export const queue = (more: Partial<PromptQueueInput> = {}, clock = createManualClock(1_000_000)): Queue =>
  stage(
    promptQueueMachine,
    { session_id: 'x', kind: 'clarify', version: 0, entries: [], stale: null, ...more },
    clock,
  );

export const shown = (it: Queue) => queueState(it.actor.getSnapshot());
export const head = (it: Queue): string | null => {
  const { pending } = shown(it);
  return pending && promptId(pending);
};
/** As the log tells it: the next record. */
export const ask = (it: Queue, id: string, timeout_seconds = 0, stream_id = 's') =>
  it.tell({
    type: 'prompt.asked',
    entry: question(id, stream_id, it.clock.now(), timeout_seconds),
    pos: shown(it).version + 1,
  });
export const settle = (it: Queue, prompt_id: string, how: PromptEndKind = 'answered') =>
  it.tell({ type: 'prompt.settled', prompt_id, how, by: null, pos: shown(it).version + 1 });
