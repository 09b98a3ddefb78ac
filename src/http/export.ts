// A session as a file: its transcript (json, markdown) or its log, record by record (jsonl). Read page by page.
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { SessionRow } from '../journal/port.ts';
import {
  answerText,
  MESSAGES_LIMIT_MAX,
  type Message,
  notFound,
  type Part,
  type PromptPart,
  type Session,
} from '../protocol/index.ts';
import { ownerOf, type Parts } from './context.ts';
import { readUntold } from './cut-off.ts';
import { readAround } from './log-page.ts';

/** First line of a `jsonl` export; what import looks for. */
export const EXPORT_VERSION = 1;
const PAGE_RECORDS = 512;
/** Characters of a title in the name of a file. */
const NAME_TITLE_LENGTH_MAX = 60;

export async function exportSession(
  parts: Parts,
  ctx: Context,
  session_id: string,
  format: string,
): Promise<void> {
  const owner = ownerOf(ctx);
  const row = await parts.journal.getSession(owner, session_id);
  if (!row) throw notFound('session');
  const session = parts.sessions.view(row);
  ctx.set('Content-Disposition', dispositionOf(session, format === 'markdown' ? 'md' : format));
  if (format === 'jsonl') {
    ctx.type = 'application/x-ndjson';
    ctx.body = Readable.from(logLines(parts, owner, row, session));
    return;
  }
  const messages = await allMessages(parts, owner, session_id);
  if (format === 'json') ctx.body = { session, messages };
  else {
    ctx.type = 'text/markdown; charset=utf-8';
    ctx.body = markdownOf(session, messages);
  }
}

/** A name that says the session and is no other's, safe on every disk; what is not ASCII goes as RFC 6266 has it. */
function dispositionOf({ title, session_id }: Session, extension: string): string {
  const words = title.normalize('NFC').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const slug = [...words.join('-')].slice(0, NAME_TITLE_LENGTH_MAX).join('');
  const name = (of: string) => [of, session_id].filter(Boolean).join('-');
  const plain = name(slug.match(/\w+/g)?.join('-') ?? '');
  const encoded = encodeURIComponent(name(slug));
  return `attachment; filename="${plain}.${extension}"; filename*=UTF-8''${encoded}.${extension}`;
}

async function* logLines(
  parts: Parts,
  owner: string,
  { session_id, kept_from, head }: SessionRow,
  session: Session,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ weir_export: EXPORT_VERSION, session })}\n`;
  const { journal } = parts;
  // Of runs that were cut, and of what was forked or imported, there are no records: only what they came to.
  const messages = await readUntold(journal, { owner, session_id, kept_from }, (before) =>
    allMessages(parts, owner, session_id, before),
  );
  if (messages.length > 0) yield lineOf(kept_from - 1, 'snapshot', JSON.stringify({ messages }));
  for (let after = kept_from - 1; after < head; ) {
    const { records, damage } = await readAround(journal, session_id, after, PAGE_RECORDS);
    const last = damage?.pos ?? records.at(-1)?.pos;
    if (last === undefined || last <= after) return;
    // P3: what was cut meanwhile is missing, and nobody would see that.
    if (records[0] && records[0].pos > after + 1) throw new Error('retention cut this log while it was read');
    let lines = '';
    for (const { pos, event, json } of records) if (pos <= head) lines += lineOf(pos, event, json);
    if (damage) lines += lineOf(last, 'damaged', JSON.stringify({ at: 0, reason: damage.reason }));
    yield lines;
    after = last;
  }
}

const lineOf = (pos: number, event: string, json: string): string =>
  `{"pos":${pos},"event":${JSON.stringify(event)},"data":${json}}\n`;

async function allMessages(
  parts: Parts,
  owner: string,
  session_id: string,
  before?: string,
): Promise<Message[]> {
  let messages: Message[] = [];
  do {
    const page = await parts.journal.getTranscript(owner, session_id, { limit: MESSAGES_LIMIT_MAX, before });
    if (!page) break;
    messages = [...page.messages, ...messages];
    before = page.has_more ? page.messages[0]?.message_id : undefined;
  } while (before !== undefined);
  return messages;
}

function markdownOf(session: Session, messages: Message[]): string {
  const turns = messages.map((message) => {
    const who = message.role === 'user' ? 'You' : session.agent;
    const state =
      message.terminal_state && message.terminal_state !== 'completed' ? ` (${message.terminal_state})` : '';
    return `## ${who} · ${new Date(message.created_at).toISOString()}${state}\n\n${message.parts.map(partText).join('\n\n')}`;
  });
  return `# ${session.title}\n\n${turns.join('\n\n')}\n`;
}

/** More backticks than stand together anywhere in `text`, and at least `least`. */
function ticksAround(text: string, least: number): string {
  let longest = least - 1;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return '`'.repeat(longest + 1);
}

const fence = (text: string): string => {
  const ticks = ticksAround(text, 3);
  return `${ticks}\n${text}\n${ticks}`;
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const inlineCode = (text: string): string => {
  const ticks = ticksAround(text, 1);
  return `${ticks} ${oneLine(text)} ${ticks}`;
};

/** One line: what was asked, how it ended, and what was said. */
function promptText({ asked, how, answer, reason }: PromptPart): string {
  const what =
    'question' in asked
      ? `Question: ${oneLine(asked.question)}`
      : `Approval: ${inlineCode(asked.command ?? asked.tool)}`;
  const { option_kind } = (answer ?? {}) as { option_kind?: string };
  const details = [option_kind, answerText(answer), reason].filter((detail) => typeof detail === 'string');
  const end = [how ?? 'pending', ...(details.length > 0 ? [oneLine(details.join(' · '))] : [])];
  return `> ${what} (${end.join(': ')})`;
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'reasoning':
      return part.text.replace(/^/gm, '> ');
    case 'tool': {
      const result =
        typeof part.result === 'string' ? part.result : JSON.stringify(part.result ?? null, null, 2);
      return `**${part.name}** ${part.preview} (${part.status})\n\n${fence(result)}`;
    }
    case 'plan':
      return part.entries
        .map((entry) => `- [${entry.status === 'completed' ? 'x' : ' '}] ${entry.content}`)
        .join('\n');
    case 'attachment':
      return `[${part.name}] (${part.media_type}, ${part.bytes} bytes)`;
    case 'warning':
      return `> Warning: ${part.message}`;
    case 'prompt':
      return promptText(part);
    case 'error':
      return `> ${part.error}: ${part.message}`;
  }
}
