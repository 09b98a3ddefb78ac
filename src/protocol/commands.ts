// Commands: the bodies and queries that clients send. Unknown fields are refused, and every error names its field.
import * as z from 'zod/mini';
import { badField, Rejection } from './errors.ts';
import { idSchema } from './ids.ts';
import {
  ATTACHMENTS_MAX,
  LABEL_LENGTH_MAX,
  LIST_LIMIT_MAX,
  LIVE_SESSIONS_MAX,
  MESSAGE_BYTES_MAX,
  MESSAGES_LIMIT_MAX,
  PATH_LENGTH_MAX,
  SEARCH_LENGTH_MAX,
  TITLE_LENGTH_MAX,
} from './limits.ts';
import { RELATIONS } from './views.ts';

const utf8 = new TextEncoder();
/** Half a surrogate pair can't be kept as UTF-8: it becomes U+FFFD here, once, so that every place keeps the same text. */
const wellFormed = z.overwrite<string>((given) => given.toWellFormed());
const label = z.string().check(wellFormed, z.maxLength(LABEL_LENGTH_MAX));
const title = z.string().check(wellFormed, z.minLength(1), z.maxLength(TITLE_LENGTH_MAX));
const path = z.string().check(
  wellFormed,
  z.minLength(1),
  z.maxLength(PATH_LENGTH_MAX),
  z.refine((value) => !value.includes('\0'), 'must not contain NUL'),
);
export const messageText = z.string().check(
  wellFormed,
  z.minLength(1),
  z.refine((text) => /\S/.test(text), 'must contain more than white space'),
  z.refine(
    (text) => utf8.encode(text).length <= MESSAGE_BYTES_MAX,
    `must be at most ${MESSAGE_BYTES_MAX} bytes`,
  ),
);

export const createSessionSchema = z.strictObject({
  title: z.optional(title),
  agent: z.optional(z.string().check(z.minLength(1), z.maxLength(PATH_LENGTH_MAX))),
  model: z.optional(label),
  cwd: z.optional(path),
  parent_session_id: z.optional(idSchema),
  relation: z.optional(z.enum(RELATIONS)),
  is_cli_session: z.optional(z.boolean()),
  source_tag: z.optional(label),
  session_source: z.optional(label),
  source_label: z.optional(label),
});
export type CreateSession = z.infer<typeof createSessionSchema>;

export const patchSessionSchema = z.strictObject({
  title: z.optional(title),
  pinned: z.optional(z.boolean()),
  archived: z.optional(z.boolean()),
  queue_paused: z.optional(z.boolean()),
});
export type PatchSession = z.infer<typeof patchSessionSchema>;

export const chatStartSchema = z.strictObject({
  session_id: idSchema,
  message: messageText,
  attachments: z.optional(
    z.array(idSchema).check(
      z.maxLength(ATTACHMENTS_MAX),
      z.refine((ids) => new Set(ids).size === ids.length, 'names one twice'),
    ),
  ),
  client_message_id: z.optional(idSchema),
  on_busy: z.optional(z.enum(['reject', 'queue'])),
});
export type ChatStart = z.infer<typeof chatStartSchema>;

export const chatRetrySchema = z.strictObject({ session_id: idSchema });
export const chatCancelSchema = z.strictObject({ stream_id: idSchema });
export const forkSchema = z.strictObject({ upto_message_id: idSchema });
export const editQueuedSchema = z.strictObject({ message: messageText });
export const loginSchema = z.strictObject({ password: z.string().check(z.maxLength(LABEL_LENGTH_MAX * 5)) });

const flag = z.pipe(
  z.enum(['0', '1', 'true', 'false']),
  z.transform((value) => value === '1' || value === 'true'),
);
const whole = z.pipe(
  z.string().check(z.regex(/^[0-9]{1,15}$/, 'must be a whole number')),
  z.transform(Number),
);
/** From 1 on; more than `max` is taken as that. */
const countUpTo = (max: number) =>
  z.pipe(
    z.string().check(z.regex(/^(?!0+$)[0-9]{1,9}$/, 'must be a whole number from 1 on')),
    z.transform((value) => Math.min(Number(value), max)),
  );

export const listSessionsSchema = z.strictObject({
  limit: z.optional(countUpTo(LIST_LIMIT_MAX)),
  before: z.optional(
    z.string().check(z.regex(/^[0-9]{1,16}:[A-Za-z0-9_-]{1,64}$/, 'must be the `next` of an earlier page')),
  ),
  q: z.optional(z.string().check(z.maxLength(SEARCH_LENGTH_MAX))),
  archived: z.optional(flag),
  pinned: z.optional(flag),
  collapse: z.optional(z.enum(['lineage', 'none'])),
  lineage: z.optional(idSchema),
});
export const getSessionSchema = z.strictObject({
  session_id: idSchema,
  messages: z.optional(flag),
  msg_limit: z.optional(countUpTo(MESSAGES_LIMIT_MAX)),
  msg_before: z.optional(idSchema),
});
export const sessionIdSchema = z.strictObject({ session_id: idSchema });
export const streamIdSchema = z.strictObject({ stream_id: idSchema });
export const runFramesQuerySchema = z.strictObject({
  stream_id: idSchema,
  after_seq: z.optional(whole),
});
export const exportSchema = z.strictObject({ format: z.optional(z.enum(['json', 'markdown', 'jsonl'])) });

type Schema<T> = z.core.$ZodType<T>;

/** The value, or a `bad_request` that names the first field that is wrong. */
export function parseCommand<T>(schema: Schema<T>, value: unknown, where = 'body'): T {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (!issue) throw new Rejection('bad_request', `${where} is not as expected.`);
  if (issue.code === 'unrecognized_keys') throw badField(issue.keys[0] ?? where, 'is not a known field');
  const field = issue.path.length > 0 ? issue.path.join('.') : where;
  throw badField(field, issue.message || `${issue.code}`);
}

const cursorText = z.optional(z.string());
const replay = z.optional(z.enum(['0', '1']));
export const streamFeedSchema = z.strictObject({
  stream_id: idSchema,
  after_event_id: cursorText,
  after_seq: cursorText,
  replay,
});
export const sessionFeedSchema = z.strictObject({ after_event_id: cursorText, after: cursorText, replay });

const many = (schema: z.ZodMiniType<string>) =>
  z.pipe(
    z.union([schema, z.array(schema)]),
    z.transform((given: string | string[]) => (Array.isArray(given) ? given : [given])),
  );

/** `session=<id>[:<pos>]`, any number of them; `board=1`, or the id of the last board event that was taken in. */
export const liveSchema = z.strictObject({
  session: z.optional(
    many(z.string()).check(
      z.refine(
        (all: string[]) => all.length <= LIVE_SESSIONS_MAX,
        `names at most ${LIVE_SESSIONS_MAX} sessions`,
      ),
    ),
  ),
  board: cursorText,
});
export const boardFeedSchema = z.strictObject({ after_event_id: cursorText });
