// Prompts of a few sessions as lists: what the log must answer, and what it must hold. Knows no disk, no group, no failure.
import type { Outcome, PromptEndKind, PromptKind, TerminalEvent } from '../../src/protocol/index.ts';

interface ModelRun {
  epoch: number;
  started: boolean;
  stale: boolean;
  outcome: Outcome | null;
  settled: boolean;
}

export interface ModelPrompt {
  id: string;
  kind: PromptKind;
  key: string | null;
  how: PromptEndKind | null;
  by: string | null;
}

export interface ModelSession {
  /** its log: an event, and for a prompt its id and how it ended */
  log: string[];
  runs: ModelRun[];
  /** in the order of their asking */
  prompts: ModelPrompt[];
}

/** `which`: a prompt by its number in the session; one too many names none. `behind`: changes of owner missed. */
export type PromptStep = { session: string } & (
  | { do: 'begin'; starts: boolean }
  | { do: 'ask'; kind: PromptKind; key: string | null; behind: number }
  | { do: 'answer'; which: number; how: 'answered' | 'declined' | 'expired'; by: string }
  | { do: 'terminal'; event: TerminalEvent; behind: number }
  | { do: 'settle'; otherwise: boolean; behind: number }
  | { do: 'take_over' }
  | { do: 'delete' }
);
type StepOf<N extends PromptStep['do']> = Extract<PromptStep, { do: N }>;

const OUTCOMES: Record<TerminalEvent, Outcome> = {
  done: 'completed',
  cancel: 'cancelled',
  apperror: 'interrupted',
};

export const freshSession = (): ModelSession => ({ log: [], runs: [], prompts: [] });

export const pendingOf = ({ prompts }: ModelSession): ModelPrompt[] =>
  prompts.filter(({ how }) => how === null);

/** The id that the next prompt of a session will have. */
export const nextId = ({ prompts }: ModelSession): string => `p${prompts.length}`;

/** Whose prompt is meant: its number, around again. */
export function meant(session: ModelSession, which: number): ModelPrompt | undefined {
  return session.prompts[which % (session.prompts.length + 1)];
}

/** What the log must answer: its kind, and for a prompt its id and how it had ended. */
export function play(session: ModelSession, step: PromptStep): string {
  const run = session.runs.at(-1);
  const of = run && 'behind' in step && step.behind > 0 ? undefined : run;
  switch (step.do) {
    case 'begin':
      return begin(session, step);
    case 'ask':
      return ask(session, of, step);
    case 'answer':
      return answer(session, run, step);
    case 'terminal':
      return terminal(session, of, step.event);
    case 'settle':
      return settle(session, of, step);
    case 'take_over':
      return takeOver(session, run);
    case 'delete':
      return run && !run.settled ? 'running' : 'deleted';
  }
}

function begin(session: ModelSession, { starts }: StepOf<'begin'>): string {
  const run = session.runs.at(-1);
  if (run && !run.settled) {
    if (!starts || run.started || run.outcome) return 'busy';
    run.started = true;
    session.log.push('stream_started');
    return 'committed';
  }
  session.runs.push({ epoch: 1, started: false, stale: false, outcome: null, settled: false });
  session.log.push('user_message');
  return 'started';
}

function ask(session: ModelSession, run: ModelRun | undefined, { kind, key }: StepOf<'ask'>): string {
  if (!run?.started || run.outcome || run.stale) return 'fenced';
  const same = kind === 'clarify' && key && pendingOf(session).find((prompt) => prompt.key === key);
  if (same) return `merged ${same.id}`;
  const id = nextId(session);
  session.prompts.push({ id, kind, key: kind === 'clarify' ? key : null, how: null, by: null });
  session.log.push(`prompt_asked ${id}`);
  return `asked ${id}`;
}

function answer(session: ModelSession, run: ModelRun | undefined, step: StepOf<'answer'>): string {
  const prompt = meant(session, step.which);
  if (!prompt) return 'not_found';
  if (prompt.how) return `lost ${prompt.id} ${prompt.how}`;
  if (run?.stale) return `held ${prompt.id} null`;
  end(session, prompt, step.how, step.how === 'expired' ? null : step.by);
  return `won ${prompt.id} ${prompt.how}`;
}

function end(session: ModelSession, prompt: ModelPrompt, how: PromptEndKind, by: string | null): void {
  if (prompt.how) throw new Error(`CQ5: ${prompt.id} ends twice`);
  prompt.how = how;
  prompt.by = by;
  session.log.push(`prompt_settled ${prompt.id} ${how}`);
}

function terminal(session: ModelSession, run: ModelRun | undefined, event: TerminalEvent): string {
  if (!run) return 'fenced';
  if (run.outcome) return 'lost';
  for (const prompt of pendingOf(session)) end(session, prompt, 'cancelled', null);
  run.outcome = OUTCOMES[event];
  session.log.push(event);
  return 'won';
}

function settle(session: ModelSession, run: ModelRun | undefined, { otherwise }: StepOf<'settle'>): string {
  if (!run) return 'fenced';
  if (run.settled) return 'already';
  if (!run.outcome && !otherwise) return 'no_terminal';
  if (!run.outcome) terminal(session, run, 'apperror');
  run.settled = true;
  session.log.push('stream_end', 'session_updated');
  return 'settled';
}

function takeOver(session: ModelSession, run: ModelRun | undefined): string {
  if (!run) return 'not_found';
  if (run.settled) return 'settled';
  run.epoch += 1;
  if (run.started && !run.outcome) {
    run.stale = true;
    session.log.push('stale');
  }
  return 'taken';
}
