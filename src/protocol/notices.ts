// Notices: how a person is called who looks elsewhere. What a device subscribes with, what it is sent, and when there is
// something to call for: the same for the server's pushes and for a page that is open.
import * as z from 'zod/mini';
import type { Task, TaskStatus } from './board.ts';
import { NOTICE_TEXT_LENGTH_MAX, PUSH_ENDPOINT_LENGTH_MAX } from './limits.ts';
import { type PromptEntry, promptId } from './prompts.ts';

/** What a person may want to be called for: a task waits, or it ended in one of three ways. */
export const NOTICE_KINDS = ['waiting', 'completed', 'error', 'killed'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

const base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]{16,200}$/, 'must be base64url'));

/** What `PushManager.subscribe()` gives, as JSON; and what the device wants. Source: W3C Push API, §8. */
export const subscriptionSchema = z.strictObject({
  endpoint: z.string().check(
    z.maxLength(PUSH_ENDPOINT_LENGTH_MAX),
    z.refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:', 'must be an https URL'),
  ),
  expirationTime: z.optional(z.nullable(z.number())),
  keys: z.strictObject({ p256dh: base64url, auth: base64url }),
  /** absent: `waiting` alone; our addition */
  kinds: z.optional(z.array(z.enum(NOTICE_KINDS)).check(z.maxLength(NOTICE_KINDS.length))),
});
export type PushSubscriptionInput = z.infer<typeof subscriptionSchema>;

export const unsubscribeSchema = z.strictObject({
  endpoint: z.string().check(z.maxLength(PUSH_ENDPOINT_LENGTH_MAX)),
});

/** What a notice says: a question, an approval, one of three ends, or that notices arrive. */
export const NOTICE_TOPICS = ['clarify', 'approval', 'completed', 'error', 'killed', 'test'] as const;

/** What the service worker is sent. `withdraw`: the notice of this tag is over; `show`: what it says. */
export const noticeSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('show'),
    /** one notice per tag: a newer takes the place of the older */
    tag: z.string(),
    /** of which prompt or end it tells: the same again is the same notice, and calls nobody twice */
    about: z.string(),
    topic: z.enum(NOTICE_TOPICS),
    /** of the session; may be empty */
    title: z.string(),
    /** the question, the command, or why it failed; may be empty */
    body: z.string(),
    /** path of the page that it opens */
    path: z.string(),
  }),
  z.object({ type: z.literal('withdraw'), tag: z.string() }),
]);
export type Notice = z.infer<typeof noticeSchema>;
export type ShownNotice = Extract<Notice, { type: 'show' }>;

const ENDS: Partial<Record<TaskStatus, Exclude<NoticeKind, 'waiting'>>> = {
  completed: 'completed',
  error: 'error',
  killed: 'killed',
};

/**
 * What the change of a task asks for: a call of that kind, `withdraw` of the call for what is over, or nothing. `before`:
 * the task as it was last seen; undefined: it is new. A task that waits for something else than before calls again.
 */
export function callFor(before: Task | undefined, after: Task): NoticeKind | 'withdraw' | null {
  const waited = before?.status === 'waiting-for-input';
  if (after.status === 'waiting-for-input') {
    const { clarify, approval } = after.waiting;
    const isSame = waited && before.waiting.clarify === clarify && before.waiting.approval === approval;
    return isSame ? null : 'waiting';
  }
  const end = ENDS[after.status];
  if (end && before?.status !== after.status) return end;
  return waited ? 'withdraw' : null;
}

/** Written to change what the eye sees of a text: control characters, and marks of direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** A text of an agent or a person as one line of a notice, cut. */
export function noticeText(text: string): string {
  const line = text.toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length <= NOTICE_TEXT_LENGTH_MAX
    ? line
    : `${letters.slice(0, NOTICE_TEXT_LENGTH_MAX - 1).join('')}…`;
}

/** The page that a notice opens: the session, at the card of the prompt. */
const pathTo = (session_id: string, prompt_id: string | null): string =>
  `/s/${session_id}${prompt_id === null ? '' : `?prompt=${prompt_id}`}`;

/** The notice of a task's oldest prompt. */
export function promptNotice({ task_id, session_id, title }: Task, entry: PromptEntry): ShownNotice {
  const isQuestion = 'clarify_id' in entry;
  return {
    type: 'show',
    tag: task_id,
    about: promptId(entry),
    topic: isQuestion ? 'clarify' : 'approval',
    title: noticeText(title),
    body: noticeText(isQuestion ? entry.question : (entry.command ?? entry.description)),
    path: pathTo(session_id, promptId(entry)),
  };
}

/** The notice of a task's end. */
export function endNotice(
  { task_id, session_id, title, status, reason = '' }: Task,
  topic: Exclude<NoticeKind, 'waiting'>,
): ShownNotice {
  return {
    type: 'show',
    tag: task_id,
    about: status,
    topic,
    title: noticeText(title),
    body: noticeText(reason),
    path: pathTo(session_id, null),
  };
}
