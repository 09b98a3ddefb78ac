// A prompt that is over, as one inert line of the transcript: made from its record, in words. Pure.
import type { PromptReply } from '../../machines/prompt-feed.machine.ts';
import type { PromptEndKind, PromptEntry, PromptKind } from '../../protocol/prompts.ts';
import { enPrompts } from '../text/en-prompts.ts';

/** What `prompt_settled` said, and what is known of what had been asked. */
export interface SettledPrompt {
  id: string;
  kind: PromptKind;
  stream_id: string;
  how: PromptEndKind;
  by: string | null;
  reason: string | null;
  answer: unknown;
  at: number;
  /** how many parts its answer had then: the line stands behind them */
  after: number;
  /** the call that was asked for; null: none, or it was asked before this tab listened */
  command: string | null;
}

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
function whereOf(by: string | null, client: string): string | null {
  if (by === null) return null;
  if (by === client) return words.thisTab;
  return by.startsWith('connection-') ? words.elsewhere : words.otherTab;
}

/** What a person said, as text; null: nothing that can be shown. */
export function answerText(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { response, choices, content, feedback } = answer as Record<string, unknown>;
  if (typeof response === 'string') return response;
  if (Array.isArray(choices)) return choices.join(', ');
  if (typeof content === 'object' && content !== null)
    return Object.entries(content)
      .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' · ');
  return typeof feedback === 'string' && feedback !== '' ? feedback : null;
}

/** What was sent, as the log will say it. */
export function answerOf(entry: PromptEntry, reply: PromptReply): unknown {
  if (!('options' in entry) || !('option_id' in reply)) return reply;
  const option_kind = entry.options.find(({ option_id }) => option_id === reply.option_id)?.kind;
  return { ...reply, option_kind };
}

/** The call, as the card showed it. */
export function commandOf(entry: PromptEntry | undefined): string | null {
  if (!entry || !('tool' in entry)) return null;
  return entry.command ?? entry.tool;
}

function answered({ kind, by, answer }: SettledPrompt, client: string): string {
  if (kind === 'clarify') return by === client ? words.youAnswered : words.answered;
  const option = (answer as { option_kind?: string } | null)?.option_kind ?? '';
  return words.granted[option] ?? words.decided;
}

export function lineWords(line: SettledPrompt, client: string): LineWords {
  const { kind, how, by, reason, command } = line;
  const quote = answerText(line.answer);
  const where = whereOf(by, client);
  switch (how) {
    case 'answered':
      return { text: answered(line, client), quote, command, where };
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
        where: reason === null ? null : (words.reasons[reason] ?? null),
      };
  }
}
