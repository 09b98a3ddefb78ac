// What a pane shows of its prompts, as plain values: the cards of each queue, and what is said of them elsewhere. Pure.
import type { ShownCards } from '../../machines/prompt-feed.machine.ts';
import { headlineOf } from '../../protocol/asks.ts';
import type { PromptEntry, PromptKind } from '../../protocol/prompts.ts';
import type { Session } from '../../protocol/views.ts';
import { en } from '../text/en.ts';

export type ShownPrompts = ShownCards;

export const noPrompts: ShownPrompts = {
  current: null,
  pending_count: 0,
  put_away: null,
  others: [],
  over: [],
};

export const kindOf = (entry: PromptEntry): PromptKind => ('clarify_id' in entry ? 'clarify' : 'approval');

type Prompts = Record<PromptKind, ShownPrompts>;

/** The oldest that waits, of both queues, put away or not; null: nothing does. */
export function oldestPending({ clarify, approval }: Prompts): PromptEntry | null {
  const heads = [clarify, approval].flatMap(({ current, put_away }) => current ?? put_away ?? []);
  heads.sort((a, b) => a.entry.requested_at - b.entry.requested_at);
  return heads[0]?.entry ?? null;
}

export function oldestId(prompts: Prompts): string | null {
  const entry = oldestPending(prompts);
  return entry && ('clarify_id' in entry ? entry.clarify_id : entry.approval_id);
}

/** The list's line of a session that waits; null: nothing is pending. */
export function waitsFor(prompts: Prompts): string | null {
  const entry = oldestPending(prompts);
  return entry && en.prompts.headline(kindOf(entry), headlineOf(entry));
}

/** The drawer's reason; null: nothing is pending. */
export function pendingWords(waiting: { clarify: number; approval: number }): string | null {
  const { clarify, approval } = waiting;
  return clarify + approval === 0 ? null : en.prompts.pending(clarify, approval);
}

/** The list's line of a session that this tab does not show; null: nothing is pending. */
export const waitingWords = ({ asks, waiting }: Pick<Session, 'asks' | 'waiting'>): string | null =>
  asks ? en.prompts.headline(asks.kind, asks.text) : pendingWords(waiting);

/** What a screen reader hears of a new card. */
export function askedWords(prompts: Prompts): string | null {
  const entry = oldestPending(prompts);
  if (!entry) return null;
  const kind = kindOf(entry);
  return en.prompts.asked(kind, prompts[kind].pending_count, headlineOf(entry));
}
