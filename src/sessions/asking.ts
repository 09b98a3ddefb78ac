// One run's questions: from the agent into the log, and how each ended back to the agent, once (CQ5). It waits on the
// committed record of the end, whoever wrote it: a person, a due time, the terminal commit.
import { createHash } from 'node:crypto';
import type { Asked, Journal, StreamRow } from '../journal/port.ts';
import {
  type ApprovalAnswer,
  type ApprovalAsk,
  type ApprovalEntry,
  type ApprovalOption,
  type ClarifyAnswer,
  type ClarifyAsk,
  type ClarifyEntry,
  type Clock,
  createId,
  type PromptEnd,
  type PromptEntry,
  type PromptKind,
  type Random,
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
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, sorted(each)]);
}

/** CQ8: same question, same choices, same tool call or none. */
const sameQuestion = ({ question, choices_offered = [], multiple, tool_call_id }: ClarifyAsk): string =>
  createHash('sha256')
    .update(JSON.stringify([question, choices_offered, multiple ?? false, tool_call_id ?? null]))
    .digest('base64url');

export function createAsking(stream: StreamRow, ports: AskingPorts): Asking {
  const { journal, clock, random } = ports;
  const { stream_id, session_id, epoch, owner } = stream;
  const waiting = new Map<string, ((end: PromptEnd<never>) => void)[]>();
  let isClosed = false;

  function times(kind: PromptKind, asked: number | undefined) {
    const timeout_seconds = asked ?? ports.timeout_seconds[kind];
    const requested_at = clock.now();
    const expires_at = timeout_seconds === 0 ? null : requested_at + timeout_seconds * 1000;
    return { session_id, stream_id, requested_at, timeout_seconds, expires_at };
  }

  async function ask<A>(kind: PromptKind, entry: PromptEntry, same_as: string | null): Promise<PromptEnd<A>> {
    if (isClosed) return { kind: 'cancelled' };
    const asked: Asked = await journal.ask({ stream_id, epoch, kind, entry, same_as, at: clock.now() });
    if (asked.kind === 'too_many') return { kind: 'too_many' };
    if ((asked.kind !== 'asked' && asked.kind !== 'merged') || isClosed) return { kind: 'cancelled' };
    const { prompt_id } = asked.prompt;
    return new Promise((resolve) => {
      const others = waiting.get(prompt_id) ?? [];
      waiting.set(prompt_id, [...others, resolve as (end: PromptEnd<never>) => void]);
    });
  }

  return {
    clarify({
      question,
      choices_offered = [],
      multiple = false,
      requested_schema,
      tool_call_id,
      timeout_seconds,
    }) {
      const entry: ClarifyEntry = {
        clarify_id: createId('c', random),
        ...times('clarify', timeout_seconds),
        question,
        choices_offered,
        multiple,
        ...(requested_schema && { requested_schema }),
        ...(tool_call_id !== undefined && { tool_call_id }),
      };
      return ask('clarify', entry, sameQuestion({ question, choices_offered, multiple, tool_call_id }));
    },
    async approve({
      tool,
      command,
      description,
      args,
      cwd,
      options = OPTIONS,
      tool_call_id,
      timeout_seconds,
    }) {
      const rule = await journal.findRule(owner, session_id, callHash({ tool, command, args, cwd }));
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
      const asked = waiting.get(id);
      waiting.delete(id);
      for (const resolve of asked ?? []) resolve(endOf(how, by, answer) as PromptEnd<never>);
    },
    close() {
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
