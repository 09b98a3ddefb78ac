// One way to run an agent, as a port: it turns a foreign stream into frames. It knows no log, no session, no socket.
import type {
  AgentEvent,
  ApprovalAnswer,
  ApprovalAsk,
  ClarifyAnswer,
  ClarifyAsk,
  FrameData,
  Message,
  Part,
  PromptEnd,
  Usage,
} from '../protocol/index.ts';

export interface AgentInput {
  session_id: string;
  stream_id: string;
  /** the user's message */
  text: string;
  /** what came with it */
  attachments: Extract<Part, { type: 'attachment' }>[];
  /** The bytes of an attachment of any message; null: they are gone. */
  read(attachment_id: string): Promise<Uint8Array | null>;
  /** the settled turns before it, oldest first */
  history: Message[];
  model: string | null;
  cwd: string | null;
}

export interface AgentOutput {
  /**
   * Hands over one frame. Resolves when more may come (back-pressure). After the run was fenced it resolves and the frame
   * is dropped: an agent never learns of the log.
   */
  frame<E extends AgentEvent>(event: E, data: FrameData<E>): Promise<void>;
  /**
   * Asks a person, and resolves once with how it ended: with `cancelled` also when the run ends first, and when the disk takes
   * no question; with `refused` when the question is over a bound. The run goes on.
   */
  clarify(ask: ClarifyAsk): Promise<PromptEnd<ClarifyAnswer>>;
  /** Asks for leave for one exact call, with the same ends. A rule may answer without a person. */
  approve(ask: ApprovalAsk): Promise<PromptEnd<ApprovalAnswer>>;
  /** A sign of life without a frame: a process that works, a byte on the wire. */
  alive(): void;
}

/** How a run ended. `failed` becomes an `apperror`; nothing here is an exception. */
export type AgentEnd =
  | { kind: 'finished'; usage?: Usage; title?: string }
  | { kind: 'failed'; type: string; message: string; hint?: string; usage?: Usage }
  /** it stopped because it was asked to */
  | { kind: 'stopped'; usage?: Usage };

export interface AgentRun {
  /** Resolves, never rejects, when nothing of this run lives any more: no process, no request, no timer. */
  ended: Promise<AgentEnd>;
  /** Asks it to stop. Idempotent. */
  stop(): void;
  /** Ends it now, whatever it does. Idempotent; `ended` resolves soon after. */
  kill(): void;
}

export interface AgentDescription {
  /** `demo`, `openai`, `acp:…`: what a session stores */
  agent: string;
  title: string;
  /** one sentence for the page */
  note: string;
  is_demo: boolean;
  available: boolean;
  /** why not, when it is not */
  reason?: string;
  model?: string;
}

export interface Agent {
  describe(): AgentDescription;
  run(input: AgentInput, output: AgentOutput): AgentRun;
  /** A short title for a first turn, or null; given up by the caller after its bound. */
  title?(input: AgentInput, answer: string, signal: AbortSignal): Promise<string | null>;
}

/** The agents that can be run, by name. */
export interface Catalog {
  /** What can be run, and whether it can now; the default first. */
  list(): AgentDescription[];
  get(name: string): Agent | undefined;
  /** the agent of a session that names none */
  default: string;
}
