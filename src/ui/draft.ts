// The draft of a session's next message. Tabs of one browser share it: one that shows it goes along with it, and when it was
// sent it is gone in all of them. Who wrote at the same moment as another tab keeps a text of their own in theirs. Knows no
// page.
import { draftKey, keep, kept, tabStorage } from './kept.ts';

/** What this tab shows, and what the tabs share, as far as it has heard. */
export interface Draft {
  text: string;
  shared: string;
}

const isBlank = (text: string): boolean => text.trim() === '';

/** Another tab changed what is shared: who shows just that, or nothing, shows it as it is now. */
export const draftHeard = ({ text, shared }: Draft, now: string): Draft => ({
  text: isBlank(text) || text === shared ? now : text,
  shared: now,
});

/** Written in this tab: for all, unless the others have something else by now. */
export const draftWritten = ({ text, shared }: Draft, next: string): Draft => ({
  text: next,
  shared: isBlank(shared) || shared === text ? next : shared,
});

const sharedOf = (session_id: string | null): string => kept(draftKey(session_id)) ?? '';

export function keptDraft(session_id: string | null): Draft {
  const shared = sharedOf(session_id);
  return { text: tabStorage.kept(draftKey(session_id)) ?? shared, shared };
}

/** Written in this tab, and kept; what the others share may be news that has not come yet. */
export function writeDraft(session_id: string | null, { text }: Draft, next: string): Draft {
  const draft = draftWritten({ text, shared: sharedOf(session_id) }, next);
  const isShared = draft.text === draft.shared;
  if (isShared) keep(draftKey(session_id), next);
  tabStorage.keep(draftKey(session_id), isShared || isBlank(next) ? null : next);
  return draft;
}

/** Changed by something else than writing: a message came back, a card's answer went over. */
export const putDraft = (session_id: string | null, text: string): Draft =>
  writeDraft(session_id, keptDraft(session_id), text);
