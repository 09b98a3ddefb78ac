// What a reader is told whose log begins after its start, because retention cut it: the settled transcript of what is
// missing, and then what is kept. It carries the id that stands before that, so who comes back with it is not cut off again.
import type { Journal } from '../journal/port.ts';
import {
  type CursorInput,
  encodeEvent,
  eventId,
  MESSAGES_LIMIT_MAX,
  type Message,
  SSE_BEHIND_BYTES,
  SSE_UNSENT_BYTES_MAX,
  type Start,
} from '../protocol/index.ts';
import type { LogFeed } from '../sessions/feed.ts';
import { readAround } from './log-page.ts';

/** Records that one look for the next run takes in. */
const LOOK_RECORDS = 64;
/** JSON of the messages that a reader is told of at once. What else is unsent comes on top. */
const CUT_BYTES_MAX = SSE_UNSENT_BYTES_MAX - SSE_BEHIND_BYTES;

export const isGiven = ({ ids, numbers }: CursorInput): boolean =>
  [...ids, ...numbers].some((raw) => raw !== undefined);

/** It begins where what is kept begins, and neither because it had come as far as that nor asked for what comes only. */
export function isCutOff({ kept_from }: LogFeed, cursor: CursorInput, start: Start, live: boolean): boolean {
  if (kept_from === 1 || start.after !== kept_from - 1) return false;
  return start.reset !== undefined || (!live && !isGiven(cursor));
}

/**
 * The first message that the log still tells of: of a run its question, of a retry its answer, for the question was asked
 * before. undefined: the log tells of none.
 */
async function firstTold(
  journal: Journal,
  owner: string,
  session_id: string,
  kept_from: number,
): Promise<string | undefined> {
  for (let after = kept_from - 1; ; ) {
    const { records, damage } = await readAround(journal, session_id, after, LOOK_RECORDS);
    const begun = records.find(({ event }) => event === 'user_message');
    if (begun) {
      const { message_id, stream_id, retry_of } = JSON.parse(begun.json);
      if (retry_of === undefined) return message_id;
      return (await journal.getStream(owner, stream_id))?.message_id;
    }
    const last = damage?.pos ?? records.at(-1)?.pos;
    if (last === undefined) return undefined;
    after = last;
  }
}

/** What `read` gives of the messages that the log does not tell of: those before one, or all. */
export async function readUntold<T>(
  journal: Journal,
  of: { owner: string; session_id: string; kept_from: number },
  read: (before: string | undefined) => Promise<T>,
): Promise<T> {
  const first = () => firstTold(journal, of.owner, of.session_id, of.kept_from);
  for (;;) {
    const before = await first();
    const messages = await read(before);
    // A run that began while they were read is told of by the log.
    if (before !== undefined || (await first()) === undefined) return messages;
  }
}

/** `has_more`: older ones stand in the transcript only. */
export interface Cut {
  messages: Message[];
  has_more?: boolean;
}

/** The messages of the runs that were cut; of many, or long ones, the newest. */
export const cutMessages = (
  journal: Journal,
  owner: string,
  session_id: string,
  kept_from: number,
): Promise<Cut> =>
  readUntold(journal, { owner, session_id, kept_from }, async (before) => {
    const page = await journal.getTranscript(owner, session_id, { limit: MESSAGES_LIMIT_MAX, before });
    if (!page) return { messages: [], has_more: false };
    const messages = newest(page.messages);
    return { messages, has_more: page.has_more || messages.length < page.messages.length };
  });

/** P10: as many as one connection may have unsent. */
function newest(messages: Message[]): Message[] {
  let bytes = 0;
  const tooMany = messages.findLastIndex((message) => {
    bytes += Buffer.byteLength(JSON.stringify(message));
    return bytes > CUT_BYTES_MAX;
  });
  return messages.slice(tooMany + 1);
}

/** The answer of one stream; none: its session is gone. */
export async function answerOf(
  journal: Journal,
  owner: string,
  stream: { session_id: string; message_id: string },
): Promise<Message[]> {
  let before: string | undefined;
  for (;;) {
    const page = await journal.getTranscript(owner, stream.session_id, { limit: MESSAGES_LIMIT_MAX, before });
    const found = page?.messages.filter(({ message_id }) => message_id === stream.message_id) ?? [];
    before = page?.messages[0]?.message_id;
    if (found.length > 0 || !page?.has_more || before === undefined) return found;
  }
}

export const encodeCut = (feed_id: string, kept_from: number, cut: Cut): string =>
  encodeEvent('snapshot', JSON.stringify(cut), eventId(feed_id, kept_from - 1));
