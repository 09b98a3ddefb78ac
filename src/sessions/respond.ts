// Answers on their way into the log: checked against the entry, decided by the log (CQ5), told to whoever asked.
import type { Journal, NewRule, PromptAnswered, PromptRow } from '../journal/port.ts';
import {
  type ApprovalEntry,
  type ApprovalRespond,
  type ClarifyEntry,
  type ClarifyRespond,
  type Clock,
  createId,
  notFound,
  type PromptEntry,
  type PromptKind,
  type Random,
  Rejection,
  type Rule,
} from '../protocol/index.ts';
import { approvalAnswer, clarifyAnswer } from './answers.ts';
import { callHash } from './asking.ts';
import { refusal } from './refusals.ts';

export interface Responses {
  clarify(
    owner: string,
    body: ClarifyRespond,
    by: string,
  ): Promise<{ ok: true; clarify_id: string; answered_by: string }>;
  approval(
    owner: string,
    body: ApprovalRespond,
    by: string,
  ): Promise<{ ok: true; approval_id: string; answered_by: string }>;
  rules(owner: string): Promise<Rule[]>;
  withdrawRule(owner: string, rule_id: string): Promise<void>;
}

export function createResponses(ports: { journal: Journal; clock: Clock; random: Random }): Responses {
  const { journal, clock, random } = ports;

  async function entryOf(
    owner: string,
    kind: PromptKind,
    session_id: string,
    prompt_id: string,
  ): Promise<PromptEntry> {
    const prompt = await journal.getPrompt(owner, session_id, prompt_id);
    if (!prompt || prompt.kind !== kind) throw notFound(kind === 'clarify' ? 'question' : 'approval');
    return prompt.entry;
  }

  function ruleOf(entry: ApprovalEntry, kind: string): NewRule | null {
    const scope =
      kind === 'allow_session'
        ? 'session'
        : kind === 'allow_always' || kind === 'reject_always'
          ? 'always'
          : null;
    if (!scope) return null;
    const { tool, command = null, cwd = null } = entry;
    const effect = kind === 'reject_always' ? 'reject' : 'allow';
    return { rule_id: createId('u', random), scope, tool, command, cwd, effect, call_hash: callHash(entry) };
  }

  async function settle(
    owner: string,
    kind: PromptKind,
    ids: { session_id: string; prompt_id: string },
    answer: { how: 'answered' | 'declined'; value: object | null; rule: NewRule | null },
    by: string,
  ): Promise<string> {
    const { how, value, rule } = answer;
    const json = value && JSON.stringify(value);
    const answered = await journal.answer(owner, {
      ...ids,
      prompt_kind: kind,
      how,
      by,
      answer: json,
      rule,
      at: clock.now(),
    });
    return answeredBy(answered, { how, by, answer: json });
  }

  return {
    async clarify(owner, body, by) {
      const { session_id, clarify_id: prompt_id } = body;
      const entry = await entryOf(owner, 'clarify', session_id, prompt_id);
      const value = clarifyAnswer(entry as ClarifyEntry, body);
      const answer = { how: value ? ('answered' as const) : ('declined' as const), value, rule: null };
      const answered_by = await settle(owner, 'clarify', { session_id, prompt_id }, answer, by);
      return { ok: true, clarify_id: prompt_id, answered_by };
    },
    async approval(owner, body, by) {
      const { session_id, approval_id: prompt_id } = body;
      const entry = (await entryOf(owner, 'approval', session_id, prompt_id)) as ApprovalEntry;
      const value = approvalAnswer(entry, body);
      const answer = { how: 'answered' as const, value, rule: ruleOf(entry, value.option_kind) };
      const answered_by = await settle(owner, 'approval', { session_id, prompt_id }, answer, by);
      return { ok: true, approval_id: prompt_id, answered_by };
    },
    rules: (owner) => journal.listRules(owner),
    async withdrawRule(owner, rule_id) {
      const result = await journal.deleteRule(owner, rule_id);
      if (result.kind !== 'deleted') throw refusal(result, 'rule');
    },
  };
}

type Given = Pick<PromptRow, 'how' | 'by' | 'answer'>;

/** The same answer again from the same tab is the same 200; anything else learns how it had ended. */
function answeredBy(answered: PromptAnswered, given: Given): string {
  if (answered.kind === 'won') return given.by ?? '';
  if (answered.kind === 'held')
    throw new Rejection('prompt_stale', 'Its run has no owner at the moment; it can’t be answered.', {
      how: 'held',
    });
  if (answered.kind !== 'lost') throw refusal(answered, 'prompt');
  const { how, by, answer, settled_at } = answered.prompt;
  if (how === given.how && by === given.by && answer === given.answer) return by ?? '';
  throw new Rejection('prompt_stale', sentenceOf(how), {
    how,
    ...(by === null ? {} : { answered_by: by }),
    ...(settled_at === null ? {} : { settled_at }),
  });
}

function sentenceOf(how: PromptRow['how']): string {
  if (how === 'answered' || how === 'declined') return 'It was answered already.';
  return how === 'expired' ? 'It has expired.' : 'Its run has ended.';
}
