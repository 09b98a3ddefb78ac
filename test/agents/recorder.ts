// The other side of an agent in tests: takes its frames, checks each against the protocol, and may take none at all.
import * as z from 'zod/mini';
import type { AgentInput, AgentOutput } from '../../src/agents/port.ts';
import {
  type AgentFrame,
  type ApprovalAnswer,
  type ApprovalAsk,
  agentFrameSchemas,
  approvalAskSchema,
  type ClarifyAnswer,
  type ClarifyAsk,
  clarifyAskSchema,
  type Log,
  type PromptEnd,
} from '../../src/protocol/index.ts';

export type ClarifyEnd = PromptEnd<ClarifyAnswer>;
export type ApprovalEnd = PromptEnd<ApprovalAnswer>;

/** How a test answers; without a script nobody ever does. */
export interface Script {
  clarify?(ask: ClarifyAsk, nth: number): ClarifyEnd | Promise<ClarifyEnd>;
  approve?(ask: ApprovalAsk, nth: number): ApprovalEnd | Promise<ApprovalEnd>;
}

export interface Recorder extends AgentOutput {
  frames: AgentFrame[];
  /** frames handed over and not yet taken, at most, ever */
  outstandingMax(): number;
  alives(): number;
  /** the texts of one kind of frame, joined */
  text(event: 'token' | 'reasoning'): string;
  /** what was asked so far */
  asked: { clarify: ClarifyAsk[]; approve: ApprovalAsk[] };
  of<E extends AgentFrame['event']>(event: E): Extract<AgentFrame, { event: E }>['data'][];
}

/** `take` decides when a frame counts as taken; without it every frame is taken at once. */
export function createRecorder(
  take: (count: number) => Promise<void> = () => Promise.resolve(),
  script: Script = {},
): Recorder {
  const frames: AgentFrame[] = [];
  let outstanding = 0;
  let most = 0;
  let alive = 0;
  const asked: Recorder['asked'] = { clarify: [], approve: [] };
  const nobody = () => new Promise<never>(() => {});
  return {
    frames,
    asked,
    async clarify(ask) {
      check('clarify', clarifyAskSchema, ask);
      return (script.clarify ?? nobody)(ask, asked.clarify.push(ask));
    },
    async approve(ask) {
      check('approve', approvalAskSchema, ask);
      return (script.approve ?? nobody)(ask, asked.approve.push(ask));
    },
    async frame(event, data) {
      check(event, agentFrameSchemas[event], data);
      frames.push({ event, data } as AgentFrame);
      outstanding += 1;
      most = Math.max(most, outstanding);
      await take(frames.length);
      outstanding -= 1;
    },
    alive() {
      alive += 1;
    },
    alives: () => alive,
    outstandingMax: () => most,
    text: (event) =>
      frames.map((frame) => (frame.event === event ? (frame.data as { text: string }).text : '')).join(''),
    of: (event) => frames.filter((frame) => frame.event === event).map((frame) => frame.data) as never,
  };
}

function check(what: string, schema: z.ZodMiniType, data: unknown): void {
  const checked = z.safeParse(schema, data);
  if (!checked.success) throw new Error(`${what} is not valid: ${JSON.stringify(checked.error.issues)}`);
}

export const input = (text: string, more: Partial<AgentInput> = {}): AgentInput => ({
  attachments: [],
  read: async () => null,
  session_id: 'ses_1',
  stream_id: 'str_1',
  text,
  history: [],
  model: null,
  cwd: null,
  ...more,
});

export interface LogLines extends Log {
  lines: string[];
}

/** A log that keeps every line as text, errors with their messages and stacks. */
export function createLogLines(): LogLines {
  const lines: string[] = [];
  const line = (level: string) => (fields: object, text: string) => {
    const seen = Object.entries(fields).map(([key, value]) =>
      value instanceof Error
        ? `${key}=${value.stack} ${JSON.stringify(value)}`
        : `${key}=${JSON.stringify(value)}`,
    );
    lines.push(`${level} ${text} ${seen.join(' ')}`);
  };
  return { lines, debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
