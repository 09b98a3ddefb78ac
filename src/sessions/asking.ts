// One run's questions: from the agent into the log, and how each ended back to the agent, once (CQ5). It waits on the
// committed record of the end, whoever wrote it: a person, a due time, the terminal commit.
import { createHash } from 'node:crypto';
import type { Journal, StreamRow } from '../journal/port.ts';
import {
  type ApprovalAnswer,
  type ApprovalAsk,
  type ApprovalEntry,
  type ApprovalOption,
  approvalAskSchema,
  type ClarifyAnswer,
  type ClarifyAsk,
  type ClarifyEntry,
  type Clock,
  clarifyAskSchema,
  createId,
  PROMPT_BYTES_MAX,
  type PromptEnd,
  type PromptEntry,
  type PromptKind,
  parseCommand,
  type Random,
  Rejection,
} from '../protocol/index.ts';
import type { SettledPrompt } from './session-prompts.ts';

export interface AskingPorts {
  journal: Journal;
  clock: Clock;
  random: Random;
  /** seconds that a prompt waits when its asker names no time; 0: for ever */
  timeout_seconds: Record<PromptKind, number>;
}

export interface Asking {
  clarify(ask: ClarifyAsk): Promise<PromptEnd<ClarifyAnswer>>;
  approve(ask: ApprovalAsk): Promise<PromptEnd<ApprovalAnswer>>;
  settled(prompt: SettledPrompt): void;
  /** The run ends: nothing more is asked, and no rule speaks for it. Whoever waits hears its end. */
  fence(): void;
  /** The run is over: whoever still waits hears `cancelled`. */
  close(): void;
}

/** What an agent is offered when it names no options. */
const OPTIONS: ApprovalOption[] = [
  { option_id: 'once', name: 'Allow once', kind: 'allow_once' },
  { option_id: 'session', name: 'Allow for this session', kind: 'allow_session' },
  { option_id: 'always', name: 'Always allow', kind: 'allow_always' },
  { option_id: 'deny', name: 'Deny', kind: 'reject_once' },
];

