// The draft of a session's next message. Tabs of one browser share it: one that shows it goes along with it, and when it was
// sent it is gone in all of them. Who wrote at the same moment as another tab keeps a text of their own in theirs, and so does
// who could not share it. Whatever happens, what is kept now is the draft. Knows no page.
import { browserStorage, draftKey, type Kept, tabStorage } from './kept.ts';

const isBlank = (text: string): boolean => text.trim() === '';

/** One text behind the other, a paragraph each. */
const joined = (...texts: string[]): string => texts.filter((text) => !isBlank(text)).join('\n\n');

/** The drafts of a tab: what all tabs share, and what it has for itself. */
export function draftsIn(all: Kept, own: Kept) {
  const sharedOf = (key: string): string => all.kept(key) ?? '';
  const draftAt = (key: string): string => own.kept(key) ?? sharedOf(key);
  return {
    keptDraft: (session_id: string | null): string => draftAt(draftKey(session_id)),
    /** Written in this tab where it showed a text: for all, unless the others have something else by now. */
    writeDraft(session_id: string | null, shown: string, next: string): void {
      const key = draftKey(session_id);
      const now = sharedOf(key);
      const isShared = (isBlank(now) || now === shown || now === next) && all.keep(key, next);
      own.keep(key, isShared || isBlank(next) ? null : next);
    },
  };
}
export const { keptDraft, writeDraft } = draftsIn(browserStorage, tabStorage);

/** Changed by something else than writing: a message came back, a card's answer went over. */
export const putDraft = (session_id: string | null, text: string): void =>
  writeDraft(session_id, keptDraft(session_id), text);

/** Behind what stands there. */
export const addDraft = (session_id: string | null, text: string): void =>
  putDraft(session_id, joined(keptDraft(session_id), text));

/** What came back since somebody wrote before it: what comes back next was sent after it. */
let last = '';

/** A message was refused: before what was written since it was sent. */
export function returnDraft(session_id: string | null, text: string): void {
  const now = keptDraft(session_id);
  const isFirst = !`${now}\n\n`.startsWith(`${last}\n\n`);
  const since = isFirst ? now : now.slice(last.length + 2);
  last = isFirst ? text : joined(last, text);
  putDraft(session_id, joined(last, since));
}
