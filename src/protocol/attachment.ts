// An attachment, named. What it may be is in `attachments.ts`.
import * as z from 'zod/mini';

/** An attachment as messages and answers name it. */
export const attachmentSchema = z.object({
  attachment_id: z.string(),
  /** the file's name, without a path */
  name: z.string(),
  /** one of ATTACHMENT_TYPES, unless it came with an import */
  type: z.string(),
  bytes: z.int(),
});
export type Attachment = z.infer<typeof attachmentSchema>;
