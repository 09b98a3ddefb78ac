// Records: any entry of a session's log. A frame is a record with a stream and a seq; the rest belong to the session.
import * as z from 'zod/mini';
import { attachmentSchema } from './attachment.ts';
import { frameSchemas } from './frames.ts';
import { approvalEntrySchema, clarifyEntrySchema, PROMPT_ENDS, PROMPT_KINDS } from './prompts.ts';

const text = z.string();

export const sessionRecordSchemas = {
  user_message: z.object({
    message_id: text,
    stream_id: text,
    client_message_id: z.optional(text),
    text,
    /** What was sent with it. */
    attachments: z.optional(z.array(attachmentSchema)),
    /** The stream whose answer this run replaces: `POST /api/chat/retry`. */
    retry_of: z.optional(text),
  }),
  message_queued: z.object({
    message_id: text,
    client_message_id: z.optional(text),
    text,
    attachments: z.optional(z.array(attachmentSchema)),
  }),
  /** Its attachments stay. */
  message_edited: z.object({ message_id: text, text }),
  message_withdrawn: z.object({ message_id: text }),
  prompt_asked: z
    .object({ kind: z.enum(PROMPT_KINDS), entry: z.union([clarifyEntrySchema, approvalEntrySchema]) })
    .check(z.refine(({ kind, entry }) => `${kind}_id` in entry, 'its entry is of the other kind')),
  /** `by`: who answered; `reason`: why it was cancelled; `answer`: what was said. */
  prompt_settled: z.object({
    kind: z.enum(PROMPT_KINDS),
    id: text,
    stream_id: text,
    how: z.enum(PROMPT_ENDS),
    by: z.optional(text),
    reason: z.optional(text),
    answer: z.optional(z.unknown()),
  }),
  session_updated: z.looseObject({ session: z.looseObject({ session_id: text }) }),
};

export const recordSchemas = { ...frameSchemas, ...sessionRecordSchemas };
export type RecordEvent = keyof typeof recordSchemas;

/**
 * A committed entry of the log. `json` is the `data` of the event, byte for byte as every feed sends it:
 * a frame's begins `{"stream_id":…,"seq":…,"at":…`, another record's `{"pos":…,"at":…`.
 */
export interface StoredRecord {
  session_id: string;
  /** 1, 2, 3 … in the session, no hole */
  pos: number;
  /** null: not a frame */
  stream_id: string | null;
  /** 1, 2, 3 … in the stream, no hole; null: not a frame */
  seq: number | null;
  event: string;
  json: string;
  /** ms since 1970 */
  at: number;
}
