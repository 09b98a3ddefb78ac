// The prompt feed on a stage, and what is told to it most.
import {
  type Card,
  type PromptFeedInput,
  promptFeedMachine,
  shownCards,
} from '../../src/machines/prompt-feed.machine.ts';
import type { PromptEntry } from '../../src/protocol/index.ts';
import { type Stage, stage } from '../support/stage.ts';
import { pushed } from './prompt-feed.ground.ts';
import { question } from './prompt-queue.ground.ts';

export type Feed = Stage<typeof promptFeedMachine>;
export const feed = (more: Partial<PromptFeedInput> = {}): Feed =>
  stage(promptFeedMachine, { session_id: 'x', kind: 'clarify', client: 'me', ...more });
export function opened(...entries: PromptEntry[]): Feed {
  const it = feed();
  it.tell({ type: 'line.opened' });
  push(it, 1, ...entries);
  return it;
}
export const push = (it: Feed, version: number, ...entries: PromptEntry[]) =>
  it.tell({ type: 'state.pushed', state: pushed(version, ...entries) });
export const poll = (it: Feed, version: number, ...entries: PromptEntry[]) =>
  it.tell({ type: 'state.polled', state: pushed(version, ...entries) });
export const answer = (it: Feed, prompt_id: string, response = 'yes') =>
  it.tell({ type: 'answer', prompt_id, reply: { response } });
export const shown = (it: Feed) => shownCards(it.actor.getSnapshot());
export const current = (it: Feed): string | null => shown(it).current?.prompt_id ?? null;
export const card = (it: Feed, prompt_id: string): Card | undefined =>
  it.actor.getSnapshot().context.cards.find((each) => each.prompt_id === prompt_id);

export const a = question('a', 's', 0, 0);
export const b = question('b', 's', 1, 0);
export const other = question('c', 't', 2, 0);
