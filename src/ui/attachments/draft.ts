// Which attachments a session's draft has: kept beside its text, by their ids, for every tab of this browser. Knows nothing of
// files that are still on their way.
import * as z from 'zod/mini';
import { type Attachment, attachmentSchema } from '../../protocol/attachment.ts';
import { keep, kept } from '../kept.ts';

const PREFIX = 'attached.';

/** A draft by its session; that of the session to come is `new`. */
export const draftOf = (session_id: string | null): string => session_id ?? 'new';
export const attachedKey = (session_id: string | null): string => PREFIX + draftOf(session_id);

/** null: nothing is kept. */
export function keptAttachments(draft: string): Attachment[] | null {
  try {
    const parsed = z.safeParse(z.array(attachmentSchema), JSON.parse(kept(PREFIX + draft) ?? ''));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function keepAttachments(draft: string, attachments: Attachment[]): void {
  keep(PREFIX + draft, attachments.length > 0 ? JSON.stringify(attachments) : null);
}

/** A message was refused: its attachments come back, before those that were added since, and each once. */
export function returnAttachments(session_id: string | null, attachments: Attachment[] = []): void {
  const ids = new Set(attachments.map(({ attachment_id }) => attachment_id));
  const since = keptAttachments(draftOf(session_id)) ?? [];
  keepAttachments(draftOf(session_id), [
    ...attachments,
    ...since.filter((one) => !ids.has(one.attachment_id)),
  ]);
}

/** The draft that a change of storage, in another tab, is about. */
export const draftOfKey = (key: string | null): string | null =>
  key?.startsWith(`weir.${PREFIX}`) ? key.slice(`weir.${PREFIX}`.length) : null;
