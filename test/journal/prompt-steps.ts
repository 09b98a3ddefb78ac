// Prompts and answers as tests need them: an entry, an ask, an answer. Knows no expectation.
import type { Ask, Journal, NewRule, PromptAnswer, PromptRow, StreamRow } from '../../src/journal/port.ts';
import type { ApprovalEntry, ClarifyEntry, PromptKind } from '../../src/protocol/index.ts';
import { createSession, OWNER, started, startRun } from './support.ts';

const life = { requested_at: 20, timeout_seconds: 0, expires_at: null };

export const clarifyEntry = (
  stream: { session_id: string; stream_id: string },
  clarify_id: string,
): ClarifyEntry => ({
  clarify_id,
  session_id: stream.session_id,
  stream_id: stream.stream_id,
  ...life,
  question: `which ${clarify_id}?`,
  choices_offered: ['this', 'that'],
  multiple: false,
});

export const approvalEntry = (
  stream: { session_id: string; stream_id: string },
  approval_id: string,
  args: unknown = { path: '/a' },
): ApprovalEntry => ({
  approval_id,
  session_id: stream.session_id,
  stream_id: stream.stream_id,
  ...life,
  tool: 'shell',
  description: 'runs a command',
  args,
  options: [{ option_id: 'once', name: 'Allow once', kind: 'allow_once' }],
});

export const askOf = (stream: StreamRow, kind: PromptKind, id: string, more: Partial<Ask> = {}): Ask => ({
  stream_id: stream.stream_id,
  epoch: stream.epoch,
  kind,
  entry: kind === 'clarify' ? clarifyEntry(stream, id) : approvalEntry(stream, id),
  same_as: null,
  at: 20,
  ...more,
});

export const answerOf = (
  session_id: string,
  prompt_kind: PromptKind,
  prompt_id: string,
  more: Partial<PromptAnswer> = {},
): PromptAnswer => ({
  prompt_kind,
  session_id,
  prompt_id,
  how: 'answered',
  by: 'tab1',
  answer: '{"response":"this"}',
  rule: null,
  at: 25,
  ...more,
});

export const EXPIRED = { how: 'expired', by: null, answer: null } as const;

export const ruleFor = (rule_id: string, more: Partial<NewRule> = {}): NewRule => ({
  rule_id,
  scope: 'always',
  tool: 'shell',
  command: 'ls',
  cwd: '/a',
  effect: 'allow',
  call_hash: 'hash of ls',
  ...more,
});

/** A run whose agent is called: it may ask. */
export async function openAsker(journal: Journal, session_id: string, run: string): Promise<StreamRow> {
  await createSession(journal, session_id);
  return startAsker(journal, session_id, run);
}

export async function startAsker(journal: Journal, session_id: string, run: string): Promise<StreamRow> {
  const stream = await startRun(journal, session_id, run);
  await journal.append(started(stream));
  return stream;
}

/** Asks, and insists that it was asked. */
export async function askNow(journal: Journal, ask: Ask): Promise<PromptRow> {
  const asked = await journal.ask(ask);
  if (asked.kind !== 'asked') throw new Error(`not asked: ${asked.kind}`);
  return asked.prompt;
}

/** Approves the prompt `id` of a run, with a rule. */
export async function allow(journal: Journal, stream: StreamRow, id: string, rule: NewRule): Promise<void> {
  await askNow(journal, askOf(stream, 'approval', id));
  const answered = await journal.answer(OWNER, answerOf(stream.session_id, 'approval', id, { rule }));
  if (answered.kind !== 'won') throw new Error(`not answered: ${answered.kind}`);
}

/** Ids of what is pending, oldest first. */
export async function pendingIds(journal: Journal, session_id: string): Promise<string[]> {
  const opened = await journal.openSession(OWNER, session_id);
  return (opened?.prompts ?? []).map(({ prompt_id }) => prompt_id);
}
