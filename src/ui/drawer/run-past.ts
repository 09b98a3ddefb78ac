// What a run looked like after each entry of its export: the fold that the page and the server share, with a copy every so
// often, so that any moment is a short way from one. Pure; knows no page.
import type { Attachment } from '../../protocol/attachment.ts';
import type { Entry } from '../../protocol/inspection.ts';
import { type PromptEntry, type PromptKind, promptId } from '../../protocol/prompts.ts';
import { RUN_STATES, type RunState, type Transition } from '../../protocol/runs.ts';
import { type Answer, emptyAnswer, foldRecord, type LogRecord } from '../../protocol/transcript.ts';
import type { ShownRun } from '../shown-run.ts';

/** Entries between two copies. */
export const PAST_COPY_EVERY = 128;

export interface PastPrompt {
  kind: PromptKind;
  id: string;
  entry: PromptEntry;
}

export interface Question {
  text: string;
  attachments: Attachment[];
  at: number;
}

/** How it stood after `n` entries. */
export interface Moment {
  n: number;
  at: number;
  /** what came last: the event of a record, or the path of a step */
  label: string;
  /** records until then */
  records: number;
  question: Question | null;
  answer: Readonly<Answer>;
  pending: readonly PastPrompt[];
  /** oldest first; the same array for the same steps */
  steps: readonly Transition[];
}

export interface Past {
  /** entries, each of which is a moment */
  readonly count: number;
  /** `n`: from 1 to `count` */
  at(n: number): Moment;
}

type Fold = Omit<Moment, 'steps' | 'pending'> & { answer: Answer; step_count: number };
type LogEntry = Extract<Entry, { kind: 'record' }>;
type StepEntry = Extract<Entry, { kind: 'actor' | 'step' }>;

const ACTIVE = 'active.';
const STATE_OF: Record<string, RunState> = { 'active.admitted': 'starting' };

function runStateOf(path: string): RunState {
  const name = STATE_OF[path] ?? (path.startsWith(ACTIVE) ? path.slice(ACTIVE.length) : path.split('.')[0]);
  return RUN_STATES.find((one) => one === name) ?? 'running';
}

function stepOf({ at, state, context }: StepEntry): Transition {
  const { why, try: attempt, of } = context;
  return {
    at,
    path: state,
    run_state: runStateOf(state),
    why: typeof why === 'string' ? why : null,
    ...(typeof attempt === 'number' && typeof of === 'number' && { try: attempt, of }),
  };
}

/** What was asked in a run, by its id. */
function askedIn(entries: readonly Entry[]): Map<string, PromptEntry> {
  const asked = new Map<string, PromptEntry>();
  for (const entry of entries)
    if (entry.kind === 'record' && entry.event === 'prompt_asked') {
      const prompt = (entry.data as { entry: PromptEntry }).entry;
      asked.set(promptId(prompt), prompt);
    }
  return asked;
}

const pendingIn = ({ parts }: Answer, asked: Map<string, PromptEntry>): PastPrompt[] =>
  parts.flatMap((part) => {
    if (part.type !== 'prompt' || part.how !== null) return [];
    const entry = asked.get(part.prompt_id);
    return entry ? [{ kind: part.kind, id: part.prompt_id, entry }] : [];
  });

const copyOf = (fold: Fold): Fold => ({ ...fold, answer: { ...fold.answer, parts: [...fold.answer.parts] } });

const begin = (): Fold => ({
  ...{ n: 0, at: 0, label: '', records: 0 },
  ...{ question: null, answer: emptyAnswer(), step_count: 0 },
});

function takeRecord(fold: Fold, { event, data, at }: LogEntry): void {
  const record = { event, data } as LogRecord;
  fold.records += 1;
  if (event !== 'user_message') foldRecord(fold.answer, record);
  else fold.question = { text: record.data.text, attachments: record.data.attachments ?? [], at };
}

/** Takes one entry in, in place. */
function take(fold: Fold, entry: LogEntry | StepEntry): void {
  fold.n += 1;
  fold.at = entry.at;
  fold.label = entry.kind === 'record' ? entry.event : entry.state;
  if (entry.kind === 'record') takeRecord(fold, entry);
  else fold.step_count += 1;
}

const isMoment = (entry: Entry): entry is LogEntry | StepEntry =>
  entry.kind === 'record' || entry.kind === 'actor' || entry.kind === 'step';

/** `entries`: of an export, in order. What is neither record nor step is no moment. */
export function createPast(entries: readonly Entry[]): Past {
  const moments = entries.filter(isMoment);
  const asked = askedIn(entries);
  const steps = moments.flatMap((entry) => (entry.kind === 'record' ? [] : [stepOf(entry)]));
  const firstSteps: (readonly Transition[])[] = [];
  /** after 0, PAST_COPY_EVERY, 2 · PAST_COPY_EVERY … entries, as far as anybody has looked */
  const copies: Fold[] = [begin()];
  return {
    count: moments.length,
    at(n) {
      const until = Math.min(n, moments.length);
      const fold = copyOf(copies[Math.min(copies.length - 1, Math.floor(until / PAST_COPY_EVERY))]!);
      while (fold.n < until) {
        take(fold, moments[fold.n]!);
        if (fold.n === copies.length * PAST_COPY_EVERY) copies.push(copyOf(fold));
      }
      const { step_count, ...moment } = fold;
      firstSteps[step_count] ??= steps.slice(0, step_count);
      return { ...moment, pending: pendingIn(fold.answer, asked), steps: firstSteps[step_count] };
    },
  };
}

/** The run as it was. How it ended is told in the words of now: it ends once. */
export function runAt(live: ShownRun, { answer, steps }: Moment): ShownRun {
  const {
    path = 'active.admitted',
    run_state = 'starting',
    at = 0,
    why = null,
    ...tried
  } = steps.at(-1) ?? {};
  const isOver = run_state === 'settled' && live.run_state === 'settled';
  return {
    stream_id: live.stream_id,
    path,
    run_state,
    since: at,
    why: isOver ? live.why : why,
    outcome: run_state === 'settled' || run_state === 'draining' ? answer.terminal_state : null,
    head: answer.last_seq,
    transitions: [...steps],
    ...tried,
  };
}
