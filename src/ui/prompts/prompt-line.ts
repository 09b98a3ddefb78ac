// A prompt that is over, as one inert line of the transcript: made from its record, in words. Pure.
import type { PromptReply } from '../../machines/prompt-feed.machine.ts';
import { answerText, type PromptEndKind, type PromptEntry } from '../../protocol/prompts.ts';
import type { PromptPart } from '../../protocol/views.ts';
import { enPrompts } from '../text/en-prompts.ts';

/** A part of an answer: a prompt that is over. */
export type EndedPrompt = PromptPart & { how: PromptEndKind };

export const isEnded = (part: PromptPart): part is EndedPrompt => part.how !== null;

export interface LineWords {
  text: string;
  /** what was said, in a person's or an agent's words */
  quote: string | null;
  /** the call that was asked for */
  command: string | null;
  where: string | null;
}

const words = enPrompts.over;

/** Who ended it, seen from this tab. An API client without a name is known by its connection only. */
function whereOf(by: string | undefined, client: string): string | null {
  if (by === undefined) return null;
  if (by === client) return words.thisTab;
  return by.startsWith('connection-') ? words.elsewhere : words.otherTab;
}

/** What was sent, as the log will say it. */
export function answerOf(entry: PromptEntry, reply: PromptReply): unknown {
  if (!('options' in entry) || !('option_id' in reply)) return reply;
  const option_kind = entry.options.find(({ option_id }) => option_id === reply.option_id)?.kind;
  return { ...reply, option_kind };
}

const optionOf = (answer: unknown): string =>
  (answer as { option_kind?: string } | null | undefined)?.option_kind ?? '';

/** What was asked for was not given: no tick says otherwise. */
export const isRefused = ({ how, answer }: Pick<EndedPrompt, 'how' | 'answer'>): boolean =>
  how === 'declined' || (how === 'answered' && optionOf(answer).startsWith('reject'));

/** The call, as the card showed it; null: a question. */
const commandOf = ({ asked }: PromptPart): string | null =>
  'question' in asked ? null : (asked.command ?? asked.tool);

function answered({ kind, by, answer }: EndedPrompt, client: string): string {
  if (kind === 'clarify') return by === client ? words.youAnswered : words.answered;
  return words.granted[optionOf(answer)] ?? words.decided;
}

export function lineWords(part: EndedPrompt, client: string): LineWords {
  const { kind, how, by, reason } = part;
  const command = commandOf(part);
  const where = whereOf(by, client);
  switch (how) {
    case 'answered':
      return { text: answered(part, client), quote: answerText(part.answer), command, where };
    case 'declined':
      return { text: by === client ? words.youDeclined : words.declined, quote: null, command, where };
    case 'expired':
      return { text: words.expired[kind], quote: null, command, where: null };
    case 'superseded':
      return { text: words.superseded[kind], quote: null, command, where: null };
    case 'cancelled':
      return {
        text: words.cancelled[kind],
        quote: null,
        command,
        where: words.reasons[reason ?? ''] ?? null,
      };
  }
}
