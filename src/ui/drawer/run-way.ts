// The way of a run that is over, as far as its log and its answer tell it: nobody keeps the steps of runs that are not live.
// What leaves no record, a quiet spell or a try, is not guessed. Pure.
import { isTerminalEvent, outcomeOf } from '../../protocol/terminal.ts';
import type { Message, RunState, Transition } from '../../protocol/views.ts';
import type { LogRow } from './run-log.ts';

export interface ToldRun {
  rows: LogRow[];
  /** when its message was taken; null: nobody tells */
  admitted_at: number | null;
  /** when it was over; null: its log says so, or it may yet */
  settled_at: number | null;
  outcome: string | null;
  prompts: { asked_at: number; settled_at: number; how: string }[];
}

interface WayWords {
  firstFrame(seq: number): string;
}

/** What happened, and what it makes of the state before; null: nothing. */
interface Fact {
  at: number;
  /** `at`, but for frames whose clock went back: theirs is the order of the log */
  order: number;
  /** among facts of one millisecond: the end of a prompt lets the agent go on, and what it says next may be a question */
  rank: number;
  next(before: RunState | null): Omit<Transition, 'at'> | null;
}

const to = (path: string, run_state: RunState, why: string | null = null): Omit<Transition, 'at'> => ({
  path,
  run_state,
  why,
});

/** What an answer tells of its run: when it began, and what it asked. */
export function toldBy(message: Message | undefined): Omit<ToldRun, 'rows'> {
  const prompts = (message?.parts ?? []).flatMap((part) => {
    if (part.type !== 'prompt' || part.how === null || part.settled_at === undefined) return [];
    return [{ asked_at: part.asked_at, settled_at: part.settled_at, how: part.how }];
  });
  return {
    admitted_at: message?.created_at ?? null,
    settled_at: message?.settled_at ?? null,
    outcome: message?.terminal_state ?? null,
    prompts,
  };
}

function factOf(row: LogRow, order: number, words: WayWords): Fact {
  const data = JSON.parse(row.json);
  const always = (step: ReturnType<typeof to>): Fact => ({ at: row.at, order, rank: 2, next: () => step });
  if (row.event === 'stream_started') return always(to('active.starting', 'starting', data.agent ?? null));
  if (row.event === 'stale') return always(to('stale.recovering', 'stale', data.reason ?? null));
  if (row.event === 'resumed') return always(to('active.running', 'running'));
  if (row.event === 'stream_end') return always(to('settled', 'settled', data.terminal_state ?? null));
  if (isTerminalEvent(row.event))
    return always(to('draining.closing', 'draining', data.message ?? outcomeOf(row.event, data)));
  const first = to('active.running', 'running', words.firstFrame(row.seq));
  return { at: row.at, order, rank: 2, next: (before) => (before === 'starting' ? first : null) };
}

/** It waits from the first question that is open to the last; a question that its run's end took along lets nothing go on. */
function promptFacts(prompts: ToldRun['prompts']): Fact[] {
  let open = 0;
  return prompts
    .filter(({ asked_at, settled_at }) => settled_at > asked_at)
    .flatMap(({ asked_at, settled_at, how }): Fact[] => [
      {
        at: asked_at,
        order: asked_at,
        rank: 3,
        next(before) {
          open += 1;
          return before === 'starting' || before === 'running' ? to('active.waiting', 'waiting') : null;
        },
      },
      {
        at: settled_at,
        order: settled_at,
        rank: 1,
        next(before) {
          open -= 1;
          const goesOn = open === 0 && how !== 'cancelled' && before === 'waiting';
          return goesOn ? to('active.running', 'running') : null;
        },
      },
    ]);
}

/** Its steps, oldest first. */
export function transitionsOf(told: ToldRun, words: WayWords): Transition[] {
  const { rows, admitted_at, settled_at, outcome, prompts } = told;
  const facts = promptFacts(prompts);
  let last = 0;
  for (const row of rows) {
    last = Math.max(last, row.at);
    facts.push(factOf(row, last, words));
  }
  if (admitted_at !== null)
    facts.push({ at: admitted_at, order: 0, rank: 0, next: () => to('active.admitted', 'starting') });
  if (settled_at !== null && !rows.some(({ event }) => event === 'stream_end'))
    facts.push({ at: settled_at, order: Infinity, rank: 4, next: () => to('settled', 'settled', outcome) });
  facts.sort((a, b) => (a.order === b.order ? a.rank - b.rank : a.order - b.order));
  const steps: Transition[] = [];
  for (const { at, next } of facts) {
    const step = next(steps.at(-1)?.run_state ?? null);
    if (step) steps.push({ at, ...step });
  }
  return steps;
}