/** CQ11: exactly this call: tool, arguments, command and directory. Key order of the arguments does not count. */
export function callHash(call: { tool: string; command?: string; args: unknown; cwd?: string }): string {
  const { tool, command = null, args, cwd = null } = call;
  return createHash('sha256')
    .update(JSON.stringify([tool, command, cwd, sorted(args)]))
    .digest('base64url');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** CQ8: same question, same choices, same form, same tool call or none. */
function sameQuestion(entry: ClarifyEntry): string {
  const { question, choices_offered, multiple, requested_schema, tool_call_id } = entry;
  const same = [question, choices_offered, multiple, sorted(requested_schema ?? null), tool_call_id ?? null];
  return createHash('sha256').update(JSON.stringify(same)).digest('base64url');
}

const ASK_SCHEMAS = { clarify: clarifyAskSchema, approval: approvalAskSchema };

/** P10: an ask over a bound is not asked. Null: it fits. */
function refusalOf(
  kind: PromptKind,
  ask: ClarifyAsk | ApprovalAsk,
): { kind: 'refused'; reason: string } | null {
  try {
    parseCommand<unknown>(ASK_SCHEMAS[kind], ask, 'ask');
  } catch (refusal) {
    if (!(refusal instanceof Rejection)) throw refusal;
    return { kind: 'refused', reason: refusal.message };
  }
  if (Buffer.byteLength(JSON.stringify(ask)) <= PROMPT_BYTES_MAX) return null;
  return { kind: 'refused', reason: `ask: must be at most ${PROMPT_BYTES_MAX} bytes as JSON` };
}

export function createAsking(stream: StreamRow, ports: AskingPorts): Asking {
  const { journal, clock, random } = ports;
  const { stream_id, session_id, epoch, owner } = stream;
  const waiting = new Map<string, ((end: PromptEnd<never>) => void)[]>();
  /** Ends that came while an ask was on its way into the log: it may be theirs (CQ8), and is told of them when it returns. */
  const early = new Map<string, PromptEnd<unknown>>();
  let asksUnderWay = 0;
  let isFenced = false;
  let isClosed = false;

  function times(kind: PromptKind, asked: number | undefined) {
    const timeout_seconds = asked ?? ports.timeout_seconds[kind];
    const requested_at = clock.now();
    const expires_at = timeout_seconds === 0 ? null : requested_at + timeout_seconds * 1000;
    return { session_id, stream_id, requested_at, timeout_seconds, expires_at };
  }

  async function ask<A>(kind: PromptKind, entry: PromptEntry, same_as: string | null): Promise<PromptEnd<A>> {
    if (isFenced) return { kind: 'cancelled' };
    asksUnderWay += 1;
    try {
      const asked = await journal.ask({ stream_id, epoch, kind, entry, same_as, at: clock.now() });
      if (asked.kind === 'too_many') return { kind: 'too_many' };
      if (asked.kind !== 'asked' && asked.kind !== 'merged') return { kind: 'cancelled' };
      return endOfPrompt<A>(asked.prompt.prompt_id);
    } finally {
      asksUnderWay -= 1;
      if (asksUnderWay === 0) early.clear();
    }
  }

  function endOfPrompt<A>(prompt_id: string): Promise<PromptEnd<A>> {
    const end = early.get(prompt_id) ?? (isClosed ? { kind: 'cancelled' } : undefined);
    if (end) return Promise.resolve(end as PromptEnd<A>);
    return new Promise((resolve) => {
      const others = waiting.get(prompt_id) ?? [];
      waiting.set(prompt_id, [...others, resolve as (end: PromptEnd<never>) => void]);
    });
  }

  return {
    async clarify(asked) {
      const refusal = refusalOf('clarify', asked);
      if (refusal) return refusal;
      const { question, choices_offered = [], multiple = false } = asked;
      const { requested_schema, tool_call_id, timeout_seconds } = asked;
      const entry: ClarifyEntry = {
        clarify_id: createId('c', random),
        ...times('clarify', timeout_seconds),
        question,
        choices_offered,
        multiple,
        ...(requested_schema && { requested_schema }),
        ...(tool_call_id !== undefined && { tool_call_id }),
      };
      return ask('clarify', entry, sameQuestion(entry));
    },
    async approve(asked) {
      const refusal = refusalOf('approval', asked);
      if (refusal) return refusal;
      const { tool, command, description, args, cwd } = asked;
      const { options = OPTIONS, tool_call_id, timeout_seconds } = asked;
      const call_hash = callHash({ tool, command, args, cwd });
      // CQ11: a rule that the disk does not give speaks for nobody; a person is asked.
      const rule = await journal.findRule(owner, session_id, call_hash).catch(() => null);
      if (isFenced) return { kind: 'cancelled' };
      const kinds =
        rule?.effect === 'allow'
          ? ['allow_once', 'allow_session', 'allow_always']
          : ['reject_once', 'reject_always'];
      const granted = rule && options.find(({ kind }) => kinds.includes(kind));
      if (granted) {
        const answer = { option_id: granted.option_id, option_kind: granted.kind };
        return { kind: 'answered', answer, by: `rule ${rule.rule_id}` };
      }
      const entry: ApprovalEntry = {
        approval_id: createId('a', random),
        ...times('approval', timeout_seconds),
        tool,
        description,
        args,
        options,
        ...(command !== undefined && { command }),
        ...(cwd !== undefined && { cwd }),
        ...(tool_call_id !== undefined && { tool_call_id }),
      };
      return ask('approval', entry, null);
    },
    settled({ id, how, by = '', answer }) {
      const end = endOf(how, by, answer);
      if (asksUnderWay > 0) early.set(id, end);
      const asked = waiting.get(id);
      waiting.delete(id);
      for (const resolve of asked ?? []) resolve(end as PromptEnd<never>);
    },
    fence() {
      isFenced = true;
    },
    close() {
      isFenced = true;
      isClosed = true;
      for (const asked of waiting.values()) for (const resolve of asked) resolve({ kind: 'cancelled' });
      waiting.clear();
    },
  };
}

function endOf(how: string, by: string, answer: unknown): PromptEnd<unknown> {
  if (how === 'answered') return { kind: 'answered', answer, by };
  if (how === 'declined') return { kind: 'declined', by };
  return how === 'expired' ? { kind: 'expired' } : { kind: 'cancelled' };
}
