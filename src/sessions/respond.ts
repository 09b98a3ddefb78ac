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
import type { Registry } from './registry.ts';

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

export interface ResponsesPorts {
  journal: Journal;
  clock: Clock;
  random: Random;
  /** Held while it is answered: a prompt of a run that nobody owns is given its owner, or its end, first. */
  hold: Registry['hold'];
}

export function createResponses(ports: ResponsesPorts): Responses {
  const { journal, clock, random } = ports;

  async function entryOf(
    owner: string,
    kind: PromptKind,
    { session_id, prompt_id }: Ids,
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

  /** Resolves with who answered. `read`: what is said, held against what was asked. */
  async function settle(
    owner: string,
    kind: PromptKind,
    ids: Ids,
    by: string,
    read: (entry: PromptEntry) => { value: object | null; rule: NewRule | null },
  ): Promise<string> {
    const { cell, release } = await ports.hold(owner, ids.session_id);
    try {
      const { value, rule } = read(await entryOf(owner, kind, ids));
      if (cell.prompts.isHeld(kind, ids.prompt_id)) throw held();
      const given = {
        how: value ? 'answered' : 'declined',
        by,
        answer: value && JSON.stringify(value),
      } as const;
      const answer = { ...ids, ...given, prompt_kind: kind, rule, at: clock.now() };
      return answeredBy(await journal.answer(owner, answer), given);
    } finally {
      release();
    }
  }

  return {
    async clarify(owner, body, by) {
      const { session_id, clarify_id } = body;
      const ids = { session_id, prompt_id: clarify_id };
      const answered_by = await settle(owner, 'clarify', ids, by, (entry) => ({
        value: clarifyAnswer(entry as ClarifyEntry, body),
        rule: null,
      }));
      return { ok: true, clarify_id, answered_by };
    },
    async approval(owner, body, by) {
      const { session_id, approval_id } = body;
      const ids = { session_id, prompt_id: approval_id };
      const answered_by = await settle(owner, 'approval', ids, by, (entry) => {
        const value = approvalAnswer(entry as ApprovalEntry, body);
        return { value, rule: ruleOf(entry as ApprovalEntry, value.option_kind) };
      });
      return { ok: true, approval_id, answered_by };
    },
    rules: (owner) => journal.listRules(owner),
    async withdrawRule(owner, rule_id) {
      const result = await journal.deleteRule(owner, rule_id);
      if (result.kind !== 'deleted') throw refusal(result, 'rule');
    },
  };
}

interface Ids {
  session_id: string;
  prompt_id: string;
}

type Given = Pick<PromptRow, 'how' | 'by' | 'answer'>;

/** The same answer again from the same tab is the same 200; anything else learns how it had ended. */
function answeredBy(answered: PromptAnswered, given: Given): string {
  if (answered.kind === 'won') return given.by ?? '';
  if (answered.kind === 'held') throw held();
  if (answered.kind !== 'lost') throw refusal(answered, 'prompt');
  const { how, by, answer, settled_at } = answered.prompt;
  if (how === given.how && by === given.by && answer === given.answer) return by ?? '';
  throw new Rejection('prompt_stale', sentenceOf(how), {
    how,
    ...(by === null ? {} : { answered_by: by }),
    ...(settled_at === null ? {} : { settled_at }),
  });
}

const held = () =>
  new Rejection('prompt_stale', 'Its run ends, or nobody owns it: no answer would be heard.', {
    how: 'held',
  });

function sentenceOf(how: PromptRow['how']): string {
  if (how === 'answered' || how === 'declined') return 'It was answered already.';
  return how === 'expired' ? 'It has expired.' : 'Its run has ended.';
}
