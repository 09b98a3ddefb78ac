// What was being written for a session that is gone: it becomes the draft of the session to come, and is not lost with the old
// one. Knows no page.
import { attachedKey, keptAttachments, returnAttachments } from './attachments/draft.ts';
import { keptDraft } from './draft.ts';
import { draftKey, keep, kept, tabStorage } from './kept.ts';

/** Behind what stands there already; twice is the same as once: each tab of a browser may find the session gone. */
export function rescueDraft(session_id: string): void {
  const text = keptDraft(session_id).text.trim();
  const before = kept(draftKey(null)) ?? '';
  if (!before.endsWith(text)) keep(draftKey(null), before === '' ? text : `${before}\n\n${text}`);
  keep(draftKey(session_id), null);
  tabStorage.keep(draftKey(session_id), null);
  returnAttachments(null, keptAttachments(session_id) ?? []);
  keep(attachedKey(session_id), null);
}
