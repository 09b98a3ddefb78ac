// An attachment as a part of its message, and back. No schemas, as in terminal.ts.
import type { Attachment } from './attachment.ts';

/** An attachment as the part of a message: `type` is a part's own word. Its id is empty where an import named what is not here. */
export const attachmentPart = ({ attachment_id, name, type, bytes }: Attachment) => ({
  type: 'attachment' as const,
  attachment_id,
  name,
  media_type: type,
  bytes,
});
export const attachmentOf = (part: ReturnType<typeof attachmentPart>): Attachment => ({
  attachment_id: part.attachment_id,
  name: part.name,
  type: part.media_type,
  bytes: part.bytes,
});
