// What a kill round was promised beside frames: messages, a follow-up, a title. Asked of the server that came after.
import type { Client, Reader, SseEvent } from '../support/client.ts';

/** What answers of a round promised of one session. */
export interface Promised {
  session_id: string;
  stream_id: string;
  text: string;
  title: string | null;
  /** the text of a follow-up whose 202 arrived */
  queued: string | null;
}

interface Message {
  role: string;
  stream_id: string;
  parts: { type: string; text: string }[];
}

/** The session has nothing to run and nothing queued. */
async function untilIdle(reader: Reader): Promise<void> {
  await reader.until(({ event, data }) => {
    if (event !== 'snapshot' && event !== 'session_updated') return false;
    const { session } = JSON.parse(data);
    return session.queue_length === 0 && session.active_stream_id === null;
  });
  reader.close();
}

const textOf = ({ parts }: Message): string =>
  parts.map(({ type, text }) => (type === 'text' ? text : '')).join('');

/**
 * Every stream of the session, read to its end with `read`. Messages and answers are what was asked and said; the follow-up
 * of a promise runs once.
 * @throws where the session is not what was promised
 */
export async function checkSession(
  client: Client,
  { session_id, text, title, queued }: Promised,
  read: (stream_id: string) => Promise<SseEvent[]>,
): Promise<Map<string, SseEvent[]>> {
  await client.read(`/api/sessions/${session_id}/events`).then(untilIdle);
  const { session } = (await client.get(`/api/session?session_id=${session_id}`)).body;
  const messages: Message[] = session.messages;
  const asked = messages.filter(({ role }) => role === 'user').map(textOf);
  const due = queued ? [text, queued] : [text];
  // A follow-up whose answer the kill swallowed may be there as well.
  const got = queued ? asked : asked.slice(0, 1);
  if (JSON.stringify(got) !== JSON.stringify(due))
    throw new Error(`${session_id}: asked ${due}, the transcript has ${asked}`);
  if (title && session.title !== title) throw new Error(`${session_id}: the title was lost`);
  const streams = new Map<string, SseEvent[]>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    const { stream_id } = message;
    const frames = await read(stream_id);
    streams.set(stream_id, frames);
    const said = frames.filter(({ event }) => event === 'token').map(({ data }) => JSON.parse(data).text);
    if (textOf(message) !== said.join('')) throw new Error(`${stream_id}: the transcript lost text`);
  }
  if (streams.size < due.length)
    throw new Error(`${session_id}: ${due.length} runs, ${streams.size} answers`);
  return streams;
}
