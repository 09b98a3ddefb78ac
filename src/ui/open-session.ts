// A session with its messages, as a pane opens it. Apart from the other routes: nothing of it is needed before a session is.
import * as z from 'zod/mini';
import { messageSchema } from '../protocol/messages.ts';
import { sessionSchema } from '../protocol/views.ts';
import { request } from './api.ts';

/** Messages of one load; older ones come when asked for. */
const MESSAGES_PAGE = 200;

const openedSchema = z.object({
  session: z.extend(sessionSchema, {
    messages: z.array(messageSchema),
    transcript_pos: z.int(),
    head: z.int(),
    has_more: z.optional(z.boolean()),
  }),
});
export type OpenedSession = z.infer<typeof openedSchema>['session'];

/** `before`: a message; those before it. @throws ApiError */
export async function openSession(
  session_id: string,
  before?: string,
  signal?: AbortSignal,
): Promise<OpenedSession> {
  const wanted = new URLSearchParams({ session_id, messages: '1', msg_limit: String(MESSAGES_PAGE) });
  if (before !== undefined) wanted.set('msg_before', before);
  const path = `/api/session?${wanted}`;
  return (await request(openedSchema, { method: 'GET', path, signal })).session;
}
