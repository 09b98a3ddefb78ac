// A prompt that can be answered no more, as inert lines of the transcript: made from its record, in words. Pure.
import type { PromptReply } from '../../machines/prompt-feed.machine.ts';
import { answerText, type PromptEndKind, type PromptEntry } from '../../protocol/prompts.ts';
import type { PromptPart } from '../../protocol/views.ts';
import { enPrompts } from '../text/en-prompts.ts';

/** A part of an answer: a prompt that is over. */
export type EndedPrompt = PromptPart & { how: PromptEndKind };

export const isEnded = (part: PromptPart): part is EndedPrompt => part.how !== null;

export interface LineWords {
  /** what was asked, in the agent's words; null: a call, which is the command */
  question: string | null;
  text: string;
  /** what was said, in a person's or an agent's words */
  quote: string | null;
  /** the call that was asked for */
  command: string | null;
  where: string | null;
}

const words = enPrompts.over;

/** A question that is longer is cut in its line: about four lines of a transcript. */
const ASKED_LENGTH_MAX = 280;
/** Nor has it more lines of its own. */
const ASKED_LINES_MAX = 4;

/** Cut in its line until somebody wants all of it. */
export const isLong = (question: string): boolean =>
  question.length > ASKED_LENGTH_MAX || question.split('\n').length > ASKED_LINES_MAX;

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
export const isRefused = ({ how, answer }: Pick<PromptPart, 'how' | 'answer'>): boolean =>
  how === 'declined' || (how === 'answered' && optionOf(answer).startsWith('reject'));

/** The question, or the call as the card showed it. */
const askedOf = ({ asked }: PromptPart): Pick<LineWords, 'question' | 'command'> =>
  'question' in asked
    ? { question: asked.question, command: null }
    : { question: null, command: asked.command ?? asked.tool };

function answered({ kind, by, answer }: PromptPart, client: string): string {
  if (kind === 'clarify') return by === client ? words.youAnswered : words.answered;
  return words.granted[optionOf(answer)] ?? words.decided;
}

/** `how` null: a copy brought it along, and nobody can answer it there. */
export function lineWords(part: PromptPart, client: string): LineWords {
  const { kind, how, by, reason } = part;
  const line = { ...askedOf(part), quote: null, where: null };
  const where = whereOf(by, client);
  switch (how) {
    case null:
      return { ...line, text: words.unanswered[kind] };
    case 'answered':
      return { ...line, text: answered(part, client), quote: answerText(part.answer), where };
    case 'declined':
      return { ...line, text: by === client ? words.youDeclined : words.declined, where };
    case 'expired':
      return { ...line, text: words.expired[kind] };
    case 'superseded':
      return { ...line, text: words.superseded[kind] };
    case 'cancelled':
      return { ...line, text: words.cancelled[kind], where: words.reasons[reason ?? ''] ?? null };
  }
}
