// What was being written for a session that is gone: it becomes the draft of the session to come, and is not lost with the old
// one. Knows no page.
import { attachedKey, keptAttachments, returnAttachments } from './attachments/draft.ts';
import { addDraft, keptDraft } from './draft.ts';
import { draftKey, keep, kept, tabStorage } from './kept.ts';

/** What stands there already, as a paragraph or more. */
const has = (before: string, text: string): boolean => `\n\n${before}\n\n`.includes(`\n\n${text}\n\n`);

/** Behind what stands there already; twice is the same as once: each tab of a browser may find the session gone. */
export function rescueDraft(session_id: string): void {
  const key = draftKey(session_id);
  const texts = [kept(key), tabStorage.kept(key)].flatMap((text) => text?.trim() || []);
  const attachments = keptAttachments(session_id) ?? [];
  // It goes first: a full storage has room for it then.
  keep(key, null);
  tabStorage.keep(key, null);
  keep(attachedKey(session_id), null);
  for (const text of texts) if (!has(keptDraft(null), text)) addDraft(null, text);
  returnAttachments(null, attachments);
}
