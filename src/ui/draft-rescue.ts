// What was being written for a session that is gone: it becomes the draft of the session to come, and is not lost with the old
// one. Knows no page.
import { attachedKey, keptAttachments, returnAttachments } from './attachments/draft.ts';
import { draftKey, keep, kept, written } from './kept.ts';

/** Behind what stands there already; twice is the same as once: each tab of a browser may find the session gone. */
export function rescueDraft(session_id: string): void {
  const own = written.session_id === session_id ? written.text : '';
  const text = (own.trim() === '' ? (kept(draftKey(session_id)) ?? '') : own).trim();
  const before = kept(draftKey(null)) ?? '';
  if (!before.endsWith(text)) keep(draftKey(null), before === '' ? text : `${before}\n\n${text}`);
  keep(draftKey(session_id), null);
  returnAttachments(null, keptAttachments(session_id) ?? []);
  keep(attachedKey(session_id), null);
}
